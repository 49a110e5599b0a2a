// Combining goes block by block: a block of the result is made in the first-level cache from all sources before the
// next one is begun, so each byte of them is read once, however many there are.
#include "ds/bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "ds/bit_kernels.h"

namespace torc::ds {

namespace {

constexpr size_t block_bytes = 4096;
using Block = std::array<char, block_bytes>;

// The highest `count` bits of a byte, 0 to 7.
uint8_t high_bits(uint64_t count) noexcept { return static_cast<uint8_t>(0xff00 >> count); }

uint64_t load_big_endian(const char* bytes) noexcept {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return __builtin_bswap64(word);
}

// Whole bytes [begin, end) only.
std::optional<uint64_t> find_in_bytes(std::string_view bytes, size_t begin, size_t end, bool value) noexcept {
  const uint64_t without = value ? 0 : UINT64_MAX;
  constexpr size_t words = 8;
  for (; end - begin >= words * 8; begin += words * 8) {
    uint64_t difference = 0;
    for (size_t i = 0; i < words; ++i) difference |= load_big_endian(bytes.data() + begin + i * 8) ^ without;
    if (difference != 0) break;
  }
  for (; end - begin >= 8; begin += 8) {
    const uint64_t difference = load_big_endian(bytes.data() + begin) ^ without;
    if (difference != 0) return begin * 8 + static_cast<uint64_t>(std::countl_zero(difference));
  }
  for (; begin < end; ++begin) {
    const auto difference = static_cast<uint8_t>(static_cast<uint8_t>(bytes[begin]) ^ without);
    if (difference != 0) return begin * 8 + static_cast<uint64_t>(std::countl_zero(difference));
  }
  return std::nullopt;
}

// Bits of one byte.
std::optional<uint64_t> find_in_byte(std::string_view bytes, BitRange range, bool value) noexcept {
  auto byte = static_cast<uint8_t>(bytes[range.first / 8]);
  if (!value) byte = static_cast<uint8_t>(~byte);
  byte &= static_cast<uint8_t>(~high_bits(range.first % 8));
  byte &= high_bits(range.last % 8 + 1);
  if (byte == 0) return std::nullopt;
  return range.first / 8 * 8 + static_cast<uint64_t>(std::countl_zero(byte));
}

// The part of a source that belongs to a block; filled up with zeros in scratch if need be.
const char* part_of(std::string_view source, size_t offset, size_t size, Block& scratch) noexcept {
  if (offset + size <= source.size()) return source.data() + offset;
  const size_t left = offset < source.size() ? source.size() - offset : 0;
  if (left != 0) std::memcpy(scratch.data(), source.data() + offset, left);
  std::memset(scratch.data() + left, 0, size - left);
  return scratch.data();
}

// Makes the blocks of one result.
class Combination {
 public:
  Combination(BitOperation operation, std::span<const std::string_view> sources) noexcept
      : operation_(operation), sources_(sources) {}

  void block(char* out, size_t offset, size_t size) noexcept {
    offset_ = offset;
    size_ = size;
    switch (operation_) {
      case BitOperation::and_: return fold(out, kernels_.and_, 0);
      case BitOperation::or_: return fold(out, kernels_.or_, 0);
      case BitOperation::xor_: return fold(out, kernels_.xor_, 0);
      case BitOperation::not_: return invert(out);
      case BitOperation::one: return exactly_one(out);
      default: return first_and_others(out);
    }
  }

 private:
  const char* source(size_t index, Block& scratch) const noexcept {
    return part_of(sources_[index], offset_, size_, scratch);
  }

  // Sources from `first` on. out is written once, so that it may be one of them.
  void fold(char* out, BitKernels::Binary kernel, size_t first) noexcept {
    Block scratch, other, folded;
    const char* so_far = source(first, scratch);
    if (first + 1 == sources_.size()) return void(std::memmove(out, so_far, size_));
    for (size_t i = first + 1; i < sources_.size(); ++i) {
      char* const to = i + 1 == sources_.size() ? out : folded.data();
      kernel(to, so_far, source(i, other), size_);
      so_far = to;
    }
  }

  void invert(char* out) noexcept {
    Block scratch, ones;
    ones.fill(static_cast<char>(0xff));
    kernels_.xor_(out, source(0, scratch), ones.data(), size_);
  }

  void first_and_others(char* out) noexcept {
    Block scratch, others;
    fold(others.data(), kernels_.or_, 1);
    const char* first = source(0, scratch);
    if (operation_ == BitOperation::andor) return kernels_.and_(out, first, others.data(), size_);
    if (operation_ == BitOperation::diff) return kernels_.and_not(out, first, others.data(), size_);
    kernels_.and_not(out, others.data(), first, size_);
  }

  void exactly_one(char* out) noexcept {
    if (sources_.size() <= 2) return fold(out, kernels_.xor_, 0);
    Block scratch, seen, again;
    std::memcpy(seen.data(), source(0, scratch), size_);
    std::memset(again.data(), 0, size_);
    for (size_t i = 1; i < sources_.size(); ++i) {
      kernels_.note(seen.data(), again.data(), source(i, scratch), size_);
    }
    kernels_.and_not(out, seen.data(), again.data(), size_);
  }

  const BitKernels& kernels_ = best_bit_kernels();
  BitOperation operation_;
  std::span<const std::string_view> sources_;
  size_t offset_ = 0, size_ = 0;
};

}  // namespace

uint64_t count_bits(std::string_view bytes) noexcept { return best_bit_kernels().count(bytes.data(), bytes.size()); }

uint64_t count_bits(std::string_view bytes, BitRange range) noexcept {
  const size_t first = range.first / 8, last = range.last / 8;
  uint64_t count = count_bits(bytes.substr(first, last - first + 1));
  const auto outside_first = static_cast<uint8_t>(bytes[first] & high_bits(range.first % 8));
  const auto outside_last = static_cast<uint8_t>(bytes[last] & ~high_bits(range.last % 8 + 1));
  count -= static_cast<uint64_t>(std::popcount(outside_first) + std::popcount(outside_last));
  return count;
}

std::optional<uint64_t> find_bit(std::string_view bytes, BitRange range, bool value) noexcept {
  TORC_ASSERT(range.first <= range.last && range.last / 8 < bytes.size());
  const size_t first = range.first / 8, last = range.last / 8;
  if (first == last) return find_in_byte(bytes, range, value);
  if (const auto found = find_in_byte(bytes, {range.first, first * 8 + 7}, value)) return found;
  if (const auto found = find_in_bytes(bytes, first + 1, last, value)) return found;
  return find_in_byte(bytes, {last * 8, range.last}, value);
}

void combine_bits(BitOperation operation, std::span<const std::string_view> sources, std::span<char> out) noexcept {
  TORC_ASSERT(!sources.empty());
  Combination combination(operation, sources);
  for (size_t offset = 0; offset < out.size(); offset += block_bytes) {
    combination.block(out.data() + offset, offset, std::min(block_bytes, out.size() - offset));
  }
}

// --- fields ---

namespace {

using Wide = unsigned __int128;
using SignedWide = __int128;

constexpr unsigned window_bytes = 9;  // a field of 64 bits that begins within a byte

uint64_t field_mask(unsigned width) noexcept { return width == 64 ? UINT64_MAX : (uint64_t{1} << width) - 1; }

SignedWide field_max(BitFieldType type) noexcept {
  return (SignedWide{1} << (type.is_signed ? type.width - 1 : type.width)) - 1;
}

std::optional<int64_t> fitting(BitFieldType type, SignedWide value, BitOverflow overflow) noexcept {
  const SignedWide most = field_max(type), least = type.is_signed ? -most - 1 : 0;
  if (value <= most && value >= least) return static_cast<int64_t>(value);
  switch (overflow) {
    case BitOverflow::fail: return std::nullopt;
    case BitOverflow::saturate: return static_cast<int64_t>(value > most ? most : least);
    case BitOverflow::wrap: break;
  }
  return type.number(static_cast<uint64_t>(value) & field_mask(type.width));
}

}  // namespace

uint64_t read_bits(std::string_view bytes, uint64_t offset, unsigned width) noexcept {
  const uint64_t first = offset / 8;
  Wide window = 0;
  for (unsigned i = 0; i < window_bytes; ++i) {
    window = window << 8 | (first + i < bytes.size() ? static_cast<uint8_t>(bytes[first + i]) : 0);
  }
  return static_cast<uint64_t>(window >> (window_bytes * 8 - offset % 8 - width)) & field_mask(width);
}

void write_bits(std::span<char> bytes, uint64_t offset, unsigned width, uint64_t value) noexcept {
  const uint64_t first = offset / 8, last = (offset + width - 1) / 8;
  TORC_ASSERT(last < bytes.size());
  const unsigned shift = static_cast<unsigned>(last * 8 + 7 - (offset + width - 1));
  Wide field = Wide{value & field_mask(width)} << shift, mask = Wide{field_mask(width)} << shift;
  for (uint64_t i = last + 1; i-- > first; field >>= 8, mask >>= 8) {
    bytes[i] = static_cast<char>((static_cast<uint8_t>(bytes[i]) & ~static_cast<uint8_t>(mask)) |
                                 static_cast<uint8_t>(field));
  }
}

int64_t BitFieldType::number(uint64_t bits) const noexcept {
  if (!is_signed || width == 64) return static_cast<int64_t>(bits);
  const uint64_t sign = uint64_t{1} << (width - 1);
  return static_cast<int64_t>((bits ^ sign) - sign);
}

std::optional<int64_t> BitFieldType::sum(int64_t value, int64_t increment, BitOverflow overflow) const noexcept {
  return fitting(*this, SignedWide{value} + increment, overflow);
}

std::optional<int64_t> BitFieldType::fitted(int64_t value, BitOverflow overflow) const noexcept {
  return fitting(*this, is_signed ? SignedWide{value} : SignedWide{static_cast<uint64_t>(value)}, overflow);
}

}  // namespace torc::ds
