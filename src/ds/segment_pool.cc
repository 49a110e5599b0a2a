// Pages are stacks of blocks of one size. Only the last page of a size has room, so a position is a page and a count,
// and there is no list of free blocks. 192 KiB is above what the allocator puts together with others of its kind, so a
// page that is released does go back to the operating system.
#include "ds/segment_pool.h"

#include <bit>

#include "base/assert.h"
#include "base/memory.h"

namespace torc::ds {

namespace {

constexpr uint32_t small_page_bytes = 16 << 10;
constexpr uint32_t large_page_bytes = 192 << 10;

}  // namespace

SegmentPool::~SegmentPool() {
  TORC_ASSERT(slots_ == 0);
  for (const Page& page : spares_) release_page(page);
}

// 64, 80, 96, 112, 128, 160, ... 512 are 0, 1, 2, 3, 4, 5, ... 12.
size_t SegmentPool::index_of(uint32_t capacity) noexcept {
  const auto power = static_cast<uint32_t>(std::bit_width(capacity)) - 1;
  return (power - 6) * 4 + ((capacity >> (power - 2)) & 3);
}

SegmentPool::Page SegmentPool::take_page(uint32_t bytes) noexcept {
  if (!spares_.empty() && spares_.back().bytes == bytes) {
    const Page page = spares_.back();
    spares_.pop_back();
    return page;
  }
  Page page{static_cast<Slot*>(base::allocate(bytes)), bytes, 0};
  page_bytes_ += base::usable_size(page.slots);
  ++pages_;
  return page;
}

// Two are released for one that comes when there are too many: so they become fewer as the table shrinks.
void SegmentPool::give_page(const Page& page) noexcept {
  spares_.push_back(page);
  for (int i = 0; i < 2 && spares_.size() > 1 + pages_ / 32; ++i) {
    release_page(spares_.back());
    spares_.pop_back();
  }
}

void SegmentPool::release_page(const Page& page) noexcept {
  page_bytes_ -= base::usable_size(page.slots);
  --pages_;
  base::release(page.slots);
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
  give_page(size.pages.back());
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
  if (spares_.capacity() != 0) bytes += base::usable_size(spares_.data());
  for (const Size& size : sizes_) bytes += size.pages.capacity() == 0 ? 0 : base::usable_size(size.pages.data());
  return bytes;
}

}  // namespace torc::ds
