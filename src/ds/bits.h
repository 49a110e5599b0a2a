// Strings as arrays of bits: bit 0 is the highest of the first byte, as Redis's bitmaps have it. Counting, finding and
// combining run at the speed of memory (bit_kernels.h); none of it allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace torc::ds {

// An inclusive range of bits, not empty, within a string.
struct BitRange {
  uint64_t first;
  uint64_t last;
};

[[nodiscard]] uint64_t count_bits(std::string_view bytes) noexcept;
[[nodiscard]] uint64_t count_bits(std::string_view bytes, BitRange range) noexcept;
// The first bit of this value.
[[nodiscard]] std::optional<uint64_t> find_bit(std::string_view bytes, BitRange range, bool value) noexcept;

enum class BitOperation : uint8_t {
  and_,
  or_,
  xor_,
  not_,   // of one source
  diff,   // in the first source and in no other
  diff1,  // not in the first source, but in another
  andor,  // in the first source and in another
  one,    // in exactly one source
};

// Writes as many bytes as the longest source has; shorter ones go on with zeros. There is at least one source. out may
// be one of the sources.
void combine_bits(BitOperation operation, std::span<const std::string_view> sources, std::span<char> out) noexcept;

// --- fields of 1 to 64 bits ---

// The field that begins at this bit; beyond the end of the string are zeros.
[[nodiscard]] uint64_t read_bits(std::string_view bytes, uint64_t offset, unsigned width) noexcept;
// bytes must hold the whole field; the bits of value above width do not matter.
void write_bits(std::span<char> bytes, uint64_t offset, unsigned width, uint64_t value) noexcept;

enum class BitOverflow : uint8_t { wrap, saturate, fail };

struct BitFieldType {
  bool is_signed;
  unsigned width;  // 1 to 64, unsigned ones to 63
  // A field's bits as a number.
  [[nodiscard]] int64_t number(uint64_t bits) const noexcept;
  // What the sum becomes in such a field; nullopt: it does not fit, and that is to fail.
  [[nodiscard]] std::optional<int64_t> sum(int64_t value, int64_t increment, BitOverflow overflow) const noexcept;
  // The same for a value that is to be set; an unsigned field takes a negative one for 2^64 more.
  [[nodiscard]] std::optional<int64_t> fitted(int64_t value, BitOverflow overflow) const noexcept;
};

}  // namespace torc::ds
