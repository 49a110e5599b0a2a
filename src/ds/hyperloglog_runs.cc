// Which bytes of a block are the second ones of long runs can be told from bits: a byte that begins with 01 is a long
// run, unless it is the second byte of one. So of bytes like that in a row every other one begins a run, as every other
// one of some backslashes escapes (Langdale, Lemire: Parsing Gigabytes of JSON per Second, 2019, section 3.1.1). A
// block's registers are then sums of masked bytes: the lengths of short runs, second bytes, 256 times what first bytes
// hold, and one for each run. A block whose last byte begins a long run ends before it, so that all blocks begin at
// runs.
#include "ds/hyperloglog_runs.h"

#include <array>
#include <bit>

#include "ds/avx2.h"

namespace torc::ds {

namespace {

constexpr uint32_t registers_all = HyperLogLog::registers;

// Run by run, when `counted` registers were counted before.
bool count_from(const uint8_t* runs, size_t size, uint32_t counted, uint32_t* histogram) noexcept {
  for (size_t offset = 0; offset < size && counted <= registers_all;) {
    const uint8_t byte = runs[offset++];
    uint32_t more = byte & 63u, value = 0;
    if (byte & 0x80) {
      more = byte & 3u;
      value = (byte >> 2 & 31u) + 1;
    } else if (byte & 0x40) {
      if (offset == size) return false;
      more = more << 8 | runs[offset++];
    }
    histogram[value] += more + 1;
    counted += more + 1;
  }
  return counted == registers_all;
}

}  // namespace

bool hll_count_runs_portable(const uint8_t* runs, size_t size, uint32_t* histogram) noexcept {
  return count_from(runs, size, 0, histogram);
}

#if defined(__x86_64__)

namespace {

constexpr size_t block_bytes = 32;

struct Block {
  uint32_t registers;
  uint32_t bytes;   // that its runs take
  uint32_t values;  // a bit for each byte that is a run of a value
};

// Of the bits in a row the first, the third, and so on.
uint32_t every_other(uint32_t bits) noexcept {
  constexpr uint32_t even = 0x55555555;
  const uint32_t starts = bits & ~(bits << 1);
  // A row that begins at an even bit is carried away by adding its first bit.
  const uint32_t from_even = bits & ~(bits + (starts & even));
  return (from_even & even) | (bits & ~from_even & ~even);
}

// A byte of ones for each bit.
[[gnu::target("avx2")]] inline __m256i bytes_of_bits(uint32_t bits) noexcept {
  const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i own = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
  const __m256i all = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(bits)), spread);
  return _mm256_cmpeq_epi8(_mm256_and_si256(all, own), own);
}

[[gnu::target("avx2")]] inline Block block_at(const uint8_t* runs) noexcept {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(runs));
  const __m256i kinds = _mm256_and_si256(bytes, _mm256_set1_epi8(static_cast<char>(0xc0)));
  const __m256i alike = _mm256_cmpeq_epi8(kinds, _mm256_set1_epi8(0x40));
  const uint32_t long_bits = every_other(static_cast<uint32_t>(_mm256_movemask_epi8(alike)));
  const uint32_t second_bits = long_bits << 1;
  const __m256i is_long = bytes_of_bits(long_bits), is_second = bytes_of_bits(second_bits);
  // The highest bit, which chooses here, is that of a run of a value.
  const __m256i own_bits = _mm256_blendv_epi8(_mm256_set1_epi8(63), _mm256_set1_epi8(3), bytes);
  const __m256i lengths = _mm256_and_si256(bytes, _mm256_or_si256(own_bits, is_second));
  const __m256i low = _mm256_sad_epu8(_mm256_andnot_si256(is_long, lengths), _mm256_setzero_si256());
  const __m256i high = _mm256_sad_epu8(_mm256_and_si256(is_long, lengths), _mm256_setzero_si256());
  Block block{.registers = sum_of_quads(_mm256_add_epi64(low, _mm256_slli_epi64(high, 8))),
              .bytes = block_bytes,
              .values = static_cast<uint32_t>(_mm256_movemask_epi8(bytes)) & ~second_bits};
  if (long_bits >> (block_bytes - 1)) {
    block.registers -= (runs[block_bytes - 1] & 63u) << 8;
    --block.bytes;
  }
  block.registers += block.bytes - static_cast<uint32_t>(std::popcount(second_bits));
  return block;
}

[[gnu::target("avx2")]] HllSkipped skip_avx2(const uint8_t* value, size_t size, HyperLogLog::Spot from,
                                             uint32_t index) noexcept {
  HllSkipped skipped{from, from};
  while (skipped.at.offset + block_bytes <= size) {
    const Block block = block_at(value + skipped.at.offset);
    if (index - skipped.at.first < block.registers) break;
    skipped.before = skipped.at;
    skipped.at.offset += block.bytes;
    skipped.at.first += block.registers;
  }
  return skipped;
}

// How often each byte of a run of a value occurs, in two parts: the same byte twice would wait for itself.
using Occurrences = std::array<std::array<uint32_t, 128>, 2>;

// Adds the registers with values to the histogram; returns how many they are.
uint32_t add_occurrences(const Occurrences& seen, uint32_t* histogram) noexcept {
  uint32_t all = 0;
  for (uint32_t value = 0; value < 32; ++value) {
    uint32_t registers = 0;
    for (uint32_t more = 0; more < 4; ++more) {
      registers += (seen[0][value << 2 | more] + seen[1][value << 2 | more]) * (more + 1);
    }
    histogram[value + 1] += registers;
    all += registers;
  }
  return all;
}

[[gnu::target("avx2")]] bool count_avx2(const uint8_t* runs, size_t size, uint32_t* histogram) noexcept {
  Occurrences seen{};
  uint32_t counted = 0, part = 0;
  while (size >= block_bytes && counted <= registers_all) {
    const Block block = block_at(runs);
    for (uint32_t rest = block.values; rest != 0; rest &= rest - 1, part ^= 1) {
      ++seen[part][runs[std::countr_zero(rest)] & 127];
    }
    counted += block.registers;
    runs += block.bytes;
    size -= block.bytes;
  }
  histogram[0] += counted - add_occurrences(seen, histogram);
  return count_from(runs, size, counted, histogram);
}

}  // namespace

HllSkipped hll_skip_runs(const uint8_t* value, size_t size, HyperLogLog::Spot from, uint32_t index) noexcept {
  return has_avx2() ? skip_avx2(value, size, from, index) : HllSkipped{from, from};
}

bool hll_count_runs(const uint8_t* runs, size_t size, uint32_t* histogram) noexcept {
  return has_avx2() ? count_avx2(runs, size, histogram) : hll_count_runs_portable(runs, size, histogram);
}

#else

HllSkipped hll_skip_runs(const uint8_t*, size_t, HyperLogLog::Spot from, uint32_t) noexcept { return {from, from}; }
bool hll_count_runs(const uint8_t* runs, size_t size, uint32_t* histogram) noexcept {
  return hll_count_runs_portable(runs, size, histogram);
}

#endif

}  // namespace torc::ds
