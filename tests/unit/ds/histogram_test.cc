// The histogram against sorted values: percentiles within one step over the whole range of uint64_t, and exact counts
// up to powers of two.
#include "ds/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace torc::ds {
namespace {

TEST(Histogram, an_empty_one) {
  Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.percentile(99), 0u);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.count_up_to(UINT64_MAX), 0u);
  EXPECT_EQ(histogram.memory_bytes(), 0u);
}

TEST(Histogram, percentiles_are_within_one_step) {
  base::Random random(1);
  Histogram histogram;
  std::vector<uint64_t> values;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(random.next() >> random.below(64));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (double percent : {0.0, 0.01, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<size_t>(std::max(1.0, std::ceil(percent / 100 * 20000)));
    const uint64_t exact = values[rank - 1];
    EXPECT_GE(histogram.percentile(percent), exact) << percent;
    EXPECT_LE(static_cast<double>(histogram.percentile(percent)), static_cast<double>(exact) * 33 / 32) << percent;
  }
  EXPECT_EQ(histogram.percentile(100), values.back());
  EXPECT_EQ(histogram.max(), values.back());
}

TEST(Histogram, steps_cover_every_value_once) {
  for (uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{63}, uint64_t{64}, uint64_t{65}, uint64_t{127},
                         uint64_t{128}, uint64_t{1000}, uint64_t{123456789}, UINT64_MAX - 1, UINT64_MAX}) {
    Histogram histogram;
    histogram.record(value, 3);
    int steps = 0;
    histogram.for_each([&](uint64_t lowest, uint64_t highest, uint64_t count) {
      ++steps;
      EXPECT_LE(lowest, value);
      EXPECT_GE(highest, value);
      EXPECT_LE(highest - lowest, value / 32);
      EXPECT_EQ(count, 3u);
    });
    EXPECT_EQ(steps, 1);
  }
}

TEST(Histogram, counts_up_to_powers_of_two_exactly) {
  Histogram histogram;
  for (uint64_t value = 0; value < 5000; ++value) histogram.record(value);
  for (uint64_t power = 1; power <= 4096; power *= 2) EXPECT_EQ(histogram.count_up_to(power - 1), power);
  EXPECT_EQ(histogram.count_up_to(UINT64_MAX), 5000u);
}

TEST(Histogram, merges_and_resets) {
  Histogram first;
  Histogram second;
  first.record(10);
  second.record(1'000'000, 2);
  first.merge(second);
  EXPECT_EQ(first.count(), 3u);
  EXPECT_EQ(first.sum(), 2'000'010u);
  EXPECT_EQ(first.max(), 1'000'000u);
  EXPECT_EQ(first.percentile(1), 10u);
  EXPECT_EQ(first.percentile(50), 1'000'000u);
  first.reset();
  EXPECT_EQ(first.count(), 0u);
  EXPECT_EQ(first.percentile(50), 0u);
}

TEST(Histogram, is_small_for_microseconds) {
  Histogram histogram;
  histogram.record(50'000);
  EXPECT_LE(histogram.memory_bytes(), 4096u);
}

}  // namespace
}  // namespace torc::ds
