// The clock of an entry's access field: seconds in 24 bits, which goes round every 194 days.
#pragma once

#include <cstdint>

namespace torc::cmd {

inline constexpr uint32_t access_clock_max = (1 << 24) - 1;

[[nodiscard]] inline uint32_t access_clock(int64_t now_ms) noexcept {
  return static_cast<uint32_t>(now_ms / 1000) & access_clock_max;
}

// Seconds since the access, as Redis estimates them across one turn of the clock.
[[nodiscard]] inline int64_t idle_seconds(uint32_t access, int64_t now_ms) noexcept {
  const uint32_t now = access_clock(now_ms);
  return now >= access ? now - access : now + (access_clock_max - access);
}

}  // namespace torc::cmd
