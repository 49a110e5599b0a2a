// SipHash-1-3: one round for each word of 8 bytes, three to finish. Short keys are what it is called with, so the tail
// is read with two overlapping loads instead of a switch over its bytes.
#include "base/hash.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace torc::base {

namespace {

static_assert(std::endian::native == std::endian::little, "words are loaded as they lie in memory");

template <typename Word>
inline Word load(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

struct State {
  uint64_t v0, v1, v2, v3;

  inline void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  inline void absorb(uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

// The last size % 8 bytes in the low end of a word.
inline uint64_t load_tail(const char* data, size_t size) noexcept {
  size_t left = size & 7;
  if (left == 0) return 0;
  if (size >= 8) return load<uint64_t>(data + size - 8) >> (8 * (8 - left));
  if (left >= 4) return load<uint32_t>(data) | uint64_t{load<uint32_t>(data + left - 4)} << (8 * (left - 4));
  // One to three bytes: the first, the middle and the last one cover them.
  return uint64_t{static_cast<uint8_t>(data[0])} | uint64_t{static_cast<uint8_t>(data[left / 2])} << (8 * (left / 2)) |
         uint64_t{static_cast<uint8_t>(data[left - 1])} << (8 * (left - 1));
}

}  // namespace

uint64_t siphash13(const HashKey& key, std::string_view bytes) noexcept {
  // "somepseudorandomlygeneratedbytes": the constants of the paper.
  State state{key.low ^ 0x736f6d6570736575U, key.high ^ 0x646f72616e646f6dU, key.low ^ 0x6c7967656e657261U,
              key.high ^ 0x7465646279746573U};
  const char* data = bytes.data();
  size_t size = bytes.size();
  for (const char* end = data + (size & ~size_t{7}); data != end; data += 8) state.absorb(load<uint64_t>(data));
  state.absorb(load_tail(bytes.data(), size) | uint64_t{size} << 56);
  state.v2 ^= 0xff;
  state.round();
  state.round();
  state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace torc::base
