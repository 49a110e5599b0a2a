// One chunk of a PackedTable (packed_table.h): some tens of items, their bytes side by side in one block.
//
//   8 bytes  header
//   r bytes  fingerprints: 8 bits of each item's hash      (r: room, a multiple of 8, at least the number of items)
//   r bytes  lengths of the items
//   the items, without gaps
//
// A search compares eight fingerprints at a time and finds an item's place as the sum of the lengths before it. An item
// of 255 bytes or more stands in a block of its own; its length reads as 255, and 8 bytes of address stand in its
// place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace torc::ds {

class PackedChunk {
 public:
  static constexpr size_t inline_bytes_max = 254;  // of an item
  // What a chunk can hold: so many items, and so many bytes of them.
  static constexpr uint32_t room_step = 8;  // room for items comes in such steps
  static constexpr uint32_t items_max = UINT8_MAX * room_step, data_bytes_max = UINT16_MAX;

  // An empty chunk in a block from base::allocate.
  [[nodiscard]] static PackedChunk* make() noexcept;
  // Frees the chunk and what its long items take; returns how many bytes of these were freed now (late_release.h).
  static size_t destroy(PackedChunk* chunk) noexcept;

  [[nodiscard]] uint32_t size() const noexcept { return count_; }
  // Of the items, as far as they stand here.
  [[nodiscard]] uint32_t data_bytes() const noexcept { return data_bytes_; }
  [[nodiscard]] size_t block_bytes() const noexcept { return capacity_units_ * size_t{16}; }
  // Of all blocks, long items included.
  [[nodiscard]] size_t memory_bytes() const noexcept;
  [[nodiscard]] std::string_view item(uint32_t index) const noexcept;
  [[nodiscard]] uint8_t fingerprint(uint32_t index) const noexcept { return fingerprints()[index]; }

  // The first item from `index` on with this fingerprint; size() if there is none.
  [[nodiscard]] uint32_t next_candidate(uint8_t fingerprint, uint32_t index) const noexcept;
  // Brings the first candidate's line on its way, or that of the place where an item would be added.
  void prefetch_candidate(uint8_t fingerprint) const noexcept;

  // Adds an item of this many bytes at the end and returns where to write them. *chunk may move.
  [[nodiscard]] static char* append(PackedChunk** chunk, uint8_t fingerprint, size_t bytes) noexcept;
  // Makes an item so long and returns its bytes; what was there up to the shorter length stays. *chunk may move.
  [[nodiscard]] static char* resize(PackedChunk** chunk, uint32_t index, size_t bytes) noexcept;
  // The items behind it may stand in another order then. *chunk may move.
  static void erase(PackedChunk** chunk, uint32_t index) noexcept;
  // Takes the item, with the block of a long one, over from another chunk, which then only destroy_hollow() may have.
  static void adopt(PackedChunk** chunk, const PackedChunk& from, uint32_t index) noexcept;
  // All of the other's items, in one go.
  static void adopt_all(PackedChunk** chunk, const PackedChunk& from) noexcept;
  // Frees a chunk whose items were all adopted.
  static void destroy_hollow(PackedChunk* chunk) noexcept;

 private:
  static constexpr uint8_t long_length = 255;

  [[nodiscard]] uint32_t room() const noexcept { return room_steps_ * room_step; }
  [[nodiscard]] const uint8_t* fingerprints() const noexcept { return reinterpret_cast<const uint8_t*>(this + 1); }
  [[nodiscard]] const uint8_t* lengths() const noexcept { return fingerprints() + room(); }
  [[nodiscard]] const char* data() const noexcept { return reinterpret_cast<const char*>(lengths() + room()); }
  [[nodiscard]] uint8_t* fingerprints() noexcept { return reinterpret_cast<uint8_t*>(this + 1); }
  [[nodiscard]] uint8_t* lengths() noexcept { return fingerprints() + room(); }
  [[nodiscard]] char* data() noexcept { return reinterpret_cast<char*>(lengths() + room()); }
  [[nodiscard]] size_t used_bytes() const noexcept { return sizeof(PackedChunk) + 2 * room() + data_bytes_; }
  [[nodiscard]] uint32_t offset_of(uint32_t index) const noexcept;
  [[nodiscard]] uint32_t stored_bytes(uint32_t index) const noexcept;
  static void refit(PackedChunk** chunk, size_t bytes) noexcept;
  static void make_room(PackedChunk** chunk, uint32_t items, uint32_t bytes) noexcept;
  static char* append_stored(PackedChunk** chunk, uint8_t fingerprint, uint8_t length) noexcept;
  static char* resize_stored(PackedChunk** chunk, uint32_t index, uint32_t bytes) noexcept;
  void close_gap(uint32_t index) noexcept;
  void count_long_items(uint32_t added) noexcept;
  void forget_long_item() noexcept;

  uint16_t count_;
  uint16_t data_bytes_;
  uint16_t capacity_units_;  // of the block, 16 bytes each
  uint8_t room_steps_;
  uint8_t long_items_;  // 255: so many or more, or once so many
};
static_assert(sizeof(PackedChunk) == 8);

}  // namespace torc::ds
