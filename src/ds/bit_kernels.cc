// One loop for all combinations, instantiated with vectors of 16, 32 and 64 bytes: the compiler turns it into the
// instructions of the function that it is inlined into. Counting has a way of its own on each.
#include "ds/bit_kernels.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace torc::ds {

namespace {

enum class Operation { and_, or_, xor_, and_not };

template <size_t bytes>
struct VectorOf {
  using Type [[gnu::vector_size(bytes)]] = uint64_t;
};

template <Operation operation, class Word>
[[gnu::always_inline]] inline void combine(char* out, const char* left, const char* right) {
  Word a, b;
  std::memcpy(&a, left, sizeof a);
  std::memcpy(&b, right, sizeof b);
  if constexpr (operation == Operation::and_) a &= b;
  if constexpr (operation == Operation::or_) a |= b;
  if constexpr (operation == Operation::xor_) a ^= b;
  if constexpr (operation == Operation::and_not) a &= ~b;
  std::memcpy(out, &a, sizeof a);
}

template <Operation operation, size_t vector_bytes>
[[gnu::always_inline]] inline void combine_all(char* out, const char* a, const char* b, size_t bytes) {
  using Vector = typename VectorOf<vector_bytes>::Type;
  size_t i = 0;
  for (; i + 2 * vector_bytes <= bytes; i += 2 * vector_bytes) {
    combine<operation, Vector>(out + i, a + i, b + i);
    combine<operation, Vector>(out + i + vector_bytes, a + i + vector_bytes, b + i + vector_bytes);
  }
  for (; i + 8 <= bytes; i += 8) combine<operation, uint64_t>(out + i, a + i, b + i);
  for (; i < bytes; ++i) combine<operation, uint8_t>(out + i, a + i, b + i);
}

template <class Word>
[[gnu::always_inline]] inline void note(char* seen, char* again, const char* next) {
  Word once, twice, word;
  std::memcpy(&once, seen, sizeof once);
  std::memcpy(&twice, again, sizeof twice);
  std::memcpy(&word, next, sizeof word);
  twice |= once & word;
  once |= word;
  std::memcpy(again, &twice, sizeof twice);
  std::memcpy(seen, &once, sizeof once);
}

template <size_t vector_bytes>
[[gnu::always_inline]] inline void note_all(char* seen, char* again, const char* next, size_t bytes) {
  using Vector = typename VectorOf<vector_bytes>::Type;
  size_t i = 0;
  for (; i + vector_bytes <= bytes; i += vector_bytes) note<Vector>(seen + i, again + i, next + i);
  for (; i < bytes; ++i) note<uint8_t>(seen + i, again + i, next + i);
}

uint64_t load_word(const char* bytes, size_t size) noexcept {
  uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

// Of less than a vector; for the ends.
[[gnu::always_inline]] inline uint64_t count_words(const char* bytes, size_t size) {
  uint64_t sum = 0;
  for (; size >= 8; bytes += 8, size -= 8) sum += static_cast<uint64_t>(std::popcount(load_word(bytes, 8)));
  if (size != 0) sum += static_cast<uint64_t>(std::popcount(load_word(bytes, size)));
  return sum;
}

// --- any processor ---

// Adds up neighbours until each byte has its own count; the bytes of up to 31 words are added before they are summed.
uint64_t count_portable(const char* bytes, size_t size) {
  constexpr uint64_t ones = 0x5555555555555555, twos = 0x3333333333333333, fours = 0x0f0f0f0f0f0f0f0f;
  constexpr uint64_t pairs = 0x00ff00ff00ff00ff, last = 0x0001000100010001;
  constexpr size_t words_max = 31;
  uint64_t sum = 0;
  while (size >= 8) {
    uint64_t byte_counts = 0;
    for (size_t i = 0; i < words_max && size >= 8; ++i, bytes += 8, size -= 8) {
      uint64_t word = load_word(bytes, 8);
      word -= word >> 1 & ones;
      word = (word & twos) + (word >> 2 & twos);
      byte_counts += (word + (word >> 4)) & fours;
    }
    sum += ((byte_counts & pairs) + (byte_counts >> 8 & pairs)) * last >> 48;
  }
  return sum + count_words(bytes, size);
}

template <Operation operation>
void combine_portable(char* out, const char* a, const char* b, size_t bytes) {
  combine_all<operation, 16>(out, a, b, bytes);
}

void note_portable(char* seen, char* again, const char* next, size_t bytes) {
  note_all<16>(seen, again, next, bytes);
}

#if defined(__x86_64__)

// --- AVX2: the counts of half bytes are looked up, 32 at a time ---

[[gnu::target("avx2,popcnt"), gnu::always_inline]] inline __m256i byte_counts_avx2(const char* bytes) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low_half = _mm256_set1_epi8(0x0f);
  const __m256i vector = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i low = _mm256_and_si256(vector, low_half);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(vector, 4), low_half);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

[[gnu::target("avx2,popcnt")]] uint64_t count_avx2(const char* bytes, size_t size) {
  constexpr size_t at_once = 4 * sizeof(__m256i);
  __m256i sums = _mm256_setzero_si256();
  for (; size >= at_once; bytes += at_once, size -= at_once) {
    const __m256i first = _mm256_add_epi8(byte_counts_avx2(bytes), byte_counts_avx2(bytes + 32));
    const __m256i second = _mm256_add_epi8(byte_counts_avx2(bytes + 64), byte_counts_avx2(bytes + 96));
    sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_add_epi8(first, second), _mm256_setzero_si256()));
  }
  std::array<uint64_t, 4> parts;
  std::memcpy(parts.data(), &sums, sizeof sums);
  return parts[0] + parts[1] + parts[2] + parts[3] + count_words(bytes, size);
}

template <Operation operation>
[[gnu::target("avx2")]] void combine_avx2(char* out, const char* a, const char* b, size_t bytes) {
  combine_all<operation, 32>(out, a, b, bytes);
}

[[gnu::target("avx2")]] void note_avx2(char* seen, char* again, const char* next, size_t bytes) {
  note_all<32>(seen, again, next, bytes);
}

// --- AVX-512 with an instruction that counts ---

[[gnu::target("avx512f,avx512vpopcntdq,popcnt"), gnu::always_inline]] inline __m512i word_counts(const char* bytes) {
  return _mm512_popcnt_epi64(_mm512_loadu_si512(bytes));
}

[[gnu::target("avx512f,avx512vpopcntdq,popcnt")]] uint64_t count_avx512(const char* bytes, size_t size) {
  constexpr size_t at_once = 4 * sizeof(__m512i);
  __m512i first = _mm512_setzero_si512(), second = first;
  for (; size >= at_once; bytes += at_once, size -= at_once) {
    first = _mm512_add_epi64(first, _mm512_add_epi64(word_counts(bytes), word_counts(bytes + 64)));
    second = _mm512_add_epi64(second, _mm512_add_epi64(word_counts(bytes + 128), word_counts(bytes + 192)));
  }
  std::array<uint64_t, 8> parts;
  const __m512i sums = _mm512_add_epi64(first, second);
  std::memcpy(parts.data(), &sums, sizeof sums);
  uint64_t sum = count_words(bytes, size);
  for (const uint64_t part : parts) sum += part;
  return sum;
}

template <Operation operation>
[[gnu::target("avx512f")]] void combine_avx512(char* out, const char* a, const char* b, size_t bytes) {
  combine_all<operation, 64>(out, a, b, bytes);
}

[[gnu::target("avx512f")]] void note_avx512(char* seen, char* again, const char* next, size_t bytes) {
  note_all<64>(seen, again, next, bytes);
}

constexpr BitKernels avx2 = {"avx2",
                             count_avx2,
                             combine_avx2<Operation::and_>,
                             combine_avx2<Operation::or_>,
                             combine_avx2<Operation::xor_>,
                             combine_avx2<Operation::and_not>,
                             note_avx2};
constexpr BitKernels avx512 = {"avx512",
                               count_avx512,
                               combine_avx512<Operation::and_>,
                               combine_avx512<Operation::or_>,
                               combine_avx512<Operation::xor_>,
                               combine_avx512<Operation::and_not>,
                               note_avx512};

#endif

constexpr BitKernels portable = {"portable",
                                 count_portable,
                                 combine_portable<Operation::and_>,
                                 combine_portable<Operation::or_>,
                                 combine_portable<Operation::xor_>,
                                 combine_portable<Operation::and_not>,
                                 note_portable};

#if defined(__x86_64__)

constexpr std::array<const BitKernels*, 3> all = {&avx512, &avx2, &portable};

size_t first_usable() noexcept {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq")) return 0;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") ? 1 : 2;
}

#else

constexpr std::array<const BitKernels*, 1> all = {&portable};

size_t first_usable() noexcept { return 0; }

#endif

}  // namespace

std::span<const BitKernels* const> usable_bit_kernels() noexcept {
  static const size_t first = first_usable();
  return std::span(all).subspan(first);
}

const BitKernels& best_bit_kernels() noexcept { return *usable_bit_kernels().front(); }

}  // namespace torc::ds
