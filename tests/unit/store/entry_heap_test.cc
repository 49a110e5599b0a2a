// Tests of src/store/entry_heap: what its header promises, at the edges and on random input.
#include "store/entry_heap.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace torc::store {
namespace {

TEST(EntryHeap, CountsWhatIsAliveAndWhatLiesIdle) {
  EntryHeap heap;
  std::vector<void*> blocks;
  for (size_t bytes = 16; bytes < 3000; bytes += 40) blocks.push_back(heap.allocate(bytes));
  size_t live = heap.live_bytes();
  EXPECT_GT(live, 0u);
  EXPECT_EQ(heap.slack_bytes(), 0u);
  for (void* block : blocks) heap.release(block);
  EXPECT_EQ(heap.live_bytes(), 0u);
  EXPECT_EQ(heap.slack_bytes(), live);
}

TEST(EntryHeap, SlackIsUsedUpByBlocksOfItsOwnClassOnly) {
  EntryHeap heap;
  void* small = heap.allocate(64);
  void* large = heap.allocate(1000);
  heap.release(small);
  size_t slack = heap.slack_bytes();
  void* another_large = heap.allocate(1000);
  EXPECT_EQ(heap.slack_bytes(), slack);
  small = heap.allocate(64);
  EXPECT_EQ(heap.slack_bytes(), 0u);
  for (void* block : {small, large, another_large}) heap.release(block);
}

TEST(EntryHeap, EveryBlockSizeHasAClass) {
  EntryHeap heap;
  for (size_t bytes = 1; bytes < 200'000; bytes += 1 + bytes / 50) heap.release(heap.allocate(bytes));
  EXPECT_EQ(heap.live_bytes(), 0u);
}

TEST(EntryHeap, WorthCompactingWhenTwoFifthsAreIdle) {
  EntryHeap heap;
  std::vector<void*> blocks;
  for (int i = 0; i < 400'000; ++i) blocks.push_back(heap.allocate(64));
  size_t full = heap.live_bytes();
  while (heap.live_bytes() > full * 61 / 100) {
    heap.release(blocks.back());
    blocks.pop_back();
    ASSERT_FALSE(heap.worth_compacting());
  }
  while (heap.live_bytes() > full * 59 / 100) {
    heap.release(blocks.back());
    blocks.pop_back();
  }
  EXPECT_TRUE(heap.worth_compacting());
  heap.begin_compaction();
  EXPECT_TRUE(heap.compacting());
  EXPECT_FALSE(heap.worth_compacting());
  for (void* block : blocks) heap.release(block);
  heap.end_compaction();
}

TEST(EntryHeap, TheRoundsMoveEachOldBlockOnceAndNoNewOne) {
  EntryHeap heap;
  std::vector<void*> blocks;
  std::vector<int> moved(2'000'000);
  for (size_t i = 0; i < moved.size(); ++i) blocks.push_back(heap.allocate(64));
  heap.begin_compaction();
  void* fresh = heap.allocate(64);
  do {
    ASSERT_FALSE(heap.to_be_moved(fresh));
    for (size_t i = 0; i < moved.size(); ++i) moved[i] += heap.to_be_moved(blocks[i]) ? 1 : 0;
  } while (!heap.end_round());
  EXPECT_EQ(moved, std::vector<int>(moved.size(), 1));
  EXPECT_FALSE(heap.to_be_moved(blocks[0]));
  for (void* block : blocks) heap.release(block);
  heap.release(fresh);
  heap.end_compaction();
  EXPECT_EQ(heap.live_bytes(), 0u);
}

}  // namespace
}  // namespace torc::store
