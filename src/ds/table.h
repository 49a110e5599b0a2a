// The hash table of the server: keyspace, large hashes and sets, the index of a sorted set, the tables of cluster
// slots.
//
// It owns slots, not items: a slot holds the address of an item that its user allocated (aligned to 16 bytes), and
// exactly one slot holds it, so an item may be moved (replace). It grows and shrinks by one bounded step per insert or
// take, at a load between 3/4 and 15/16, and an empty one is 32 bytes. How: table_core.h. What a slot is: bucket.h.
//
// struct Traits {
//   using Item = ...;
//   using Key = std::string_view;  // what find() compares with
//   uint64_t hash(const Item& item) const;
//   bool equal(const Item& item, const Key& key) const;
//   static constexpr size_t prefetch_bytes = 64;
// };
//
// All 64 bits of a hash must be good, and keyed if strangers choose the keys. prefetch_bytes may be left out: how much
// of an item prefetch_items() fetches.
//
// Looking ahead over a batch of requests hides the memory's latency in two waves:
//   for (request) table.prefetch_bucket(hash);
//   for (request) table.prefetch_items(hash);
//   for (request) table.find(hash, key);
//
// SCAN. The order of a scan is that of (bit-reversed low 32 hash bits, tag): a split cuts an interval of the first part
// in two, a merge joins two, and a rebuilt segment changes nothing. A cursor is the place up to which all is done: an
// interval and a tag, as [1][address bits from the lowest, depth of them][tag, 16 bits] < 2^49. Places only grow,
// whatever the table does in between: if the interval was split, scan goes on within its first part; if it was merged,
// scan goes on among those items of the larger segment that belong to the interval. So each element that is there
// throughout is returned, every scan ends, and the only repetitions are of items with lower tags in the second part of
// an interval that was split meanwhile.
//
// HANDLES. Another index refers to an item by a handle of 32 bits: 22 bits of the segment address and the upper 10 of
// the tag. for_each_candidate() finds the segment (one up to 600M items), the bucket, and in it on average 0.3 wrong
// candidates at the most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/random.h"
#include "ds/bucket.h"
#include "ds/table_core.h"

namespace torc::ds {

template <class Traits>
class Table : private TableCore {
 public:
  using Item = typename Traits::Item;
  using Key = typename Traits::Key;
  using Position = TablePosition;

  Table() noexcept = default;
  explicit Table(Traits traits) noexcept : traits_(std::move(traits)) {}
  Table(Table&&) noexcept = default;
  Table& operator=(Table&&) noexcept = default;
  // The items must be gone (release_some, clear): asserted.
  ~Table() = default;
  void swap(Table& other) noexcept;

  using TableCore::memory_bytes;
  using TableCore::segment_count;
  using TableCore::size;
  using TableCore::slot_count;
  using TableCore::stats;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] const Traits& traits() const noexcept { return traits_; }

  // A position that is false when nothing is found.
  [[nodiscard]] Position find(uint64_t hash, const Key& key) const noexcept;
  // Of a found position.
  [[nodiscard]] static Item* item(Position position) noexcept { return static_cast<Item*>(slot_item(*position.slot)); }

  // The key must be absent. Finds room without comparing keys: behind a find() that failed it costs no cache miss.
  Position insert(uint64_t hash, Item* item) noexcept { return TableCore::insert(hash, item, hasher()); }
  // The item at this position was moved, or is exchanged for another with an equal key.
  static void replace(Position position, Item* item) noexcept;
  // Removes the item from the table and gives it to the caller. Every position becomes invalid.
  Item* take(Position position) noexcept;

  // First wave: the bucket's cache line. Second wave, when it has arrived: the items in it whose tag matches.
  void prefetch_bucket(uint64_t hash) const noexcept;
  void prefetch_items(uint64_t hash) const noexcept;

  // Calls visit(Position) for the items of one home bucket (about 7, may be none) and returns the next cursor; 0 begins
  // and ends. A cursor may be any number: a senseless one ends the scan. visit may replace() its item, not insert or
  // take.
  template <class Visit>
  uint64_t scan(uint64_t cursor, Visit&& visit) const;

  // Calls visit(Position) for all items. visit may replace() its item, not insert or take.
  template <class Visit>
  void for_each(Visit&& visit) const;

  // Uniform over all items; the table must not be empty.
  [[nodiscard]] Position random(base::Random& random) const noexcept { return TableCore::random_position(random); }
  // Calls visit(Position) for the items of one random bucket, 0 to 8 of them: nearly uniform, and one cache line for
  // several candidates of an eviction. The table must not be empty.
  template <class Visit>
  void random_bucket(base::Random& random, Visit&& visit) const;

  [[nodiscard]] static uint32_t handle(uint64_t hash) noexcept;
  // Calls visit(Position) for the items whose hash has this handle, and for none else that is seen to be another
  // without reading it, until visit returns true. visit must not change the table (if it then returns true, it may).
  template <class Visit>
  void for_each_candidate(uint32_t handle, Visit&& visit) const;
  void prefetch_candidates_bucket(uint32_t handle) const noexcept;
  void prefetch_candidates(uint32_t handle) const noexcept;

  // Lazy freeing of a table that nobody searches any more: calls release(Item*) for up to `budget` items and returns
  // whether the table is empty now.
  template <class Release>
  bool release_some(size_t budget, Release&& release);
  template <class Release>
  void clear(Release&& release) {
    release_some(SIZE_MAX, release);
  }

 private:
  [[nodiscard]] ItemHasher hasher() const noexcept;
  static void prefetch_item(Slot slot) noexcept;
  template <class Visit>
  bool visit_candidates(const HandlePlace& place, Visit& visit) const;

  [[no_unique_address]] Traits traits_;
};

}  // namespace torc::ds

#include "ds/table_inline.h"  // the bodies
