// The dynamic programme row by row; one bit per cell remembers the way back.
#include "ds/common_subsequence.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

namespace torc::ds {

namespace {

// For each byte of `a`, a row of bits that says where it stands in `b`. Only bytes that occur get a row, so there are
// never more of them than rows of the table.
class Positions {
 public:
  bool fill(std::string_view a, std::string_view b, size_t words) {
    rows_of_.fill(none);
    size_t rows = 0;
    for (const char c : a) {
      uint16_t& row = rows_of_[static_cast<uint8_t>(c)];
      if (row == none) row = static_cast<uint16_t>(rows++);
    }
    bits_.reset(new (std::nothrow) uint64_t[rows * words]());
    if (!bits_) return false;
    words_ = words;
    for (size_t j = 0; j < b.size(); ++j) {
      const uint16_t row = rows_of_[static_cast<uint8_t>(b[j])];
      if (row != none) bits_[row * words + j / 64] |= uint64_t{1} << (j % 64);
    }
    return true;
  }
  // c occurs in `a`.
  [[nodiscard]] const uint64_t* of(char c) const noexcept { return &bits_[rows_of_[static_cast<uint8_t>(c)] * words_]; }

 private:
  static constexpr uint16_t none = UINT16_MAX;
  std::array<uint16_t, 256> rows_of_;
  std::unique_ptr<uint64_t[]> bits_;
  size_t words_ = 0;
};

// Turns the table's row into the next.
void step(uint64_t* row, const uint64_t* positions, size_t words) noexcept {
  bool carry = false;
  for (size_t w = 0; w < words; ++w) {
    const uint64_t bits = row[w];
    uint64_t sum;
    const bool first = __builtin_add_overflow(bits, bits & positions[w], &sum);
    const bool second = __builtin_add_overflow(sum, uint64_t{carry}, &sum);
    carry = first || second;
    row[w] = sum | (bits & ~positions[w]);
  }
}

}  // namespace

std::optional<CommonSubsequence> CommonSubsequence::of(std::string_view a, std::string_view b, Wanted wanted) {
  CommonSubsequence common(a, b);
  if (a.empty() || b.empty()) return common;
  if (!common.fill(wanted)) return std::nullopt;
  return common;
}

bool CommonSubsequence::fill(Wanted wanted) {
  static_assert(std::endian::native == std::endian::little, "a row's bits are read byte by byte");
  const size_t words = (b_.size() + 63) / 64;
  Positions positions;
  std::unique_ptr<uint64_t[]> row(new (std::nothrow) uint64_t[words]);
  if (!row || !positions.fill(a_, b_, words)) return false;
  // Rows of the table take whole bytes, not words: beside a short b the padding would be most of it.
  if (wanted == with_runs) rows_.reset(new (std::nothrow) uint8_t[a_.size() * row_bytes_]);
  if (wanted == with_runs && !rows_) return false;
  std::fill_n(row.get(), words, ~uint64_t{0});
  for (size_t i = 0; i < a_.size(); ++i) {
    step(row.get(), positions.of(a_[i]), words);
    if (rows_) std::memcpy(&rows_[i * row_bytes_], row.get(), row_bytes_);
  }
  // Bits beyond b stay 1: nothing stands there, and a carry that arrives there is or-ed away.
  for (size_t w = 0; w < words; ++w) size_ += static_cast<size_t>(std::popcount(~row[w]));
  return true;
}

}  // namespace torc::ds
