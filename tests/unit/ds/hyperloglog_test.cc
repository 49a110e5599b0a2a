// HyperLogLogs: forms agree with each other, estimates with the truth, corrupt runs are found, kernels with the
// portable loops.
#include "ds/hyperloglog.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "ds/hyperloglog_kernels.h"

namespace torc::ds {
namespace {

using namespace std::string_literals;

constexpr size_t no_limit = SIZE_MAX;

TEST(HyperLogLog, an_empty_one_counts_nothing) {
  const std::string value = HyperLogLog::empty();
  EXPECT_EQ(value.size(), 18u);
  EXPECT_TRUE(HyperLogLog::valid(value));
  EXPECT_EQ(HyperLogLog::count(value), 0u);
  EXPECT_EQ(HyperLogLog::cached_count(value), 0u);
  EXPECT_EQ(HyperLogLog::describe_runs(value), "Z:16384");
}

TEST(HyperLogLog, sparse_and_dense_agree_and_estimate_well) {
  std::string sparse = HyperLogLog::empty();
  HyperLogLog::Registers registers{};
  std::string dense = HyperLogLog::dense(sparse, registers);
  for (uint64_t i = 1; i <= 30000; ++i) {
    const std::string element = "element " + std::to_string(i * i);
    const auto mark = HyperLogLog::mark(element);
    registers[mark.index] = std::max(registers[mark.index], mark.value);
    const bool raises = HyperLogLog::dense_register(dense, mark.index) < mark.value;
    if (raises) {
      const auto patch = HyperLogLog::dense_patch(dense, mark);
      dense.replace(patch.offset, patch.bytes, patch.data, patch.bytes);
    }
    if (i <= 5000) {
      ASSERT_EQ(HyperLogLog::raise_sparse(sparse, mark, no_limit),
                raises ? HyperLogLog::Outcome::changed : HyperLogLog::Outcome::unchanged);
    }
    if (i % 1000 != 0) continue;
    ASSERT_EQ(HyperLogLog::dense(dense, registers), dense);
    const uint64_t count = HyperLogLog::count(registers);
    if (i <= 5000) {
      ASSERT_EQ(HyperLogLog::count(sparse), count);
    }
    ASSERT_EQ(HyperLogLog::count(dense), count);
    ASSERT_NEAR(static_cast<double>(count), static_cast<double>(i), 0.04 * static_cast<double>(i));
    HyperLogLog::Registers merged{};
    if (i <= 5000) {
      ASSERT_TRUE(HyperLogLog::merge(sparse, merged));
      ASSERT_EQ(merged, registers);
    }
  }
}

TEST(HyperLogLog, runs_are_divided_and_joined) {
  std::string value = HyperLogLog::empty();
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {0, 1}, no_limit), HyperLogLog::Outcome::changed);
  EXPECT_EQ(HyperLogLog::describe_runs(value), "v:1,1 Z:16383");
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {1, 1}, no_limit), HyperLogLog::Outcome::changed);
  EXPECT_EQ(HyperLogLog::describe_runs(value), "v:1,2 Z:16382");
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {16383, 32}, no_limit), HyperLogLog::Outcome::changed);
  EXPECT_EQ(HyperLogLog::describe_runs(value), "v:1,2 Z:16381 v:32,1");
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {60, 5}, no_limit), HyperLogLog::Outcome::changed);
  EXPECT_EQ(HyperLogLog::describe_runs(value), "v:1,2 z:58 v:5,1 Z:16322 v:32,1");
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {1, 1}, no_limit), HyperLogLog::Outcome::unchanged);
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {1, 33}, no_limit), HyperLogLog::Outcome::too_large);
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {100, 1}, value.size()), HyperLogLog::Outcome::too_large);
  EXPECT_EQ(HyperLogLog::cached_count(value), std::nullopt);
}

TEST(HyperLogLog, ascending_registers_are_found_from_where_the_last_one_was) {
  base::Random random(7);
  for (int round = 0; round < 4; ++round) {
    std::string resumed = HyperLogLog::empty(), searched = HyperLogLog::empty();
    const auto raise_both = [&](HyperLogLog::Mark mark, HyperLogLog::Spot* spot) {
      const auto outcome = HyperLogLog::raise_sparse(resumed, mark, 3000, spot);
      ASSERT_EQ(HyperLogLog::raise_sparse(searched, mark, 3000), outcome);
      ASSERT_EQ(resumed, searched);
    };
    // Few values and dense registers: runs are divided and joined again and again.
    for (int pass = 0; pass < 4; ++pass) {
      HyperLogLog::Spot spot;
      const uint32_t step_max = 1 + static_cast<uint32_t>(random.below(round % 2 ? 4 : 60));
      for (uint32_t index = 0; index < HyperLogLog::registers; index += 1 + random.below(step_max)) {
        raise_both({index, static_cast<uint8_t>(1 + pass + random.below(2))}, &spot);
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

TEST(HyperLogLog, a_spot_behind_the_register_is_not_used) {
  std::string value = HyperLogLog::empty();
  HyperLogLog::Spot spot;
  for (const uint32_t index : {9000u, 12000u, 500u, 12001u, 501u}) {
    EXPECT_EQ(HyperLogLog::raise_sparse(value, {index, 2}, no_limit, &spot), HyperLogLog::Outcome::changed);
  }
  EXPECT_EQ(HyperLogLog::describe_runs(value), "Z:500 v:2,2 Z:8498 v:2,1 Z:2999 v:2,2 Z:4382");
}

TEST(HyperLogLog, runs_are_joined_from_before_the_spot_on) {
  std::string value = HyperLogLog::empty().substr(0, HyperLogLog::header_bytes) + "\x84\x81\x80\x00\x81\x7f\xf8"s;
  ASSERT_EQ(HyperLogLog::describe_runs(value), "v:2,1 v:1,2 v:1,1 z:1 v:1,2 Z:16377");
  HyperLogLog::Spot spot;
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {4, 1}, no_limit, &spot), HyperLogLog::Outcome::changed);
  EXPECT_EQ(HyperLogLog::raise_sparse(value, {5, 2}, no_limit, &spot), HyperLogLog::Outcome::changed);
  EXPECT_EQ(HyperLogLog::describe_runs(value), "v:2,1 v:1,4 v:2,1 v:1,1 Z:16377");
}

TEST(HyperLogLog, registers_of_the_sparse_form_are_read) {
  base::Random random(11);
  std::string value = HyperLogLog::empty();
  HyperLogLog::Registers registers{};
  for (int i = 0; i < 1500; ++i) {
    const HyperLogLog::Mark mark{static_cast<uint32_t>(random.below(HyperLogLog::registers)),
                                 static_cast<uint8_t>(1 + random.below(32))};
    ASSERT_EQ(HyperLogLog::sparse_register(value, mark.index), registers[mark.index]);
    HyperLogLog::Spot spot;
    ASSERT_EQ(HyperLogLog::sparse_register(value, mark.index, &spot), registers[mark.index]);
    std::string searched = value;
    HyperLogLog::raise_sparse(searched, mark, no_limit);
    HyperLogLog::raise_sparse(value, mark, no_limit, &spot);
    ASSERT_EQ(value, searched);
    registers[mark.index] = std::max(registers[mark.index], mark.value);
  }
  for (uint32_t i = 0; i < HyperLogLog::registers; ++i) {
    ASSERT_EQ(HyperLogLog::sparse_register(value, i), registers[i]);
  }
  value.resize(value.size() / 2);
  EXPECT_EQ(HyperLogLog::sparse_register(value, HyperLogLog::registers - 1), std::nullopt);
}

TEST(HyperLogLog, raised_registers_are_found) {
  base::Random random(12);
  HyperLogLog::Registers registers{};
  EXPECT_EQ(HyperLogLog::next_raised(registers, 0), HyperLogLog::registers);
  for (int i = 0; i < 100; ++i) registers[random.below(HyperLogLog::registers)] = 1;
  registers[0] = registers[HyperLogLog::registers - 1] = 63;
  uint32_t next = HyperLogLog::registers;
  EXPECT_EQ(HyperLogLog::next_raised(registers, next), next);
  for (uint32_t i = HyperLogLog::registers; i-- > 0;) {
    if (registers[i] != 0) next = i;
    ASSERT_EQ(HyperLogLog::next_raised(registers, i), next);
  }
}

TEST(HyperLogLog, corrupt_runs_are_found) {
  const std::string header = HyperLogLog::empty().substr(0, HyperLogLog::header_bytes);
  HyperLogLog::Registers registers{};
  for (const std::string& runs : {std::string(), std::string("\x7f"), std::string("\x7f\xff\x00", 3),
                                  std::string("\x7f\xfe", 2), std::string(20000, '\x3f'), std::string(300, '\xff')}) {
    std::string value = header + runs;
    EXPECT_TRUE(HyperLogLog::valid(value));
    EXPECT_EQ(HyperLogLog::count(value), std::nullopt);
    EXPECT_FALSE(HyperLogLog::merge(value, registers));
    static_cast<void>(HyperLogLog::describe_runs(value));
  }
  std::string missing = header + "\x01";
  EXPECT_EQ(HyperLogLog::raise_sparse(missing, {5000, 3}, no_limit), HyperLogLog::Outcome::corrupt);
}

TEST(HyperLogLog, any_bytes_are_walked_within_bounds) {
  base::Random random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string value = HyperLogLog::empty();
    value.resize(HyperLogLog::header_bytes + random.below(60));
    for (size_t i = HyperLogLog::header_bytes; i < value.size(); ++i) value[i] = static_cast<char>(random.next());
    HyperLogLog::Registers registers{};
    const bool merged = HyperLogLog::merge(value, registers);
    EXPECT_TRUE(merged || !HyperLogLog::count(value)) << "what can be counted can be merged";
    for (int i = 0; i < 20; ++i) {
      const HyperLogLog::Mark mark{static_cast<uint32_t>(random.below(HyperLogLog::registers)),
                                   static_cast<uint8_t>(1 + random.below(40))};
      static_cast<void>(HyperLogLog::raise_sparse(value, mark, 3000));
    }
  }
}

TEST(HyperLogLog, what_is_no_hyperloglog) {
  const std::string sparse = HyperLogLog::empty();
  EXPECT_FALSE(HyperLogLog::valid(""));
  EXPECT_FALSE(HyperLogLog::valid(sparse.substr(0, 15)));
  EXPECT_FALSE(HyperLogLog::valid("X" + sparse.substr(1)));
  std::string other = sparse;
  other[HyperLogLog::form_offset] = 2;
  EXPECT_FALSE(HyperLogLog::valid(other));
  other[HyperLogLog::form_offset] = 0;
  EXPECT_FALSE(HyperLogLog::valid(other));
}

TEST(HyperLogLog, kernels_agree_with_the_portable_loops) {
  base::Random random(9);
  std::vector<uint8_t> registers(hll_registers), packed(hll_packed_bytes), portable(hll_packed_bytes);
  for (auto& one : registers) one = static_cast<uint8_t>(random.below(64));
  hll_pack(registers.data(), packed.data());
  hll_pack_portable(registers.data(), portable.data());
  EXPECT_EQ(packed, portable);
  std::vector<uint8_t> out(hll_registers);
  for (auto& one : out) one = static_cast<uint8_t>(random.below(64));
  std::vector<uint8_t> other = out;
  hll_merge_packed(packed.data(), out.data());
  hll_merge_packed_portable(packed.data(), other.data());
  EXPECT_EQ(out, other);
}

TEST(HyperLogLog, registers_are_counted_as_one_by_one) {
  base::Random random(10);
  for (const uint64_t values : {1u, 2u, 8u, 9u, 17u, 64u}) {
    std::vector<uint8_t> registers(hll_registers);
    for (auto& one : registers) one = static_cast<uint8_t>(random.below(values));
    std::vector<uint32_t> histogram(hll_values, 7), portable(hll_values, 7), expected(hll_values);
    for (const uint8_t one : registers) ++expected[one];
    hll_histogram(registers.data(), histogram.data());
    hll_histogram_portable(registers.data(), portable.data());
    EXPECT_EQ(histogram, expected);
    EXPECT_EQ(portable, expected);
  }
}

}  // namespace
}  // namespace torc::ds
