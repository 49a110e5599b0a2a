// The arithmetic of LFU counters: a byte that grows with the logarithm of the uses and shrinks with the minutes, so
// that the past of a key fades. Redis's formula, because OBJECT FREQ shows it.
#include "store/access.h"

#include <algorithm>

namespace torc::store {

namespace {

constexpr uint32_t minutes_max = (1 << 16) - 1;
constexpr uint32_t counter_bits = 8;

uint32_t minutes(int64_t now_ms) noexcept { return static_cast<uint32_t>(now_ms / 60'000) & minutes_max; }

// Across one turn of the clock.
uint32_t minutes_since(uint32_t then, int64_t now_ms) noexcept {
  const uint32_t now = minutes(now_ms);
  return now >= then ? now - then : minutes_max - then + now;
}

// One more with a probability of 1 / (accesses above the initial ones × factor + 1).
uint32_t counted_up(uint32_t counter, int64_t log_factor, base::Random& random) noexcept {
  if (counter == lfu_counter_max) return counter;
  const double above = counter > lfu_counter_initial ? static_cast<double>(counter - lfu_counter_initial) : 0;
  const double probability = 1 / (above * static_cast<double>(log_factor) + 1);
  return random.unit() < probability ? counter + 1 : counter;
}

}  // namespace

uint32_t lfu_initial(int64_t now_ms) noexcept { return minutes(now_ms) << counter_bits | lfu_counter_initial; }

uint32_t lfu_counter(uint32_t access, int64_t now_ms, const LfuRule& rule) noexcept {
  const uint32_t counter = access & lfu_counter_max;
  if (rule.decay_minutes == 0) return counter;
  const int64_t periods = minutes_since(access >> counter_bits, now_ms) / rule.decay_minutes;
  return counter - static_cast<uint32_t>(std::min<int64_t>(periods, counter));
}

uint32_t lfu_accessed(uint32_t access, int64_t now_ms, const LfuRule& rule, base::Random& random) noexcept {
  const uint32_t counter = counted_up(lfu_counter(access, now_ms, rule), rule.log_factor, random);
  return minutes(now_ms) << counter_bits | counter;
}

}  // namespace torc::store
