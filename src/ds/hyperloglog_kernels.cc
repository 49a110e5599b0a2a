// Three packed bytes are four registers. With AVX2 a shuffle gives each group of three bytes a word of its own, and
// four shifts and masks make four bytes of it; packing goes the same way back. Registers are counted by comparing all
// of them with eight values at a time: few values occur, as the largest one is about the logarithm of the elements, and
// no comparison waits for another.
#include "ds/hyperloglog_kernels.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "ds/avx2.h"

namespace torc::ds {

void hll_merge_packed_portable(const uint8_t* packed, uint8_t* out) noexcept {
  for (uint32_t i = 0; i < hll_registers; i += 4, packed += 3) {
    const uint32_t word = packed[0] | static_cast<uint32_t>(packed[1]) << 8 | static_cast<uint32_t>(packed[2]) << 16;
    for (uint32_t j = 0; j < 4; ++j) out[i + j] = std::max<uint8_t>(out[i + j], word >> (6 * j) & 63);
  }
}

void hll_pack_portable(const uint8_t* registers, uint8_t* packed) noexcept {
  for (uint32_t i = 0; i < hll_registers; i += 4, packed += 3) {
    uint32_t word = 0;
    for (uint32_t j = 0; j < 4; ++j) word |= static_cast<uint32_t>(registers[i + j]) << (6 * j);
    packed[0] = static_cast<uint8_t>(word);
    packed[1] = static_cast<uint8_t>(word >> 8);
    packed[2] = static_cast<uint8_t>(word >> 16);
  }
}

void hll_histogram_portable(const uint8_t* registers, uint32_t* histogram) noexcept {
  // In parts, because equal values one after the other would wait for each other.
  std::array<std::array<uint32_t, hll_values>, 4> parts{};
  for (uint32_t i = 0; i < hll_registers; i += 4) {
    for (uint32_t j = 0; j < 4; ++j) ++parts[j][registers[i + j] % hll_values];
  }
  for (uint32_t i = 0; i < hll_values; ++i) histogram[i] = parts[0][i] + parts[1][i] + parts[2][i] + parts[3][i];
}

#if defined(__x86_64__)

namespace {

// 16 registers, 12 packed bytes, in each half.
constexpr uint32_t half_registers = 16, half_bytes = 12;

[[gnu::target("avx2")]] inline __m256i load_halves(const uint8_t* packed) noexcept {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed + half_bytes));
  return _mm256_set_m128i(high, low);
}

[[gnu::target("avx2")]] inline __m256i unpack(__m256i packed) noexcept {
  const __m256i spread = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1,  //
                                          0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
  const __m256i words = _mm256_shuffle_epi8(packed, spread);
  const __m256i first = _mm256_and_si256(words, _mm256_set1_epi32(0x3f));
  const __m256i second = _mm256_and_si256(_mm256_slli_epi32(words, 2), _mm256_set1_epi32(0x3f00));
  const __m256i third = _mm256_and_si256(_mm256_slli_epi32(words, 4), _mm256_set1_epi32(0x3f0000));
  const __m256i fourth = _mm256_and_si256(_mm256_slli_epi32(words, 6), _mm256_set1_epi32(0x3f000000));
  return _mm256_or_si256(_mm256_or_si256(first, second), _mm256_or_si256(third, fourth));
}

[[gnu::target("avx2")]] void merge_avx2(const uint8_t* packed, uint8_t* out) noexcept {
  constexpr uint32_t step = 2 * half_registers;
  // The last load of a round reads four bytes beyond it; the last round reads a copy that has room.
  uint32_t i = 0;
  for (; i + 2 * step <= hll_registers; i += step, packed += 2 * half_bytes) {
    auto* const place = reinterpret_cast<__m256i*>(out + i);
    _mm256_storeu_si256(place, _mm256_max_epu8(_mm256_loadu_si256(place), unpack(load_halves(packed))));
  }
  uint8_t rest[2 * half_bytes + 4] = {};
  std::memcpy(rest, packed, 2 * half_bytes);
  auto* const place = reinterpret_cast<__m256i*>(out + i);
  _mm256_storeu_si256(place, _mm256_max_epu8(_mm256_loadu_si256(place), unpack(load_halves(rest))));
}

[[gnu::target("avx2")]] void pack_avx2(const uint8_t* registers, uint8_t* packed) noexcept {
  const __m256i gather = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,  //
                                          0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  for (uint32_t i = 0; i < hll_registers; i += 2 * half_registers, packed += 2 * half_bytes) {
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(registers + i));
    const __m256i first = _mm256_and_si256(words, _mm256_set1_epi32(0x3f));
    const __m256i second = _mm256_and_si256(_mm256_srli_epi32(words, 2), _mm256_set1_epi32(0xfc0));
    const __m256i third = _mm256_and_si256(_mm256_srli_epi32(words, 4), _mm256_set1_epi32(0x3f000));
    const __m256i fourth = _mm256_and_si256(_mm256_srli_epi32(words, 6), _mm256_set1_epi32(0xfc0000));
    const __m256i joined = _mm256_or_si256(_mm256_or_si256(first, second), _mm256_or_si256(third, fourth));
    uint8_t bytes[32];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(bytes), _mm256_shuffle_epi8(joined, gather));
    std::memcpy(packed, bytes, half_bytes);
    std::memcpy(packed + half_bytes, bytes + 16, half_bytes);
  }
}

constexpr uint32_t values_at_once = 8;

// How many registers have `value` and each of those that follow it.
[[gnu::target("avx2")]] void count_values(const uint8_t* registers, uint32_t value, uint32_t* counts) noexcept {
  // A counter is a byte, and is emptied before it can be full.
  constexpr uint32_t loads = 128;
  for (uint32_t i = 0; i < hll_registers; i += loads * sizeof(__m256i)) {
    const auto* const from = reinterpret_cast<const __m256i*>(registers + i);
    __m256i counters[values_at_once] = {};
    for (uint32_t j = 0; j < loads; ++j) {
      const __m256i bytes = _mm256_loadu_si256(from + j);
#pragma GCC unroll 8
      for (uint32_t k = 0; k < values_at_once; ++k) {
        const __m256i equal = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(static_cast<char>(value + k)));
        counters[k] = _mm256_sub_epi8(counters[k], equal);
      }
    }
    for (uint32_t k = 0; k < values_at_once; ++k) {
      counts[k] += sum_of_quads(_mm256_sad_epu8(counters[k], _mm256_setzero_si256()));
    }
  }
}

[[gnu::target("avx2")]] void histogram_avx2(const uint8_t* registers, uint32_t* histogram) noexcept {
  uint32_t counted = 0;
  std::fill_n(histogram, hll_values, 0);
  for (uint32_t value = 0; value < hll_values && counted < hll_registers; value += values_at_once) {
    count_values(registers, value, histogram + value);
    for (uint32_t k = 0; k < values_at_once; ++k) counted += histogram[value + k];
  }
}

}  // namespace

void hll_merge_packed(const uint8_t* packed, uint8_t* out) noexcept {
  has_avx2() ? merge_avx2(packed, out) : hll_merge_packed_portable(packed, out);
}

void hll_pack(const uint8_t* registers, uint8_t* packed) noexcept {
  has_avx2() ? pack_avx2(registers, packed) : hll_pack_portable(registers, packed);
}

void hll_histogram(const uint8_t* registers, uint32_t* histogram) noexcept {
  has_avx2() ? histogram_avx2(registers, histogram) : hll_histogram_portable(registers, histogram);
}

#else

void hll_merge_packed(const uint8_t* packed, uint8_t* out) noexcept { hll_merge_packed_portable(packed, out); }
void hll_pack(const uint8_t* registers, uint8_t* packed) noexcept { hll_pack_portable(registers, packed); }
void hll_histogram(const uint8_t* registers, uint32_t* histogram) noexcept {
  hll_histogram_portable(registers, histogram);
}

#endif

}  // namespace torc::ds
