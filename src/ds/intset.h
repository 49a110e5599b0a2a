// Intset: a small set of integers, sorted, in one block.
//
//   4 bytes  bytes of an integer: 2, 4 or 8     (numbers are little-endian)
//   4 bytes  how many integers
//   n times  the integer, ascending
//
// The width is that of the widest integer there ever was; it never narrows. It is Redis's own format, because RDB files
// and RESTORE carry such blocks as they are. As with listpacks the owner of the block makes the room: insertion says
// how large the block will be, and widens it in place, from behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.h"

namespace torc::ds {

class Intset {
 public:
  static constexpr size_t header_bytes = 8;
  // More would not be counted by the header's sizes.
  static constexpr size_t size_max = (size_t{1} << 30) / 8;

  // A well-formed block that outlives the view and does not change meanwhile.
  explicit Intset(const char* block) noexcept : block_(block) {}
  // For blocks from outside: sizes are right, and integers ascend without repetition.
  [[nodiscard]] static bool valid(std::string_view block) noexcept;
  // Writes an empty block of header_bytes.
  static void make_empty(char* block) noexcept;

  [[nodiscard]] size_t bytes() const noexcept { return header_bytes + size() * width(); }
  [[nodiscard]] size_t size() const noexcept;
  [[nodiscard]] int64_t at(size_t index) const noexcept;  // index < size()
  [[nodiscard]] bool contains(int64_t value) const noexcept { return find(value).has_value(); }
  [[nodiscard]] std::optional<size_t> find(int64_t value) const noexcept;
  [[nodiscard]] int64_t random(base::Random& random) const noexcept { return at(random.below(size())); }  // not empty

  // Bytes of the block when this value, which is absent, is in it.
  [[nodiscard]] size_t bytes_with(int64_t value) const noexcept;
  // The block must have room for bytes_with(value); false, and nothing changed, when the value is in it already.
  static bool insert(char* block, int64_t value) noexcept;
  // False when the value is not in it. The block is bytes() long afterwards, as always.
  static bool erase(char* block, int64_t value) noexcept;

 private:
  [[nodiscard]] size_t width() const noexcept;
  [[nodiscard]] size_t lower_bound(int64_t value) const noexcept;

  const char* block_;
};

}  // namespace torc::ds
