// Tests of src/store/keyspace: what its header promises, at the edges and on random input.
#include "store/keyspace.h"

#include <string>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

std::string name_of(size_t i) { return "key:" + std::to_string(i); }
std::string value_of(size_t i) { return "value:" + std::to_string(i) + std::string(i % 90, 'x'); }
int64_t deadline_of(size_t i) { return i % 3 == 0 ? static_cast<int64_t>(1000 + i) : no_deadline; }

void expect_all(StoreFixture& store, size_t count, size_t step) {
  for (size_t i = 0; i < count; i += step) {
    const Entry* entry = store.find(name_of(i), i % 2);
    ASSERT_NE(entry, nullptr) << i;
    ASSERT_EQ(StoreFixture::text(*entry), value_of(i));
    ASSERT_EQ(entry->deadline_ms(), deadline_of(i));
  }
}

TEST(Keyspace, DatabasesAreSeparate) {
  StoreFixture store;
  EXPECT_EQ(store.keyspace.databases(), 4u);
  store.set("k", "0");
  store.set("k", "1", no_deadline, 1);
  EXPECT_EQ(store.get("k"), "0");
  EXPECT_EQ(store.get("k", 1), "1");
  EXPECT_EQ(store.get("k", 2), std::nullopt);
}

TEST(Keyspace, EmptyDatabasesAreSmall) {
  size_t before = base::used_bytes();
  Keyspace keyspace(16, base::HashKey{1, 2});
  EXPECT_LT(base::used_bytes() - before, 16 * 200 + 8192u);
}

TEST(Keyspace, CountsTheInsertsThatChangeATable) {
  StoreFixture store;
  EXPECT_EQ(store.keyspace.growth_steps(), 0u);
  store.set("a", "1");
  EXPECT_EQ(store.keyspace.growth_steps(), 1u);
  store.set("a", "2");
  EXPECT_EQ(store.keyspace.growth_steps(), 1u);
  for (size_t i = 0; i < 10'000; ++i) store.set(name_of(i), "x");
  EXPECT_GT(store.keyspace.growth_steps(), 10'000 / 160u);
  EXPECT_LT(store.keyspace.growth_steps(), 10'000u / 10);
}

TEST(Keyspace, CompactsByItselfAfterMuchWasDeleted) {
  StoreFixture store;
  const size_t count = 300'000;
  for (size_t i = 0; i < count; ++i) store.set(name_of(i), value_of(i), deadline_of(i), i % 2);
  EXPECT_FALSE(store.keyspace.compact_some(1000));
  for (size_t i = 0; i < count; ++i) {
    if (i % 10 != 0) store.erase(name_of(i), i % 2);
  }
  Entry* before = store.find(name_of(0));
  EXPECT_TRUE(store.keyspace.compact_some(1000));
  int slices = 0;
  while (store.keyspace.compact_some(1000)) ++slices;
  EXPECT_GT(slices, 20);
  EXPECT_NE(store.find(name_of(0)), before);
  expect_all(store, count, 10);
  EXPECT_FALSE(store.keyspace.compact_some(1000));
}

TEST(Keyspace, ChangesDuringCompactionAreKept) {
  StoreFixture store;
  const size_t count = 50'000;
  for (size_t i = 0; i < count; ++i) store.set(name_of(i), "old", no_deadline, i % 2);
  store.keyspace.start_compaction();
  size_t next = 0;
  while (store.keyspace.compact_some(100)) {
    for (size_t end = std::min(count, next + 90); next < end; ++next) {
      store.set(name_of(next), value_of(next), deadline_of(next), next % 2);
    }
    store.keyspace.swap(2, 3);
  }
  for (; next < count; ++next) store.set(name_of(next), value_of(next), deadline_of(next), next % 2);
  expect_all(store, count, 1);
}

TEST(Keyspace, CompactionWaitsForTheReclaimer) {
  StoreFixture store;
  for (size_t i = 0; i < 10'000; ++i) store.set(name_of(i), value_of(i));
  store.set("large", std::string(100'000, 'x'));
  store.database.clear();
  store.set("one", "1");
  store.keyspace.start_compaction();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(store.keyspace.compact_some(1000));
  EXPECT_EQ(store.get("one"), "1");
  store.reclaim_all();
  EXPECT_FALSE(store.keyspace.compact_some(1000));
  EXPECT_EQ(store.get("one"), "1");
}

TEST(Keyspace, HugeKeysStayWhereTheyAre) {
  StoreFixture store;
  std::string name(100'000, 'k');
  Entry* huge = store.set(name, "v");
  Entry* small = store.set("k", "v");
  store.keyspace.start_compaction();
  while (store.keyspace.compact_some(1000)) {
  }
  EXPECT_EQ(store.find(name), huge);
  EXPECT_NE(store.find("k"), small);
  store.erase(name);   // the old heap is gone; the block is not
}

}  // namespace
}  // namespace torc::store
