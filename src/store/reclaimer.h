// Reclaimer: frees what is too much for one step. TO BE WRITTEN WITH THE MEASUREMENTS
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/blob.h"
#include "ds/deadline_index.h"
#include "store/entry_table.h"

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

  // All that a database holds.
  void release_table(EntryTable table, ds::DeadlineIndex deadlines);

  // Works for about `budget` units of 100 ns; true while there is more.
  bool reclaim_some(size_t budget) noexcept;
  // Entries and large blocks that wait.
  [[nodiscard]] uint64_t pending() const noexcept { return pending_; }
  [[nodiscard]] uint64_t reclaimed() const noexcept { return reclaimed_; }
  void reset_reclaimed() noexcept { reclaimed_ = 0; }

 private:
  struct Block {
    char* begin;
    size_t bytes;
    size_t discarded;
    bool is_entry;
  };
  struct Detached {
    EntryTable table;
    ds::DeadlineIndex deadlines;
  };

  void wait(void* block, size_t bytes, bool is_entry);
  size_t discard_piece() noexcept;
  size_t release_entries(size_t budget) noexcept;
  void count_reclaimed(uint64_t things) noexcept;

  EntryHeap* heap_;
  std::vector<Block> blocks_;
  std::vector<Detached> tables_;
  uint64_t pending_ = 0;
  uint64_t reclaimed_ = 0;
};

}  // namespace torc::store
