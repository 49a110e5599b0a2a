// The table against std::unordered_set, also with hashes that are crowded or equal; its load, memory and the bound of a
// single step at every size on the way up and down; samples, handles, lazy release.
#include "ds/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_set>

#include "table_fixture.h"

namespace torc::ds {
namespace {

double load(const TestTable& table) {
  return static_cast<double>(table.size()) / static_cast<double>(table.slot_count());
}

TEST(Table, an_empty_one_is_small_and_owns_nothing) {
  NumberTable numbers;
  EXPECT_LE(sizeof(TestTable), 32u);
  EXPECT_EQ(numbers.table.memory_bytes(), 0u);
  EXPECT_FALSE(numbers.contains(1));
  EXPECT_EQ(numbers.table.scan(0, [](TablePosition) { FAIL(); }), 0u);
  numbers.table.prefetch_bucket(1);
  numbers.table.prefetch_items(1);
  numbers.table.for_each_candidate(7, [](TablePosition) { return true; });
}

TEST(Table, every_bucket_is_one_cache_line) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  std::vector<void*> blocks;
  for (size_t slots : {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512}) {
    for (int i = 0; i < 300; ++i) {
      blocks.push_back(base::allocate(slots * sizeof(Slot)));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(blocks.back()) % 64, 0u) << slots;
      ASSERT_EQ(base::usable_size(blocks.back()), slots * sizeof(Slot));
    }
  }
  for (void* block : blocks) base::release(block);
#endif
}

TEST(Table, finds_what_was_inserted_and_nothing_else) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 20000; ++key) {
    ASSERT_FALSE(numbers.contains(key));
    numbers.add(key);
    ASSERT_TRUE(numbers.contains(key));
    ASSERT_EQ(numbers.table.size(), key + 1);
  }
  for (uint64_t key = 0; key < 40000; ++key) ASSERT_EQ(numbers.contains(key), key < 20000);
}

TEST(Table, load_stays_between_three_quarters_and_fifteen_sixteenths_at_any_size) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 400000; ++key) {
    numbers.add(key);
    if (numbers.table.size() < 8) continue;
    ASSERT_GE(load(numbers.table), 0.75) << numbers.table.size();
    ASSERT_LE(load(numbers.table), numbers.table.size() == 8 ? 1.0 : 0.9375) << numbers.table.size();
  }
  for (uint64_t key = 0; key < 400000; ++key) {
    ASSERT_TRUE(numbers.remove(key));
    if (numbers.table.size() < 16) continue;
    ASSERT_GE(load(numbers.table), 0.70) << numbers.table.size();
  }
  EXPECT_EQ(numbers.table.memory_bytes(), 0u);
  EXPECT_EQ(numbers.table.segment_count(), 1u);
}

TEST(Table, memory_is_what_the_allocator_says) {
  const size_t before = base::used_bytes();
  NumberTable numbers;
  for (uint64_t key = 0; key < 300000; ++key) {
    numbers.add(key);
    if (key % 997 != 0) continue;
    const size_t items = numbers.table.size() * base::usable_size(TestTable::item(numbers.table.find(mixed(key), key)));
    ASSERT_EQ(base::used_bytes() - before - items, numbers.table.memory_bytes()) << key;
  }
  for (uint64_t key = 0; key < 300000; ++key) {
    numbers.remove(key);
    if (key % 997 != 0 || key > 299000) continue;
    const size_t items =
        numbers.table.size() * base::usable_size(TestTable::item(numbers.table.find(mixed(key + 1), key + 1)));
    ASSERT_EQ(base::used_bytes() - before - items, numbers.table.memory_bytes()) << key;
  }
  EXPECT_EQ(base::used_bytes(), before);
}

// Inserts and removes at random in phases of growth and shrinking and compares with a set.
void compare_with_set(uint64_t seed, uint64_t keys, int phases, uint64_t (*hash)(uint64_t)) {
  base::Random random(seed);
  NumberTable numbers;
  std::unordered_set<uint64_t> model;
  for (int phase = 0; phase < phases; ++phase) {
    const uint64_t insert_percent = phase % 2 == 0 ? 70 : 25;
    for (uint64_t step = 0; step < keys; ++step) {
      const uint64_t key = random.below(keys);
      const bool known = model.contains(key);
      ASSERT_EQ(numbers.table.find(hash(key), key).found, known);
      if (random.below(100) < insert_percent) {
        if (!known) numbers.add(key, hash(key));
        model.insert(key);
      } else if (known) {
        ASSERT_TRUE(numbers.remove(key, hash(key)));
        model.erase(key);
      }
      ASSERT_EQ(numbers.table.size(), model.size());
    }
    for (uint64_t key = 0; key < keys; ++key) ASSERT_EQ(numbers.table.find(hash(key), key).found, model.contains(key));
  }
}

TEST(Table, random_changes_match_a_set) {
  compare_with_set(1, 12, 60, mixed);
  compare_with_set(2, 60, 60, mixed);
  compare_with_set(3, 700, 30, mixed);
  compare_with_set(4, 9000, 10, mixed);
  compare_with_set(5, 150000, 4, mixed);
}

TEST(Table, random_changes_match_a_set_when_tags_are_crowded) {
  // Few tags: long probes, wrap-around, equal tags and the tag 0.
  compare_with_set(6, 300, 30, [](uint64_t key) { return (mixed(key) >> 63 << 63) | (mixed(key) & 0xffffffff); });
  compare_with_set(7, 5000, 10, [](uint64_t key) { return (mixed(key) >> 62 << 62) | (mixed(key) & 0xffffffff); });
  compare_with_set(8, 5000, 10, [](uint64_t key) { return mixed(key) & 0xffffffff; });
  compare_with_set(9, 5000, 10, [](uint64_t key) { return uint64_t{0xffff} << 48 | (mixed(key) & 0xffffffff); });
}

TEST(Table, survives_equal_hashes_up_to_a_thousand) {
  compare_with_set(10, 900, 6, [](uint64_t) { return uint64_t{0x1234567890abcdef}; });
  compare_with_set(11, 900, 6, [](uint64_t key) { return mixed(key) >> 48 << 48; });
}

TEST(Table, an_item_can_be_moved) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 3000; ++key) numbers.add(key);
  for (uint64_t key = 0; key < 3000; ++key) {
    const TablePosition position = numbers.table.find(mixed(key), key);
    TestItem* const old = TestTable::item(position);
    auto* moved = static_cast<TestItem*>(base::allocate(sizeof(TestItem)));
    *moved = *old;
    TestTable::replace(position, moved);
    base::release(old);
    ASSERT_EQ(TestTable::item(numbers.table.find(mixed(key), key)), moved);
  }
  for (uint64_t key = 3000; key < 30000; ++key) numbers.add(key);  // splits still know where the moved ones belong
  for (uint64_t key = 0; key < 30000; ++key) ASSERT_TRUE(numbers.contains(key));
}

TEST(Table, an_insert_returns_where_the_item_is) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 5000; ++key) {
    auto* item = static_cast<TestItem*>(base::allocate(sizeof(TestItem)));
    *item = {key, mixed(key)};
    const TablePosition position = numbers.table.insert(item->hash, item);
    ASSERT_EQ(TestTable::item(position), item);
    ASSERT_EQ(numbers.table.find(item->hash, key).slot, position.slot);
    ASSERT_EQ(numbers.table.find(item->hash, key).segment, position.segment);
  }
}

TEST(Table, growth_asks_for_few_hashes) {
  struct CountingTraits : TestTraits {
    uint64_t* asked;
    uint64_t hash(const Item& item) const {
      ++*asked;
      return item.hash;
    }
  };
  uint64_t asked = 0;
  uint64_t most = 0;
  constexpr uint64_t items = 300000;
  Table<CountingTraits> table(CountingTraits{{}, &asked});
  for (uint64_t key = 0; key < items; ++key) {
    auto* item = static_cast<TestItem*>(base::allocate(sizeof(TestItem)));
    *item = {key, mixed(key)};
    const uint64_t before = asked;
    table.insert(item->hash, item);
    most = std::max(most, asked - before);
  }
  EXPECT_LT(asked, items / 5);
  EXPECT_LT(most, 80u);
  table.clear([](TestItem* item) { base::release(item); });
}

TEST(Table, a_step_is_bounded) {
  NumberTable numbers;
  uint64_t most_slots = 0;
  uint64_t most_bytes = 0;
  uint64_t most_segments = 0;
  auto difference = [](uint64_t a, uint64_t b) { return std::max(a, b) - std::min(a, b); };
  auto measure = [&](auto change) {
    const uint64_t slots = numbers.table.slot_count();
    const uint64_t bytes = numbers.table.memory_bytes();
    const uint32_t segments = numbers.table.segment_count();
    change();
    most_slots = std::max(most_slots, difference(slots, numbers.table.slot_count()));
    most_bytes = std::max(most_bytes, difference(bytes, numbers.table.memory_bytes()));
    most_segments = std::max(most_segments, difference(segments, numbers.table.segment_count()));
  };
  for (uint64_t key = 0; key < 200000; ++key) measure([&] { numbers.add(key); });
  for (uint64_t key = 0; key < 200000; ++key) measure([&] { numbers.remove(key); });
  EXPECT_LE(most_slots, 512u);
  EXPECT_LE(most_bytes, 40000u);  // two pages of the pool and a chunk of the directory
  EXPECT_LE(most_segments, 1u);
}

TEST(Table, random_is_uniform) {
  for (uint64_t items : {1, 5, 100, 1000, 3000}) {
    NumberTable numbers;
    base::Random random(items);
    for (uint64_t key = 0; key < items; ++key) numbers.add(key);
    std::vector<uint64_t> drawn(items);
    constexpr uint64_t draws_per_item = 400;
    for (uint64_t i = 0; i < items * draws_per_item; ++i) {
      ++drawn[TestTable::item(numbers.table.random(random))->key];
    }
    double chi_square = 0;
    for (uint64_t count : drawn) {
      const double off = static_cast<double>(count) - draws_per_item;
      chi_square += off * off / draws_per_item;
    }
    EXPECT_LT(chi_square, static_cast<double>(items) + 6 * std::sqrt(2.0 * static_cast<double>(items))) << items;
  }
}

TEST(Table, random_buckets_reach_every_item) {
  NumberTable numbers;
  base::Random random(3);
  for (uint64_t key = 0; key < 2000; ++key) numbers.add(key);
  std::set<uint64_t> seen;
  for (int i = 0; i < 20000; ++i) {
    numbers.table.random_bucket(random, [&](TablePosition position) { seen.insert(TestTable::item(position)->key); });
  }
  EXPECT_EQ(seen.size(), 2000u);
}

TEST(Table, a_handle_leads_to_its_item_and_to_few_others) {
  NumberTable numbers;
  uint64_t visited = 0;
  uint64_t looked_up = 0;
  for (uint64_t key = 0; key < 200000; ++key) {
    numbers.add(key);
    if (key < 2000 || key % 101 == 0) {
      const uint64_t wanted = mixed(key) % (key + 1);
      bool found = false;
      numbers.table.prefetch_candidates_bucket(TestTable::handle(mixed(wanted)));
      numbers.table.prefetch_candidates(TestTable::handle(mixed(wanted)));
      numbers.table.for_each_candidate(TestTable::handle(mixed(wanted)), [&](TablePosition position) {
        ++visited;
        if (TestTable::item(position)->key == wanted) found = true;
        return false;
      });
      ASSERT_TRUE(found) << key;
      ++looked_up;
    }
  }
  EXPECT_LT(visited, looked_up * 14 / 10);
}

TEST(Table, candidates_end_when_the_visitor_says_so) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 10; ++key) numbers.add(key, uint64_t{5} << 54);
  int visits = 0;
  numbers.table.for_each_candidate(TestTable::handle(uint64_t{5} << 54), [&](TablePosition) { return ++visits == 3; });
  EXPECT_EQ(visits, 3);
}

TEST(Table, is_released_in_slices) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 100000; ++key) numbers.add(key);
  uint64_t released = 0;
  auto release = [&](TestItem* item) {
    ++released;
    base::release(item);
  };
  uint64_t calls = 1;
  for (uint64_t before = 0; !numbers.table.release_some(1000, release); before = released, ++calls) {
    ASSERT_LE(released - before, 1000u);
  }
  EXPECT_EQ(released, 100000u);
  EXPECT_LT(calls, 110u);
  EXPECT_EQ(numbers.table.memory_bytes(), 0u);
  EXPECT_EQ(numbers.table.segment_count(), 1u);
  numbers.add(1);  // and it is as new
  EXPECT_TRUE(numbers.contains(1));
}

TEST(Table, swaps_and_moves) {
  NumberTable first;
  NumberTable second;
  for (uint64_t key = 0; key < 1000; ++key) first.add(key);
  second.add(5000);
  first.table.swap(second.table);
  EXPECT_TRUE(first.contains(5000));
  EXPECT_EQ(second.table.size(), 1000u);
  TestTable moved(std::move(second.table));
  EXPECT_EQ(second.table.size(), 0u);
  EXPECT_TRUE(moved.find(mixed(999), 999));
  second.table = std::move(moved);
  for (uint64_t key = 0; key < 1000; ++key) EXPECT_TRUE(second.contains(key));
}

TEST(Table, visits_all_and_counts_probes) {
  NumberTable numbers;
  for (uint64_t key = 0; key < 50000; ++key) numbers.add(key);
  std::vector<bool> seen(50000);
  numbers.table.for_each([&](TablePosition position) { seen[TestTable::item(position)->key] = true; });
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 50000);
  const TableStats stats = numbers.table.stats();
  uint64_t probed = 0;
  for (uint64_t count : stats.probes) probed += count;
  EXPECT_EQ(probed, 50000u);
  EXPECT_GT(stats.probes[0], 50000u * 7 / 10);
  EXPECT_EQ(stats.segments, numbers.table.segment_count());
  EXPECT_EQ(stats.bytes, numbers.table.memory_bytes());
}

void leave_an_item_behind() {
  TestTable table;
  auto* item = static_cast<TestItem*>(base::allocate(sizeof(TestItem)));
  *item = {1, 2};
  table.insert(2, item);
}

TEST(TableDeathTest, items_that_are_left_behind_are_noticed) { EXPECT_DEATH(leave_an_item_behind(), "size_ == 0"); }

}  // namespace
}  // namespace torc::ds
