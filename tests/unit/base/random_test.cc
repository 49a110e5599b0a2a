// The seed decides everything; bounds are kept; the system's entropy does not repeat itself.
#include "base/random.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace {

using torc::base::Random;

TEST(Random, the_seed_decides_the_sequence) {
  Random a(1), b(1), c(2);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    differs |= value != c.next();
  }
  EXPECT_TRUE(differs);
}

// splitmix64 of seed 0 begins with e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec (known
// values); the first output of xoshiro256** is rotl(state[1] * 5, 7) * 9.
TEST(Random, first_value) {
  uint64_t product = 0x6e789e6aa1b965f4u * 5;
  EXPECT_EQ(Random(0).next(), ((product << 7) | (product >> 57)) * 9);
}

TEST(Random, below_is_bounded_and_reaches_everything) {
  Random random(3);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) {
    uint64_t value = random.below(7);
    ASSERT_LT(value, 7u);
    ++counts[value];
  }
  for (int count : counts) {
    EXPECT_GT(count, 9'500);
    EXPECT_LT(count, 10'500);
  }
  EXPECT_EQ(random.below(1), 0u);
  uint64_t half = (uint64_t{1} << 63) + 1;
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(half), half);
}

TEST(Random, unit_is_in_the_half_open_interval) {
  Random random(4);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    double value = random.unit();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, system_entropy_does_not_repeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    std::string id = torc::base::random_hex(40);
    EXPECT_EQ(id.size(), 40u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_EQ(torc::base::random_hex(0), "");
}

}  // namespace
