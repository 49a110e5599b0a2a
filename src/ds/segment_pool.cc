// Pages are stacks of blocks of one size. Only the last page of a size has room, so a position is a page and a count,
// and there is no list of free blocks.
#include "ds/segment_pool.h"

#include <bit>
#include <utility>

#include "base/assert.h"
#include "base/memory.h"

namespace torc::ds {

namespace {

constexpr uint32_t small_page_bytes = 16 << 10;
constexpr uint32_t large_page_bytes = 64 << 10;

}  // namespace

SegmentPool::~SegmentPool() {
  TORC_ASSERT(slots_ == 0);
  base::release(spare_.slots);
}

// 64, 80, 96, 112, 128, 160, ... 512 are 0, 1, 2, 3, 4, 5, ... 12.
size_t SegmentPool::index_of(uint32_t capacity) noexcept {
  const auto power = static_cast<uint32_t>(std::bit_width(capacity)) - 1;
  return (power - 6) * 4 + ((capacity >> (power - 2)) & 3);
}

SegmentPool::Page SegmentPool::take_page(uint32_t bytes) noexcept {
  if (spare_.bytes == bytes) return std::exchange(spare_, {});
  Page page{static_cast<Slot*>(base::allocate(bytes)), bytes, 0};
  page_bytes_ += base::usable_size(page.slots);
  return page;
}

void SegmentPool::release_page(const Page& page) noexcept {
  const Page released = std::exchange(spare_, page);
  if (released.slots == nullptr) return;
  page_bytes_ -= base::usable_size(released.slots);
  base::release(released.slots);
}

Slot* SegmentPool::allocate(uint32_t capacity, bool large_pages) noexcept {
  Size& size = sizes_[index_of(capacity)];
  if (size.pages.empty() || size.used_in_last == size.pages.back().blocks) {
    Page page = take_page(large_pages ? large_page_bytes : small_page_bytes);
    page.blocks = static_cast<uint32_t>(page.bytes / (capacity * sizeof(Slot)));
    size.pages.push_back(page);
    size.used_in_last = 0;
  }
  slots_ += capacity;
  return size.pages.back().slots + size_t{capacity} * size.used_in_last++;
}

Slot* SegmentPool::last(uint32_t capacity) const noexcept {
  const Size& size = sizes_[index_of(capacity)];
  return size.pages.back().slots + size_t{capacity} * (size.used_in_last - 1);
}

void SegmentPool::drop_last(uint32_t capacity) noexcept {
  Size& size = sizes_[index_of(capacity)];
  slots_ -= capacity;
  if (--size.used_in_last != 0) return;
  release_page(size.pages.back());
  size.pages.pop_back();
  if (!size.pages.empty()) size.used_in_last = size.pages.back().blocks;
}

uint32_t SegmentPool::any_capacity() const noexcept {
  for (size_t i = 0; i < sizes; ++i) {
    if (!sizes_[i].pages.empty()) return static_cast<uint32_t>((4 + i % 4) << (i / 4 + 4));
  }
  return 0;
}

size_t SegmentPool::memory_bytes() const noexcept {
  size_t bytes = page_bytes_ + base::usable_size(this);
  for (const Size& size : sizes_) bytes += size.pages.capacity() == 0 ? 0 : base::usable_size(size.pages.data());
  return bytes;
}

}  // namespace torc::ds
