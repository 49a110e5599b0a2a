// When to compact, and what it means for allocation: new entries come from the newest heap.
#include "store/entry_heap.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/assert.h"
#include "base/late_release.h"
#include "base/pages.h"

namespace torc::store {

namespace {

// Larger blocks have pages of their own, which go back when the block does.
constexpr size_t shared_page_block_bytes_max = size_t{64} << 10;
// Less than this is not worth a walk over the tables.
constexpr size_t slack_bytes_min = size_t{4} << 20;
// A round moves about so much; more rounds cost a walk each.
constexpr size_t round_bytes = size_t{32} << 20;
constexpr size_t rounds_max = 16;

}  // namespace

// As mimalloc's own classes: steps of 16 bytes up to 128, then four to a doubling.
size_t EntryHeap::class_of(size_t usable_bytes) noexcept {
  if (usable_bytes <= 128) return (usable_bytes + 15) / 16;
  size_t doubling = static_cast<size_t>(std::bit_width(usable_bytes - 1)) - 1;
  size_t quarter = (usable_bytes - 1) >> (doubling - 2) & 3;
  return 9 + (doubling - 7) * 4 + quarter;
}

void* EntryHeap::allocate(size_t bytes) noexcept {
  void* block = heap_->allocate(bytes);
  size_t usable = base::usable_size(block);
  live_bytes_ += usable;
  if (usable <= shared_page_block_bytes_max) {
    size_t& slack = slack_of_class_[class_of(usable)];
    size_t reused = std::min(slack, usable);
    slack -= reused;
    slack_bytes_ -= reused;
  }
  return block;
}

void EntryHeap::release(void* block) noexcept {
  size_t usable = base::usable_size(block);
  live_bytes_ -= usable;
  if (usable <= shared_page_block_bytes_max) {
    slack_of_class_[class_of(usable)] += usable;
    slack_bytes_ += usable;
  }
  base::EagerPageReturn eager;
  base::release_late(block, usable);
}

size_t EntryHeap::release_units(uint64_t remaining) const noexcept {
  constexpr double entry_units = 3, page_units = 250, page_bytes = 65536;
  double pages = static_cast<double>(live_bytes_ + slack_bytes_ + old_bytes_) / page_bytes;
  double squared = pages * pages;
  double entries = static_cast<double>(remaining);
  return static_cast<size_t>(entry_units + page_units * squared / (squared + entries * entries + 1));
}

// Begun at 40 % slack, so that the entries to be moved are at most half as much again as the room that is won.
bool EntryHeap::worth_compacting() const noexcept {
  return slack_bytes_ >= slack_bytes_min && slack_bytes_ * 3 > live_bytes_ * 2;
}

void EntryHeap::begin_compaction() {
  TORC_ASSERT(!compacting());
  old_ = std::exchange(heap_, std::make_unique<base::Heap>());
  old_bytes_ = live_bytes_ + slack_bytes_;
  slack_of_class_ = {};
  slack_bytes_ = 0;
  ++round_id_;
  round_ = 0;
  rounds_ = static_cast<uint32_t>(std::bit_floor(std::clamp<size_t>(live_bytes_ / round_bytes, 1, rounds_max)));
}

void EntryHeap::end_compaction() noexcept {
  TORC_ASSERT(compacting());
  old_.reset();
  old_bytes_ = 0;
}

}  // namespace torc::store
