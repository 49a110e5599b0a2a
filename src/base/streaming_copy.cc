// SSE2, which every x86-64 has: four stores fill the write-combining buffer of a line, whatever their width. Elsewhere
// the compiler's own copy.
#include "base/streaming_copy.h"

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace torc::base {

#if defined(__SSE2__)

namespace {

constexpr size_t line_bytes = 64;

void stream_line(char* to, const char* from) noexcept {
  for (size_t at = 0; at < line_bytes; at += sizeof(__m128i)) {
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + at), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at)));
  }
}

}  // namespace

void streaming_copy(char* to, const char* from, size_t bytes) noexcept {
  if (bytes < streaming_copy_bytes_min) {
    if (bytes != 0) std::memcpy(to, from, bytes);
    return;
  }
  const size_t unaligned = -reinterpret_cast<uintptr_t>(to) % line_bytes;
  std::memcpy(to, from, unaligned);
  size_t done = unaligned;
  for (; bytes - done >= line_bytes; done += line_bytes) stream_line(to + done, from + done);
  _mm_sfence();
  std::memcpy(to + done, from + done, bytes - done);
}

#else

void streaming_copy(char* to, const char* from, size_t bytes) noexcept {
  if (bytes != 0) std::memcpy(to, from, bytes);
}

#endif

}  // namespace torc::base
