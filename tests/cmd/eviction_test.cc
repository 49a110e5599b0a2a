// Tests of src/session/eviction: when keys go, with which effects, and what is refused when none may.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/memory.h"
#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view refused = "-OOM command not allowed when used memory > 'maxmemory'.";

class Eviction : public testing::Test {
 protected:
  // CONFIG SET.
  void configure(std::string_view name, std::string_view value) {
    const auto row = std::ranges::find(rows, name, &base::Setting::name);
    ASSERT_NE(row, rows.end()) << name;
    ASSERT_TRUE(row->set(value)) << name;
    ASSERT_TRUE(!row->apply || row->apply()) << name;
  }
  void limit(size_t bytes) { configure("maxmemory", std::to_string(bytes)); }
  void fill(int keys, size_t bytes, std::string_view options = "") {
    for (int i = 0; i < keys; ++i) {
      harness.run("SET key:" + std::to_string(i) + " " + std::string(bytes, 'v') + " " + std::string(options));
    }
    harness.run("PING");  // what the last one propagated is no longer kept
  }
  size_t size(size_t database = 0) { return harness.session().keyspace().database(database).size(); }
  const session::SessionStatistics& statistics() { return harness.session().statistics(); }

  Harness harness;
  base::Settings rows = harness.session().settings();
};

TEST_F(Eviction, WithoutEvictionWritesThatNeedMemoryAreRefused) {
  fill(100, 1000);
  limit(base::used_bytes() - 10'000);
  harness.play({{"SET a b", refused, "", ""},
                {"GET key:0", "\"" + std::string(1000, 'v') + "\"", "", ""},
                {"DEL key:0", ":1", "del key:0", "DEL key:0"},
                {"SET a b", refused, "", ""}});
  EXPECT_EQ(size(), 99u);
  EXPECT_EQ(statistics().evicted_keys, 0u);
  for (int i = 1; i < 30; ++i) harness.run("DEL key:" + std::to_string(i));
  EXPECT_EQ(harness.run("SET a b"), "+OK");
}

// Since Redis 8.0: a deadline for fields makes room in the end, as one for a key does.
TEST_F(Eviction, DeadlinesOfFieldsAreNotRefused) {
  fill(100, 1000);
  harness.run("HSET h f v");
  limit(base::used_bytes() - 10'000);
  EXPECT_EQ(harness.run("HSETEX h EX 100 FIELDS 1 f v"), refused);
  for (const char* command :
       {"HEXPIRE h 100", "HPEXPIRE h 100000", "HEXPIREAT h 1800000000", "HPEXPIREAT h 1800000000000"}) {
    EXPECT_EQ(harness.run(std::string(command) + " FIELDS 1 f"), "[:1]") << command;
  }
}

TEST_F(Eviction, AnyCommandEvictsAndSaysSo) {
  fill(20, 5000);
  configure("maxmemory-policy", "allkeys-lru");
  limit(base::used_bytes() - 3000);
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_EQ(size(), 19u);
  EXPECT_EQ(statistics().evicted_keys, 1u);
  EXPECT_TRUE(harness.events().starts_with("evicted key:")) << harness.events();
  EXPECT_TRUE(harness.propagated().starts_with("DEL key:")) << harness.propagated();
}

TEST_F(Eviction, LazyEvictionIsPropagatedAsUnlink) {
  fill(100, 1000);
  configure("maxmemory-policy", "allkeys-random");
  configure("lazyfree-lazy-eviction", "yes");
  limit(base::used_bytes() - 500);
  harness.run("PING");
  EXPECT_TRUE(harness.propagated().starts_with("UNLINK key:")) << harness.propagated();
}

TEST_F(Eviction, EachEvictionIsAUnitOfItsOwn) {
  fill(100, 1000);
  configure("maxmemory-policy", "allkeys-random");
  limit(base::used_bytes() - 5000);
  harness.run("SET a b");
  EXPECT_EQ(harness.propagated().find("MULTI"), std::string::npos) << harness.propagated();
  EXPECT_TRUE(harness.propagated().ends_with("; SET a b"));
}

TEST_F(Eviction, VolatilePoliciesSpareKeysWithoutDeadline) {
  fill(50, 1000);
  harness.run("SET volatile x EX 100");
  configure("maxmemory-policy", "volatile-ttl");
  limit(base::used_bytes() - 20'000);
  EXPECT_EQ(harness.run("SET a b"), refused);
  EXPECT_EQ(size(), 50u);
  EXPECT_EQ(statistics().evicted_keys, 1u);
  EXPECT_EQ(harness.run("GET key:1").size(), 1002u);
}

TEST_F(Eviction, TheKeyThatExpiresFirstGoesFirst) {
  for (int i = 0; i < 100; ++i) {
    harness.run("SET key:" + std::to_string(i) + " " + std::string(1000, 'v') + " EX " + std::to_string(200 - i));
  }
  configure("maxmemory-policy", "volatile-ttl");
  limit(base::used_bytes() - 3000);
  harness.run("PING");
  EXPECT_TRUE(harness.events().starts_with("evicted key:99; evicted key:98")) << harness.events();
}

TEST_F(Eviction, WatchedKeysThatAreEvictedFailExec) {
  fill(1, 5000);
  harness.pipeline({"WATCH key:0", "MULTI", "PING"});
  configure("maxmemory-policy", "allkeys-lru");
  limit(base::used_bytes() - 1000);
  EXPECT_EQ(harness.run("EXEC"), "nil*");
}

TEST_F(Eviction, ATransactionThatNeedsMemoryIsAborted) {
  fill(100, 1000);
  harness.pipeline({"MULTI", "SET a b"});
  limit(base::used_bytes() - 10'000);
  EXPECT_EQ(harness.run("EXEC"), "-EXECABORT Transaction discarded because of: " + std::string(refused.substr(1)));
  limit(0);
  harness.pipeline({"MULTI", "GET a"});
  limit(base::used_bytes() - 10'000);
  EXPECT_EQ(harness.run("PING"), refused);
  EXPECT_EQ(harness.run("WATCH a"), refused);
  EXPECT_EQ(harness.run("DISCARD"), "+OK");
}

TEST_F(Eviction, WhatWaitsToBeFreedGoesBeforeAnotherKey) {
  fill(10, 100);
  harness.run({"SET", "huge", std::string(8 << 20, 'h')});
  configure("maxmemory-policy", "allkeys-random");
  const size_t before = base::used_bytes();
  limit(before - (4 << 20));
  harness.entry("huge")->set_access(0);
  harness.run("DEL huge");
  const auto evicted = statistics().evicted_keys;
  harness.run("SET a b");
  EXPECT_EQ(statistics().evicted_keys, evicted);
  EXPECT_LT(base::used_bytes(), before - (4 << 20));
}

TEST_F(Eviction, GoesOnInTheBackgroundWhenOneCallIsNotEnough) {
  fill(200, 1000);
  configure("maxmemory-policy", "allkeys-lru");
  configure("maxmemory-eviction-tenacity", "0");
  limit(base::used_bytes() - 100'000);
  EXPECT_EQ(harness.run("SET a b"), "+OK");
  EXPECT_GE(size(), 201u - 32u);
  EXPECT_TRUE(harness.session().background_due());
  for (int i = 0; i < 20 && harness.session().eviction().due(); ++i) harness.background();
  EXPECT_FALSE(harness.session().eviction().due());
  EXPECT_LT(size(), 110u);
  EXPECT_GE(size(), 80u);
}

TEST_F(Eviction, LoweringTheLimitEvictsWithoutACommand) {
  fill(100, 1000);
  configure("maxmemory-policy", "allkeys-lru");
  limit(base::used_bytes() - 10'000);
  EXPECT_TRUE(harness.session().background_due());
  harness.background();
  EXPECT_GE(statistics().evicted_keys, 9u);
  EXPECT_LE(statistics().evicted_keys, 12u);
}

TEST_F(Eviction, CountsTheTimeAboveTheLimit) {
  fill(100, 1000);
  limit(base::used_bytes() - 10'000);
  harness.run("PING");
  harness.advance_ms(250);
  EXPECT_EQ(harness.session().eviction().exceeded_now_us(), 250'000u);
  limit(0);
  limit(base::used_bytes() + 1'000'000);
  harness.run("PING");
  harness.advance_ms(250);
  EXPECT_EQ(harness.session().eviction().exceeded_now_us(), 0u);
  EXPECT_EQ(harness.session().eviction().exceeded_total_us(), 250'000u);
}

TEST_F(Eviction, ResettingStatisticsEndsTheTimeAboveTheLimit) {
  fill(100, 1000);
  limit(base::used_bytes() - 10'000);
  harness.run("PING");
  harness.advance_ms(250);
  limit(0);
  harness.session().reset_statistics();
  harness.advance_ms(250);
  EXPECT_EQ(harness.session().eviction().exceeded_now_us(), 0u);
  EXPECT_EQ(harness.session().eviction().exceeded_total_us(), 0u);
}

TEST_F(Eviction, NothingGoesWhileClientsArePaused) {
  fill(100, 1000);
  configure("maxmemory-policy", "allkeys-lru");
  harness.session().pause(session::PauseMode::write, harness.now_ms() + 1000);
  limit(base::used_bytes() - 60'000);  // more than idle buffers that go back by themselves
  harness.run("PING");
  harness.background();
  EXPECT_EQ(size(), 100u);
  harness.advance_ms(1001);
  harness.background();
  harness.run("PING");
  EXPECT_LT(size(), 95u);
}

TEST_F(Eviction, MemoryThatGrowsByEvictingDoesNotCount) {
  fill(100, 1000);
  configure("maxmemory-policy", "allkeys-lru");
  size_t buffers = 50'000;
  harness.session().eviction().add_uncounted([&buffers] { return buffers; });
  limit(base::used_bytes() - 20'000);
  harness.run("PING");
  EXPECT_EQ(size(), 100u);
  buffers = 0;
  harness.run("PING");
  EXPECT_LT(size(), 90u);
}

TEST_F(Eviction, ObjectFreqAndIdletimeFollowThePolicy) {
  harness.run("SET k v");
  EXPECT_EQ(harness.run("OBJECT IDLETIME k"), ":0");
  configure("maxmemory-policy", "allkeys-lfu");
  configure("lfu-log-factor", "0");
  harness.run("SET fresh v");
  EXPECT_EQ(harness.run("OBJECT FREQ fresh"), ":5");
  harness.run("GET fresh");
  harness.run("TTL fresh");
  EXPECT_EQ(harness.run("OBJECT FREQ fresh"), ":6");
  harness.advance_ms(120'000);
  EXPECT_EQ(harness.run("OBJECT FREQ fresh"), ":4");
  EXPECT_EQ(harness.run("OBJECT IDLETIME fresh"),
            "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between "
            "policies at runtime LRU and LFU data will take some time to adjust.");
  harness.run("RENAME fresh again");
  EXPECT_EQ(harness.run("OBJECT FREQ again"), ":5");
  EXPECT_EQ(harness.run("OBJECT FREQ missing"), "nil");
}

}  // namespace
}  // namespace torc::cmd
