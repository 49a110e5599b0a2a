// EntryHeap: where entries come from. A heap of their own, so that moving the entries to a fresh one (compaction)
// leaves whole pages free; and the books by which the store decides when that is worth it.
//
// The books: per size class, the bytes that were in use at the peak since the last compaction and no longer are
// (slack). Only pages of that class can hold them, so their sum bounds what the heap keeps from the operating system.
// That is two additions per block; asking mimalloc instead means a walk over all pages at once.
//
// A compaction goes in rounds: round r empties those 32 MiB segments whose number leaves the rest r. So the memory that
// the moved entries take anew is at most one round's part, and not as much again as all that is alive. (Entries are
// found in hash order: without rounds nearly every page would keep its last entry until the very end.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/memory.h"

namespace torc::store {

class EntryHeap {
 public:
  [[nodiscard]] void* allocate(size_t bytes) noexcept;
  // Gives an entry's block back; a page that becomes empty returns to the operating system at once, so that no later
  // allocation pays for many of them together.
  void release(void* block) noexcept;

  // Usable bytes of all live blocks.
  [[nodiscard]] size_t live_bytes() const noexcept { return live_bytes_; }
  // Bytes that may lie idle in pages which other entries hold.
  [[nodiscard]] size_t slack_bytes() const noexcept { return slack_bytes_; }

  // What freeing one of `remaining` entries takes, in units of 100 ns, when they are freed in hash order: at first most
  // frees leave others in the page; of the last ones nearly each empties a page, and that one goes back to the system.
  [[nodiscard]] size_t release_units(uint64_t remaining) const noexcept;

  // --- compaction ---
  [[nodiscard]] bool worth_compacting() const noexcept;
  [[nodiscard]] bool compacting() const noexcept { return old_ != nullptr; }
  // From now on blocks come from a new heap. Not while compacting.
  void begin_compaction();
  // Whether this round moves the block; cheap when it does not.
  [[nodiscard]] bool to_be_moved(const void* block) const noexcept {
    return (reinterpret_cast<uintptr_t>(block) / segment_bytes & (rounds_ - 1)) == round_ && old_->owns(block);
  }
  // A number that each round of each compaction has for itself; never 0.
  [[nodiscard]] uint64_t round_id() const noexcept { return round_id_; }
  // All blocks of this round were moved. True when it was the last round: then end_compaction() is due.
  bool end_round() noexcept {
    ++round_id_;
    return ++round_ == rounds_;
  }
  // Drops the old heap. It should be empty by now: pages that are not cost time.
  void end_compaction() noexcept;

 private:
  // mimalloc 2's segments.
  static constexpr size_t segment_bytes = size_t{32} << 20;
  static constexpr size_t classes = 48;

  static size_t class_of(size_t usable_bytes) noexcept;

  std::unique_ptr<base::Heap> heap_ = std::make_unique<base::Heap>();
  std::unique_ptr<base::Heap> old_;
  size_t live_bytes_ = 0;
  size_t slack_bytes_ = 0;
  std::array<size_t, classes> slack_of_class_ = {};
  size_t old_bytes_ = 0;       // of the old heap's pages, at the most
  uint64_t round_id_ = 0;
  uint32_t round_ = 0;
  uint32_t rounds_ = 1;  // a power of two
};

}  // namespace torc::store
