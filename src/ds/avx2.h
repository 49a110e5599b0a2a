// What kernels with AVX2 have in common. Only for files that have a way without it, too.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstdint>

namespace torc::ds {

inline bool has_avx2() noexcept {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

[[gnu::target("avx2")]] inline uint32_t sum_of_quads(__m256i quads) noexcept {
  const __m128i pairs = _mm_add_epi64(_mm256_castsi256_si128(quads), _mm256_extracti128_si256(quads, 1));
  return static_cast<uint32_t>(_mm_cvtsi128_si64(pairs) + _mm_extract_epi64(pairs, 1));
}

}  // namespace torc::ds
#endif
