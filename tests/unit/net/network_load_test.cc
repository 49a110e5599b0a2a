// Much of everything: deep pipelines, huge bulks, thousands of connections, and what an idle one costs.
#include "base/memory.h"
#include "io/process.h"
#include "world.h"

namespace torc::net {
namespace {

class NetworkLoadTest : public NetworkTest {};
TORC_ON_URINGS(NetworkLoadTest);

TEST_P(NetworkLoadTest, APipelineOfAHundredThousand) {
  World& world = listening();
  std::string wire;
  std::string replies;
  for (int i = 0; i < 100'000; ++i) {
    wire += encode({"ECHO", std::to_string(i)});
    replies += bulk(std::to_string(i));
  }
  TestClient& client = world.connect();
  TestClient& other = world.connect();
  world.expect_reply(other, encode({"PING"}), "+PONG\r\n");
  client.send(wire);
  // Another client is served in between.
  world.run_until([&] { return client.received.size() > replies.size() / 10; });
  world.expect_reply(other, encode({"PING"}), "+PONG\r\n");
  EXPECT_LT(client.received.size(), replies.size());
  world.run_until([&] { return client.received.size() >= replies.size() || client.ended; });
  EXPECT_TRUE(client.received == replies);
  // What a batch could not take was copied once, and little else.
  EXPECT_LE(world.network->stats().bytes_copied, 2 * wire.size());
}

TEST_P(NetworkLoadTest, BulksOf64Mebibytes) {
  World& world = listening();
  TestClient& client = world.connect();
  const std::string value = value_of(64 << 20);
  world.expect_reply(client, encode({"SUM", value}), sum_of({value}));
  EXPECT_GE(world.network->stats().direct_receives, (64u << 20) / world.options.direct_receive_bytes_max - 4);
  EXPECT_LT(world.network->stats().bytes_copied, 1u << 20);
  world.expect_reply(client, encode({"GET", std::to_string(64 << 20)}), bulk(value));
  const NetworkStats& stats = world.network->stats();
  EXPECT_GE(stats.sends, (64u << 20) / world.options.send_bytes_max);
}

// The second of several is expected to be as large as the first, so most of it is not copied. A small request ends
// that.
TEST_P(NetworkLoadTest, BulksInARowAreReceivedDirectly) {
  World& world = listening();
  TestClient& client = world.connect();
  const std::string value = value_of(1 << 20);
  const std::string wire = encode({"SUM", value});
  const std::string reply = sum_of({value});
  world.expect_reply(client, wire, reply);
  const uint64_t direct_before = world.network->stats().direct_bytes;
  for (int i = 0; i < 8; ++i) world.expect_reply(client, wire, reply);
  EXPECT_GE(world.network->stats().direct_bytes - direct_before, 8 * (value.size() * 3 / 4));
  world.expect_reply(client, encode({"PING"}), "+PONG\r\n");
  // Where the kernel has receives of many pieces, they are used again.
  if (GetParam().name == "UringNone") return;
  const uint64_t armed_before = world.network->stats().receives_armed;
  for (int i = 0; i < 20; ++i) world.expect_reply(client, encode({"PING"}), "+PONG\r\n");
  EXPECT_LT(world.network->stats().receives_armed - armed_before, 20u);
}

TEST_P(NetworkLoadTest, AClaimWithoutBytesCostsNoMemory) {
  World& world = listening();
  std::vector<TestClient*> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(&world.connect());
  world.run_until([&] { return world.session.opened_count == 20; });
  const size_t before = base::used_bytes();
  for (TestClient* client : clients) client->send("*2\r\n$3\r\nSET\r\n$536870912\r\n0123456789");
  world.run_until([&] { return world.network->stats().input_bytes >= 20 * 35; });
  world.run(10);
  EXPECT_LT(base::used_bytes() - before, 20u * (2 << 20));
  for (TestClient* client : clients) client->send("*2147483647\r\n$1\r\nx\r\n");
  world.run(10);
  EXPECT_LT(base::used_bytes() - before, 20u * (2 << 20));
}

TEST_P(NetworkLoadTest, ThousandsOfConnections) {
  constexpr size_t count = 2000;
  ASSERT_GE(io::raise_descriptor_limit(3 * count).now, 3 * count);
  World& world = listening();
  std::vector<TestClient*> clients;
  for (size_t i = 0; i < count; ++i) {
    clients.push_back(&world.connect());
    // More than the backlog would be lost, and come again after a second; without multishot a tick accepts one.
    if (i % 100 == 99) world.run_until([&] { return world.session.opened_count == i + 1; });
  }
  world.run_until([&] { return world.session.opened_count == count; });
  EXPECT_EQ(world.network->stats().connections, count);
  std::string wire;
  std::string replies;
  for (int i = 0; i < 10; ++i) {
    wire += encode({"ECHO", std::to_string(i)});
    replies += bulk(std::to_string(i));
  }
  for (int round = 0; round < 3; ++round) {
    for (TestClient* client : clients) client->received.clear();
    for (TestClient* client : clients) client->send(wire);
    for (TestClient* client : clients) {
      world.run_until([&] { return client->received.size() >= replies.size() || client->ended; });
      ASSERT_EQ(client->received, replies);
    }
  }
  // Half of them go, the slots are used again.
  for (size_t i = 0; i < count; i += 2) clients[i]->close();
  world.run_until([&] { return world.session.closed_count == count / 2; });
  // The session hears of the end before the kernel has closed the socket.
  world.run_until([&] { return world.network->free_slots() >= count / 2; });
  for (size_t i = 0; i < 100; ++i) {
    TestClient& client = world.connect();
    world.expect_reply(client, encode({"PING"}), "+PONG\r\n");
    EXPECT_LT(world.session.clients().back()->handle.index, count);
  }
}

// --- memory

class SilentSession final : public session::ConnectionEvents {
 public:
  void opened(session::ClientHandle, session::Peer) override { ++open; }
  void requested(session::RequestBatch*) override {}
  void closed(session::ClientHandle) override { --open; }
  void sent(session::ClientHandle, uint64_t, resp::Output&&) override {}
  int open = 0;
};

TEST_P(NetworkLoadTest, AnIdleConnectionCostsLessThanAKilobyte) {
  constexpr int count = 500;
  SilentSession session;
  world().options.port = world().free_port();
  world().options.accepts_per_tick = 0;
  Network network(*world().ring, session, world().clock, world().options, {});
  ASSERT_TRUE(network.listen());
  const auto step = [&] {
    world().ring->enter({.wait_count = 1, .timeout_us = 1000});
    network.collect();
    network.flush();
  };
  // The kernel and the network accept them all before the measurement; the session hears of them during it.
  for (int i = 0; i < count; ++i) static_cast<void>(world().connect());
  for (int i = 0; i < 300; ++i) step();
  ASSERT_EQ(session.open, 0);
  const size_t before = base::used_bytes();
  world().options.accepts_per_tick = 1000;
  world().run_until([&] {
    step();
    return session.open == count;
  });
  for (int i = 0; i < 10; ++i) step();
  EXPECT_LT((base::used_bytes() - before) / count, 1024u);
  network.close_all(0);
  world().run_until([&] {
    step();
    return network.closed();
  });
}

}  // namespace
}  // namespace torc::net
