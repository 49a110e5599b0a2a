// Reclaimer: frees what is too much for one step, in slices, on the keyspace's own thread.
//
// What was measured before it was decided (bench/store_pauses; one core of a busy virtual machine):
//   at once     512 MiB in one munmap: 31 to 52 ms. 10M entries: 1.2 to 1.5 s.
//   slices      512 MiB in pieces of 256 KiB by madvise: 57 ms in all, 10 to 30 us a piece. 10M entries with deadlines:
//               the same 1.2 to 1.5 s, median step 16 us, 99.99 % within 200 us.
//   worker      It takes the work away, but not the lock: page faults of the keyspace's thread wait while it unmaps. Of
//               10M entries freed by a worker nothing came back (760 MB RSS before and after), because mimalloc leaves
//               such blocks to the thread that owns their page. And all reference counts would be atomic.
//   own heap    Destroying a heap of 5M blocks takes 55 ms if its pages go back to the system, releasing one block
//               after the other 75 ms: the pages are the work, and no part of it can be put off. Each heap costs 44 KB
//               before it holds much (1000 values of 100 small blocks: 44 MB for 4 MB).
// So slices: bounded, deterministic, and nothing but this class has to know.
//
// Three things make a slice longer than it looks. How far apart in memory lies what is freed, and whether its pages
// become empty, no count tells: hence the limit of time, looked at between small pieces (a slice of a sorted set took
// 1.7 ms without it). Entries are freed in hash order, which is no order at all in memory, so all pages become empty at
// the very end, each for 10 to 30 us; the budget counts that (EntryHeap::release_units). And pages that are not given
// back at once are given back later in one go, up to 32 MiB: hence base::EagerPageReturn around everything that frees
// much. Only what is overwritten and has less than 8 MiB keeps its pages, for the next value (base/late_release.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/blob.h"
#include "base/clock.h"
#include "base/late_release.h"
#include "ds/deadline_index.h"
#include "store/entry_table.h"
#include "store/object.h"

namespace torc::store {

class EntryHeap;

class Reclaimer {
 public:
  explicit Reclaimer(EntryHeap* heap) noexcept : heap_(heap) {}
  ~Reclaimer();   // frees everything that is left, at once
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;

  // --- one thing; at once unless it is large ---
  // The block of a hollow entry.
  void release_hollow(Entry* entry) noexcept;
  // An entry with its value.
  void release_deleted(Entry* entry) noexcept;
  // A blob of which another one takes the place: its memory is likely to be used again soon.
  void release_overwritten(base::BlobRef blob) noexcept;
  // A blob that is gone for good.
  void release_deleted(base::BlobRef blob) noexcept;

  // A value of another type than string.
  void release_deleted(std::unique_ptr<Object> object);
  // A part of a value that lives on. Where much waits already the next slice frees as much in addition (of a
  // large part only some): a client that fills and trims would otherwise be faster than the slices.
  void release_part(std::unique_ptr<Object> part);
  // All that a database holds.
  void release_table(EntryTable table, ds::DeadlineIndex deadlines, ds::DeadlineIndex field_deadlines);

  // Works for about `budget` units of 100 ns, or until the time is over; true while there is more. When very much
  // waits, both are taken several times over.
  bool reclaim_some(size_t budget, const base::TimeLimit& limit = {}) noexcept;
  // Entries and large blocks that wait.
  [[nodiscard]] uint64_t pending() const noexcept { return pending_ + base::late_blocks(); }
  [[nodiscard]] uint64_t reclaimed() const noexcept { return reclaimed_; }
  void reset_reclaimed() noexcept { reclaimed_ = 0; }

 private:
  struct Detached {
    EntryTable table;
    ds::DeadlineIndex deadlines, field_deadlines;  // of its entries
  };

  // Its blocks when they were last counted: an object may shrink while it waits.
  struct WaitingObject {
    std::unique_ptr<Object> object;
    uint64_t blocks;
  };

  size_t release_piece() noexcept;
  size_t release_object(size_t budget) noexcept;
  size_t release_entries(size_t budget) noexcept;
  void count_reclaimed(uint64_t things) noexcept;

  EntryHeap* heap_;
  std::deque<WaitingObject> objects_;
  uint64_t object_blocks_ = 0;  // of those
  uint64_t owed_blocks_ = 0;    // that the next slice frees in addition
  std::vector<Detached> tables_;
  uint64_t pending_ = 0;  // without large blocks
  uint64_t reclaimed_ = 0;
};

}  // namespace torc::store
