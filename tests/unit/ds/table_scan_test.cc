// SCAN's guarantee: what is there throughout is returned, whatever the table does between two calls, and a scan ends.
// The table is driven between sizes that differ by orders of magnitude while it is scanned.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <unordered_map>

#include "ds/table.h"
#include "table_fixture.h"

namespace torc::ds {
namespace {

// One complete scan; change() runs between its calls. Returns how often each key was returned.
template <class Change>
std::unordered_map<uint64_t, int> scan_all(NumberTable& numbers, Change change, uint64_t calls_max) {
  std::unordered_map<uint64_t, int> seen;
  uint64_t cursor = 0;
  uint64_t calls = 0;
  do {
    cursor = numbers.table.scan(cursor, [&](TablePosition position) { ++seen[TestTable::item(position)->key]; });
    EXPECT_LT(cursor, uint64_t{1} << 49);
    change();
    if (++calls > calls_max) {
      ADD_FAILURE() << "the scan does not end";
      break;
    }
  } while (cursor != 0);
  return seen;
}

TEST(TableScan, returns_each_item_once_while_nothing_changes) {
  for (uint64_t items : {0, 1, 7, 8, 9, 20, 160, 161, 500, 5000, 100000}) {
    NumberTable numbers;
    for (uint64_t key = 0; key < items; ++key) numbers.add(key);
    const auto seen = scan_all(numbers, [] {}, items + 10);
    EXPECT_EQ(seen.size(), items);
    for (const auto& [key, times] : seen) ASSERT_EQ(times, 1) << key;
  }
}

TEST(TableScan, returns_each_item_once_while_segments_are_only_rebuilt) {
  // 100 items stay, up to 55 come and go: one segment, many capacities.
  base::Random random(1);
  for (int round = 0; round < 200; ++round) {
    NumberTable numbers;
    for (uint64_t key = 0; key < 100; ++key) numbers.add(key);
    uint64_t others = 0;
    const auto seen = scan_all(
        numbers,
        [&] {
          const uint64_t wanted = random.below(56);
          while (others < wanted) numbers.add(1000 + others++);
          while (others > wanted) numbers.remove(1000 + --others);
        },
        1000);
    for (uint64_t key = 0; key < 100; ++key) ASSERT_EQ(seen.at(key), 1) << key;
  }
}

struct Swing {
  uint64_t kept;       // items that are there throughout
  uint64_t others;     // up to so many come and go
  uint64_t step;       // changes between two calls
  uint64_t calls_max;  // an upper bound of what a scan may take
};

// Between the calls the table grows to its maximum, shrinks to its minimum, and so on.
void scan_while_swinging(const Swing& swing, uint64_t seed) {
  base::Random random(seed);
  NumberTable numbers;
  constexpr uint64_t first_other = 1'000'000'000;
  for (uint64_t key = 0; key < swing.kept; ++key) numbers.add(key);
  uint64_t others = random.below(swing.others + 1);
  for (uint64_t i = 0; i < others; ++i) numbers.add(first_other + i);
  bool growing = random.below(2) == 0;
  const auto seen = scan_all(
      numbers,
      [&] {
        for (uint64_t i = random.below(swing.step + 1); i > 0; --i) {
          if (others == 0) growing = true;
          if (others == swing.others) growing = false;
          if (growing) numbers.add(first_other + others++);
          if (!growing) numbers.remove(first_other + --others);
        }
        if (random.below(50) == 0) growing = !growing;
      },
      swing.calls_max);
  for (uint64_t key = 0; key < swing.kept; ++key) ASSERT_TRUE(seen.contains(key)) << key << " seed " << seed;
}

TEST(TableScan, misses_nothing_while_the_table_grows_and_shrinks) {
  for (uint64_t seed = 0; seed < 30; ++seed) scan_while_swinging({50, 3000, 200, 20000}, seed);
  for (uint64_t seed = 100; seed < 102; ++seed) scan_while_swinging({1000, 20000, 2000, 50000}, seed);
  for (uint64_t seed = 200; seed < 230; ++seed) scan_while_swinging({300, 2000, 2000, 20000}, seed);
  for (uint64_t seed = 300; seed < 302; ++seed) scan_while_swinging({20, 10000, 10000, 50000}, seed);
}

// Those that are left stand in the last segment, which cannot be merged as long as they are many.
TEST(TableScan, what_stands_in_one_segment_is_chosen_and_merged) {
  constexpr uint64_t items = 20'000, same_bits = 127;
  for (const uint64_t left : {500, 600}) {
    NumberTable numbers;
    for (uint64_t key = 0; key < items; ++key) numbers.add(key);
    for (uint64_t key = items; key < items + left; ++key) numbers.add(key, mixed(key) | same_bits);
    for (uint64_t key = 0; key < items; ++key) numbers.remove(key);
    const uint32_t before = numbers.table.segment_count();
    EXPECT_GE(before, 128u);
    base::Random random(1);
    std::map<uint64_t, int> chosen;
    for (uint64_t i = 0; i < 100 * left; ++i) ++chosen[TestTable::item(numbers.table.random(random))->key];
    EXPECT_EQ(chosen.size(), left);
    for (const auto& [key, times] : chosen) EXPECT_NEAR(times, 100, 60);
    for (uint64_t key = items; key < items + left - 460; ++key) numbers.remove(key, mixed(key) | same_bits);
    EXPECT_LT(numbers.table.segment_count(), before / 2);
  }
}

// They share the lower bits of their addresses, and would all meet in one segment.
TEST(TableScan, another_table_takes_items_in_the_order_of_a_scan) {
  constexpr uint64_t items = 300'000;
  NumberTable from, to;
  for (uint64_t key = 0; key < items; ++key) from.add(key);
  uint64_t cursor = 0, step = 0;
  do {
    std::vector<uint64_t> keys;
    cursor = from.table.scan(cursor, [&](TablePosition position) { keys.push_back(TestTable::item(position)->key); });
    for (const uint64_t key : keys) {
      ASSERT_TRUE(from.remove(key));
      to.add(key);
    }
    if (step++ % 1000 == 0) {
      ASSERT_LE(to.table.stats().segment_items_max, 1000u);
    }
  } while (cursor != 0);
  EXPECT_EQ(from.table.size() + to.table.size(), items);
  for (uint64_t key = 0; key < items; ++key) ASSERT_NE(from.contains(key), to.contains(key)) << key;
  EXPECT_LE(to.table.segment_count(), 2 * items / 160);
}

TEST(TableScan, ends_while_a_segment_flips_between_split_and_merged) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 161; ++key) numbers.add(key);
  bool small = false;
  const auto seen = scan_all(
      numbers,
      [&] {
        for (uint64_t key = 110; key < 161; ++key) small ? numbers.add(key) : static_cast<void>(numbers.remove(key));
        for (uint64_t key = 161; key < 700; ++key) small ? numbers.add(key) : static_cast<void>(numbers.remove(key));
        small = !small;
      },
      400);
  for (uint64_t key = 0; key < 110; ++key) ASSERT_TRUE(seen.contains(key));
}

TEST(TableScan, repeats_little_while_the_table_grows) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 20000; ++key) numbers.add(key);
  uint64_t next = 20000;
  const auto seen = scan_all(
      numbers,
      [&] {
        for (int i = 0; i < 2; ++i) numbers.add(next++);
      },
      100000);
  uint64_t repeated = 0;
  for (uint64_t key = 0; key < 20000; ++key) {
    ASSERT_TRUE(seen.contains(key));
    repeated += seen.at(key) > 1 ? 1 : 0;
  }
  EXPECT_LT(repeated, 500u);
}

TEST(TableScan, a_cursor_survives_a_collapse_to_one_segment) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 100000; ++key) numbers.add(key);
  std::set<uint64_t> seen;
  auto visit = [&](TablePosition position) { seen.insert(TestTable::item(position)->key); };
  uint64_t cursor = 0;
  for (int i = 0; i < 3000; ++i) cursor = numbers.table.scan(cursor, visit);
  ASSERT_NE(cursor, 0u);
  for (uint64_t key = 50; key < 100000; ++key) numbers.remove(key);
  ASSERT_EQ(numbers.table.segment_count(), 1u);
  int calls = 0;
  while (cursor != 0 && ++calls < 1000) cursor = numbers.table.scan(cursor, visit);
  EXPECT_EQ(cursor, 0u);
  for (uint64_t key = 0; key < 50; ++key) EXPECT_TRUE(seen.contains(key));
}

TEST(TableScan, any_number_is_a_harmless_cursor) {
  base::Random random(9);
  NumberTable numbers;
  for (uint64_t key = 0; key < 3000; ++key) numbers.add(key);
  for (int i = 0; i < 200000; ++i) {
    const uint64_t cursor = random.next() >> random.below(64);
    const uint64_t next = numbers.table.scan(cursor, [](TablePosition) {});
    ASSERT_LT(next, uint64_t{1} << 49);
  }
  for (uint64_t cursor : {uint64_t{1}, uint64_t{65535}, uint64_t{1} << 49, ~uint64_t{0}}) {
    EXPECT_EQ(numbers.table.scan(cursor, [](TablePosition) { FAIL(); }), 0u);
  }
}

}  // namespace
}  // namespace torc::ds
