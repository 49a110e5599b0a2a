// Tests of src/io/sim_network: what its header promises, at the edges and on random input.
#include "io/sim_network.h"

#include <gtest/gtest.h>

namespace torc::io {
namespace {

class SimNetworkTest : public ::testing::Test {
 protected:
  base::ManualClock clock_;
  SimWorld world_{7, &clock_};
  SimNetwork network_{world_};
  const SimEndpoint server_{"10.0.0.1", 7000, {}};
};

TEST_F(SimNetworkTest, PeersTalkBothWays) {
  std::shared_ptr<SimPeer> accepted;
  network_.serve(server_, [&](std::shared_ptr<SimPeer> peer) { accepted = std::move(peer); });
  const auto client = network_.connect_peer("10.0.0.2", server_);
  client->send("before it is connected");
  EXPECT_FALSE(client->connected());
  world_.pass(1'000'000);
  ASSERT_NE(accepted, nullptr);
  EXPECT_EQ(accepted->take(), "before it is connected");
  accepted->send(std::string(300'000, 'a'));
  world_.pass(10'000'000);
  EXPECT_EQ(client->received(), std::string(300'000, 'a'));
  accepted->end_sending();
  world_.pass(1'000'000);
  EXPECT_TRUE(client->ended());
  client->send("half open");
  world_.pass(1'000'000);
  EXPECT_EQ(accepted->take(), "half open");
}

TEST_F(SimNetworkTest, NobodyListening) {
  const auto client = network_.connect_peer("10.0.0.2", server_);
  world_.pass(1'000'000);
  EXPECT_TRUE(client->ended());
  EXPECT_EQ(client->error(), ECONNREFUSED);
}

TEST_F(SimNetworkTest, ClosingWithUnreadDataResets) {
  std::shared_ptr<SimPeer> accepted;
  network_.serve(server_, [&](std::shared_ptr<SimPeer> peer) { accepted = std::move(peer); });
  const auto client = network_.connect_peer("10.0.0.2", server_);
  world_.pass(1'000'000);
  client->read_nothing(true);
  accepted->send("unread");
  world_.pass(1'000'000);
  client->close();
  world_.pass(1'000'000);
  EXPECT_TRUE(accepted->ended());
  EXPECT_EQ(accepted->error(), ECONNRESET);
}

TEST_F(SimNetworkTest, PartitionsAreOfMachines) {
  network_.partition("10.0.0.1", "10.0.0.2");
  EXPECT_FALSE(network_.reachable("10.0.0.2", "::ffff:10.0.0.1"));
  EXPECT_TRUE(network_.reachable("10.0.0.2", "10.0.0.3"));
  network_.heal_all();
  EXPECT_TRUE(network_.reachable("10.0.0.2", "10.0.0.1"));
}

TEST_F(SimNetworkTest, EndpointsReadAsAddresses) {
  EXPECT_EQ(server_.text(), "10.0.0.1:7000");
  EXPECT_EQ((SimEndpoint{"::ffff:10.0.0.1", 1, {}}).text(), "[::ffff:10.0.0.1]:1");
  EXPECT_EQ((SimEndpoint{"10.0.0.1", 0, "/tmp/s"}).text(), "/tmp/s:0");
}

TEST(SimWorldTest, EventsRunInTheOrderOfTime) {
  base::ManualClock clock;
  SimWorld world(3, &clock);
  std::vector<int64_t> times;
  for (const int64_t delay_us : {50, 10, 30}) {
    world.after(delay_us, [&] {
      times.push_back(world.now_us());
      if (times.size() == 1) world.after(5, [&] { times.push_back(world.now_us()); });
    });
  }
  EXPECT_TRUE(world.advance(10));
  EXPECT_FALSE(world.advance(12));
  EXPECT_EQ(world.now_us(), 12);
  world.pass(100);
  EXPECT_EQ(times, (std::vector<int64_t>{10, 15, 30, 50}));
  EXPECT_EQ(world.now_us(), 112);
  EXPECT_FALSE(world.advance());
  EXPECT_EQ(world.now_us(), 112);
}

}  // namespace
}  // namespace torc::io
