// Peers that go away, do not read, or misbehave in other ways: nothing leaks, nobody else suffers, and requests that
// arrived whole before the end are served.
#include <algorithm>

#include "base/random.h"
#include "chaos_client.h"
#include "world.h"

namespace torc::net {
namespace {

class NetworkFaultsTest : public NetworkTest {
 protected:
  void expect_all_is_well() {
    TestClient& client = world().connect();
    world().expect_reply(client, encode({"PING"}), "+PONG\r\n");
    world().forget(client);
    world().run_until([&] { return world().session.closed_count == world().session.opened_count; });
    EXPECT_EQ(world().network->stats().connections, 0u);
    world().run_until([&] { return world().network->stats().pinned_bytes == 0; });
  }
};
TORC_ON_EVERY_RING(NetworkFaultsTest);

TEST_P(NetworkFaultsTest, DisconnectsAtEveryPoint) {
  World& world = listening();
  const std::string wire = encode({"PING"}) + encode({"ECHO", "hello"}) + "PING\r\n" + encode({"GET", "3000"});
  for (size_t sent = 0; sent <= wire.size(); ++sent) {
    TestClient& client = world.connect();
    client.send(wire.substr(0, sent));
    world.run_until([&] { return client.connected && client.all_sent(); });
    world.run(static_cast<int>(sent % 4));
    world.forget(client);
  }
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, DisconnectsWithinABigBulk) {
  World& world = listening();
  const std::string wire = encode({"SUM", value_of(3 << 20)});
  const size_t header = wire.find('.') - 1;
  for (const size_t sent :
       {header, header + 1, header + 32'768, size_t{200'000}, size_t{1'500'000}, wire.size() - 2, wire.size() - 1}) {
    for (const bool half : {false, true}) {
      TestClient& client = world.connect();
      client.send(wire.substr(0, sent));
      world.run_until([&] { return client.connected && client.all_sent(); });
      if (half) {
        client.end_input();
        world.run_until([&] { return client.ended; });
        EXPECT_EQ(client.received, "");
      }
      world.forget(client);
    }
  }
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, AHalfClosedClientGetsItsReplies) {
  World& world = listening();
  world.session.requests_per_execute = 100;
  TestClient& client = world.connect();
  std::string wire;
  std::string replies;
  for (int i = 0; i < 3000; ++i) {
    wire += encode({"ECHO", std::to_string(i)});
    replies += bulk(std::to_string(i));
  }
  client.send(wire + encode({"GET", "5000000"}) + "*1\r\n$4\r\nPI");
  world.run_until([&] { return client.all_sent() && client.connected; });
  client.end_input();
  world.run_until([&] { return client.ended; });
  EXPECT_TRUE(client.received == replies + bulk(value_of(5'000'000)));
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, RepliesLingerOnlySoLong) {
  world().options.linger_us = 20'000;
  World& world = listening();
  TestClient& client = world.connect();
  client.send(encode({"GET", "30000000"}));
  client.set_reading(false);
  world.run_until([&] { return client.connected; });
  client.set_reading(false);
  world.run_until([&] { return client.all_sent(); });
  client.end_input();
  world.run_until([&] { return world.session.closed_count == 1; });
  EXPECT_LT(client.received.size(), 30'000'000u);
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, ABlockedClientThatLeavesIsGivenUp) {
  world().options.backlog_bytes_max = 5'000;
  World& world = listening();
  // Whatever it has sent behind: little, more than may wait otherwise, and what nobody will ever parse.
  const std::string much = encode({"ECHO", std::string(500'000, 'x')});
  uint32_t ended = 0;
  const std::string violation = "*abc\r\n";
  for (const std::string& behind : {std::string(), encode({"PING"}), much, violation, violation + much}) {
    for (const bool half : {true, false}) {
      TestClient& client = world.connect();
      client.send(encode({"PING"}) + encode({"HOLD"}) + behind);
      world.run_until([&] { return client.received == "+PONG\r\n" && client.all_sent(); });
      if (half) client.end_input();
      if (!half) client.close();
      world.run_until([&] { return world.session.closed_count == world.session.opened_count; });
      EXPECT_EQ(client.received, "+PONG\r\n");
      EXPECT_EQ(world.session.input_ended_count, ++ended);
    }
  }
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, ABlockedClientMaySendAsMuchAsAnyQueryBuffer) {
  world().options.query_buffer_bytes_max = 200'000;
  World& world = listening();
  TestClient& client = world.connect();
  const std::string requests = encode({"HOLD"}) + encode({"ECHO", std::string(100'000, 'x')});
  world.expect_reply(client, encode({"PING"}), "+PONG\r\n");
  client.send(requests);
  world.run_until([&] { return client.all_sent(); });
  world.run(20);
  EXPECT_FALSE(client.ended);
  client.send(requests);
  world.run_until([&] { return client.ended; });
  EXPECT_EQ(world.network->stats().query_buffer_closes, 1u);
  world.run_until([&] { return world.session.closed_count == 1; });
  expect_all_is_well();
}

// No more is received than may wait, until what came before has been executed.
TEST_P(NetworkFaultsTest, WhatWaitsBehindAFullBacklogIsServedAfterTheEnd) {
  world().options.backlog_bytes_max = 5'000;
  World& world = listening();
  world.session.requests_per_execute = 1;
  TestClient& client = world.connect();
  std::string pings, echoes, replies;
  for (int i = 0; i < 6000; ++i) {
    pings += encode({"PING"});
    replies += "+PONG\r\n";
  }
  for (int i = 0; i < 100; ++i) {
    echoes += encode({"ECHO", std::string(100, static_cast<char>('a' + i % 26))});
    replies += bulk(std::string(100, static_cast<char>('a' + i % 26)));
  }
  client.send(pings);
  world.run_until([&] { return !client.received.empty(); });
  client.send(echoes);
  world.run_until([&] { return world.network->stats().receives_paused > 0 && client.all_sent(); });
  client.end_input();
  world.run_until([&] { return client.ended; });
  EXPECT_EQ(client.received, replies);
  EXPECT_GT(world.network->stats().receives_paused, 0u);
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, TheSessionKnowsWhatIsHeldOfAnIncompleteRequest) {
  World& world = listening();
  TestClient& client = world.connect();
  client.send("*2\r\n$3\r\nGET\r\n$300000\r\n" + std::string(200'000, 'x'));
  const auto held = [&] { return world.session.clients().empty() ? 0 : world.session.clients()[0]->input_held_bytes; };
  world.run_until([&] { return held() >= 200'000; });
  EXPECT_LT(held(), 200'100u);
  EXPECT_GE(world.session.clients()[0]->input_memory_bytes, 200'000u);
  client.close();
  world.run_until([&] { return world.session.closed_count == 1; });
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, ABulkThatComesSlowlyIsReportedAsItComes) {
  world().options.direct_patience_us = 2000;
  World& world = listening();
  TestClient& client = world.connect();
  const std::string value = value_of(4'000'000);
  client.send("*2\r\n$3\r\nSUM\r\n$4000000\r\n" + value.substr(0, 1000));
  const auto one = [&] { return world.session.clients().empty() ? nullptr : world.session.clients()[0]; };
  // The room for it is there before the bytes are, but not for all that was announced.
  world.run_until([&] { return one() && one()->input_memory_bytes >= 1 << 20; });
  EXPECT_LT(one()->input_memory_bytes, 2'000'000u);
  for (const size_t size : {1000u, 200'000u, 200'001u, 700'000u, 2'500'000u}) {
    const size_t sent = std::max(one()->input_held_bytes, uint64_t{1000});
    client.send(value.substr(sent, size - sent));
    world.run_until([&] { return one()->input_held_bytes == size; });
    EXPECT_GE(one()->input_memory_bytes, size);
  }
  world.expect_reply(client, value.substr(2'500'000) + "\r\n", sum_of({value}));
  EXPECT_EQ(one()->input_memory_bytes, 0u);
  client.close();
  world.run_until([&] { return world.session.closed_count == 1; });
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, AClientThatLeftBeforeItBlocksIsGivenUp) {
  World& world = listening();
  world.session.requests_per_execute = 1;
  TestClient& client = world.connect();
  std::string wire;
  for (int i = 0; i < 50; ++i) wire += encode({"PING"});
  client.send(wire + encode({"HOLD"}) + encode({"PING"}));
  world.run_until([&] { return client.connected && client.all_sent(); });
  client.end_input();
  world.run_until([&] { return world.session.closed_count == 1; });
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, AClientThatNeverReadsHurtsNobody) {
  World& world = listening();
  TestClient& deaf = world.connect();
  world.run_until([&] { return deaf.connected; });
  deaf.set_reading(false);
  std::string wire;
  for (int i = 0; i < 2000; ++i) wire += encode({"GET", "100000"}) + encode({"PING"});
  deaf.send(wire);
  world.run_until([&] { return world.network->stats().requests == 4000; });
  TestClient& other = world.connect();
  for (int i = 0; i < 50; ++i) world.expect_reply(other, encode({"GET", "20000"}), bulk(value_of(20'000)));
  EXPECT_GT(world.network->stats().pinned_bytes, 0u);
  deaf.close();
  world.run_until([&] { return world.session.closed_count == 1; });
  world.forget(other);
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, MessagesForASlowReaderDoNotHoldAChunkEach) {
  World& world = listening();
  TestClient& slow = world.connect();
  world.expect_reply(slow, encode({"PING"}), "+PONG\r\n");
  slow.set_reading(false);
  slow.received.clear();
  const session::ClientHandle handle = world.session.clients()[0]->handle;
  slow.send(encode({"GET", "20000000"}));
  world.run_until([&] { return world.network->stats().requests == 2; });
  world.run(5);
  const uint64_t returned = world.session.outputs_returned;
  for (int i = 0; i < 10'000; ++i) {
    world.session.push(handle, "+message\r\n");
    world.network->collect();
  }
  EXPECT_EQ(world.session.outputs_returned - returned, 10'000u - 1);
  slow.set_reading(true);
  const size_t size = bulk(value_of(20'000'000)).size() + 10u * 10'000;
  world.run_until([&] { return slow.received.size() == size; });
  EXPECT_TRUE(slow.received.ends_with("+message\r\n"));
}

TEST_P(NetworkFaultsTest, TheSessionMayCloseInAnyState) {
  World& world = listening();
  const std::string big = encode({"SUM", value_of(4 << 20)});
  const std::vector<std::string> states = {"",
                                           "*2\r\n$3\r\nSU",
                                           big.substr(0, 100'000),
                                           big.substr(0, 2'000'000),
                                           encode({"HOLD"}),
                                           encode({"HOLD"}) + big.substr(0, 1'000'000),
                                           encode({"GET", "30000000"})};
  for (const std::string& state : states) {
    for (const session::CloseMode mode : {session::CloseMode::now, session::CloseMode::after_reply}) {
      TestClient& client = world.connect();
      world.expect_reply(client, encode({"PING"}), "+PONG\r\n");
      const bool reads = mode == session::CloseMode::after_reply;
      client.set_reading(reads);
      client.send(state);
      world.run_until([&] { return client.all_sent(); });
      world.run(3);
      StubSession::Client* peer = world.session.clients()[0];
      world.session.close(peer->handle, mode);
      if (reads) world.session.release();
      world.run_until([&] { return world.session.closed_count == world.session.opened_count; });
      if (reads) world.run_until([&] { return client.ended; });
      world.forget(client);
    }
  }
  expect_all_is_well();
}

TEST_P(NetworkFaultsTest, FewRingBuffersAreShared) {
  // All connections upload at once and the batches stay lent for a while: receives starve and recover.
  World& world = listening();
  world.session.requests_per_execute = 20;
  std::vector<TestClient*> clients;
  std::string wire;
  std::string replies;
  for (int i = 0; i < 40; ++i) {
    const std::string value = value_of(static_cast<size_t>(i) * 1000);
    wire += encode({"SUM", value});
    replies += sum_of({value});
  }
  for (int i = 0; i < 200; ++i) clients.push_back(&world.connect());
  for (TestClient* client : clients) client->send(wire, 50'000);
  for (TestClient* client : clients) {
    world.run_until([&] { return client->received.size() >= replies.size() || client->ended; });
    ASSERT_EQ(client->received, replies);
  }
}

// --- chaos

TEST_P(NetworkFaultsTest, Chaos) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    base::Random random(seed);
    world_ = GetParam().make_world();
    world().options.requests_per_batch = 1 + random.below(100);
    world().options.backlog_bytes_max = 1000 + random.below(200'000);
    world().options.send_bytes_max = 1000 + random.below(500'000);
    world().options.direct_receive_bytes_min = 33'000 + random.below(300'000);
    world().options.zero_copy_local = random.below(2) == 0;
    World& world = listening();
    std::vector<ChaosClient> clients;
    for (int i = 0; i < 20; ++i) clients.emplace_back(&world, &random);
    for (int step = 0; step < 1500; ++step) {
      world.session.requests_per_execute = random.below(4) == 0 ? random.below(20) : 1000;
      for (ChaosClient& client : clients) static_cast<void>(client.step());
      if (random.below(10) == 0) world.session.release();
      world.tick();
      for (const ChaosClient& client : clients) client.check();
      ASSERT_FALSE(HasFatalFailure());
    }
    world.session.requests_per_execute = SIZE_MAX;
    for (ChaosClient& client : clients) client.finish();
    world.run_until([&] {
      world.session.release();
      return std::ranges::all_of(clients, &ChaosClient::over);
    });
    for (const ChaosClient& client : clients) {
      client.check();
      EXPECT_TRUE(client.got_all()) << "seed " << seed;
    }
    world_.reset();
  }
}

// Connections are reset at any moment, by the network and by clients that leave.
class HostileWorldTest : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, HostileWorldTest, ::testing::Range<uint64_t>(1, 21));

TEST_P(HostileWorldTest, NothingIsLostButWhatWasReset) {
  base::Random random(GetParam());
  const std::unique_ptr<World> world = make_hostile_world(GetParam());
  world->options.requests_per_batch = 1 + random.below(100);
  world->options.backlog_bytes_max = 1000 + random.below(100'000);
  world->options.zero_copy_local = true;
  world->listen();
  std::vector<ChaosClient> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(world.get(), &random);
  for (int step = 0; step < 1500; ++step) {
    for (ChaosClient& client : clients) {
      if (!client.step() && clients.size() < 200) client = ChaosClient(world.get(), &random);
    }
    if (random.below(10) == 0) world->session.release();
    world->tick();
    for (const ChaosClient& client : clients) client.check();
    ASSERT_FALSE(HasFatalFailure());
  }
  for (ChaosClient& client : clients) client.finish();
  world->run_until([&] {
    world->session.release();
    return std::ranges::all_of(clients, &ChaosClient::over);
  });
  for (const ChaosClient& client : clients) client.check();
}

}  // namespace
}  // namespace torc::net
