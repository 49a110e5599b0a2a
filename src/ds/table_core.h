// The workings of the table (table.h) that do not depend on the type of its items.
//
// A segment is probed linearly bucket by bucket with wrap-around. The home bucket of an item follows from its tag
// alone: tag × capacity >> 19. The invariant: an item that is not in its home bucket has only full buckets between its
// home and itself. So a search ends at a bucket with room, and erasing from a full bucket moves a displaced item up.
//
// A segment is rebuilt in the next capacity when it would be more than 15/16 full, which leaves it at least 3/4 full,
// and moves down a little below the point where it came up. The number of segments follows the number of items: one
// split for segment_items_grow of them. Counts per segment are 160..320 before a split and half of it behind it, give
// or take the square root: 480 items fit into 512 slots, nine standard deviations away.
//
// Unless they come in the order of a scan: SCAN and MOVE, or a set walked by SSCAN into a sorted set. All tables hash
// with one key, so the first items of a scan share the lower bits of their addresses, nearly as many as the scanned
// table has; while this one has fewer, they meet in one segment. A segment of more than 640 items therefore is divided
// before its turn: each insert into it does a number of splits until its turn has come (to a few hundred if 100M keys
// are moved so). Those segments would be needed anyway by the time when the rest has come.
//
// So an insert or erase does, otherwise, at most one split or merge and one rebuild: some hundred slots are written
// (microseconds).
// Few items are read: those whose slots need new bits of their way (bucket.h), and one when the pool moves a segment.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/random.h"
#include "ds/bucket.h"
#include "ds/segment_directory.h"

namespace torc::ds {

// Where an item is. Valid until the next insert, take or release_some of the table.
struct TablePosition {
  Slot* slot = nullptr;
  uint32_t segment = 0;
  bool found = false;
  explicit operator bool() const noexcept { return found; }
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
  // The number of segments grows above, and shrinks below, this many items per segment.
  static constexpr uint64_t segment_items_grow = 160;
  static constexpr uint64_t segment_items_shrink = 120;
  // The bits of a handle: so many of the segment address, and so many of the tag.
  static constexpr uint32_t handle_address_bits = 22;
  static constexpr uint32_t handle_tag_bits = 10;

  TableCore() noexcept = default;
  TableCore(TableCore&& other) noexcept { swap(other); }
  TableCore& operator=(TableCore&& other) noexcept;
  ~TableCore();
  void swap(TableCore& other) noexcept;

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] uint32_t segment_count() const noexcept { return directory_.segments(); }
  [[nodiscard]] uint64_t slot_count() const noexcept { return directory_.slots(); }
  // What the table has allocated.
  [[nodiscard]] size_t memory_bytes() const noexcept { return directory_.memory_bytes(); }
  // Reads every slot, no item.
  [[nodiscard]] TableStats stats() const noexcept;

 protected:
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
    uint32_t home_last;  // home_first or the next
    uint32_t tag;        // its upper bits
    uint32_t way;        // the bits of the handle that go on where the segment's address ends
    uint32_t way_mask;   // those of them that the handle knows
    [[nodiscard]] bool matches(Slot slot) const noexcept {
      if (slot >> (64 - handle_tag_bits) != tag) return false;
      const uint32_t slot_bits = slot_way(slot);
      return ((slot_bits ^ way) & (std::bit_floor(slot_bits) - 1) & way_mask) == 0;
    }
  };

  [[nodiscard]] const SegmentDirectory& directory() const noexcept { return directory_; }

  // The item must be absent.
  TablePosition insert(uint64_t hash, void* item, ItemHasher hasher) noexcept;
  // Removes the slot and does the bounded work of shrinking.
  void erase(TablePosition position, ItemHasher hasher) noexcept;
  // Takes the table apart, which can then no longer be searched: writes up to `room` items to out and returns how many.
  // May return 0 before the end; drained() says when everything, memory too, is gone.
  size_t drain(void** out, size_t room) noexcept;
  [[nodiscard]] bool drained() const noexcept { return directory_.segments() == 1 && directory_.slots() == 0; }

  // nullopt: no cursor of this table ever looks like that.
  [[nodiscard]] std::optional<ScanPlace> scan_place(uint64_t cursor) const noexcept;
  [[nodiscard]] uint64_t scan_next(const ScanPlace& place) const noexcept;

  [[nodiscard]] HandlePlace handle_place(uint32_t handle, uint32_t segment) const noexcept;

  // A segment, chosen with a probability proportional to its items. The table must not be empty.
  [[nodiscard]] uint32_t random_segment(base::Random& random) const noexcept;
  [[nodiscard]] uint32_t segment_of_rank(uint64_t rank) const noexcept;
  [[nodiscard]] TablePosition random_position(base::Random& random) const noexcept;

 private:
  static void close_gap(const Segment& segment, uint32_t gap) noexcept;

  void build_segment(uint32_t index, std::span<const Slot> slots) noexcept;
  void reshape(uint32_t index, uint32_t items, ItemHasher hasher) noexcept;
  void split(ItemHasher hasher) noexcept;
  [[nodiscard]] bool may_merge() const noexcept;
  void merge(ItemHasher hasher) noexcept;
  void relieve(uint64_t hash, ItemHasher hasher) noexcept;
  void make_room(uint64_t hash, ItemHasher hasher) noexcept;
  size_t drain_slots(const Segment& segment, void** out, size_t room) noexcept;

  SegmentDirectory directory_;
  uint64_t size_ = 0;
};

}  // namespace torc::ds
