// The storage of the table (table.h), without the type of its items: segments, their directory, growth and shrinking.
//
// Linear hashing over segments. With N segments, 2^L ≤ N < 2^(L+1), an item lives in segment i = hash mod 2^(L+1), or
// hash mod 2^L when that i is not there yet. Growth splits segment N - 2^L in two, shrinking merges the last one back;
// N follows the number of items (one split for segment_items_grow of them), so a step moves a few hundred slots.
//
// A segment is an array of slots in buckets of one cache line, probed linearly bucket by bucket with wrap-around. Its
// home bucket follows from the tag alone: tag × capacity >> 19. Capacities are exactly the size classes of the
// allocator, four to each power of two, so memory follows the number of items closely: a segment is rebuilt in the next
// class when it would be more than 15/16 full, which leaves it at least 3/4 full, and moves down a class a little below
// the point where it came up. Only the last bucket of a small segment may be narrower than a line.
//
// The invariant of a segment: an item that is not in its home bucket has only full buckets between its home and itself.
// So a search ends at a bucket with room, and erasing from a full bucket moves a displaced item up.
//
// Counts per segment are 160..320 before their split and half of it after it, give or take the square root: 480 items
// fit into 512 slots, nine standard deviations away. Classes beyond (to 1024 slots) are there nevertheless, and 1023
// items in one segment can only mean a broken hash function.
//
// The directory: one entry (pointer, capacity and count in 64 bits) inside the object while there is one segment, an
// array up to 512, and chunks of 512 entries (4 KiB) from there on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/random.h"
#include "ds/bucket.h"

namespace torc::ds {

// Where an item is. Valid until the next insert, take or release_some of the table.
struct TablePosition {
  Slot* slot = nullptr;
  uint32_t segment = 0;
  bool found = false;
  explicit operator bool() const noexcept { return found; }
};

// How the storage asks for the hash of an item when it has to (one split out of five).
struct ItemHasher {
  uint64_t (*hash)(const void* traits, const void* item);
  const void* traits;
};

// What DEBUG HTSTATS shows. probes[i]: items found in the (i+1)th bucket of their search; the last counts all beyond.
struct TableStats {
  uint64_t items = 0;
  uint64_t segments = 0;
  uint64_t slots = 0;
  uint64_t bytes = 0;
  uint64_t segment_items_min = 0;
  uint64_t segment_items_max = 0;
  std::array<uint64_t, 16> probes{};
};

class TableCore {
 public:
  // N grows above, and shrinks below, this many items per segment.
  static constexpr uint64_t segment_items_grow = 160;
  static constexpr uint64_t segment_items_shrink = 120;
  static constexpr uint32_t capacity_max = 1280;
  static constexpr uint32_t chunk_entries = 512;
  // The bits of a handle: so many of the segment address, and so many of the tag.
  static constexpr uint32_t handle_address_bits = 22;
  static constexpr uint32_t handle_tag_bits = 10;

  TableCore() noexcept = default;
  TableCore(TableCore&& other) noexcept { swap(other); }
  TableCore& operator=(TableCore&& other) noexcept;
  ~TableCore();
  void swap(TableCore& other) noexcept;

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] uint32_t segment_count() const noexcept { return segments_; }
  [[nodiscard]] uint64_t slot_count() const noexcept { return slots_; }
  [[nodiscard]] size_t memory_bytes() const noexcept;
  // Reads every slot, no item.
  [[nodiscard]] TableStats stats() const noexcept;

 protected:
  // A directory entry, decoded.
  struct Segment {
    Slot* slots;
    uint32_t capacity;
    uint32_t count;
    [[nodiscard]] uint32_t buckets() const noexcept { return (capacity + bucket_slots - 1) / bucket_slots; }
    [[nodiscard]] uint32_t home(uint32_t tag) const noexcept { return (tag * capacity) >> 19; }
    // Slots of bucket b: 8, fewer in the last one of a small segment.
    [[nodiscard]] uint32_t width(uint32_t bucket) const noexcept {
      const uint32_t rest = capacity - bucket * bucket_slots;
      return rest < bucket_slots ? rest : bucket_slots;
    }
    [[nodiscard]] Slot* bucket(uint32_t index) const noexcept { return slots + size_t{index} * bucket_slots; }
  };

  // A cursor, resolved against the present shape of the table: the items to visit are those of one home bucket with a
  // tag from `tag` on, whose low `depth` hash bits are `address` (to be checked only if the segment is shallower than
  // that).
  struct ScanPlace {
    uint32_t segment;
    uint32_t depth;
    uint32_t address;
    uint32_t tag;
    bool check_address;
  };

  // A handle, resolved for one segment: the buckets that may be home to its items, and what their slots look like.
  struct HandlePlace {
    uint32_t segment;
    uint32_t home_first;
    uint32_t home_last;
    Slot bits;
    Slot mask;
    [[nodiscard]] bool matches(Slot slot) const noexcept { return (slot & mask) == bits; }
  };

  [[nodiscard]] uint32_t segment_of(uint64_t hash) const noexcept {
    const uint32_t index = static_cast<uint32_t>(hash) & mask_;
    return index < segments_ ? index : index & (mask_ >> 1);
  }
  [[nodiscard]] Segment segment(uint32_t index) const noexcept { return decode(*entry(index)); }
  // How many low hash bits the items of this segment have in common.
  [[nodiscard]] uint32_t segment_depth(uint32_t index) const noexcept;

  // The item must be absent.
  TablePosition insert(uint64_t hash, void* item, ItemHasher hasher) noexcept;
  // Removes the slot and does the bounded work of shrinking.
  void erase(TablePosition position) noexcept;
  // Empties the last slots of the last segment first: the table can then no longer be searched. Writes up to
  // `room` items to out and returns how many; 0 when the table is empty (and has given back all its memory).
  size_t drain(void** out, size_t room) noexcept;

  // nullopt: no cursor of this table ever looks like that.
  [[nodiscard]] std::optional<ScanPlace> scan_place(uint64_t cursor) const noexcept;
  [[nodiscard]] uint64_t scan_next(const ScanPlace& place) const noexcept;

  [[nodiscard]] HandlePlace handle_place(uint32_t handle, uint32_t index) const noexcept;

  // A segment, chosen with a probability proportional to its items. The table must not be empty.
  [[nodiscard]] uint32_t random_segment(base::Random& random) const noexcept;
  [[nodiscard]] TablePosition random_position(base::Random& random) const noexcept;

  // The lowest hash bit in the window of a segment's slots.
  [[nodiscard]] static uint32_t window_shift(uint32_t depth) noexcept {
    return depth / slot_window_bits * slot_window_bits;
  }

 private:
  using Entry = uint64_t;

  static constexpr uint64_t entry_count_one = uint64_t{1} << 54;
  [[nodiscard]] static Segment decode(Entry entry) noexcept {
    return {static_cast<Slot*>(slot_item(entry)), static_cast<uint32_t>(entry >> 44 & 1023) * 2,
            static_cast<uint32_t>(entry >> 54)};
  }
  [[nodiscard]] static Entry encode(const Segment& segment) noexcept;
  [[nodiscard]] Entry* entry(uint32_t index) const noexcept {
    if (segments_ == 1) return const_cast<Entry*>(&directory_.only);
    if (segments_ <= chunk_entries) return directory_.entries + index;
    return directory_.chunks[index / chunk_entries] + index % chunk_entries;
  }

  [[nodiscard]] static bool has_room(const Segment& segment, uint32_t bucket) noexcept {
    return segment.bucket(bucket)[segment.width(bucket) - 1] == 0;
  }
  static void close_gap(const Segment& segment, uint32_t gap) noexcept;
  static void refill_windows(std::span<Slot> slots, uint32_t depth, ItemHasher hasher) noexcept;

  // A segment with uninitialised slots that has room for so many items; none for 0 items.
  Segment allocate_segment(uint32_t items) noexcept;
  Segment build_segment(std::span<const Slot> slots) noexcept;
  void release_segment(const Segment& segment) noexcept;
  void reshape(uint32_t index, uint32_t items) noexcept;
  void split(ItemHasher hasher) noexcept;
  void merge() noexcept;
  void make_room(uint64_t hash, ItemHasher hasher) noexcept;
  // Add an empty entry at the end, remove the last one.
  void push_entry() noexcept;
  void pop_entry() noexcept;

  union Directory {
    Entry only;
    Entry* entries;
    Entry** chunks;
  };
  Directory directory_{0};
  uint64_t size_ = 0;
  uint64_t slots_ = 0;
  uint32_t segments_ = 1;
  uint32_t mask_ = 0;  // the next power of two from segments_, less one
};

}  // namespace torc::ds
