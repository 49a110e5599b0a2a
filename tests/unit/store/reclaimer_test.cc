// Tests of src/store/reclaimer: what its header promises, at the edges and on random input.
#include "store/reclaimer.h"

#include <string>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

constexpr size_t large = size_t{4} << 20;

TEST(Reclaimer, ALargeBlobGoesInSlices) {
  StoreFixture store;
  store.set("k", std::string(large, 'x'));
  size_t before = base::used_bytes();
  store.erase("k");
  EXPECT_EQ(store.keyspace.reclaim_pending(), 1u);
  EXPECT_GT(base::used_bytes() + large / 2, before);
  EXPECT_TRUE(store.keyspace.reclaim_some(1));
  EXPECT_EQ(store.keyspace.reclaim_pending(), 1u);
  int slices = 1;
  while (store.keyspace.reclaim_some(1)) ++slices;
  EXPECT_GT(slices, 10);
  EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
  EXPECT_EQ(store.keyspace.reclaimed(), 1u);
  EXPECT_LT(base::used_bytes() + large, before + 1000);
  store.keyspace.reset_reclaimed();
  EXPECT_EQ(store.keyspace.reclaimed(), 0u);
}

TEST(Reclaimer, ABlobHeldElsewhereOnlyLosesAReference) {
  StoreFixture store;
  std::string bytes(large, 'x');
  base::BlobRef reply = store.set("k", bytes)->blob();
  store.erase("k");
  EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
  EXPECT_TRUE(reply.unique());
  EXPECT_EQ(reply.view(), bytes);
}

TEST(Reclaimer, AHugeOverwrittenBlobWaitsASmallerOneDoesNot) {
  StoreFixture store;
  store.set("k", std::string(large, 'x'));
  store.set("k", std::string(3 * large, 'y'));
  EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
  store.set("k", "small");
  EXPECT_EQ(store.keyspace.reclaim_pending(), 1u);
  store.reclaim_all();
  EXPECT_EQ(store.keyspace.reclaimed(), 1u);
}

TEST(Reclaimer, OverwritingCannotOutrunTheSlices) {
  StoreFixture store;
  size_t before = base::used_bytes();
  for (int i = 0; i < 60; ++i) {
    base::BlobRef blob = base::BlobRef::make(size_t{16} << 20);
    blob.set_size(blob.capacity());
    KeyRef key = store.key("k");
    store.database.set_string(key, store.database.find(key), {blob.view(), &blob}, no_deadline);
    ASSERT_LT(base::used_bytes(), before + (size_t{200} << 20));
    store.keyspace.reclaim_some(1);
  }
}

TEST(Reclaimer, AHugeKeyGoesInSlices) {
  StoreFixture store;
  std::string name(large, 'k');
  store.set(name, "v");
  EXPECT_EQ(store.get(name), "v");
  store.erase(name);
  EXPECT_EQ(store.keyspace.reclaim_pending(), 1u);
  store.reclaim_all();
  EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
}

TEST(Reclaimer, ASliceEndsWhenItsTimeIsOver) {
  StoreFixture store;
  store.set("k", std::string(large, 'x'));
  store.erase("k");
  const base::ManualClock clock;
  EXPECT_TRUE(store.keyspace.reclaim_some(1'000'000, base::TimeLimit(clock, 0)));
  EXPECT_EQ(store.keyspace.reclaim_pending(), 1u);
  EXPECT_FALSE(store.keyspace.reclaim_some(1'000'000, base::TimeLimit(clock, 1)));
  EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
}

TEST(Reclaimer, TablesGoEntryByEntry) {
  StoreFixture store;
  size_t before = base::used_bytes();
  for (int i = 0; i < 10'000; ++i)
    store.set("key:" + std::to_string(i), std::string(100, 'x'), i % 2 ? 1000 + i : no_deadline);
  store.set("large", std::string(large, 'x'));
  store.database.clear();
  EXPECT_EQ(store.database.size(), 0u);
  EXPECT_EQ(store.database.expiring_size(), 0u);
  EXPECT_EQ(store.keyspace.reclaim_pending(), 10'001u);
  uint64_t pending = 10'001;
  while (store.keyspace.reclaim_some(300)) {
    // The large blob joins the queue when its entry is freed.
    EXPECT_LE(store.keyspace.reclaim_pending(), pending);
    EXPECT_GE(store.keyspace.reclaim_pending() + 200, pending);
    pending = store.keyspace.reclaim_pending();
  }
  EXPECT_EQ(store.keyspace.reclaimed(), 10'002u);
  EXPECT_LE(base::used_bytes(), before + 4096);
}

TEST(Reclaimer, IsEmptiedWhenTheKeyspaceDies) {
  size_t before = base::used_bytes();
  {
    StoreFixture store;
    for (int i = 0; i < 1000; ++i) store.set("key:" + std::to_string(i), std::string(2000, 'x'));
    store.set("large", std::string(large, 'x'));
    store.database.clear();
    store.set("another", std::string(large, 'x'));
  }
  EXPECT_EQ(base::used_bytes(), before);
}

}  // namespace
}  // namespace torc::store
