// The size classes of the allocator in words of 8 bytes: 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, ... four to
// each power of two. A block of such a size has no byte to spare.
#pragma once

#include <bit>
#include <cstdint>

namespace torc::ds {

[[nodiscard]] constexpr uint32_t next_size_class(uint32_t words) noexcept {
  const uint32_t step = std::bit_floor(words) / 4;
  return words + (step < 2 ? 2 : step);
}

// 0 below the smallest.
[[nodiscard]] constexpr uint32_t previous_size_class(uint32_t words) noexcept {
  if (words <= 2) return 0;
  const uint32_t step = std::bit_floor(words - 1) / 4;
  return words - (step < 2 ? 2 : step);
}

// The smallest class that is not below words (> 0).
[[nodiscard]] constexpr uint32_t size_class_for(uint32_t words) noexcept {
  const uint32_t step = words <= 8 ? 2 : std::bit_floor(words - 1) / 4;
  return (words + step - 1) / step * step;
}

}  // namespace torc::ds
