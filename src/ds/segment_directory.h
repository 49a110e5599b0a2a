// The segments of a table: their memory and the directory that finds them by hash. What is in the segments is the
// business of table_core.h.
//
// Linear hashing: with N segments, 2^L ≤ N < 2^(L+1), the one of a hash is i = hash mod 2^(L+1), or hash mod 2^L when
// that i is not there yet. Growth splits segment N - 2^L in two, shrinking merges the last one back.
//
// A segment is an array of slots in buckets of one cache line. Its capacity is one of the allocator's size classes,
// four to each power of two, so memory follows the number of items closely; only the last bucket of a small segment may
// be narrower than a line. The directory has an entry of 64 bits per segment (address, capacity, count): inside the
// object while there is one, in an array up to 256, then in chunks of 256. Above 512 segments the blocks come from
// pages of the table's own (segment_pool.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "ds/bucket.h"
#include "ds/size_class.h"

namespace torc::ds {

class SegmentPool;

// How the storage asks for the hash of an item when it has to.
struct ItemHasher {
  uint64_t (*hash)(const void* traits, const void* item);
  const void* traits;
  [[nodiscard]] uint64_t operator()(const void* item) const { return hash(traits, item); }
};

// A directory entry, decoded.
struct Segment {
  Slot* slots = nullptr;
  uint32_t capacity = 0;
  uint32_t count = 0;
  bool pooled = false;
  [[nodiscard]] uint32_t buckets() const noexcept { return (capacity + bucket_slots - 1) / bucket_slots; }
  [[nodiscard]] uint32_t home(uint32_t tag) const noexcept { return home_bucket(tag, capacity); }
  // Slots of a bucket: 8, fewer in the last one of a small segment.
  [[nodiscard]] uint32_t width(uint32_t bucket) const noexcept {
    const uint32_t rest = capacity - bucket * bucket_slots;
    return rest < bucket_slots ? rest : bucket_slots;
  }
  [[nodiscard]] Slot* bucket(uint32_t index) const noexcept { return slots + size_t{index} * bucket_slots; }
  [[nodiscard]] bool has_room(uint32_t index) const noexcept { return bucket(index)[width(index) - 1] == 0; }
};

class SegmentDirectory {
 public:
  static constexpr uint32_t capacity_max = 1280;
  static constexpr uint32_t count_max = 1023;
  static constexpr uint32_t chunk_entries = 256;
  static constexpr uint32_t pooled_from_segments = 513;
  static constexpr uint32_t large_pages_from_segments = 8192;

  SegmentDirectory() noexcept = default;
  SegmentDirectory(const SegmentDirectory&) = delete;
  SegmentDirectory& operator=(const SegmentDirectory&) = delete;
  void swap(SegmentDirectory& other) noexcept;

  [[nodiscard]] uint32_t segments() const noexcept { return segments_; }
  // Of all segments together.
  [[nodiscard]] uint64_t slots() const noexcept { return slots_; }
  [[nodiscard]] size_t memory_bytes() const noexcept;

  [[nodiscard]] uint32_t index_of(uint64_t hash) const noexcept {
    const uint32_t index = static_cast<uint32_t>(hash) & mask_;
    return index < segments_ ? index : index & (mask_ >> 1);
  }
  // How many low hash bits the items of a segment have in common.
  [[nodiscard]] uint32_t depth(uint32_t index) const noexcept;
  [[nodiscard]] Segment segment(uint32_t index) const noexcept { return decode(*entry(index)); }

  void count_up(uint32_t index) noexcept {
    TORC_ASSERT(*entry(index) >> count_shift != count_max);
    *entry(index) += entry_count_one;
  }
  void count_down(uint32_t index, uint32_t items) noexcept { *entry(index) -= entry_count_one * items; }

  // Room for that many slots (a size class), uninitialised, that no entry refers to yet; count 0.
  [[nodiscard]] Segment allocate(uint32_t capacity) noexcept;
  void set(uint32_t index, const Segment& segment) noexcept { *entry(index) = encode(segment); }
  // Gives the block back and empties the entry. May move the block of another segment: none that is decoded stays
  // valid.
  void release(uint32_t index, ItemHasher hasher) noexcept;

  // Adds an empty entry at the end; removes the last one, which must be empty.
  void push() noexcept;
  void pop() noexcept;

  // For taking a table apart without looking at the hashes of its items: a block of the pool, and giving it back.
  // Afterwards the entries that referred to the pool are emptied with set() and popped. Nothing else works in
  // between.
  [[nodiscard]] Segment any_pooled() const noexcept;
  void release_pooled(const Segment& segment) noexcept;

 private:
  using Entry = uint64_t;
  static constexpr uint32_t count_shift = 54;
  static constexpr uint64_t entry_count_one = uint64_t{1} << count_shift;
  static constexpr uint64_t entry_pooled = uint64_t{1} << 43;

  struct Large {
    SegmentPool* pool;  // null until there were pooled_from_segments
    Entry* chunks[];
  };
  union Directory {
    Entry only;
    Entry* entries;
    Large* large;
  };

  [[nodiscard]] static Segment decode(Entry entry) noexcept {
    return {static_cast<Slot*>(slot_item(entry)), static_cast<uint32_t>(entry >> 44 & 1023) * 2,
            static_cast<uint32_t>(entry >> count_shift), (entry & entry_pooled) != 0};
  }
  [[nodiscard]] static Entry encode(const Segment& segment) noexcept;
  [[nodiscard]] Entry* entry(uint32_t index) const noexcept {
    if (segments_ == 1) return const_cast<Entry*>(&directory_.only);
    if (segments_ <= chunk_entries) return directory_.entries + index;
    return directory_.large->chunks[index / chunk_entries] + index % chunk_entries;
  }
  [[nodiscard]] SegmentPool* pool() const noexcept {
    return segments_ > chunk_entries ? directory_.large->pool : nullptr;
  }
  void push_chunk(uint32_t chunks) noexcept;
  void pop_chunk(uint32_t chunks) noexcept;

  Directory directory_{0};
  uint64_t slots_ = 0;
  uint32_t segments_ = 1;
  uint32_t mask_ = 0;  // the next power of two from segments_, less one
};

}  // namespace torc::ds
