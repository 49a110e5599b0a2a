// Tests of src/store/database: what its header promises, at the edges and on random input.
#include "store/database.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store_fixture.h"

namespace torc::store {
namespace {

std::string name_of(size_t i) { return "key:" + std::to_string(i); }

std::map<std::string, int> scan_all(const Database& database, size_t count) {
  std::map<std::string, int> seen;
  uint64_t cursor = 0;
  do {
    cursor = database.scan(cursor, count, [&](const Entry& entry) { ++seen[std::string(entry.key())]; });
  } while (cursor != 0);
  return seen;
}

TEST(Database, SetsFindsAndErases) {
  StoreFixture store;
  EXPECT_EQ(store.find("k"), nullptr);
  store.set("k", "v", 99);
  EXPECT_EQ(store.get("k"), "v");
  EXPECT_EQ(store.database.size(), 1u);
  EXPECT_EQ(store.database.expiring_size(), 1u);
  store.set("k", "w");
  EXPECT_EQ(store.database.expiring_size(), 0u);
  EXPECT_TRUE(store.erase("k"));
  EXPECT_FALSE(store.erase("k"));
  EXPECT_EQ(store.database.size(), 0u);
}

TEST(Database, AnUnchangedSizeIsWrittenInPlace) {
  StoreFixture store;
  Entry* first = store.set("k", std::string(32, 'a'), 5);
  EXPECT_EQ(store.set("k", std::string(32, 'b'), 6), first);
  EXPECT_EQ(first->deadline_ms(), 6);
  EXPECT_EQ(store.database.expiring_size(), 1u);
  EXPECT_EQ(store.database.first_overdue(7), first);
}

TEST(Database, SetIntegerKeepsTheDeadline) {
  StoreFixture store;
  KeyRef ref = store.key("n");
  Entry* entry = store.database.set_integer(ref, nullptr, 5);
  entry = store.database.set_deadline(ref, entry, 1000);
  entry = store.database.set_integer(ref, entry, 6);
  EXPECT_EQ(entry->deadline_ms(), 1000);
  EXPECT_EQ(entry->integer(), 6);
}

TEST(Database, AppendAndSetRange) {
  StoreFixture store;
  KeyRef ref = store.key("s");
  Entry* entry = store.database.set_range(ref, nullptr, 3, "abc");
  EXPECT_EQ(store.get("s"), std::string("\0\0\0abc", 6));
  entry = store.database.append(ref, entry, "def");
  EXPECT_EQ(store.get("s"), std::string("\0\0\0abcdef", 9));
  store.database.set_range(ref, entry, 2000, "x");
  EXPECT_EQ(store.find("s")->string_size(), 2001u);
}

TEST(Database, MovesWithinAndBetweenDatabases) {
  StoreFixture store;
  Database& other = store.keyspace.database(1);
  std::string big(3000, 'b');
  Entry* entry = store.set("from", big, 77);
  const char* bytes = entry->blob().view().data();
  entry = store.database.move_to(store.key("from"), entry, store.database, store.key("to"));
  EXPECT_EQ(store.find("from"), nullptr);
  EXPECT_EQ(store.find("to"), entry);
  entry = store.database.move_to(store.key("to"), entry, other, store.key("to"));
  EXPECT_EQ(store.database.size(), 0u);
  EXPECT_EQ(store.database.expiring_size(), 0u);
  EXPECT_EQ(store.get("to", 1), big);
  EXPECT_EQ(entry->deadline_ms(), 77);
  EXPECT_EQ(other.expiring_size(), 1u);
  EXPECT_EQ(entry->blob().view().data(), bytes);
}

TEST(Database, ACopySharesTheBlobUntilOneChanges) {
  StoreFixture store;
  std::string big(3000, 'b');
  Entry* entry = store.set("from", big, 77);
  Entry* copy = store.database.copy_to(*entry, store.database, store.key("to"));
  EXPECT_EQ(copy->blob().view().data(), entry->blob().view().data());
  EXPECT_EQ(copy->deadline_ms(), 77);
  store.database.append(store.key("to"), copy, "!");
  EXPECT_EQ(store.get("from"), big);
  EXPECT_EQ(store.get("to"), big + "!");
  store.set("small", "x");
  store.database.copy_to(*store.find("small"), store.keyspace.database(1), store.key("small2"));
  EXPECT_EQ(store.get("small2", 1), "x");
  EXPECT_EQ(store.find("small2", 1)->encoding(), Encoding::embstr);
}

TEST(Database, SwapExchangesEverything) {
  StoreFixture store;
  store.set("a", "1", 5);
  store.set("b", "2", no_deadline, 2);
  store.keyspace.swap(0, 2);
  EXPECT_EQ(store.get("b", 0), "2");
  EXPECT_EQ(store.get("a", 2), "1");
  EXPECT_EQ(store.keyspace.database(2).expiring_size(), 1u);
  store.keyspace.swap(2, 2);
  EXPECT_EQ(store.get("a", 2), "1");
}

TEST(Database, ScanReturnsEachEntryOnceWhenNothingChanges) {
  StoreFixture store;
  EXPECT_TRUE(scan_all(store.database, 10).empty());
  for (size_t i = 0; i < 5000; ++i) store.set(name_of(i), "v");
  for (size_t count : {0u, 1u, 10u, 1000u, 100'000u}) {
    std::map<std::string, int> seen = scan_all(store.database, count);
    EXPECT_EQ(seen.size(), 5000u);
    EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& pair) { return pair.second == 1; }));
  }
}

TEST(Database, ScanReturnsWhatStaysWhileTheTableGrowsAndShrinks) {
  for (bool grows : {true, false}) {
    StoreFixture store;
    const size_t others = 60'000;
    for (size_t i = 0; i < 500; ++i) store.set("stays:" + std::to_string(i), "v");
    if (!grows) {
      for (size_t i = 0; i < others; ++i) store.set(name_of(i), "v");
    }
    std::set<std::string> seen;
    size_t changed = 0;
    uint64_t cursor = 0;
    do {
      cursor = store.database.scan(cursor, 10, [&](const Entry& entry) { seen.emplace(entry.key()); });
      for (size_t end = std::min(others, changed + 200); changed < end; ++changed) {
        grows ? static_cast<void>(store.set(name_of(changed), "v")) : static_cast<void>(store.erase(name_of(changed)));
      }
    } while (cursor != 0);
    for (size_t i = 0; i < 500; ++i) EXPECT_TRUE(seen.contains("stays:" + std::to_string(i))) << i;
  }
}

TEST(Database, RandomReachesEveryEntry) {
  StoreFixture store;
  base::Random random(1);
  EXPECT_EQ(store.database.random(random), nullptr);
  EXPECT_EQ(store.database.random_expiring(random), nullptr);
  for (size_t i = 0; i < 200; ++i) store.set(name_of(i), "v", i % 2 ? static_cast<int64_t>(100 + i / 10) : no_deadline);
  std::set<std::string> seen, expiring;
  for (int i = 0; i < 10'000; ++i) {
    seen.emplace(store.database.random(random)->key());
    const Entry* entry = store.database.random_expiring(random);
    EXPECT_TRUE(entry->can_expire());
    expiring.emplace(entry->key());
  }
  EXPECT_EQ(seen.size(), 200u);
  // Keys of one deadline have different handles but by an accident of one to a million.
  EXPECT_EQ(expiring.size(), 100u);
}

TEST(Database, OverdueEntriesComeInOrder) {
  StoreFixture store;
  base::Random random(2);
  std::multiset<int64_t> deadlines;
  for (size_t i = 0; i < 20'000; ++i) {
    auto deadline = static_cast<int64_t>(random.below(5000));
    store.set(name_of(i), "v", deadline);
    deadlines.insert(deadline);
  }
  EXPECT_EQ(store.database.first_overdue(*deadlines.begin()), nullptr);   // due, not overdue
  while (Entry* entry = store.database.first_overdue(3000)) {
    ASSERT_EQ(entry->deadline_ms(), *deadlines.begin());
    deadlines.erase(deadlines.begin());
    std::string name(entry->key());
    store.database.erase(store.key(name), entry);
  }
  EXPECT_EQ(store.database.size(), deadlines.size());
  EXPECT_GE(*deadlines.begin(), 3000);
}

TEST(Database, AverageTtl) {
  StoreFixture store;
  base::Random random(3);
  EXPECT_EQ(store.database.average_ttl_ms(0, random), 0);
  for (size_t i = 0; i < 100; ++i) store.set(name_of(i), "v", 10'000);
  EXPECT_EQ(store.database.average_ttl_ms(4000, random), 6000);
  EXPECT_EQ(store.database.average_ttl_ms(20'000, random), 0);
}

TEST(Database, StatisticsNameTheFigures) {
  StoreFixture store;
  EXPECT_TRUE(store.database.table_statistics().starts_with("[Dictionary HT]\n"));
  for (size_t i = 0; i < 1000; ++i) store.set(name_of(i), "v", 5);
  std::string text = store.database.table_statistics();
  EXPECT_NE(text.find(" number of elements: 1000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("[Expires HT]\n"), std::string::npos);
  EXPECT_GT(store.database.table_bytes(), 8000u);
  EXPECT_GT(store.database.expires_bytes(), 4000u);
}

}  // namespace
}  // namespace torc::store
