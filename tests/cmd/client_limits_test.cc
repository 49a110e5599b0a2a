// Tests of maxmemory-clients: who is closed when clients together take too much, and who is spared. And of what a
// transaction counts towards client-query-buffer-limit.
#include <sys/resource.h>

#include <gtest/gtest.h>

#include <algorithm>

#include "base/memory.h"
#include "harness.h"
#include "session/client_memory.h"

namespace torc::cmd {
namespace {

constexpr uint64_t mebibyte = 1 << 20;

class ClientLimits : public testing::Test {
 protected:
  void limit(std::string_view value) {
    const auto row = std::ranges::find(rows, "maxmemory-clients", &base::Setting::name);
    ASSERT_TRUE(row->set(value));
    ASSERT_TRUE(row->apply());
  }
  // Input of the client arrived that is no request yet.
  void hold(size_t client, uint64_t bytes) {
    harness.session().input_held(harness.client(client).handle, bytes, bytes);
  }
  uint64_t evicted() { return harness.session().statistics().evicted_clients; }

  Harness harness;
  base::Settings rows = harness.session().settings();
};

TEST_F(ClientLimits, WhoIsSendingIsNotIdle) {
  const auto row = std::ranges::find(rows, "timeout", &base::Setting::name);
  ASSERT_TRUE(row->set("2"));
  const size_t sending = harness.connect(), silent = harness.connect();
  hold(silent, 1);
  for (uint64_t i = 1; i <= 5; ++i) {
    hold(sending, i);
    if (harness.connected(silent)) hold(silent, 1);
    harness.advance_ms(1000);
    harness.run("PING");
    harness.background();
  }
  EXPECT_TRUE(harness.connected(sending));
  EXPECT_FALSE(harness.connected(silent)) << "what it sent once is no activity";
}

TEST_F(ClientLimits, TheLargestGoesFirst) {
  limit("3mb");
  for (int i = 1; i <= 3; ++i) harness.connect();
  hold(1, mebibyte / 2);
  hold(2, 2 * mebibyte);
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_EQ(evicted(), 0u);
  hold(3, mebibyte);
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_EQ(evicted(), 1u);
  EXPECT_TRUE(harness.connected(1) && harness.connected(3));
  EXPECT_FALSE(harness.connected(2));
}

TEST_F(ClientLimits, HappensWithoutACommandToo) {
  limit("1mb");
  harness.connect();
  hold(1, 2 * mebibyte);
  EXPECT_TRUE(harness.session().background_due());
  harness.background();
  EXPECT_FALSE(harness.connected(1));
  EXPECT_TRUE(harness.connected(0));
}

TEST_F(ClientLimits, OneThatIsProtectedCountsButStays) {
  limit("1mb");
  harness.connect();
  harness.connect();
  harness.run("CLIENT NO-EVICT on");
  harness.run("CLIENT NO-EVICT on", 1);
  hold(1, 2 * mebibyte);
  harness.background();
  EXPECT_TRUE(harness.connected(1));
  EXPECT_FALSE(harness.connected(2));
  harness.run("CLIENT NO-EVICT off", 1);
  hold(1, 2 * mebibyte);
  harness.background();
  EXPECT_FALSE(harness.connected(1));
  EXPECT_TRUE(harness.connected(0));
}

TEST_F(ClientLimits, ATransactionCountsAndItsClientMayGoWhileItExecutes) {
  limit("1mb");
  harness.run("MULTI");
  const std::string value(100'000, 'x');
  int queued = 0;
  while (harness.connected(0) && queued < 20 && harness.run({"SET", "k", value}) == "+QUEUED") ++queued;
  EXPECT_FALSE(harness.connected(0));
  EXPECT_EQ(evicted(), 1u);
  EXPECT_GE(queued, 5);
  EXPECT_LE(queued, 12);
}

TEST_F(ClientLimits, AShareOfMaxmemory) {
  harness.options().maxmemory_bytes = 100 * mebibyte;
  limit("2%");
  harness.connect();
  hold(1, mebibyte);
  harness.background();
  EXPECT_TRUE(harness.connected(1));
  hold(1, 2 * mebibyte);
  harness.background();
  EXPECT_FALSE(harness.connected(1));
}

TEST_F(ClientLimits, AShareOfNoLimitIsNone) {
  limit("1%");
  harness.connect();
  hold(1, 1000 * mebibyte);
  harness.background();
  EXPECT_TRUE(harness.connected(1));
}

TEST_F(ClientLimits, NoLimitIsBelow128KiB) {
  limit("1");
  harness.connect();
  hold(1, mebibyte / 16);
  harness.background();
  EXPECT_TRUE(harness.connected(1));
  hold(1, mebibyte / 8);
  harness.background();
  EXPECT_FALSE(harness.connected(1));
}

TEST_F(ClientLimits, ClientsThatWereThereBeforeTheLimitCount) {
  harness.connect();
  hold(1, 2 * mebibyte);
  limit("1mb");
  harness.background();
  EXPECT_FALSE(harness.connected(1));
}

TEST_F(ClientLimits, AReplyUnderWayCountsWhenItIsLongOrStaysLong) {
  harness.connect();
  harness.connect();
  hold(1, mebibyte);
  limit(std::to_string(mebibyte + 4000));
  harness.background();
  ASSERT_TRUE(harness.connected(1));
  harness.client(2).output_pending_bytes = 10'000;
  harness.run("PING", 2);
  harness.background();
  EXPECT_TRUE(harness.connected(1)) << "it will have left before anybody looks again";
  for (int i = 0; i < 20 && harness.connected(1); ++i) {
    harness.advance_ms(100);
    harness.background();
  }
  EXPECT_FALSE(harness.connected(1)) << "it is still there";
  EXPECT_TRUE(harness.connected(2));

  hold(2, mebibyte);
  harness.client(2).output_pending_bytes = 0;
  harness.client(0).output_pending_bytes = 20'000;
  harness.run("PING");
  harness.background();
  EXPECT_FALSE(harness.connected(2));
}

TEST_F(ClientLimits, SumsComeBackToNothing) {
  limit("100mb");
  for (size_t i = 1; i <= 50; ++i) {
    harness.connect();
    hold(i, i * 60'000);
  }
  const session::ClientMemory& memory = harness.session().client_memory();
  EXPECT_GT(memory.bytes_of(session::ClientType::normal), 50u * 51u / 2 * 60'000u);
  for (size_t i = 1; i <= 50; ++i) harness.disconnect(i);
  EXPECT_LT(memory.bounded_bytes(), 10'000u);
  limit("0");
  EXPECT_EQ(memory.largest(), nullptr);
}

TEST_F(ClientLimits, WhatATransactionQueuedCountsTowardsTheQueryBuffer) {
  harness.options().query_buffer_bytes_max = mebibyte;
  const std::string value(600'000, 'x');
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(harness.run("MULTI"), "+OK");
    EXPECT_EQ(harness.run({"SET", "k", value}), "+QUEUED");
    EXPECT_EQ(harness.run("PING"), "+QUEUED");
    if (i < 2) harness.run(i == 0 ? "EXEC" : "DISCARD");
  }
  EXPECT_EQ(harness.session().statistics().query_limit_disconnections, 0u);
  harness.connect();
  EXPECT_EQ(harness.run({"SET", "k", value}), "");
  EXPECT_FALSE(harness.connected(0));
  EXPECT_EQ(harness.session().statistics().query_limit_disconnections, 1u);
  EXPECT_EQ(harness.run({"SET", "k", value}, 1), "+OK");
}

TEST_F(ClientLimits, AnIncompleteRequestBehindATransactionCountsToo) {
  harness.options().query_buffer_bytes_max = mebibyte;
  hold(0, 2 * mebibyte);
  ASSERT_TRUE(harness.connected(0)) << "without a transaction it is for the network half to judge";
  hold(0, 0);
  harness.run("MULTI");
  harness.run({"SET", "k", std::string(600'000, 'x')});
  hold(0, 400'000);
  ASSERT_TRUE(harness.connected(0));
  hold(0, 500'000);
  EXPECT_FALSE(harness.connected(0));
  EXPECT_EQ(harness.session().statistics().query_limit_disconnections, 1u);
}

TEST_F(ClientLimits, WhoAsksForMoreThanItsOutputBufferMayTakeIsClosed) {
  harness.options().output_limits[0].hard_bytes = 100'000;
  harness.run("HSET hash a b");
  harness.run("SADD set a");
  EXPECT_EQ(harness.run("HRANDFIELD hash -3"), R"(["a", "a", "a"])");
  size_t client = 0;
  for (const std::string key : {"HRANDFIELD hash", "SRANDMEMBER set"}) {
    EXPECT_EQ(harness.run(key + " -999999999", client), "");
    EXPECT_FALSE(harness.connected(client)) << key;
    client = harness.connect();
  }
  EXPECT_EQ(harness.session().statistics().output_limit_disconnections, 2u);
  harness.options().output_limits[0].hard_bytes = 0;
  EXPECT_EQ(harness.run("HRANDFIELD hash -999999999", client), "-ERR value is out of range");
}

// A few large elements, many times: their number alone does not tell.
TEST_F(ClientLimits, WhatNobodyWillGetIsNotBuilt) {
  harness.options().output_limits[0].hard_bytes = mebibyte;
  harness.options().encodings.zset_listpack_entries = 0;
  const std::string large(10'000, 'x');
  harness.run({"HSET", "hash", large, "v"});
  harness.run({"SADD", "set", large});
  harness.run({"ZADD", "zset", "1", large});
  const auto peak_kilobytes = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = peak_kilobytes();
  size_t client = 0;
  for (const std::string key : {"HRANDFIELD hash", "SRANDMEMBER set", "ZRANDMEMBER zset"}) {
    EXPECT_NE(harness.run(key + " -90", client), "");
    EXPECT_EQ(harness.run(key + " -150000", client), "");
    EXPECT_FALSE(harness.connected(client)) << key;
    client = harness.connect();
  }
  EXPECT_EQ(harness.session().statistics().output_limit_disconnections, 3u);
  EXPECT_LT(peak_kilobytes(), before + 300'000);  // of 1.5 GB each
  // The transaction goes on.
  harness.run("MULTI", client);
  for (int i = 0; i < 3; ++i) harness.run("HRANDFIELD hash -90", client);
  harness.run("SET after 1", client);
  EXPECT_EQ(harness.run("EXEC", client), "");
  EXPECT_FALSE(harness.connected(client));
  EXPECT_EQ(harness.run("GET after", harness.connect()), "\"1\"");
}

TEST_F(ClientLimits, WhoGetsNoRepliesIsNotClosedForThem) {
  harness.options().output_limits[0].hard_bytes = mebibyte;
  harness.run({"SADD", "set", std::string(10'000, 'x')});
  harness.run("CLIENT REPLY OFF");
  EXPECT_EQ(harness.run("SRANDMEMBER set -200000"), "");
  EXPECT_EQ(harness.run("SRANDMEMBER set -999999999"), "");
  EXPECT_TRUE(harness.connected(0));
  EXPECT_EQ(harness.run("CLIENT REPLY ON"), "+OK");
  EXPECT_EQ(harness.session().statistics().output_limit_disconnections, 0u);
}

// Redis has room for as much in each client, and does not count it. Beyond it, all counts.
TEST_F(ClientLimits, SmallRepliesPassTheSmallestLimit) {
  harness.options().output_limits[0].hard_bytes = 1;
  EXPECT_EQ(harness.run("PING"), "+PONG");
  harness.run({"SET", "k", std::string(500, 'x')});
  EXPECT_EQ(harness.run("GET k"), '"' + std::string(500, 'x') + '"');
  harness.run({"SET", "k", std::string(40'000, 'x')});
  EXPECT_EQ(harness.run("GET k"), "");
  EXPECT_FALSE(harness.connected(0));
  harness.options().output_limits[0].hard_bytes = 100'000;
  const size_t client = harness.connect();
  for (int i = 0; i < 1000; ++i) harness.run("SET " + std::string(97, 'k') + std::to_string(i) + " x", client);
  EXPECT_EQ(harness.run("KEYS *", client), "");
  EXPECT_FALSE(harness.connected(client));
}

TEST_F(ClientLimits, WhatTheOutputOfAClosedClientTookIsGivenBackAtOnce) {
  for (int i = 0; i < 150; ++i) harness.run({"RPUSH", "list", std::string(1000, 'x')});
  harness.background();
  harness.options().output_limits[0].hard_bytes = 100'000;
  const size_t reader = harness.connect();
  const size_t before_bytes = base::used_bytes();
  EXPECT_EQ(harness.raw("LRANGE list 0 -1", reader), "");
  EXPECT_FALSE(harness.connected(reader));
  EXPECT_LT(base::used_bytes(), before_bytes + 10'000);
}

TEST_F(ClientLimits, WhatADoomedTransactionDoesNotKeepDoesNotCount) {
  harness.options().query_buffer_bytes_max = mebibyte;
  harness.run("MULTI");
  harness.run("NOSUCH");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(harness.run({"SET", "k", std::string(600'000, 'x')}), "+QUEUED");
  EXPECT_TRUE(harness.connected(0));
}

}  // namespace
}  // namespace torc::cmd
