// Tests of maxmemory-clients: who is closed when clients together take too much, and who is spared.
#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace torc::cmd
