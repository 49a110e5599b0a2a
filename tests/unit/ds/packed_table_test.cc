// The packed table against std::map, through growth and shrinking; SCAN's guarantee; its memory; random choice.
#include "ds/packed_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/random.h"

namespace torc::ds {
namespace {

constexpr base::HashKey hash_key{0x1122334455667788, 0x99aabbccddeeff00};

std::string member(uint64_t i) { return "member:" + std::to_string(i); }

std::map<std::string, std::string> contents(const PackedTable& table) {
  std::map<std::string, std::string> all;
  table.for_each([&](const PackedTable::Item& item) { all.emplace(item.key, item.value); });
  return all;
}

std::string some_value(base::Random& random) {
  const uint64_t dice = random.below(100);
  const size_t bytes = dice < 80 ? random.below(40) : dice < 95 ? 200 + random.below(100) : random.below(5000);
  return std::string(bytes, static_cast<char>('a' + random.below(26)));
}

TEST(PackedTable, agrees_with_a_map) {
  PackedTable table(PackedTable::Kind::pairs, &hash_key);
  std::map<std::string, std::string> model;
  base::Random random(7);
  for (int step = 0; step < 60000; ++step) {
    // Up to some thousands, then down again, twice.
    const bool growing = step / 15000 % 2 == 0;
    std::string key = member(random.below(6000));
    if (random.below(50) == 0) key += std::string(300, 'k');
    const auto found = table.find(key);
    ASSERT_EQ(static_cast<bool>(found), model.contains(key));
    if (found) {
      ASSERT_EQ(table.item(found).value, model[key]);
    }
    if (random.below(10) < (growing ? 7 : 2)) {
      const std::string value = some_value(random);
      found ? table.set_value(found, value) : table.insert(table.hash(key), key, value);
      model[key] = value;
    } else if (found) {
      table.erase(found);
      model.erase(key);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  EXPECT_EQ(contents(table), model);
  PackedTable copy(PackedTable::Kind::pairs, &hash_key);
  table.copy_to(copy);
  EXPECT_EQ(contents(copy), model);
}

TEST(PackedTable, an_empty_one_finds_nothing_and_frees_everything) {
  const size_t before = base::used_bytes();
  {
    PackedTable table(PackedTable::Kind::keys, &hash_key);
    EXPECT_FALSE(table.find("x"));
    EXPECT_EQ(table.scan(0, [](const PackedTable::Item&) { FAIL(); }), 0u);
    for (int i = 0; i < 5000; ++i) table.insert(table.hash(member(i)), member(i));
    for (int i = 0; i < 5000; ++i) table.erase(table.find(member(i)));
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(table.chunk_count(), 1u);
    for (int i = 0; i < 3000; ++i) table.insert(table.hash(member(i)), member(i) + std::string(i % 400, '.'));
    while (!table.release_some(3)) {
    }
    EXPECT_EQ(table.size(), 0u);
  }
  EXPECT_EQ(base::used_bytes(), before);
}

TEST(PackedTable, a_scan_sees_all_that_stays_whatever_happens_meanwhile) {
  for (const bool growing : {true, false}) {
    PackedTable table(PackedTable::Kind::keys, &hash_key);
    for (int i = 0; i < 2000; ++i) table.insert(table.hash(member(i)), member(i));
    for (int i = 10000; i < (growing ? 10000 : 30000); ++i) table.insert(table.hash(member(i)), member(i));
    std::set<std::string> seen;
    int other = growing ? 10000 : 29999;
    uint64_t cursor = 0;
    do {
      cursor = table.scan(cursor, [&](const PackedTable::Item& item) { seen.emplace(item.key); });
      for (int i = 0; i < 40; ++i) {
        if (growing && other < 40000) {
          table.insert(table.hash(member(other)), member(other));
          ++other;
        } else if (!growing && other >= 10000) {
          table.erase(table.find(member(other--)));
        }
      }
    } while (cursor != 0);
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(seen.contains(member(i))) << i;
  }
}

struct Walk {
  const char* name;
  size_t member_bytes;  // at least
  uint64_t members;
};

// What is walked in the order of a scan has the lower bits of its addresses in common: it must not crowd a chunk where
// it is added, nor what remains where it is removed.
TEST(PackedTable, items_move_to_another_table_in_the_order_of_a_scan) {
  for (const Walk& walk : {Walk{"short", 0, 500'000}, Walk{"of 245 bytes", 245, 80'000}, Walk{"long", 300, 100'000}}) {
    SCOPED_TRACE(walk.name);
    PackedTable from(PackedTable::Kind::keys, &hash_key), to(PackedTable::Kind::pairs, &hash_key);
    const auto name = [&walk](uint64_t i) {
      std::string text = member(i);
      return text + std::string(text.size() < walk.member_bytes ? walk.member_bytes - text.size() : 0, '.');
    };
    for (uint64_t i = 0; i < walk.members; ++i) from.insert(from.hash(name(i)), name(i));
    const uint32_t chunks = from.chunk_count();
    uint64_t cursor = 0;
    size_t most = 0;
    do {
      std::vector<std::string> members;
      cursor = from.scan(cursor, [&](const PackedTable::Item& item) { members.emplace_back(item.key); });
      most = std::max(most, members.size());
      for (const std::string& text : members) {
        from.erase(from.find(text));
        to.insert(to.hash(text), text, "1");
      }
    } while (cursor != 0);
    EXPECT_LE(most, 200u);
    EXPECT_EQ(from.size() + to.size(), walk.members);
    EXPECT_LE(from.size(), walk.members / 1000);
    for (uint64_t i = 0; i < walk.members; ++i) ASSERT_NE(!from.find(name(i)), !to.find(name(i))) << i;
    EXPECT_LE(to.chunk_count(), 2 * chunks);
    EXPECT_LE(from.chunk_count(), chunks / 2);
  }
}

TEST(PackedTable, any_number_is_a_cursor) {
  PackedTable table(PackedTable::Kind::keys, &hash_key);
  for (int i = 0; i < 1000; ++i) table.insert(table.hash(member(i)), member(i));
  base::Random random(3);
  for (int i = 0; i < 1000; ++i) {
    uint64_t cursor = random.next();
    for (int steps = 0; (cursor = table.scan(cursor, [](const PackedTable::Item&) {})) != 0; ++steps)
      ASSERT_LT(steps, 1000);
  }
}

TEST(PackedTable, members_of_16_bytes_take_less_than_23_each) {
  PackedTable table(PackedTable::Kind::keys, &hash_key);
  for (uint64_t i = 0; i < 200000; ++i) {
    char text[17];
    std::snprintf(text, sizeof text, "%016lx", i * 0x9e3779b97f4a7c15);
    table.insert(table.hash(text), text);
    if (i > 10000 && i % 997 == 0) {
      ASSERT_LT(static_cast<double>(table.memory_bytes()), 23.0 * static_cast<double>(table.size()));
    }
  }
  EXPECT_EQ(table.memory_bytes_deep(SIZE_MAX), table.memory_bytes());
}

// Also those in chunks that wait for their division and hold twice as much as the others, and more.
TEST(PackedTable, chooses_items_of_full_chunks_as_often_as_others) {
  PackedTable table(PackedTable::Kind::keys, &hash_key);
  for (int i = 0; table.chunk_count() < 448; ++i) table.insert(table.hash(member(i)), member(i));
  std::map<std::string, int, std::less<>> chosen;
  table.for_each([&](const PackedTable::Item& item) { chosen[std::string(item.key)] = 0; });
  base::Random random(12);
  constexpr int rounds = 80;
  for (size_t i = 0; i < table.size() * rounds; ++i) ++chosen.find(table.item(table.random(random)).key)->second;
  for (const auto& [name, times] : chosen) {
    EXPECT_GT(times, rounds / 3) << name;
    EXPECT_LT(times, rounds * 2) << name;
  }
}

TEST(PackedTable, chooses_all_items_about_equally_often) {
  PackedTable table(PackedTable::Kind::keys, &hash_key);
  std::map<std::string, int, std::less<>> chosen;
  for (int i = 0; i < 500; ++i) {
    table.insert(table.hash(member(i)), member(i));
    chosen[member(i)] = 0;
  }
  base::Random random(11);
  constexpr int rounds = 200;
  for (int i = 0; i < 500 * rounds; ++i) ++chosen.find(table.item(table.random(random)).key)->second;
  for (const auto& [name, times] : chosen) {
    EXPECT_GT(times, rounds / 2) << name;
    EXPECT_LT(times, rounds * 2) << name;
  }
}

// Long members whose hashes end alike: too many bytes for one chunk, so the table is divided until their last common
// bit parts them, if it comes to that.
std::vector<std::string> crowd(const PackedTable& table, size_t members, uint64_t same_bits) {
  std::vector<std::string> found;
  for (int i = 0; found.size() < members; ++i) {
    const std::string text = member(i) + std::string(230, '.');
    if ((table.hash(text) & same_bits) == same_bits) found.push_back(text);
  }
  return found;
}

uint64_t numbers_drawn(base::Random before, base::Random after) {
  const uint64_t next = after.next();
  uint64_t drawn = 0;
  while (before.next() != next) ++drawn;
  return drawn;
}

// Removing one of a crowd and adding it again divides the table each time, whose chunks are as good as empty then.
TEST(PackedTable, a_crowd_of_few_in_many_chunks_is_found_at_once) {
  PackedTable table(PackedTable::Kind::keys, &hash_key);
  const std::vector<std::string> members = crowd(table, 60, 4095);
  for (const std::string& text : members) table.insert(table.hash(text), text);
  while (table.chunk_count() < 2048) {
    table.erase(table.find(members.back()));
    table.insert(table.hash(members.back()), members.back());
  }
  std::map<std::string, int, std::less<>> chosen;
  base::Random random(13);
  const base::Random before = random;
  constexpr int rounds = 200, draws = 60 * rounds;
  for (int i = 0; i < draws; ++i) ++chosen[std::string(table.item(table.random(random)).key)];
  EXPECT_LE(numbers_drawn(before, random), 80u * draws);
  EXPECT_EQ(chosen.size(), members.size());
  for (const auto& [name, times] : chosen) EXPECT_NEAR(times, rounds, rounds / 2) << name;
  EXPECT_EQ(table.memory_bytes_deep(1), table.memory_bytes());
}

// Long items have blocks of their own, which an estimate finds wherever the chunks that have items are.
TEST(PackedTable, long_items_count) {
  PackedTable table(PackedTable::Kind::pairs, &hash_key);
  for (int i = 0; i < 1000; ++i) table.insert(table.hash(member(i)), member(i), std::string(5000, 'v'));
  const size_t exact = table.memory_bytes_deep(SIZE_MAX);
  EXPECT_GE(exact, table.memory_bytes() + 1000 * 5000);
  EXPECT_LE(exact, table.memory_bytes() + 1000 * 6500);
  EXPECT_NEAR(static_cast<double>(table.memory_bytes_deep(5)), static_cast<double>(exact), 0.01 * 5e6);

  PackedTable with_crowd(PackedTable::Kind::pairs, &hash_key);
  const std::vector<std::string> members = crowd(with_crowd, 60, 4095);
  for (const std::string& text : members) with_crowd.insert(with_crowd.hash(text), text, std::string(1000, 'v'));
  EXPECT_GE(with_crowd.memory_bytes_deep(5), with_crowd.memory_bytes() + 60 * 1000);
}

}  // namespace
}  // namespace torc::ds
