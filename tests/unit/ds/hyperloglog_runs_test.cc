// The kernels of sparse runs against a walk run by run: runs of all kinds, second bytes that look like first ones,
// every offset within a block, too few and too many registers.
#include "ds/hyperloglog_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>

#include "base/random.h"

namespace torc::ds {
namespace {

const uint8_t* bytes_of(const std::string& text) { return reinterpret_cast<const uint8_t*>(text.data()); }

// How many registers a run may have.
uint32_t limit_of(base::Random& random, bool is_long, bool is_value) {
  if (is_long) return random.below(3) == 0 ? 16384 : 600;
  return is_value ? 4 : 64;
}

// Runs of `registers` in all; long ones in so many of ten.
std::string random_runs(base::Random& random, uint32_t registers, uint32_t long_of_ten) {
  std::string runs;
  for (uint32_t left = registers; left > 0;) {
    const bool is_long = random.below(10) < long_of_ten, is_value = random.below(2) == 0;
    const auto more = static_cast<uint32_t>(random.below(std::min(limit_of(random, is_long, is_value), left)));
    if (is_long) {
      runs += static_cast<char>(0x40 | more >> 8);
      runs += static_cast<char>(more);
    } else {
      runs += static_cast<char>(is_value ? 0x80 | random.below(32) << 2 | more : more);
    }
    left -= more + 1;
  }
  return runs;
}

// The first register of each run, by its offset behind the header.
std::map<size_t, uint32_t> spots_of(const std::string& runs) {
  std::map<size_t, uint32_t> spots;
  uint32_t first = 0;
  for (size_t i = 0; i < runs.size();) {
    spots[i] = first;
    const auto byte = static_cast<uint8_t>(runs[i]);
    const bool is_long = byte >> 6 == 1;
    first += is_long ? ((byte & 63u) << 8 | static_cast<uint8_t>(runs[i + 1])) + 1
                     : (byte & (byte & 0x80 ? 3u : 63u)) + 1;
    i += is_long ? 2 : 1;
  }
  return spots;
}

void expect_equal_counts(const std::string& runs, bool sound) {
  std::array<uint32_t, 64> histogram{}, portable{};
  ASSERT_EQ(hll_count_runs(bytes_of(runs), runs.size(), histogram.data()), sound);
  ASSERT_EQ(hll_count_runs_portable(bytes_of(runs), runs.size(), portable.data()), sound);
  if (sound) {
    ASSERT_EQ(histogram, portable);
  }
}

TEST(HyperLogLogRuns, are_counted_as_one_by_one) {
  base::Random random(21);
  for (int round = 0; round < 2000; ++round) {
    const auto long_of_ten = static_cast<uint32_t>(random.below(11));
    const std::string runs = random_runs(random, HyperLogLog::registers, long_of_ten);
    expect_equal_counts(runs, true);
    expect_equal_counts(random_runs(random, HyperLogLog::registers - 1, long_of_ten), false);
    expect_equal_counts(random_runs(random, HyperLogLog::registers + 1, long_of_ten), false);
    expect_equal_counts(runs + '\x7f', false);
    expect_equal_counts(runs.substr(0, random.below(runs.size())), false);
  }
}

TEST(HyperLogLogRuns, bytes_of_any_kind_are_counted_as_one_by_one) {
  base::Random random(22);
  for (int round = 0; round < 20000; ++round) {
    std::string runs(random.below(100), '\0');
    for (char& byte : runs) byte = static_cast<char>(random.below(3) == 0 ? 0x40 : random.next());
    std::array<uint32_t, 64> ignored{};
    const bool sound = hll_count_runs_portable(bytes_of(runs), runs.size(), ignored.data());
    expect_equal_counts(runs, sound);
  }
}

TEST(HyperLogLogRuns, are_skipped_up_to_the_block_of_a_register) {
  base::Random random(23);
  constexpr size_t block_bytes = 32;
#if defined(__x86_64__)
  const bool has_kernel = __builtin_cpu_supports("avx2");
#else
  const bool has_kernel = false;
#endif
  size_t skips = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::string runs = random_runs(random, HyperLogLog::registers, static_cast<uint32_t>(random.below(11)));
    const auto spots = spots_of(runs);
    // Any run's first register.
    const uint32_t index = std::next(spots.begin(), static_cast<std::ptrdiff_t>(random.below(spots.size())))->second;
    auto from = spots.begin();
    std::advance(from, random.below(spots.size()));
    if (from->second > index) from = spots.begin();
    const auto [at, before] = hll_skip_runs(bytes_of(runs), runs.size(), {from->first, from->second}, index);
    ASSERT_TRUE(spots.contains(at.offset) && spots.contains(before.offset));
    ASSERT_EQ(spots.at(at.offset), at.first);
    ASSERT_EQ(spots.at(before.offset), before.first);
    ASSERT_LE(at.first, index);
    ASSERT_TRUE(before.offset < at.offset || at.offset == from->first);
    skips += at.offset > from->first;
    if (has_kernel) {
      ASSERT_LE(at.offset - before.offset, block_bytes);
      const auto behind = spots.lower_bound(at.offset + block_bytes);
      ASSERT_TRUE(at.offset + block_bytes > runs.size() || behind == spots.end() || behind->second > index);
    }
  }
  EXPECT_EQ(skips > 100, has_kernel);
}

TEST(HyperLogLogRuns, the_end_is_not_skipped) {
  const std::string runs(100, '\x3f');
  const auto [at, before] = hll_skip_runs(bytes_of(runs), runs.size(), {0, 0}, HyperLogLog::registers - 1);
  EXPECT_LE(at.offset, runs.size());
  EXPECT_EQ(at.first, at.offset * 64);
  EXPECT_LE(before.offset, at.offset);
}

}  // namespace
}  // namespace torc::ds
