// MEMORY's subcommands and INFO's memory section.
#include <gtest/gtest.h>

#include "base/late_release.h"
#include "harness.h"
#include "stats/memory_family.h"
#include "stats/memory_overview.h"

namespace torc::cmd {
namespace {

struct MemoryTest : testing::Test {
  MemoryTest() { harness.session().registry().add(stats::memory_rows(), &gauge); }
  Harness harness;
  stats::MemoryGauge gauge{&harness.session()};
};

TEST_F(MemoryTest, UsageIsWhatTheEntryTakes) {
  EXPECT_EQ(harness.run("MEMORY USAGE nokey"), "nil");
  harness.run("SET n 1");
  harness.run({"SET", "big", std::string(100'000, 'x')});
  const auto bytes = [this](std::string_view key) { return harness.entry(key)->memory_bytes() + 8; };
  EXPECT_EQ(harness.run("MEMORY USAGE n"), ":" + std::to_string(bytes("n")));
  EXPECT_EQ(harness.run("MEMORY USAGE big SAMPLES 0"), ":" + std::to_string(bytes("big")));
  EXPECT_GT(bytes("big"), 100'000u);
}

TEST_F(MemoryTest, UsageChecksItsOptions) {
  harness.run("SET n 1");
  EXPECT_EQ(harness.run("MEMORY USAGE n SAMPLES -1"), "-ERR syntax error");
  EXPECT_EQ(harness.run("MEMORY USAGE n SAMPLES"), "-ERR syntax error");
  EXPECT_EQ(harness.run("MEMORY USAGE n FOO 1"), "-ERR syntax error");
  EXPECT_EQ(harness.run("MEMORY USAGE n SAMPLES x"), "-ERR value is not an integer or out of range");
}

TEST_F(MemoryTest, UsageDoesNotTouchTheKey) {
  harness.run("SET k v PX 10");
  const uint64_t misses = harness.session().statistics().misses;
  harness.advance_ms(100);
  EXPECT_NE(harness.run("MEMORY USAGE k"), "nil");  // overdue, but there
  EXPECT_EQ(harness.events(), "");
  EXPECT_EQ(harness.session().statistics().misses, misses);
}

TEST_F(MemoryTest, StatsNamesTheDatabasesThatHaveKeys) {
  harness.set_protocol(3);
  gauge.started();
  EXPECT_EQ(harness.run("MEMORY STATS").find("db."), std::string::npos);
  harness.run("SET k v PX 10000");
  harness.run("SELECT 9");
  harness.run("SET k v");
  const std::string stats = harness.run("MEMORY STATS");
  EXPECT_NE(stats.find("\"db.0\": {\"overhead.hashtable.main\": :"), std::string::npos) << stats;
  EXPECT_NE(stats.find("\"db.9\": {"), std::string::npos);
  EXPECT_NE(stats.find("\"keys.count\": :2,"), std::string::npos);
  EXPECT_NE(stats.find("\"replication.backlog\": :0,"), std::string::npos);
}

TEST_F(MemoryTest, OverviewAddsUp) {
  gauge.started();
  for (int i = 0; i < 1000; ++i) harness.run({"SET", "key:" + std::to_string(i), std::string(100, 'v')});
  const stats::MemoryOverview memory = gauge.overview();
  EXPECT_EQ(memory.keys, 1000u);
  ASSERT_EQ(memory.databases.size(), 1u);
  EXPECT_EQ(memory.overhead,
            memory.startup + memory.clients + memory.databases[0].table_bytes + memory.databases[0].expires_bytes);
  EXPECT_EQ(memory.used, memory.overhead + memory.dataset());
  EXPECT_GE(memory.peak, memory.used);
  EXPECT_GT(memory.bytes_per_key(), 100u);
  EXPECT_LT(memory.bytes_per_key(), 1000u);
}

TEST_F(MemoryTest, ClientsAreSummedUpInRounds) {
  harness.connect();
  harness.run("PING", 1);
  harness.advance_ms(200);
  harness.background();
  const uint64_t two = harness.session().client_memory().bounded_bytes();
  EXPECT_EQ(two, harness.client(0).memory_bytes() + harness.client(1).memory_bytes());
  harness.disconnect(1);
  harness.advance_ms(200);
  harness.background();
  EXPECT_EQ(harness.session().client_memory().bounded_bytes(), harness.client(0).memory_bytes());
}

// An element or a value of few of them, and one that takes the place of a large one.
TEST_F(MemoryTest, LargeElementsAreFreedInPieces) {
  const std::string large(1 << 20, 'x'), larger(9 << 20, 'x');
  const std::vector<std::vector<std::string>> makes = {
      {"HSET", "k", "f", large, "g", "1"}, {"SADD", "k", large, "g"},      {"ZADD", "k", "1", large, "2", "g"},
      {"RPUSH", "k", large, "g"},           {"XADD", "k", "1", "f", large}, {"HSET", "k", "f", larger, "g", "1"}};
  const std::vector<std::vector<std::string>> removes = {
      {"HDEL", "k", "f"},       {"SREM", "k", large}, {"ZREM", "k", large},
      {"LTRIM", "k", "1", "2"}, {"XDEL", "k", "1"},   {"HSET", "k", "f", "small"}};
  harness.run("DEBUG QUICKLIST-PACKED-THRESHOLD 1mb");
  for (size_t i = 0; i < makes.size(); ++i) {
    for (const auto& last : {removes[i], std::vector<std::string>{"DEL", "k"}}) {
      harness.run(makes[i]);
      while (harness.session().keyspace().reclaim_pending() != 0) harness.background();
      harness.run(last);
      EXPECT_EQ(harness.session().keyspace().reclaim_pending(), 1u) << makes[i][0] << ' ' << last[0];
      harness.run("DEL k");
      while (harness.session().keyspace().reclaim_pending() != 0) harness.background();
      EXPECT_EQ(base::late_blocks(), 0u);
    }
  }
}

TEST_F(MemoryTest, PurgesAndReports) {
  EXPECT_EQ(harness.run("MEMORY PURGE"), "+OK");
  EXPECT_NE(harness.run("MEMORY DOCTOR"), "");
  EXPECT_TRUE(harness.run("MEMORY MALLOC-STATS").starts_with("\""));
  EXPECT_TRUE(harness.run("MEMORY HELP").starts_with("[+MEMORY <subcommand>"));
}

}  // namespace
}  // namespace torc::cmd
