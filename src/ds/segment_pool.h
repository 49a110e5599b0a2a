// Where a large table keeps its segments: pages of equal blocks without a hole.
//
// Segments come in a dozen sizes, and as a table grows its segments walk through them all together. Whatever allocator
// gives a page to one size at a time is left with pages that most have moved out of: with the general one they cost
// 40% on top. But a segment has exactly one owner, so it can be moved: when a block is released the last block of that
// size takes its place, and all pages of a size are full but the last.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ds/bucket.h"

namespace torc::ds {

class SegmentPool {
 public:
  // Capacities that the pool serves, in slots: 4 to each power of two.
  static constexpr uint32_t capacity_min = 64;
  static constexpr uint32_t capacity_max = 512;

  SegmentPool() noexcept = default;
  SegmentPool(const SegmentPool&) = delete;
  SegmentPool& operator=(const SegmentPool&) = delete;
  // All blocks must be released by then: asserted.
  ~SegmentPool();

  [[nodiscard]] static bool serves(uint32_t capacity) noexcept {
    return capacity >= capacity_min && capacity <= capacity_max;
  }
  // Uninitialised, aligned to a cache line. large_pages: the table is so large that a page (192 KiB instead of 16 KiB)
  // more or less per size does not matter.
  [[nodiscard]] Slot* allocate(uint32_t capacity, bool large_pages) noexcept;
  // To release a block: move last() of its size there if that is another one, tell its owner, then drop_last().
  [[nodiscard]] Slot* last(uint32_t capacity) const noexcept;
  void drop_last(uint32_t capacity) noexcept;

  // The capacity of some blocks that there are; 0 when there are none.
  [[nodiscard]] uint32_t any_capacity() const noexcept;
  [[nodiscard]] uint64_t slots() const noexcept { return slots_; }
  // Of the pages and of the pool itself.
  [[nodiscard]] size_t memory_bytes() const noexcept;

 private:
  struct Page {
    Slot* slots = nullptr;
    uint32_t bytes = 0;
    uint32_t blocks = 0;
  };
  struct Size {
    std::vector<Page> pages;
    uint32_t used_in_last = 0;
  };
  static constexpr size_t sizes = 13;
  [[nodiscard]] static size_t index_of(uint32_t capacity) noexcept;
  [[nodiscard]] Page take_page(uint32_t bytes) noexcept;
  void give_page(const Page& page) noexcept;
  void release_page(const Page& page) noexcept;

  std::array<Size, sizes> sizes_;
  // Pages that became empty: while one size gives pages back another asks for them. One of 32, but one in any case.
  std::vector<Page> spares_;
  uint32_t pages_ = 0;  // spares included
  uint64_t slots_ = 0;
  size_t page_bytes_ = 0;
};

}  // namespace torc::ds
