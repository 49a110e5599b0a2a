// Tests of src/base/pages: what its header promises, at the edges and on random input.
#include "base/pages.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "base/memory_backend.h"

namespace torc::base {
namespace {

size_t resident_pages() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident;
}

TEST(Pages, ClearBytesClearsExactlyTheRange) {
  std::vector<char> bytes(3 << 20);
  for (size_t begin : {0u, 1u, 5000u}) {
    for (size_t size : {size_t{0}, size_t{1}, size_t{4096}, size_t{70'000}, bytes.size() - 20'000}) {
      std::ranges::fill(bytes, 'x');
      clear_bytes(bytes.data() + begin, size);
      auto first = bytes.begin() + static_cast<ptrdiff_t>(begin);
      auto last = first + static_cast<ptrdiff_t>(size);
      ASSERT_EQ(std::count(first, last, '\0'), static_cast<ptrdiff_t>(size));
      ASSERT_EQ(std::ranges::count(bytes, 'x'), static_cast<ptrdiff_t>(bytes.size() - size));
    }
  }
}

TEST(Pages, DiscardLeavesTheNeighboursAlone) {
  std::vector<char> bytes(1 << 20, 'x');
  // Not a whole page anywhere.
  auto page = reinterpret_cast<uintptr_t>(bytes.data() + 4096) & ~uintptr_t{4095};
  char* inside = reinterpret_cast<char*>(page) + 1;
  discard_pages(inside, 4095);
  discard_pages(inside, 0);
  EXPECT_EQ(std::ranges::count(bytes, 'x'), 1 << 20);
  discard_pages(inside, 10'000);   // two whole ones
  size_t begin = static_cast<size_t>(inside - bytes.data());
  EXPECT_EQ(std::string(bytes.data(), begin + 4095), std::string(begin + 4095, 'x'));
  EXPECT_EQ(bytes[begin + 10'000], 'x');
}

TEST(Pages, DiscardedPagesAreTheOperatingSystems) {
  if (!backend::pages_may_be_dropped) GTEST_SKIP() << "a sanitizer's allocator";
  constexpr size_t size = size_t{64} << 20;
  char* block = static_cast<char*>(allocate(size));
  std::memset(block, 'x', size);
  size_t before = resident_pages();
  discard_pages(block, size);
  EXPECT_LT(resident_pages() + size / 4096 * 9 / 10, before);
  release(block);
}

TEST(Pages, EagerReturnEmptiesPagesWithTheirLastBlock) {
  if (!backend::pages_may_be_dropped) GTEST_SKIP() << "a sanitizer's allocator";
  constexpr size_t size = size_t{64} << 20;
  constexpr size_t block_bytes = 1024;
  Heap heap;
  std::vector<void*> blocks;
  for (size_t i = 0; i < size / block_bytes; ++i) {
    blocks.push_back(heap.allocate(block_bytes));
    std::memset(blocks.back(), 'x', block_bytes);
  }
  size_t before = resident_pages();
  for (void* block : blocks) {
    EagerPageReturn eager;
    { EagerPageReturn nested; }
    release(block);
  }
  EXPECT_LT(resident_pages() + size / 4096 * 9 / 10, before);
}

}  // namespace
}  // namespace torc::base
