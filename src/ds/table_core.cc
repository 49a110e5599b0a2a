// Changing the table. Everything that rebuilds a segment goes through a builder which knows how full each bucket is, so
// that no bucket is read while it is filled; the slots travel by way of the stack where their old block has to be
// released before the new one is taken.
#include "ds/table_core.h"

#include <algorithm>
#include <cstring>

#include "base/prefetch.h"

namespace torc::ds {

namespace {

// Merging into one segment keeps clear of the capacities that are there for bad luck only.
constexpr uint32_t merged_items_max = 480;
// A segment with more is divided before its turn, and never has the second number, so that an entry can count it.
constexpr uint32_t crowded_items = 640, crowded_items_max = 1000;
static_assert(crowded_items_max < SegmentDirectory::count_max);
// What one erasure merges at the most: more than one where merging had to wait for a crowded segment.
constexpr uint32_t merges_max = 8;
// How many entries one call of drain() forgets at the most.
constexpr uint32_t drain_entries_max = 256;

// How many items a segment of this capacity takes; a single bucket may be full.
constexpr uint32_t items_limit(uint32_t capacity) noexcept {
  return capacity <= bucket_slots ? capacity : capacity * 15 / 16;
}

// At this many items (or fewer) the segment moves to the previous capacity.
constexpr uint32_t shrink_limit(uint32_t capacity) noexcept {
  const uint32_t previous = previous_size_class(capacity);
  return previous == 0 ? 0 : items_limit(previous) - std::max(1u, previous / 32);
}

constexpr uint32_t capacity_for(uint32_t items) noexcept {
  if (items == 0) return 0;
  uint32_t capacity = size_class_for(items);
  while (items_limit(capacity) < items) capacity = next_size_class(capacity);
  return capacity;
}

static_assert(capacity_for(1) == 2 && capacity_for(8) == 8 && capacity_for(9) == 10 && capacity_for(10) == 12);
static_assert(capacity_for(120) == 128 && capacity_for(121) == 160 && capacity_for(480) == 512);
static_assert(capacity_for(SegmentDirectory::count_max) == SegmentDirectory::capacity_max);

// Fills a fresh segment: knows how far each bucket is filled, so that placing reads no bucket.
class SegmentBuilder {
 public:
  SegmentBuilder(Slot* slots, uint32_t capacity) noexcept
      : slots_(slots), capacity_(capacity), buckets_((capacity + bucket_slots - 1) / bucket_slots) {
    std::memset(used_.data(), 0, buckets_);
  }
  void add(Slot slot) noexcept {
    uint32_t bucket = home_bucket(slot_tag(slot), capacity_);
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
  std::array<uint8_t, SegmentDirectory::capacity_max / bucket_slots> used_;
};

// Takes the next bit off the way of each slot and sorts them by it: those with 0 go to `first` on, those with 1 to
// `end` and before it. Returns how many the first are. The only place where growth reads items, a few: they are cold,
// so all are asked for before the first is needed.
uint32_t part_by_way(const Segment& segment, uint32_t depth, ItemHasher hasher, Slot* first, Slot* end) noexcept {
  for (uint32_t i = 0; i < segment.capacity; ++i) {
    if (slot_way(segment.slots[i]) == way_end) base::prefetch(slot_item(segment.slots[i]));
  }
  uint32_t count = 0;
  for (uint32_t i = 0; i < segment.capacity; ++i) {
    const Slot slot = segment.slots[i];
    if (slot == 0) continue;
    uint32_t way = slot_way(slot);
    if (way == way_end) way = full_way(hasher(slot_item(slot)), depth);
    const Slot parted = slot_with_way(slot, way >> 1);
    if ((way & 1) != 0) {
      *--end = parted;
    } else {
      first[count++] = parted;
    }
  }
  return count;
}

// Copies the slots in use with the bit that their way lost in the split; returns how many.
uint32_t join_ways(const Segment& segment, uint32_t bit, Slot* out) noexcept {
  uint32_t count = 0;
  for (uint32_t i = 0; i < segment.capacity; ++i) {
    const Slot slot = segment.slots[i];
    if (slot == 0) continue;
    const uint32_t way = slot_way(slot) << 1 | bit;
    out[count++] = slot_with_way(slot, way < 2 * way_marker ? way : way_marker | (way & (way_marker - 1)));
  }
  return count;
}

}  // namespace

TableCore& TableCore::operator=(TableCore&& other) noexcept {
  TORC_ASSERT(size_ == 0);
  swap(other);
  return *this;
}

TableCore::~TableCore() {
  TORC_ASSERT(size_ == 0);
  void* nothing;
  while (!drained()) drain(&nothing, 1);
}

void TableCore::swap(TableCore& other) noexcept {
  directory_.swap(other.directory_);
  std::swap(size_, other.size_);
}

// --- Rebuilding, splitting, merging ---------------------------------------------------------------------------------

void TableCore::build_segment(uint32_t index, std::span<const Slot> slots) noexcept {
  Segment fresh = directory_.allocate(capacity_for(static_cast<uint32_t>(slots.size())));
  fresh.count = static_cast<uint32_t>(slots.size());
  SegmentBuilder builder(fresh.slots, fresh.capacity);
  for (const Slot slot : slots) builder.add(slot);
  builder.finish();
  directory_.set(index, fresh);
}

// Rebuilds a segment with room for a number of items that is not smaller than what it holds.
void TableCore::reshape(uint32_t index, uint32_t items, ItemHasher hasher) noexcept {
  const Segment old = directory_.segment(index);
  Segment fresh = directory_.allocate(capacity_for(items));
  fresh.count = old.count;
  SegmentBuilder builder(fresh.slots, fresh.capacity);
  for (uint32_t i = 0; i < old.capacity; ++i) {
    if (old.slots[i] != 0) builder.add(old.slots[i]);
  }
  builder.finish();
  directory_.release(index, hasher);
  directory_.set(index, fresh);
}

void TableCore::split(ItemHasher hasher) noexcept {
  const uint32_t segments = directory_.segments();
  const uint32_t depth = static_cast<uint32_t>(std::bit_width(segments)) - 1;
  const uint32_t index = segments - (uint32_t{1} << depth);
  const Segment parent = directory_.segment(index);
  std::array<Slot, SegmentDirectory::count_max> slots;
  const uint32_t count = part_by_way(parent, depth, hasher, slots.data(), slots.data() + parent.count);
  directory_.release(index, hasher);
  directory_.push();
  build_segment(index, {slots.data(), count});
  build_segment(segments, {slots.data() + count, parent.count - count});
}

bool TableCore::may_merge() const noexcept {
  if (directory_.segments() == 1 || size_ >= directory_.segments() * segment_items_shrink) return false;
  const uint32_t last = directory_.segments() - 1;
  return directory_.segment(last - std::bit_floor(last)).count + directory_.segment(last).count <= merged_items_max;
}

void TableCore::merge(ItemHasher hasher) noexcept {
  const uint32_t last = directory_.segments() - 1;
  const uint32_t first = last - std::bit_floor(last);
  std::array<Slot, merged_items_max> slots;
  uint32_t count = join_ways(directory_.segment(first), 0, slots.data());
  count += join_ways(directory_.segment(last), 1, slots.data() + count);
  directory_.release(first, hasher);
  directory_.release(last, hasher);
  directory_.pop();
  build_segment(first, {slots.data(), count});
}

// --- Changing -------------------------------------------------------------------------------------------------------

TablePosition TableCore::insert(uint64_t hash, void* item, ItemHasher hasher) noexcept {
  uint32_t index = directory_.index_of(hash);
  Segment target = directory_.segment(index);
  const bool due = size_ >= directory_.segments() * segment_items_grow;
  if (due || target.count >= std::min(items_limit(target.capacity), crowded_items + 1)) [[unlikely]] {
    make_room(hash, hasher);
    index = directory_.index_of(hash);
    target = directory_.segment(index);
  }
  uint32_t bucket = target.home(tag_of(hash));
  while (!target.has_room(bucket)) {
    if (++bucket == target.buckets()) bucket = 0;
  }
  Slot* const slot = target.bucket(bucket) + first_empty(target.bucket(bucket), target.width(bucket));
  *slot = make_slot(hash, item, directory_.depth(index));
  directory_.count_up(index);
  ++size_;
  return {slot, index, true};
}

// Splits in turn until the segment of this hash has been divided, a part of them now: the more items came since it was
// crowded, the more. The segments that are made meanwhile are mostly empty, which takes some 50 ns each.
void TableCore::relieve(uint64_t hash, ItemHasher hasher) noexcept {
  const auto crowd = [this, hash] { return directory_.segment(directory_.index_of(hash)).count; };
  const uint32_t count = crowd();
  const uint32_t splits_max = count < crowded_items_max ? 2 * (count - crowded_items) : UINT32_MAX;
  for (uint32_t i = 0; i < splits_max && crowd() == count; ++i) split(hasher);
}

void TableCore::make_room(uint64_t hash, ItemHasher hasher) noexcept {
  if (size_ >= directory_.segments() * segment_items_grow) split(hasher);
  if (directory_.segment(directory_.index_of(hash)).count > crowded_items) relieve(hash, hasher);
  const uint32_t index = directory_.index_of(hash);
  const Segment target = directory_.segment(index);
  if (target.count >= items_limit(target.capacity)) reshape(index, target.count + 1, hasher);
}

void TableCore::erase(TablePosition position, ItemHasher hasher) noexcept {
  const uint32_t index = position.segment;
  const Segment old = directory_.segment(index);
  TORC_ASSERT(position.slot >= old.slots && position.slot < old.slots + old.capacity && *position.slot != 0);
  close_gap(old, static_cast<uint32_t>(position.slot - old.slots));
  --size_;
  directory_.count_down(index, 1);
  if (old.count == 1) {
    directory_.release(index, hasher);
  } else if (old.count - 1 <= shrink_limit(old.capacity)) {
    reshape(index, old.count - 1, hasher);
  }
  for (uint32_t left = merges_max; left != 0 && may_merge(); --left) merge(hasher);
}

// Empties a slot so that the invariant holds: a full bucket takes back an item that went past it, if there is one
// before the next bucket with room, and the gap moves to where that one was.
void TableCore::close_gap(const Segment& segment, uint32_t gap) noexcept {
  const uint32_t buckets = segment.buckets();
  uint32_t bucket = gap / bucket_slots;
  uint32_t next = bucket;
  for (uint32_t distance = 1; distance < buckets; ++distance) {
    if (segment.has_room(next)) break;
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

// Takes items out of a segment from its end on, until it is empty or there is no more room for them.
size_t TableCore::drain_slots(const Segment& segment, void** out, size_t room) noexcept {
  size_t taken = 0;
  for (uint32_t i = segment.capacity; i > 0 && taken < room; --i) {
    if (segment.slots[i - 1] == 0) continue;
    out[taken++] = slot_item(segment.slots[i - 1]);
    segment.slots[i - 1] = 0;
  }
  size_ -= taken;
  return taken;
}

size_t TableCore::drain(void** out, size_t room) noexcept {
  const Segment pooled = directory_.any_pooled();
  if (pooled.slots != nullptr) {
    const size_t taken = drain_slots(pooled, out, room);
    if (taken < room) directory_.release_pooled(pooled);
    return taken;
  }
  for (uint32_t left = drain_entries_max; left != 0; --left) {
    const uint32_t index = directory_.segments() - 1;
    const Segment last = directory_.segment(index);
    if (last.slots != nullptr && !last.pooled) {
      const size_t taken = drain_slots(last, out, room);
      directory_.count_down(index, static_cast<uint32_t>(taken));
      if (taken < room) directory_.release(index, {});
      return taken;
    }
    directory_.set(index, {});
    if (index == 0) break;
    directory_.pop();
  }
  return 0;
}

}  // namespace torc::ds
