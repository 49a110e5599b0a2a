// One seeded generator per server: xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64. Not for secrets;
// those come from system_entropy().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace torc::base {

class Random {
 public:
  explicit Random(uint64_t seed) noexcept;
  [[nodiscard]] uint64_t next() noexcept;
  // Uniform in [0, bound); bound > 0.
  [[nodiscard]] uint64_t below(uint64_t bound) noexcept;
  // Uniform in [0, 1).
  [[nodiscard]] double unit() noexcept;

 private:
  std::array<uint64_t, 4> state_;
};

// Fills with bytes of the operating system's generator.
void system_entropy(std::span<std::byte> bytes) noexcept;
// Hexadecimal digits from the operating system's generator, e.g. 40 for a run id.
[[nodiscard]] std::string random_hex(size_t digits);

}  // namespace torc::base
