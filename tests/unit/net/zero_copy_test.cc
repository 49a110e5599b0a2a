// Zero-copy sends on loopback, where the kernel always copies: the notifications say so, and the connection stops
// trying.
#include "net/zero_copy.h"

#include "world.h"

namespace torc::net {
namespace {

class ZeroCopyTest : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    world().options.zero_copy_local = true;
  }
  // Kernels before 6.2 do not say whether they copied.
  bool tells() { return world().ring->describe().find("zero_copy_usage") != std::string::npos; }
};
TORC_ON_EVERY_RING(ZeroCopyTest);

TEST_P(ZeroCopyTest, LargeRepliesGoWithoutACopyUntilItDoesNotPay) {
  if (GetParam().name.starts_with("SimRough")) GTEST_SKIP() << "there sends are cut short";
  World& world = listening();
  TestClient& client = world.connect();
  world.expect_reply(client, encode({"GET", "20000"}), bulk(value_of(20'000)));
  EXPECT_EQ(world.network->stats().zero_copy_sends, 0u);
  world.expect_reply(client, encode({"GET", "200000"}), bulk(value_of(200'000)));
  EXPECT_EQ(world.network->stats().zero_copy_sends, 1u);
  world.run_until([&] { return world.network->stats().pinned_bytes == 0; });
  for (int i = 0; i < 5; ++i) world.expect_reply(client, encode({"GET", "200000"}), bulk(value_of(200'000)));
  if (tells()) {
    EXPECT_EQ(world.network->stats().zero_copy_sends, 1u);
    EXPECT_EQ(world.network->stats().zero_copy_copied, 1u);
  }
  // Another connection finds out for itself.
  TestClient& other = world.connect();
  world.expect_reply(other, encode({"GET", "200000"}), bulk(value_of(200'000)));
  EXPECT_GE(world.network->stats().zero_copy_sends, 2u);
}

TEST_P(ZeroCopyTest, TheThresholdIsAnOption) {
  world().options.zero_copy_bytes_min = 0;
  World& world = listening();
  TestClient& client = world.connect();
  world.expect_reply(client, encode({"GET", "2000000"}), bulk(value_of(2'000'000)));
  EXPECT_EQ(world.network->stats().zero_copy_sends, 0u);
}

TEST_P(ZeroCopyTest, LoopbackIsLeftOut) {
  world().options.zero_copy_local = false;
  World& world = listening();
  TestClient& client = world.connect();
  world.expect_reply(client, encode({"GET", "2000000"}), bulk(value_of(2'000'000)));
  EXPECT_EQ(world.network->stats().zero_copy_sends, 0u);
}

TEST_P(ZeroCopyTest, ManySmallPiecesAreCopied) {
  World& world = listening();
  TestClient& client = world.connect();
  std::string wire;
  std::string replies;
  for (int i = 0; i < 100; ++i) {
    wire += encode({"GET", "1500"});
    replies += bulk(value_of(1500));
  }
  world.expect_reply(client, wire, replies);
  EXPECT_EQ(world.network->stats().zero_copy_sends, 0u);
}

TEST_P(ZeroCopyTest, RepliesOfManySends) {
  world().options.send_bytes_max = 300'000;
  World& world = listening();
  TestClient& client = world.connect();
  world.expect_reply(client, encode({"GET", "10000000"}) + encode({"PING"}), bulk(value_of(10'000'000)) + "+PONG\r\n");
  world.run_until([&] { return world.network->stats().pinned_bytes == 0; });
  EXPECT_EQ(world.session.clients()[0]->sent_bytes, bulk(value_of(10'000'000)).size() + 7);
}

TEST_P(ZeroCopyTest, APeerThatLeavesReleasesTheMemory) {
  World& world = listening();
  for (int i = 0; i < 3; ++i) {
    TestClient& client = world.connect();
    world.run_until([&] { return client.connected; });
    client.set_reading(false);
    client.send(encode({"GET", "30000000"}));
    world.run_until([&] { return world.network->stats().requests == static_cast<uint64_t>(i) + 1; });
    world.run(5);
    EXPECT_EQ(world.network->stats().pinned_bytes, 30'000'000u);
    client.close();
    world.run_until([&] { return world.network->stats().pinned_bytes == 0; });
    world.run_until([&] { return world.session.closed_count == world.session.opened_count; });
  }
  EXPECT_GE(world.network->stats().zero_copy_sends, 3u);
}

}  // namespace
}  // namespace torc::net
