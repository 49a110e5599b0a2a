// Where a chunk of a PackedTable is and how many items it has, in one word: addresses leave 16 bits free.
#pragma once

#include <cstdint>

#include "base/assert.h"
#include "ds/packed_chunk.h"

namespace torc::ds {

class PackedSlot {
 public:
  explicit PackedSlot(PackedChunk* chunk) noexcept
      : bits_(reinterpret_cast<uintptr_t>(chunk) | uint64_t{chunk->size()} << address_bits) {
    TORC_ASSERT(reinterpret_cast<uintptr_t>(chunk) >> address_bits == 0);
  }
  [[nodiscard]] PackedChunk* chunk() const noexcept { return reinterpret_cast<PackedChunk*>(bits_ & address_mask); }
  // When the slot was made.
  [[nodiscard]] uint32_t size() const noexcept { return static_cast<uint32_t>(bits_ >> address_bits); }

 private:
  static constexpr uint32_t address_bits = 48;
  static constexpr uint64_t address_mask = (uint64_t{1} << address_bits) - 1;
  uint64_t bits_;
};
static_assert(sizeof(PackedSlot) == 8);

}  // namespace torc::ds
