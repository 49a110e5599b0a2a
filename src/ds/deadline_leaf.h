// A leaf of the deadline index: sorted entries, packed.
//
//   base_ms (8) | count (2) | bytes (2) | width (1) | unused (3) | entries
//
// An entry is the handle (4 bytes) and the distance of its deadline to base_ms in `width` bytes (1 to 8), both little
// endian. The block is as large as the entries need, rounded up to a size class of the allocator, and at most
// bytes_max.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ds/deadline_index.h"

namespace torc::ds {

class DeadlineLeaf {
 public:
  static constexpr size_t bytes_max = 1024;
  static constexpr size_t entries_max = (bytes_max - 16) / 5;

  // Of sorted entries that fit (see needed_bytes).
  [[nodiscard]] static DeadlineLeaf* make(std::span<const DeadlineEntry> entries) noexcept;
  static void release(DeadlineLeaf* leaf) noexcept;
  // What sorted entries of this number between these deadlines take at the least.
  [[nodiscard]] static size_t needed_bytes(size_t count, int64_t first_ms, int64_t last_ms) noexcept;

  DeadlineLeaf(const DeadlineLeaf&) = delete;
  DeadlineLeaf& operator=(const DeadlineLeaf&) = delete;

  [[nodiscard]] size_t count() const noexcept { return count_; }
  // Of the block.
  [[nodiscard]] size_t bytes() const noexcept { return bytes_; }
  // Of header and entries.
  [[nodiscard]] size_t used_bytes() const noexcept { return header_bytes + count_ * entry_bytes(); }
  [[nodiscard]] DeadlineEntry at(size_t index) const noexcept;
  // The index of the first entry that is not below this one, or count().
  [[nodiscard]] size_t lower_bound(DeadlineEntry entry) const noexcept;
  // Writes all entries, in order.
  void unpack(DeadlineEntry* out) const noexcept;
  // Asks for the lines of a leaf that is about to be searched and changed.
  void prefetch() const noexcept;

  // Inserts before the entry at index. Returns the leaf, which may have moved; null (and nothing is changed) when it
  // would be too large.
  [[nodiscard]] DeadlineLeaf* insert(size_t index, DeadlineEntry entry) noexcept;
  // Removes entries. Returns the leaf, which may have moved. One that is empty then is still there.
  [[nodiscard]] DeadlineLeaf* erase(size_t index, size_t count) noexcept;

 private:
  static constexpr size_t header_bytes = 16;

  DeadlineLeaf(int64_t base_ms, uint8_t width, size_t bytes) noexcept;
  [[nodiscard]] static DeadlineLeaf* allocate(int64_t base_ms, uint8_t width, size_t used) noexcept;
  [[nodiscard]] size_t entry_bytes() const noexcept { return sizeof(uint32_t) + width_; }
  [[nodiscard]] const char* entry(size_t index) const noexcept {
    return reinterpret_cast<const char*>(this) + header_bytes + index * entry_bytes();
  }
  [[nodiscard]] char* entry(size_t index) noexcept {
    return reinterpret_cast<char*>(this) + header_bytes + index * entry_bytes();
  }
  // The greatest distance that the width can tell.
  [[nodiscard]] uint64_t distance_max() const noexcept { return UINT64_MAX >> (64 - 8 * width_); }
  [[nodiscard]] uint64_t distance_at(size_t index) const noexcept;
  [[nodiscard]] uint32_t handle_at(size_t index) const noexcept;
  void write(size_t index, DeadlineEntry entry) noexcept;
  [[nodiscard]] bool reaches(int64_t deadline_ms) const noexcept;
  [[nodiscard]] DeadlineLeaf* insert_repacked(size_t index, DeadlineEntry entry) noexcept;
  [[nodiscard]] DeadlineLeaf* resized(size_t used) noexcept;

  int64_t base_ms_;
  uint16_t count_ = 0;
  uint16_t bytes_;
  uint8_t width_;
};

}  // namespace torc::ds
