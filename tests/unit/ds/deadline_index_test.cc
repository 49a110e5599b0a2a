// The deadline index against std::multiset under random changes, at the ends of int64_t, with equal entries, and by its
// own check of all invariants; and what it costs in bytes.
#include "ds/deadline_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/memory.h"

namespace torc::ds {
namespace {

using Model = std::multiset<DeadlineEntry>;

void expect_equal(const DeadlineIndex& index, const Model& model) {
  ASSERT_TRUE(index.valid());
  ASSERT_EQ(index.size(), model.size());
  uint64_t rank = 0;
  for (const DeadlineEntry& entry : model) ASSERT_EQ(index.at(rank++), entry);
  if (!model.empty()) {
    ASSERT_EQ(index.earliest_ms(), model.begin()->deadline_ms);
  }
}

TEST(DeadlineIndex, an_empty_one_owns_nothing) {
  DeadlineIndex index;
  std::array<DeadlineEntry, 4> out;
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.memory_bytes(), 0u);
  EXPECT_EQ(index.earliest_ms(), std::nullopt);
  EXPECT_FALSE(index.erase({1, 2}));
  EXPECT_EQ(index.peek(out, INT64_MAX), 0u);
  EXPECT_EQ(index.pop(out, INT64_MAX), 0u);
  EXPECT_EQ(index.count_until(INT64_MAX), 0u);
  EXPECT_EQ(index.count_until(5), 0u);
  EXPECT_TRUE(index.valid());
}

// A stream of entries: random in a range, with few or many equal ones, or rising.
struct Stream {
  uint64_t seed;
  uint64_t steps;
  int64_t deadline_range_ms;
  uint64_t handles;
};

DeadlineEntry entry_of(const Stream& stream, base::Random& random) {
  const auto range = static_cast<uint64_t>(stream.deadline_range_ms);
  return {static_cast<int64_t>(random.below(range)), static_cast<uint32_t>(random.below(stream.handles))};
}

// Phases of growth and shrinking; erases what is there and sometimes what is not.
void compare_with_multiset(const Stream& stream) {
  base::Random random(stream.seed);
  DeadlineIndex index;
  Model model;
  for (int phase = 0; phase < 6; ++phase) {
    const uint64_t insert_percent = phase % 2 == 0 ? 75 : 20;
    for (uint64_t step = 0; step < stream.steps; ++step) {
      if (random.below(100) < insert_percent) {
        const DeadlineEntry entry = entry_of(stream, random);
        index.insert(entry);
        model.insert(entry);
        continue;
      }
      DeadlineEntry entry = entry_of(stream, random);
      if (!model.empty() && random.below(10) != 0) entry = index.sample(random);
      const auto found = model.find(entry);
      ASSERT_EQ(index.erase(entry), found != model.end());
      if (found != model.end()) model.erase(found);
    }
    expect_equal(index, model);
  }
}

TEST(DeadlineIndex, random_changes_match_a_multiset) {
  compare_with_multiset({.seed = 1, .steps = 100, .deadline_range_ms = 1000, .handles = 1000});
  compare_with_multiset({.seed = 2, .steps = 5000, .deadline_range_ms = 100'000, .handles = UINT32_MAX});
  compare_with_multiset({.seed = 3, .steps = 60000, .deadline_range_ms = 86'400'000, .handles = UINT32_MAX});
  compare_with_multiset({.seed = 4, .steps = 30000, .deadline_range_ms = INT64_MAX, .handles = UINT32_MAX});
}

TEST(DeadlineIndex, equal_entries_are_counted) {
  compare_with_multiset({.seed = 5, .steps = 10000, .deadline_range_ms = 3, .handles = 3});
  compare_with_multiset({.seed = 6, .steps = 10000, .deadline_range_ms = 1, .handles = 1});
  compare_with_multiset({.seed = 7, .steps = 10000, .deadline_range_ms = 1, .handles = UINT32_MAX});
  compare_with_multiset({.seed = 8, .steps = 10000, .deadline_range_ms = 50, .handles = 50});
}

TEST(DeadlineIndex, every_deadline_is_representable) {
  DeadlineIndex index;
  Model model;
  base::Random random(9);
  std::vector<int64_t> corners = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, 255, 256, 65536, INT64_MAX - 1, INT64_MAX};
  for (int round = 0; round < 3000; ++round) {
    const auto anywhere = static_cast<int64_t>(random.next() >> random.below(64));
    const int64_t deadline = round % 3 == 0   ? corners[random.below(corners.size())]
                             : round % 2 == 0 ? anywhere
                                              : -anywhere;
    const DeadlineEntry entry{deadline, static_cast<uint32_t>(random.below(4))};
    index.insert(entry);
    model.insert(entry);
    ASSERT_TRUE(index.valid()) << round;
  }
  expect_equal(index, model);
  EXPECT_EQ(index.count_until(INT64_MAX), model.size());
  EXPECT_EQ(index.count_until(INT64_MIN), model.count({INT64_MIN, 0}) + model.count({INT64_MIN, 1}) +
                                              model.count({INT64_MIN, 2}) + model.count({INT64_MIN, 3}));
  while (!model.empty()) {
    const DeadlineEntry entry = index.sample(random);
    ASSERT_TRUE(index.erase(entry));
    model.erase(model.find(entry));
  }
  EXPECT_EQ(index.memory_bytes(), 0u);
}

TEST(DeadlineIndex, one_far_entry_does_not_break_a_full_leaf) {
  for (const int64_t far : {INT64_MIN, INT64_MAX}) {
    DeadlineIndex index;
    Model model;
    for (uint32_t i = 0; i < 201; ++i) {
      index.insert({100 + i, i});
      model.insert({100 + i, i});
    }
    index.insert({far, 7});
    model.insert({far, 7});
    expect_equal(index, model);
  }
}

TEST(DeadlineIndex, rising_and_falling_and_mixed_orders) {
  constexpr int64_t entries = 50000;
  for (int order = 0; order < 4; ++order) {
    DeadlineIndex index;
    Model model;
    base::Random random(static_cast<uint64_t>(order));
    for (int64_t i = 0; i < entries; ++i) {
      int64_t deadline = i;
      if (order == 1) deadline = entries - i;
      if (order == 2) deadline = i + (i % 3) * 100'000;  // three fronts that all rise
      if (order == 3) deadline = i - static_cast<int64_t>(random.below(50));
      const DeadlineEntry entry{1'700'000'000'000 + deadline, static_cast<uint32_t>(random.next())};
      index.insert(entry);
      model.insert(entry);
    }
    expect_equal(index, model);
    EXPECT_LT(index.memory_bytes(), entries * 9) << order;
  }
}

TEST(DeadlineIndex, takes_few_bytes_for_an_entry) {
  base::Random random(10);
  DeadlineIndex index;
  const size_t before = base::used_bytes();
  constexpr uint64_t entries = 300000;
  for (uint64_t i = 0; i < entries; ++i) {
    index.insert({static_cast<int64_t>(random.below(3'600'000)), static_cast<uint32_t>(random.next())});
  }
  EXPECT_EQ(base::used_bytes() - before, index.memory_bytes());
  EXPECT_LT(index.memory_bytes(), entries * 9);
  while (index.size() > entries / 10) index.erase(index.sample(random));
  EXPECT_LT(index.memory_bytes(), index.size() * 14);
}

TEST(DeadlineIndex, gives_out_what_is_due_in_order) {
  base::Random random(11);
  DeadlineIndex index;
  Model model;
  for (int i = 0; i < 30000; ++i) {
    const DeadlineEntry entry{static_cast<int64_t>(random.below(10000)), static_cast<uint32_t>(random.next())};
    index.insert(entry);
    model.insert(entry);
  }
  std::array<DeadlineEntry, 37> peeked;
  std::array<DeadlineEntry, 37> popped;
  for (int64_t now = -1; now <= 10000; now += 1 + static_cast<int64_t>(random.below(60))) {
    const auto due = static_cast<uint64_t>(std::distance(model.begin(), model.upper_bound({now, UINT32_MAX})));
    ASSERT_EQ(index.count_until(now), due);
    for (uint64_t left = due; left > 0;) {
      const std::span<DeadlineEntry> room(popped.data(), 1 + random.below(popped.size()));
      const size_t seen = index.peek(peeked, now);
      const size_t taken = index.pop(room, now);
      ASSERT_GT(taken, 0u);
      ASSERT_LE(taken, left);
      for (size_t i = 0; i < taken; ++i) {
        ASSERT_EQ(popped[i], *model.begin());
        if (i < seen) {
          ASSERT_EQ(peeked[i], popped[i]);
        }
        model.erase(model.begin());
      }
      left -= taken;
    }
    ASSERT_EQ(index.pop(popped, now), 0u);
  }
  EXPECT_TRUE(index.valid());
  EXPECT_EQ(index.size(), model.size());
}

TEST(DeadlineIndex, samples_uniformly) {
  DeadlineIndex index;
  base::Random random(12);
  constexpr uint64_t entries = 3000;
  for (uint32_t i = 0; i < entries; ++i) index.insert({static_cast<int64_t>(random.below(1'000'000)), i});
  std::vector<uint64_t> drawn(entries);
  constexpr uint64_t draws_per_entry = 200;
  for (uint64_t i = 0; i < entries * draws_per_entry; ++i) ++drawn[index.sample(random).handle];
  double chi_square = 0;
  for (uint64_t count : drawn) {
    const double off = static_cast<double>(count) - draws_per_entry;
    chi_square += off * off / draws_per_entry;
  }
  EXPECT_LT(chi_square, entries + 6 * 77.5);
  EXPECT_GT(chi_square, entries - 6 * 77.5);
}

TEST(DeadlineIndex, is_released_in_slices_and_moved) {
  const size_t before = base::used_bytes();
  DeadlineIndex index;
  base::Random random(13);
  for (uint32_t i = 0; i < 40000; ++i) index.insert({static_cast<int64_t>(random.below(1'000'000)), i});
  DeadlineIndex moved(std::move(index));
  EXPECT_TRUE(index.empty());
  uint64_t size = moved.size();
  while (!moved.release_some(500)) {
    ASSERT_LE(size - moved.size(), 500u + 200);
    ASSERT_TRUE(moved.valid());
    size = moved.size();
  }
  EXPECT_EQ(moved.memory_bytes(), 0u);
  moved.insert({1, 1});
  index.insert({2, 2});
  index = std::move(moved);
  EXPECT_EQ(index.earliest_ms(), 1);
  index.clear();
  EXPECT_EQ(base::used_bytes(), before);
}

}  // namespace
}  // namespace torc::ds
