// The directory grows and shrinks by one entry at a time, and its arrays follow in size classes, so that a step copies
// 2 KiB at the most (the list of chunks, 8 bytes for 40,000 items, apart). A released block of the pool is filled with
// the last one of its size; whose that is, the hash of any of its items tells, which saves back pointers.
#include "ds/segment_directory.h"

#include <cstring>
#include <utility>

#include "base/memory.h"
#include "ds/segment_pool.h"

namespace torc::ds {

namespace {

static_assert(size_class_for(1) == 2 && size_class_for(9) == 10 && size_class_for(17) == 20);
static_assert(size_class_for(500) == 512 && size_class_for(512) == 512 && size_class_for(513) == 640);
static_assert(next_size_class(2) == 4 && next_size_class(14) == 16 && next_size_class(16) == 20);
static_assert(previous_size_class(10) == 8 && previous_size_class(16) == 14 && previous_size_class(20) == 16);

template <class T>
T* allocate_words(size_t words) noexcept {
  return static_cast<T*>(base::allocate(words * sizeof(uint64_t)));
}

// Always a new block: the allocator's own way of shrinking leaves a block as it is until half of it is unused.
template <class T>
T* resize_words(T* block, size_t words_kept, size_t words) noexcept {
  T* const resized = allocate_words<T>(words);
  std::memcpy(resized, block, words_kept * sizeof(uint64_t));
  base::release(block);
  return resized;
}

// The words of a Large with so many chunks.
uint32_t large_words(uint32_t chunks) noexcept { return size_class_for(1 + chunks); }

}  // namespace

void SegmentDirectory::swap(SegmentDirectory& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(slots_, other.slots_);
  std::swap(segments_, other.segments_);
  std::swap(mask_, other.mask_);
}

SegmentDirectory::Entry SegmentDirectory::encode(const Segment& segment) noexcept {
  TORC_ASSERT(segment.count <= count_max);
  return uint64_t{segment.count} << 54 | uint64_t{segment.capacity / 2} << 44 | (segment.pooled ? entry_pooled : 0) |
         reinterpret_cast<uint64_t>(segment.slots) >> 4;
}

uint32_t SegmentDirectory::depth(uint32_t index) const noexcept {
  const uint32_t low_depth = static_cast<uint32_t>(std::bit_width(segments_)) - 1;
  const uint32_t half = uint32_t{1} << low_depth;
  return index >= half || index < segments_ - half ? low_depth + 1 : low_depth;
}

size_t SegmentDirectory::memory_bytes() const noexcept {
  const size_t slot_bytes = slots_ * sizeof(Slot);
  if (segments_ == 1) return slot_bytes;
  if (segments_ <= chunk_entries) return slot_bytes + size_class_for(segments_) * sizeof(Entry);
  const uint32_t chunks = (segments_ + chunk_entries - 1) / chunk_entries;
  const size_t directory_bytes = (size_t{chunks} * chunk_entries + large_words(chunks)) * sizeof(Entry);
  const SegmentPool* const pooled = pool();
  if (pooled == nullptr) return slot_bytes + directory_bytes;
  return slot_bytes - pooled->slots() * sizeof(Slot) + pooled->memory_bytes() + directory_bytes;
}

// --- Blocks ---------------------------------------------------------------------------------------------------------

Segment SegmentDirectory::allocate(uint32_t capacity) noexcept {
  TORC_ASSERT(capacity <= capacity_max);
  if (capacity == 0) return {};
  slots_ += capacity;
  if (segments_ >= pooled_from_segments && SegmentPool::serves(capacity)) {
    Slot* const slots = pool()->allocate(capacity, segments_ >= large_pages_from_segments);
    return {slots, capacity, 0, true};
  }
  return {allocate_words<Slot>(capacity), capacity, 0, false};
}

void SegmentDirectory::release(uint32_t index, ItemHasher hasher) noexcept {
  const Segment released = segment(index);
  *entry(index) = 0;
  slots_ -= released.capacity;
  if (!released.pooled) return base::release(released.slots);
  Slot* const last = pool()->last(released.capacity);
  if (last != released.slots) {
    const Slot* item = last;
    while (*item == 0) ++item;
    const uint32_t owner = index_of(hasher(slot_item(*item)));
    Segment moved = segment(owner);
    TORC_ASSERT(moved.slots == last);
    std::memcpy(released.slots, last, released.capacity * sizeof(Slot));
    moved.slots = released.slots;
    set(owner, moved);
  }
  pool()->drop_last(released.capacity);
}

Segment SegmentDirectory::any_pooled() const noexcept {
  if (pool() == nullptr) return {};
  const uint32_t capacity = pool()->any_capacity();
  return capacity == 0 ? Segment{} : Segment{pool()->last(capacity), capacity, 0, true};
}

void SegmentDirectory::release_pooled(const Segment& segment) noexcept {
  slots_ -= segment.capacity;
  pool()->drop_last(segment.capacity);
}

// --- Entries --------------------------------------------------------------------------------------------------------

void SegmentDirectory::push() noexcept {
  const uint32_t index = segments_;
  if (index == 1) {
    auto* const entries = allocate_words<Entry>(size_class_for(2));
    entries[0] = directory_.only;
    directory_.entries = entries;
  } else if (index < chunk_entries) {
    const uint32_t words = size_class_for(index + 1);
    if (words != size_class_for(index)) directory_.entries = resize_words(directory_.entries, index, words);
  } else if (index % chunk_entries == 0) {
    push_chunk(index / chunk_entries);
  }
  ++segments_;
  mask_ = std::bit_ceil(segments_) - 1;
  *entry(index) = 0;
  if (segments_ == pooled_from_segments && pool() == nullptr) directory_.large->pool = new SegmentPool;
}

// One more chunk than the given number of them.
void SegmentDirectory::push_chunk(uint32_t chunks) noexcept {
  if (chunks == 1) {
    auto* const large = allocate_words<Large>(large_words(2));
    large->pool = nullptr;
    large->chunks[0] = directory_.entries;
    directory_.large = large;
  } else if (large_words(chunks + 1) != large_words(chunks)) {
    directory_.large = resize_words(directory_.large, 1 + chunks, large_words(chunks + 1));
  }
  directory_.large->chunks[chunks] = allocate_words<Entry>(chunk_entries);
}

void SegmentDirectory::pop() noexcept {
  const uint32_t index = segments_ - 1;
  TORC_ASSERT(*entry(index) == 0);
  if (index == 1) {
    Entry* const entries = directory_.entries;
    directory_.only = entries[0];
    base::release(entries);
  } else if (index < chunk_entries) {
    const uint32_t words = size_class_for(index);
    if (words != size_class_for(index + 1)) directory_.entries = resize_words(directory_.entries, index, words);
  } else if (index % chunk_entries == 0) {
    pop_chunk(index / chunk_entries);
  }
  --segments_;
  mask_ = std::bit_ceil(segments_) - 1;
}

// Back to the given number of chunks. When only one is left every segment of the pool has been merged since the table
// became too small for it, and merged segments do not come from it: so it is empty.
void SegmentDirectory::pop_chunk(uint32_t chunks) noexcept {
  base::release(directory_.large->chunks[chunks]);
  if (chunks == 1) {
    Large* const large = directory_.large;
    delete large->pool;
    directory_.entries = large->chunks[0];
    base::release(large);
  } else if (large_words(chunks) != large_words(chunks + 1)) {
    directory_.large = resize_words(directory_.large, 1 + chunks, large_words(chunks));
  }
}

}  // namespace torc::ds
