// Tests of src/store/access: the clocks' turns, and that counters grow and shrink as Redis's do.
#include "store/access.h"

#include <gtest/gtest.h>

#include <array>

namespace torc::store {
namespace {

constexpr int64_t minute_ms = 60'000;
constexpr int64_t noon_ms = 28'333'333 * minute_ms;  // a whole minute

TEST(Access, IdleSecondsSurviveOneTurnOfTheClock) {
  const int64_t turn_ms = int64_t{access_max + 1} * 1000;
  const int64_t start_ms = 100 * turn_ms;
  EXPECT_EQ(lru_clock(start_ms), 0u);
  EXPECT_EQ(lru_clock(start_ms - 1), access_max);
  EXPECT_EQ(idle_seconds(lru_clock(start_ms), start_ms + 7999), 7);
  EXPECT_EQ(idle_seconds(access_max - 2, start_ms + 3000), 5);
}

TEST(Access, NewKeysStartWithFiveAccesses) {
  const uint32_t access = lfu_initial(noon_ms);
  EXPECT_EQ(access & 0xff, 5u);
  EXPECT_EQ(access >> 8, static_cast<uint32_t>(noon_ms / minute_ms) & 0xffff);
  EXPECT_EQ(lfu_counter(access, noon_ms, {}), 5u);
}

TEST(Access, CountersLoseOneAPeriod) {
  const uint32_t access = lfu_initial(noon_ms);
  EXPECT_EQ(lfu_counter(access, noon_ms + minute_ms - 1, {}), 5u);
  EXPECT_EQ(lfu_counter(access, noon_ms + 2 * minute_ms, {}), 3u);
  EXPECT_EQ(lfu_counter(access, noon_ms + 9 * minute_ms, {}), 0u);
  EXPECT_EQ(lfu_counter(access, noon_ms + 9 * minute_ms, {.decay_minutes = 4}), 3u);
  EXPECT_EQ(lfu_counter(access, noon_ms + 9 * minute_ms, {.decay_minutes = 0}), 5u);
}

TEST(Access, MinutesTurnToo) {
  const uint32_t last_minute = 0xffff;
  const int64_t turn_ms = int64_t{0x10000} * minute_ms;
  EXPECT_EQ(lfu_counter(last_minute << 8 | 5, 50 * turn_ms + 2 * minute_ms, {}), 3u);
}

TEST(Access, FirstAccessesCountSurely) {
  base::Random random(1);
  uint32_t access = static_cast<uint32_t>(noon_ms / minute_ms & 0xffff) << 8;
  for (uint32_t i = 1; i <= lfu_counter_initial + 1; ++i) {
    access = lfu_accessed(access, noon_ms, {}, random);
    EXPECT_EQ(access & 0xff, i);
  }
}

TEST(Access, FactorZeroCountsEachAccessAndStopsAtTheTop) {
  base::Random random(1);
  uint32_t access = lfu_initial(noon_ms);
  for (int i = 0; i < 300; ++i) access = lfu_accessed(access, noon_ms, {.log_factor = 0}, random);
  EXPECT_EQ(access & 0xff, 255u);
}

// The table in redis.conf: what the counter is after so many accesses.
TEST(Access, GrowsAsTheTableInRedisConfSays) {
  struct Line {
    int64_t factor;
    int hits;
    uint32_t least, most;
  };
  constexpr std::array<Line, 5> lines = {
      {{1, 1000, 44, 54}, {10, 100, 8, 12}, {10, 1000, 15, 22}, {10, 100'000, 130, 160}, {100, 100'000, 45, 53}}};
  base::Random random(7);
  for (const Line& line : lines) {
    uint32_t access = lfu_initial(noon_ms);
    for (int i = 0; i < line.hits; ++i) access = lfu_accessed(access, noon_ms, {.log_factor = line.factor}, random);
    EXPECT_GE(access & 0xff, line.least) << line.factor << " " << line.hits;
    EXPECT_LE(access & 0xff, line.most) << line.factor << " " << line.hits;
  }
}

TEST(Access, AnAccessTakesTheDecayAlong) {
  base::Random random(3);
  const uint32_t access = lfu_accessed(lfu_initial(noon_ms), noon_ms + 4 * minute_ms, {}, random);
  EXPECT_EQ(access & 0xff, 2u);
  EXPECT_EQ(access >> 8, static_cast<uint32_t>(noon_ms / minute_ms + 4) & 0xffff);
}

}  // namespace
}  // namespace torc::store
