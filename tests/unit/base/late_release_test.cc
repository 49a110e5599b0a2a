// Tests of src/base/late_release: what its header promises, at the edges and on random input.
#include "base/late_release.h"

#include <cstring>
#include <deque>
#include <thread>

#include <gtest/gtest.h>

#include "base/random.h"

namespace torc::base {
namespace {

void* filled(size_t bytes) {
  void* const block = allocate(bytes);
  std::memset(block, 'x', bytes);
  return block;
}

TEST(LateRelease, SmallBlocksGoAtOnce) {
  const size_t before = used_bytes();
  release_late(filled(late_release_bytes_min - 1), late_release_bytes_min - 1);
  release_overwritten(filled(late_overwritten_bytes_min - 1), late_overwritten_bytes_min - 1);
  EXPECT_EQ(late_blocks(), 0u);
  EXPECT_EQ(late_bytes(), 0u);
  EXPECT_EQ(used_bytes(), before);
  EXPECT_EQ(release_late_piece(1000).bytes, 0u);
}

TEST(LateRelease, LargeOnesGoInPieces) {
  const size_t before = used_bytes();
  void* const block = filled(late_release_bytes_min);
  const size_t bytes = usable_size(block);
  release_late(block, late_release_bytes_min);
  EXPECT_EQ(late_blocks(), 1u);
  EXPECT_EQ(late_bytes(), bytes);
  EXPECT_EQ(used_bytes(), before + bytes);
  // The first piece is smaller than what chains the blocks.
  EXPECT_EQ(release_late_piece(1).bytes, 1u);
  const LatePiece piece = release_late_piece(10'000);
  EXPECT_EQ(piece.bytes, 10'000u);
  EXPECT_FALSE(piece.is_last);
  EXPECT_EQ(late_bytes(), bytes - 10'001);
  EXPECT_EQ(used_bytes(), before + bytes);
  const LatePiece rest = release_late_piece(SIZE_MAX);
  EXPECT_EQ(rest.bytes, bytes - 10'001);
  EXPECT_TRUE(rest.is_last);
  EXPECT_EQ(used_bytes(), before);
  EXPECT_EQ(late_blocks(), 0u);
}

TEST(LateRelease, TheOldestGoesFirst) {
  Random random(1);
  std::deque<size_t> waiting;
  size_t bytes = 0;
  for (int step = 0; step < 3000; ++step) {
    if (random.below(8) == 0) {
      const size_t size = late_release_bytes_min + random.below(300'000);
      void* const block = filled(size);
      waiting.push_back(usable_size(block));
      bytes += waiting.back();
      release_late(block, size);
    } else {
      const LatePiece piece = release_late_piece(1 + random.below(100'000));
      bytes -= piece.bytes;
      if (waiting.empty()) continue;
      waiting.front() -= piece.bytes;
      ASSERT_EQ(piece.is_last, waiting.front() == 0);
      if (piece.is_last) waiting.pop_front();
    }
    ASSERT_EQ(late_blocks(), waiting.size());
    ASSERT_EQ(late_bytes(), bytes);
  }
  while (release_late_piece(SIZE_MAX).bytes != 0) {
  }
}

TEST(LateRelease, AThreadFreesWhatItLeaves) {
  const size_t before = used_bytes();
  std::thread([] {
    for (int i = 0; i < 3; ++i) release_late(filled(1 << 20), 1 << 20);
    release_late_piece(100'000);
  }).join();
  EXPECT_EQ(used_bytes(), before);
  EXPECT_EQ(late_blocks(), 0u);
}

}  // namespace
}  // namespace torc::base
