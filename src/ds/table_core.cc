#include "ds/table_core.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/memory.h"

namespace torc::ds {

namespace {

constexpr uint32_t items_max = 1023;
// Merging into one segment keeps clear of the classes that are there for bad luck only.
constexpr uint32_t merged_items_max = 480;

// The next size class of the allocator, in slots (or words): four to each power of two, steps of 2 below 16.
constexpr uint32_t next_class(uint32_t capacity) noexcept {
  return capacity + std::max(2u, std::bit_floor(capacity) / 4);
}

constexpr uint32_t previous_class(uint32_t capacity) noexcept {
  return capacity <= 2 ? 0 : capacity - std::max(2u, std::bit_floor(capacity - 1) / 4);
}

constexpr uint32_t class_for(uint32_t words) noexcept {
  if (words <= 8) return std::max(2u, (words + 1) & ~1u);
  const uint32_t step = std::bit_floor(words - 1) / 4;
  return (words + step - 1) / step * step;
}

// How many items a segment of this capacity takes; a single bucket may be full.
constexpr uint32_t items_limit(uint32_t capacity) noexcept {
  return capacity <= bucket_slots ? capacity : capacity * 15 / 16;
}

// At this many items (or fewer) the segment moves to the previous class.
constexpr uint32_t shrink_limit(uint32_t capacity) noexcept {
  const uint32_t previous = previous_class(capacity);
  return previous == 0 ? 0 : items_limit(previous) - std::max(1u, previous / 32);
}

constexpr uint32_t capacity_for(uint32_t items) noexcept {
  uint32_t capacity = class_for(std::max(items, 1u));
  while (items_limit(capacity) < items) capacity = next_class(capacity);
  return capacity;
}

static_assert(capacity_for(1) == 2 && capacity_for(8) == 8 && capacity_for(9) == 10 && capacity_for(10) == 12);
static_assert(capacity_for(120) == 128 && capacity_for(121) == 160 && capacity_for(480) == 512);
static_assert(class_for(9) == 10 && class_for(17) == 20 && class_for(500) == 512 && class_for(513) == 640);
static_assert(previous_class(10) == 8 && previous_class(16) == 14 && previous_class(20) == 16);

template <class T>
T* allocate_array(size_t count) noexcept {
  return static_cast<T*>(base::allocate(count * sizeof(T)));
}

// Always a new block: the allocator's own way of shrinking leaves a block as it is until half of it is unused.
template <class T>
T* resize_array(T* array, size_t count_kept, size_t count) noexcept {
  T* const resized = allocate_array<T>(count);
  std::memcpy(resized, array, count_kept * sizeof(T));
  base::release(array);
  return resized;
}

uint32_t reverse_bits(uint32_t value) noexcept {
  value = (value >> 1 & 0x55555555u) | (value & 0x55555555u) << 1;
  value = (value >> 2 & 0x33333333u) | (value & 0x33333333u) << 2;
  value = (value >> 4 & 0x0f0f0f0fu) | (value & 0x0f0f0f0fu) << 4;
  return __builtin_bswap32(value);
}

// The lowest `depth` bits, mirrored.
uint32_t mirror(uint32_t value, uint32_t depth) noexcept {
  return depth == 0 ? 0 : reverse_bits(value) >> (32 - depth);
}

// Fills a fresh segment: knows how far each bucket is filled, so that placing reads no bucket.
class SegmentBuilder {
 public:
  SegmentBuilder(Slot* slots, uint32_t capacity) noexcept
      : slots_(slots), capacity_(capacity), buckets_((capacity + bucket_slots - 1) / bucket_slots) {
    std::memset(used_.data(), 0, buckets_);
  }
  void add(Slot slot) noexcept {
    uint32_t bucket = (slot_tag(slot) * capacity_) >> 19;
    while (used_[bucket] == width(bucket)) bucket = bucket + 1 == buckets_ ? 0 : bucket + 1;
    slots_[bucket * bucket_slots + used_[bucket]++] = slot;
  }
  // Empties the slots that were not filled.
  void finish() noexcept {
    for (uint32_t bucket = 0; bucket < buckets_; ++bucket) {
      const uint32_t end = width(bucket);
      for (uint32_t i = used_[bucket]; i < end; ++i) slots_[bucket * bucket_slots + i] = 0;
    }
  }

 private:
  [[nodiscard]] uint32_t width(uint32_t bucket) const noexcept {
    return std::min(bucket_slots, capacity_ - bucket * bucket_slots);
  }
  Slot* slots_;
  uint32_t capacity_;
  uint32_t buckets_;
  std::array<uint8_t, TableCore::capacity_max / bucket_slots> used_;
};

}  // namespace

TableCore& TableCore::operator=(TableCore&& other) noexcept {
  TORC_ASSERT(size_ == 0);
  swap(other);
  return *this;
}

TableCore::~TableCore() {
  TORC_ASSERT(size_ == 0);
  void* nothing;
  drain(&nothing, 1);
}

void TableCore::swap(TableCore& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(size_, other.size_);
  std::swap(slots_, other.slots_);
  std::swap(segments_, other.segments_);
  std::swap(mask_, other.mask_);
}

TableCore::Entry TableCore::encode(const Segment& segment) noexcept {
  TORC_ASSERT(segment.count <= items_max);
  return uint64_t{segment.count} << 54 | uint64_t{segment.capacity / 2} << 44 |
         reinterpret_cast<uint64_t>(segment.slots) >> 4;
}

uint32_t TableCore::segment_depth(uint32_t index) const noexcept {
  const uint32_t low_depth = static_cast<uint32_t>(std::bit_width(segments_)) - 1;
  const uint32_t half = uint32_t{1} << low_depth;
  return index >= half || index < segments_ - half ? low_depth + 1 : low_depth;
}

size_t TableCore::memory_bytes() const noexcept {
  const size_t slot_bytes = slots_ * sizeof(Slot);
  if (segments_ == 1) return slot_bytes;
  if (segments_ <= chunk_entries) return slot_bytes + class_for(segments_) * sizeof(Entry);
  const uint32_t chunks = (segments_ + chunk_entries - 1) / chunk_entries;
  return slot_bytes + (size_t{chunks} * chunk_entries + class_for(chunks)) * sizeof(Entry);
}

// --- Segments -------------------------------------------------------------------------------------------------------

TableCore::Segment TableCore::allocate_segment(uint32_t items) noexcept {
  if (items == 0) return {nullptr, 0, 0};
  const uint32_t capacity = capacity_for(items);
  TORC_ASSERT(items <= items_max && capacity <= capacity_max);
  slots_ += capacity;
  return {allocate_array<Slot>(capacity), capacity, items};
}

void TableCore::release_segment(const Segment& segment) noexcept {
  slots_ -= segment.capacity;
  base::release(segment.slots);
}

TableCore::Segment TableCore::build_segment(std::span<const Slot> slots) noexcept {
  const Segment fresh = allocate_segment(static_cast<uint32_t>(slots.size()));
  SegmentBuilder builder(fresh.slots, fresh.capacity);
  for (const Slot slot : slots) builder.add(slot);
  builder.finish();
  return fresh;
}

// Rebuilds a segment for a number of items that is not smaller than what it holds.
void TableCore::reshape(uint32_t index, uint32_t items) noexcept {
  const Segment old = segment(index);
  Segment fresh = allocate_segment(items);
  fresh.count = old.count;
  SegmentBuilder builder(fresh.slots, fresh.capacity);
  for (uint32_t i = 0; i < old.capacity; ++i) {
    if (old.slots[i] != 0) builder.add(old.slots[i]);
  }
  builder.finish();
  *entry(index) = encode(fresh);
  release_segment(old);
}

// --- Growth and shrinking of the directory --------------------------------------------------------------------------

void TableCore::push_entry() noexcept {
  const uint32_t index = segments_;
  if (index == 1) {
    Entry* const entries = allocate_array<Entry>(class_for(2));
    entries[0] = directory_.only;
    directory_.entries = entries;
  } else if (index < chunk_entries) {
    if (class_for(index + 1) != class_for(index)) {
      directory_.entries = resize_array(directory_.entries, index, class_for(index + 1));
    }
  } else if (index % chunk_entries == 0) {
    const uint32_t chunks = index / chunk_entries;
    if (chunks == 1) {
      Entry** const top = allocate_array<Entry*>(class_for(2));
      top[0] = directory_.entries;
      directory_.chunks = top;
    } else if (class_for(chunks + 1) != class_for(chunks)) {
      directory_.chunks = resize_array(directory_.chunks, chunks, class_for(chunks + 1));
    }
    directory_.chunks[chunks] = allocate_array<Entry>(chunk_entries);
  }
  ++segments_;
  mask_ = std::bit_ceil(segments_) - 1;
  *entry(index) = 0;
}

void TableCore::pop_entry() noexcept {
  const uint32_t index = segments_ - 1;
  if (index == 1) {
    Entry* const entries = directory_.entries;
    directory_.only = entries[0];
    base::release(entries);
  } else if (index < chunk_entries) {
    if (class_for(index + 1) != class_for(index)) {
      directory_.entries = resize_array(directory_.entries, index, class_for(index));
    }
  } else if (index % chunk_entries == 0) {
    const uint32_t chunks = index / chunk_entries;
    base::release(directory_.chunks[chunks]);
    if (chunks == 1) {
      Entry** const top = directory_.chunks;
      directory_.entries = top[0];
      base::release(top);
    } else if (class_for(chunks + 1) != class_for(chunks)) {
      directory_.chunks = resize_array(directory_.chunks, chunks, class_for(chunks));
    }
  }
  --segments_;
  mask_ = std::bit_ceil(segments_) - 1;
}

// --- Splitting and merging ------------------------------------------------------------------------------------------

// The only place where growth reads items: they are cold, so several are fetched at once.
void TableCore::refill_windows(std::span<Slot> slots, uint32_t depth, ItemHasher hasher) noexcept {
  constexpr size_t ahead = 16;
  for (size_t i = 0; i < std::min(ahead, slots.size()); ++i) __builtin_prefetch(slot_item(slots[i]));
  for (size_t i = 0; i < slots.size(); ++i) {
    if (i + ahead < slots.size()) __builtin_prefetch(slot_item(slots[i + ahead]));
    const uint64_t hash = hasher.hash(hasher.traits, slot_item(slots[i]));
    slots[i] = slot_with_window(slots[i], hash >> window_shift(depth) & slot_window_mask);
  }
}

void TableCore::split(ItemHasher hasher) noexcept {
  const uint32_t depth = static_cast<uint32_t>(std::bit_width(segments_)) - 1;
  const uint32_t index = segments_ - (uint32_t{1} << depth);
  const Segment parent = segment(index);
  std::array<Slot, items_max> slots;
  uint32_t count = 0;
  for (uint32_t i = 0; i < parent.capacity; ++i) {
    if (parent.slots[i] != 0) slots[count++] = parent.slots[i];
  }
  // Which half: the hash bit `depth`, which is in the window. Where the halves need the next window it is refilled.
  const Slot second_half = uint64_t{1} << (slot_window_shift + depth - window_shift(depth));
  const Slot* const middle =
      std::partition(slots.data(), slots.data() + count, [&](Slot s) { return !(s & second_half); });
  const auto first_count = static_cast<uint32_t>(middle - slots.data());
  if (window_shift(depth + 1) != window_shift(depth)) refill_windows({slots.data(), count}, depth + 1, hasher);
  release_segment(parent);
  push_entry();
  *entry(index) = encode(build_segment({slots.data(), first_count}));
  *entry(segments_ - 1) = encode(build_segment({slots.data() + first_count, count - first_count}));
}

void TableCore::merge() noexcept {
  const uint32_t last = segments_ - 1;
  const uint32_t half = std::bit_floor(last);
  const uint32_t depth = static_cast<uint32_t>(std::bit_width(half)) - 1;
  const Segment parts[2] = {segment(last - half), segment(last)};
  if (parts[0].count + parts[1].count > merged_items_max) return;
  const bool other_window = window_shift(depth + 1) != window_shift(depth);
  std::array<Slot, merged_items_max> slots;
  uint32_t count = 0;
  for (uint32_t part = 0; part < 2; ++part) {
    // The window before this one is part of the address that all items of the segment share.
    const uint64_t address = part == 0 ? last - half : last;
    const uint64_t window = address >> window_shift(depth) & slot_window_mask;
    for (uint32_t i = 0; i < parts[part].capacity; ++i) {
      const Slot slot = parts[part].slots[i];
      if (slot != 0) slots[count++] = other_window ? slot_with_window(slot, window) : slot;
    }
    release_segment(parts[part]);
  }
  pop_entry();
  *entry(last - half) = encode(build_segment({slots.data(), count}));
}

// --- Changing -------------------------------------------------------------------------------------------------------

TablePosition TableCore::insert(uint64_t hash, void* item, ItemHasher hasher) noexcept {
  uint32_t index = segment_of(hash);
  Segment target = segment(index);
  if (target.count >= items_limit(target.capacity) || size_ >= segments_ * segment_items_grow) [[unlikely]] {
    make_room(hash, hasher);
    index = segment_of(hash);
    target = segment(index);
  }
  uint32_t bucket = target.home(tag_of(hash));
  uint32_t width = target.width(bucket);
  while (target.bucket(bucket)[width - 1] != 0) {
    if (++bucket == target.buckets()) bucket = 0;
    width = target.width(bucket);
  }
  Slot* const slot = target.bucket(bucket) + first_empty(target.bucket(bucket), width);
  *slot = make_slot(hash, item, window_shift(segment_depth(index)));
  *entry(index) += entry_count_one;
  ++size_;
  return {slot, index, true};
}

void TableCore::make_room(uint64_t hash, ItemHasher hasher) noexcept {
  if (size_ >= segments_ * segment_items_grow) split(hasher);
  const uint32_t index = segment_of(hash);
  const Segment target = segment(index);
  if (target.count >= items_limit(target.capacity)) reshape(index, target.count + 1);
}

void TableCore::erase(TablePosition position) noexcept {
  const Segment old = segment(position.segment);
  TORC_ASSERT(position.slot >= old.slots && position.slot < old.slots + old.capacity && *position.slot != 0);
  close_gap(old, static_cast<uint32_t>(position.slot - old.slots));
  --size_;
  if (old.count == 1) {
    release_segment(old);
    *entry(position.segment) = 0;
  } else {
    *entry(position.segment) -= entry_count_one;
    if (old.count - 1 <= shrink_limit(old.capacity)) reshape(position.segment, old.count - 1);
  }
  if (segments_ > 1 && size_ < segments_ * segment_items_shrink) merge();
}

// Empties a slot so that the invariant holds: a full bucket takes back an item that went past it, if there is one
// before the next bucket with room, and the gap moves to where that one was.
void TableCore::close_gap(const Segment& segment, uint32_t gap) noexcept {
  const uint32_t buckets = segment.buckets();
  uint32_t bucket = gap / bucket_slots;
  uint32_t next = bucket;
  for (uint32_t distance = 1; distance < buckets; ++distance) {
    if (has_room(segment, next)) break;
    next = next + 1 == buckets ? 0 : next + 1;
    const uint32_t width = segment.width(next);
    Slot* const slots = segment.bucket(next);
    uint32_t mask = match_displaced(slots, width, next, segment.capacity, buckets, distance);
    if (slots[width - 1] == 0) mask &= (1u << first_empty(slots, width)) - 1;
    if (mask == 0) continue;
    const uint32_t taken = next * bucket_slots + static_cast<uint32_t>(std::countr_zero(mask));
    segment.slots[gap] = segment.slots[taken];
    gap = taken;
    bucket = next;
    distance = 0;
  }
  Slot* const slots = segment.bucket(bucket);
  const uint32_t width = segment.width(bucket);
  const uint32_t last = (slots[width - 1] == 0 ? first_empty(slots, width) : width) - 1;
  segment.slots[gap] = slots[last];
  slots[last] = 0;
}

size_t TableCore::drain(void** out, size_t room) noexcept {
  size_t taken = 0;
  while (taken < room) {
    const uint32_t index = segments_ - 1;
    const Segment last = segment(index);
    uint32_t left = last.count;
    for (uint32_t i = last.capacity; i > 0 && left > 0 && taken < room; --i) {
      if (last.slots[i - 1] == 0) continue;
      out[taken++] = slot_item(std::exchange(last.slots[i - 1], 0));
      --left;
    }
    size_ -= last.count - left;
    *entry(index) -= entry_count_one * (last.count - left);
    if (left != 0) break;
    release_segment(last);
    *entry(index) = 0;
    if (index == 0) break;
    pop_entry();
  }
  return taken;
}

// --- Looking at it --------------------------------------------------------------------------------------------------

std::optional<TableCore::ScanPlace> TableCore::scan_place(uint64_t cursor) const noexcept {
  uint64_t prefix = cursor == 0 ? 1 : cursor >> 16;
  if (prefix == 0 || prefix >> 33 != 0) return std::nullopt;
  uint32_t depth = static_cast<uint32_t>(std::bit_width(prefix)) - 1;
  prefix ^= uint64_t{1} << depth;
  const uint32_t tag = static_cast<uint32_t>(cursor & 0xffff);
  const uint32_t address = mirror(static_cast<uint32_t>(prefix), depth);
  const uint32_t index = segment_of(address);
  const uint32_t present_depth = segment_depth(index);
  if (depth < present_depth) depth = present_depth;  // split since: its first part
  // At the beginning of a merged interval: all of it at once.
  while (tag == 0 && depth > present_depth && (address >> (depth - 1) & 1) == 0) --depth;
  return ScanPlace{index, depth, address, tag, depth > present_depth};
}

uint64_t TableCore::scan_next(const ScanPlace& place) const noexcept {
  const Segment visited = segment(place.segment);
  const uint64_t prefix = uint64_t{1} << place.depth | mirror(place.address, place.depth);
  const uint64_t next_home = visited.home(place.tag) + 1;
  if (next_home < visited.buckets())
    return prefix << 16 | ((next_home << 19) + visited.capacity - 1) / visited.capacity;
  return std::has_single_bit(prefix + 1) ? 0 : (prefix + 1) << 16;
}

TableCore::HandlePlace TableCore::handle_place(uint32_t handle, uint32_t index) const noexcept {
  const Segment target = segment(index);
  const uint64_t tag = handle & ((1u << handle_tag_bits) - 1);
  const uint32_t address = handle >> handle_tag_bits;
  const uint32_t lowest_tag = static_cast<uint32_t>(tag << (16 - handle_tag_bits));
  const uint32_t highest_tag = lowest_tag | ((1u << (16 - handle_tag_bits)) - 1);
  const uint32_t shift = window_shift(segment_depth(index));
  const uint32_t known_bits = shift < handle_address_bits ? handle_address_bits - shift : 0;
  const uint64_t window_mask = slot_window_mask & ((uint64_t{1} << known_bits) - 1);
  const uint64_t window = (uint64_t{address} >> shift) & window_mask;
  return {.segment = index,
          .home_first = target.home(lowest_tag),
          .home_last = target.home(highest_tag),
          .bits = tag << (64 - handle_tag_bits) | window << slot_window_shift,
          .mask = ((uint64_t{1} << handle_tag_bits) - 1) << (64 - handle_tag_bits) | window_mask << slot_window_shift};
}

uint32_t TableCore::random_segment(base::Random& random) const noexcept {
  TORC_ASSERT(size_ != 0);
  if (segments_ == 1) return 0;
  // A segment is kept with a probability proportional to its count: more than 512 items do not occur.
  for (;;) {
    const auto index = static_cast<uint32_t>(random.below(segments_));
    if (random.next() % 512 < segment(index).count) return index;
  }
}

TablePosition TableCore::random_position(base::Random& random) const noexcept {
  const uint32_t index = random_segment(random);
  const Segment chosen = segment(index);
  for (;;) {
    Slot* const slot = chosen.slots + random.below(chosen.capacity);
    if (*slot != 0) return {slot, index, true};
  }
}

TableStats TableCore::stats() const noexcept {
  TableStats stats{.items = size_,
                   .segments = segments_,
                   .slots = slots_,
                   .bytes = memory_bytes(),
                   .segment_items_min = items_max,
                   .segment_items_max = 0,
                   .probes = {}};
  for (uint32_t index = 0; index < segments_; ++index) {
    const Segment each = segment(index);
    stats.segment_items_min = std::min<uint64_t>(stats.segment_items_min, each.count);
    stats.segment_items_max = std::max<uint64_t>(stats.segment_items_max, each.count);
    for (uint32_t i = 0; i < each.capacity; ++i) {
      if (each.slots[i] == 0) continue;
      const uint32_t away = away_from_home(each.slots[i], i / bucket_slots, each.capacity, each.buckets());
      ++stats.probes[std::min<size_t>(away, stats.probes.size() - 1)];
    }
  }
  return stats;
}

}  // namespace torc::ds
