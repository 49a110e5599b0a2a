// Whatever is allocated, by whichever way and thread, is counted until it is given back, and not a byte longer.
#include "base/memory.h"

#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

using torc::base::allocate;
using torc::base::Heap;
using torc::base::reallocate;
using torc::base::release;
using torc::base::usable_size;
using torc::base::used_bytes;

TEST(Memory, counts_usable_sizes_exactly) {
  for (size_t bytes : {0, 1, 16, 17, 100, 1000, 70'000, 5'000'000}) {
    size_t before = used_bytes();
    void* block = allocate(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_GE(usable_size(block), bytes);
    EXPECT_EQ(used_bytes(), before + usable_size(block)) << bytes;
    std::memset(block, 1, bytes);
    release(block);
    EXPECT_EQ(used_bytes(), before) << bytes;
  }
  release(nullptr);
}

TEST(Memory, reallocate_keeps_the_contents) {
  size_t before = used_bytes();
  auto* block = static_cast<char*>(reallocate(nullptr, 10));
  std::memcpy(block, "0123456789", 10);
  block = static_cast<char*>(reallocate(block, 1'000'000));
  EXPECT_EQ(std::string(block, 10), "0123456789");
  EXPECT_EQ(used_bytes(), before + usable_size(block));
  block = static_cast<char*>(reallocate(block, 5));
  EXPECT_EQ(std::string(block, 5), "01234");
  EXPECT_EQ(used_bytes(), before + usable_size(block));
  release(block);
  EXPECT_EQ(used_bytes(), before);
}

// The compiler may leave out a new whose block nobody sees.
void keep(void* block) { asm volatile("" : : "r"(block) : "memory"); }

struct alignas(256) Aligned {
  char bytes[256];
};

TEST(Memory, counts_every_form_of_new) {
  size_t before = used_bytes();
  auto check = [before](size_t at_least) { EXPECT_GE(used_bytes(), before + at_least); };
  {
    auto one = std::make_unique<std::array<char, 1000>>();
    keep(one.get());
    check(1000);
  }
  {
    std::unique_ptr<char[]> array(new char[5000]);
    keep(array.get());
    check(5000);
  }
  {
    auto aligned = std::make_unique<Aligned>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(aligned.get()) % alignof(Aligned), 0u);
    check(sizeof(Aligned));
  }
  {
    std::unique_ptr<Aligned[]> aligned(new Aligned[3]);
    keep(aligned.get());
    check(3 * sizeof(Aligned));
  }
  {
    std::unique_ptr<int> quiet(new (std::nothrow) int);
    std::unique_ptr<Aligned> quiet_aligned(new (std::nothrow) Aligned);
    std::unique_ptr<Aligned[]> quiet_array(new (std::nothrow) Aligned[2]);
    keep(quiet.get());
    keep(quiet_aligned.get());
    keep(quiet_array.get());
    check(3 * sizeof(Aligned));
  }
  {
    std::string text(3000, 'x');
    check(3000);
  }
  EXPECT_EQ(used_bytes(), before);
}

TEST(Memory, alignment_is_kept) {
  std::vector<std::pair<void*, std::align_val_t>> blocks;
  for (size_t alignment = 1; alignment <= 65'536; alignment *= 2) {
    for (size_t bytes : {alignment / 2, alignment, alignment * 2, alignment * 3, alignment + 1}) {
      void* block = operator new(bytes, std::align_val_t{alignment});
      ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u) << bytes << " bytes at " << alignment;
      std::memset(block, 0, bytes);
      blocks.emplace_back(block, std::align_val_t{alignment});
    }
  }
  for (auto [block, alignment] : blocks) operator delete(block, alignment);
}

TEST(Memory, nothrow_new_gives_null_for_the_impossible) {
  size_t before = used_bytes();
  volatile size_t absurd = SIZE_MAX / 4;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(operator new(absurd, std::nothrow), nullptr);
#else
  static_cast<void>(absurd);
#endif
  EXPECT_EQ(used_bytes(), before);
}

TEST(Memory, blocks_that_change_threads_are_counted_once) {
  size_t before = used_bytes();
  {
    std::vector<void*> blocks(100);
    size_t with_vector = used_bytes();
    std::thread([&] {
      for (void*& block : blocks) block = allocate(1000);
    }).join();
    EXPECT_GE(used_bytes(), with_vector + 100 * 1000);
    std::thread([&] {
      for (void* block : blocks) release(block);
    }).join();
    EXPECT_EQ(used_bytes(), with_vector);
  }
  EXPECT_EQ(used_bytes(), before);
}

// More threads one after the other, and at the same time, than there are counters of their own.
TEST(Memory, threads_that_end_leave_their_count) {
  size_t before = used_bytes();
  for (int i = 0; i < 2000; ++i) {
    void* block = nullptr;
    std::thread([&block] { block = allocate(64); }).join();
    release(block);
  }
  EXPECT_EQ(used_bytes(), before);
  {
    std::vector<std::thread> threads;
    for (int i = 0; i < 600; ++i) {
      threads.emplace_back([] {
        for (size_t size = 1; size < 200; ++size) release(allocate(size * 16));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(used_bytes(), before);
}

TEST(Memory, a_heap_knows_its_blocks) {
  size_t before = used_bytes();
  void* kept = nullptr;
  {
    Heap first;
    Heap second;
    void* a = first.allocate(100);
    void* b = second.allocate(100);
    void* plain = allocate(100);
    EXPECT_TRUE(first.owns(a));
    EXPECT_FALSE(first.owns(b));
    EXPECT_FALSE(first.owns(plain));
    EXPECT_TRUE(second.owns(b));
    EXPECT_FALSE(second.owns(a));
    release(a);
    release(plain);
    kept = b;
  }
  Heap fresh;
  EXPECT_FALSE(fresh.owns(kept));
  std::memset(kept, 0, 100);
  release(kept);
  EXPECT_EQ(used_bytes(), before);
}

TEST(Memory, a_freed_block_leaves_its_heap) {
  Heap heap;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(heap.allocate(64));
  for (void* block : blocks) EXPECT_TRUE(heap.owns(block));
  for (void*& block : blocks) {
    void* moved = allocate(64);
    EXPECT_FALSE(heap.owns(moved));
    release(block);
    block = moved;
  }
  for (void* block : blocks) release(block);
}

// 0 where the allocator does not say.
TEST(Memory, what_is_committed_covers_what_is_used) {
  void* block = allocate(1 << 20);
  const size_t committed = torc::base::committed_bytes();
  EXPECT_TRUE(committed == 0 || committed >= used_bytes());
  release(block);
  const std::string report = torc::base::allocator_report();
  EXPECT_TRUE(report.empty() || report.find("committed") != std::string::npos) << report;
}

TEST(Memory, collect_leaves_the_count_alone) {
  size_t before = used_bytes();
  torc::base::collect(false);
  torc::base::collect(true);
  EXPECT_EQ(used_bytes(), before);
}

}  // namespace
