// The access field of an entry (Entry::access, 24 bits), as Redis 7.2 keeps it in an object's lru field. Which of the
// two meanings it has is the maxmemory policy's choice; after a change of policy the old fields are read wrongly for a
// while, as they are there.
//
//   LRU   the second of the last access; the clock goes round every 194 days
//   LFU   16 bits: the minute of the last access; 8 bits: a counter that grows with the logarithm of the accesses and
//         loses one for every decay_minutes without any
#pragma once

#include <cstdint>

#include "base/random.h"

namespace torc::store {

inline constexpr uint32_t access_max = (1 << 24) - 1;

// --- LRU ---

[[nodiscard]] inline uint32_t lru_clock(int64_t now_ms) noexcept {
  return static_cast<uint32_t>(now_ms / 1000) & access_max;
}

// Seconds since the access, as Redis estimates them across one turn of the clock.
[[nodiscard]] inline int64_t idle_seconds(uint32_t access, int64_t now_ms) noexcept {
  const uint32_t now = lru_clock(now_ms);
  return now >= access ? now - access : now + (access_max - access);
}

// --- LFU ---

struct LfuRule {
  int64_t log_factor = 10;    // lfu-log-factor: how many more accesses the next step takes
  int64_t decay_minutes = 1;  // lfu-decay-time; 0: never
};

inline constexpr uint32_t lfu_counter_initial = 5;
inline constexpr uint32_t lfu_counter_max = 255;

// The field of a key that comes into being.
[[nodiscard]] uint32_t lfu_initial(int64_t now_ms) noexcept;
// The counter, less what it lost since the last access (OBJECT FREQ).
[[nodiscard]] uint32_t lfu_counter(uint32_t access, int64_t now_ms, const LfuRule& rule) noexcept;
// The field after one more access.
[[nodiscard]] uint32_t lfu_accessed(uint32_t access, int64_t now_ms, const LfuRule& rule,
                                    base::Random& random) noexcept;

}  // namespace torc::store
