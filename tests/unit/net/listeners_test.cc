// Listeners follow the configuration, at start and at run time.
#include "net/listeners.h"

#include <sys/resource.h>

#include <algorithm>

#include "io/file.h"
#include "io/process.h"
#include "world.h"

namespace torc::net {
namespace {

class ListenersTest : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    world().options.port = world().free_port();
  }
  // Whether a client gets an answer at the address.
  bool answers(const std::string& host, uint16_t port) {
    const auto address = io::numeric_address(host, port);
    TestClient& client = world().connect_to(address.value());
    client.send(encode({"PING"}));
    world().run_until([&] { return client.ended || client.received.size() == 7; });
    const bool answered = client.received == "+PONG\r\n";
    world().forget(client);
    return answered;
  }
  bool logged(std::string_view text) {
    return std::ranges::any_of(world().log, [&](const std::string& line) { return line.starts_with(text); });
  }
};
TORC_ON_URINGS(ListenersTest);

TEST_P(ListenersTest, SeveralAddressesAndIpv6) {
  world().options.bind = {"127.0.0.1", "127.0.0.2", "-::1"};
  World& world = listening();
  EXPECT_TRUE(answers("127.0.0.1", world.port()));
  EXPECT_TRUE(answers("127.0.0.2", world.port()));
  EXPECT_FALSE(answers("127.0.0.3", world.port()));
  const bool ipv6 = world.network->listening() == 3;
  EXPECT_TRUE(ipv6 || world.network->listening() == 2);
  if (ipv6) {
    EXPECT_TRUE(answers("::1", world.port()));
  }
}

TEST_P(ListenersTest, Wildcards) {
  world().options.bind = {"*", "-::*"};
  World& world = listening();
  EXPECT_TRUE(answers("127.0.0.1", world.port()));
  EXPECT_TRUE(answers("127.0.0.3", world.port()));
}

TEST_P(ListenersTest, OptionalAddressesMayBeMissing) {
  world().options.bind = {"127.0.0.1", "-203.0.113.77"};
  World& world = listening();
  EXPECT_EQ(world.network->listening(), 1u);
  EXPECT_TRUE(logged("Warning: Could not create server TCP listening socket 203.0.113.77:"));
  EXPECT_TRUE(answers("127.0.0.1", world.port()));
}

TEST_P(ListenersTest, OthersMayNot) {
  world().options.bind = {"127.0.0.1", "203.0.113.77"};
  world().start_network();
  const auto result = world().network->listen();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(),
            "Failed listening on port " + std::to_string(world().options.port) + " (tcp), aborting.");
  EXPECT_EQ(world().network->listening(), 0u);
}

TEST_P(ListenersTest, WithPortZeroAndNoSocketThereIsNothingToListenTo) {
  world().start_network();
  world().options.port = 0;
  const auto result = world().network->listen();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "Configured to not listen anywhere, exiting.");
  EXPECT_EQ(world().network->listening(), 0u);
}

TEST_P(ListenersTest, ThePortChangesAtRunTime) {
  World& world = listening();
  TestClient& old_client = world.connect();
  world.expect_reply(old_client, encode({"PING"}), "+PONG\r\n");
  const uint16_t old_port = world.port();
  world.options.port = world.free_port();
  ASSERT_TRUE(world.network->listen_again());
  EXPECT_TRUE(answers("127.0.0.1", world.port()));
  EXPECT_FALSE(answers("127.0.0.1", old_port));
  EXPECT_EQ(world.network->listening(), 1u);
  world.expect_reply(old_client, encode({"PING"}), "+PONG\r\n");
  // And back, which needs the old address to be free again.
  world.options.port = old_port;
  ASSERT_TRUE(world.network->listen_again());
  EXPECT_TRUE(answers("127.0.0.1", old_port));
  // Nothing changed: nothing happens.
  ASSERT_TRUE(world.network->listen_again());
  EXPECT_TRUE(answers("127.0.0.1", old_port));
}

TEST_P(ListenersTest, AddressesThatOverlapReplaceEachOther) {
  World& world = listening();
  EXPECT_FALSE(answers("127.0.0.2", world.port()));
  world.options.bind = {"*"};
  ASSERT_TRUE(world.network->listen_again());
  EXPECT_TRUE(answers("127.0.0.2", world.port()));
  world.options.bind = {"127.0.0.2"};
  ASSERT_TRUE(world.network->listen_again());
  EXPECT_TRUE(answers("127.0.0.2", world.port()));
  EXPECT_FALSE(answers("127.0.0.1", world.port()));
  world.options.bind = {};
  ASSERT_TRUE(world.network->listen_again());
  EXPECT_EQ(world.network->listening(), 0u);
}

TEST_P(ListenersTest, AFailureLeavesTheOldListeners) {
  World& world = listening();
  for (const std::vector<std::string>& bind :
       {std::vector<std::string>{"127.0.0.1", "203.0.113.77"}, {"127.0.0.2", "203.0.113.77"}, {"203.0.113.77"}}) {
    world.options.bind = bind;
    const auto result = world.network->listen_again();
    ASSERT_FALSE(result);
    EXPECT_EQ(world.network->listening(), 1u);
    EXPECT_TRUE(answers("127.0.0.1", world.port()));
    EXPECT_FALSE(answers("127.0.0.2", world.port()));
  }
}

TEST_P(ListenersTest, AUnixSocketServesAndGoes) {
  const std::string path = io::absolute_path(testing::TempDir()).value() + "/torc-" + std::to_string(io::process_id()) +
                           "-" + GetParam().name + ".sock";
  world().options.unix_socket = path;
  world().options.unix_socket_permissions = 0700;
  World& world = listening();
  EXPECT_EQ(world.network->listening(), 2u);
  TestClient& client = world.connect_unix();
  world.expect_reply(client, encode({"GET", "300000"}), bulk(value_of(300'000)));
  const auto peers = world.session.clients();
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_TRUE(peers[0]->peer.unix_socket);
  EXPECT_TRUE(peers[0]->peer.loopback);
  EXPECT_EQ(peers[0]->peer.address, path + ":0");
  EXPECT_EQ(peers[0]->peer.local_address, path + ":0");
  world.network->close_all(0);
  EXPECT_FALSE(io::read_file(path) || io::read_file(path).error() != ENOENT);
  world.run_until([&] { return world.network->closed(); });
}

TEST_P(ListenersTest, AUnixSocketThatCannotBeMadeIsAnError) {
  world().options.unix_socket = "/nonexistent-directory/socket";
  world().start_network();
  const auto result = world().network->listen();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().starts_with("Failed opening Unix socket: ")) << result.error();
}

// Lowers the limit of descriptors to those that are open now and a few more.
class FewDescriptors {
 public:
  explicit FewDescriptors(World& world, rlim_t more) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = world.ring->sockets().open_stream(AF_UNIX).value();
    world.ring->sockets().close(next);
    const rlimit few = {static_cast<rlim_t>(next) + more, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_P(ListenersTest, WithoutDescriptorsAcceptingPauses) {
  auto few = std::make_unique<FewDescriptors>(world(), 4);  // the listener, both ends of one client, another client
  World& world = listening();
  TestClient& first = world.connect();
  world.expect_reply(first, encode({"PING"}), "+PONG\r\n");
  TestClient& second = world.connect();
  second.send(encode({"PING"}));
  world.run_until([&] { return logged("Accepting client connection: Too many open files"); });
  // It does not spin: ticks of a millisecond pass, and others are served.
  const uint64_t completions = world.ring->stats().completions;
  world.run(30);
  EXPECT_LT(world.ring->stats().completions - completions, 10u);
  world.expect_reply(first, encode({"PING"}), "+PONG\r\n");
  EXPECT_EQ(second.received, "");
  few.reset();
  world.run_until([&] { return second.received == "+PONG\r\n"; });
  EXPECT_EQ(std::ranges::count_if(world.log, [](const auto& line) { return line.starts_with("Accepting"); }), 1);
}

}  // namespace
}  // namespace torc::net
