// The system's clock goes forward, the manual one only when told. No test here measures a duration.
#include "base/clock.h"

#include <gtest/gtest.h>

namespace {

TEST(Clock, system_clock_goes_forward) {
  torc::base::SystemClock clock;
  int64_t monotonic = clock.monotonic_us();
  uint64_t cycles = clock.cycles();
  while (clock.monotonic_us() == monotonic) {
  }
  EXPECT_GT(clock.monotonic_us(), monotonic);
  EXPECT_GT(clock.cycles(), cycles);
  // Any machine counts between 1 MHz and 100 GHz; 2020-01-01 has passed.
  EXPECT_GT(clock.cycles_per_us(), 1);
  EXPECT_LT(clock.cycles_per_us(), 100'000);
  EXPECT_GT(clock.wall_us(), 1'577'836'800'000'000);
}

TEST(Clock, manual_clock_stands_still_until_told) {
  torc::base::ManualClock clock(1000);
  EXPECT_EQ(clock.wall_us(), 1000);
  EXPECT_EQ(clock.monotonic_us(), 0);
  clock.advance_us(25);
  EXPECT_EQ(clock.wall_us(), 1025);
  EXPECT_EQ(clock.monotonic_us(), 25);
  EXPECT_EQ(static_cast<double>(clock.cycles()) / clock.cycles_per_us(), 25);
  clock.set_wall_us(5);
  EXPECT_EQ(clock.wall_us(), 5);
  EXPECT_EQ(clock.monotonic_us(), 25);
}

TEST(Clock, sleeping_takes_its_time) {
  torc::base::SystemClock system;
  const int64_t before = system.monotonic_us();
  system.sleep_us(1500);
  EXPECT_GE(system.monotonic_us() - before, 1500);
  system.sleep_us(-5);
  torc::base::ManualClock manual(1000);
  manual.sleep_us(20);
  manual.sleep_us(-20);
  EXPECT_EQ(manual.wall_us(), 1020);
}

TEST(Clock, a_time_limit_is_over_after_its_time) {
  const torc::base::ManualClock clock(1000);
  const torc::base::TimeLimit limit(clock, 10);
  const torc::base::TimeLimit longer = limit.times(3);
  clock.advance_us(9);
  EXPECT_FALSE(limit.over());
  clock.advance_us(1);
  EXPECT_TRUE(limit.over());
  clock.advance_us(19);
  EXPECT_FALSE(longer.over());
  clock.advance_us(1);
  EXPECT_TRUE(longer.over());
  EXPECT_FALSE(torc::base::TimeLimit().over());
}

}  // namespace
