// The generator's arithmetic is that of the papers named in random.h; entropy comes from getrandom().
#include "base/random.h"

#include <bit>
#include <cerrno>

#include <sys/random.h>

#include "base/assert.h"

namespace torc::base {

namespace {

// Spreads a seed over the state, so that similar seeds give unrelated sequences and the state is never all zero.
uint64_t splitmix64(uint64_t& state) noexcept {
  uint64_t z = state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(uint64_t seed) noexcept {
  for (uint64_t& word : state_) word = splitmix64(seed);
}

uint64_t Random::next() noexcept {
  uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

// The high word of a product is uniform once the low words that would come up too often are thrown away (Lemire 2019).
uint64_t Random::below(uint64_t bound) noexcept {
  TORC_ASSERT(bound > 0);
  using Wide = unsigned __int128;
  Wide product = Wide{next()} * bound;
  if (static_cast<uint64_t>(product) < bound) {
    uint64_t threshold = -bound % bound;
    while (static_cast<uint64_t>(product) < threshold) product = Wide{next()} * bound;
  }
  return static_cast<uint64_t>(product >> 64);
}

double Random::unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

void system_entropy(std::span<std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    TORC_ASSERT(got > 0);
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
}

std::string random_hex(size_t digits) {
  std::string text(digits, '\0');
  system_entropy(std::as_writable_bytes(std::span(text)));
  for (char& c : text) c = "0123456789abcdef"[c & 15];
  return text;
}

}  // namespace torc::base
