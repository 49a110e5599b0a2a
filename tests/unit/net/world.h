// A server (a Network with a stub for the session half) and its clients on one ring, so that the same tests run on the
// kernel's io_uring with any set of features and on a simulated ring.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "io/operation.h"
#include "io/ring.h"
#include "io/sockets.h"
#include "net/network.h"
#include "stub_session.h"

namespace torc::net {

class World;

class TestClient {
 public:
  explicit TestClient(World* world) : world_(world) {}
  ~TestClient();

  void connect(const io::SocketAddress& address);
  // Queues bytes; they leave in sends of at most piece_bytes, one per tick.
  void send(std::string bytes, size_t piece_bytes = SIZE_MAX);
  // Stops and starts receiving.
  void set_reading(bool yes);
  // Closes both directions at once; what was not sent is not.
  void close();
  // Lets close() reset the connection instead of ending it (on the operating system's sockets).
  void reset();
  // Says that nothing more will be sent, and goes on receiving.
  void end_input();

  std::string received;  // all bytes
  bool connected = false;
  bool ended = false;  // end of stream, or an error
  int error = 0;       // of the receive
  [[nodiscard]] bool all_sent() const { return sent_ == outgoing_.size() && queued_.empty(); }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool done() const { return fd_ < 0; }

 private:
  void on_connected(const io::Completion& completion) noexcept;
  void on_sent(const io::Completion& completion) noexcept;
  void on_received(const io::Completion& completion) noexcept;
  void on_shut_down(const io::Completion& completion) noexcept;
  void send_next();
  void receive_next();
  void try_close();

  World* world_;
  int fd_ = -1;
  io::SocketAddress address_;
  std::deque<std::pair<std::string, size_t>> queued_;
  std::string outgoing_;
  size_t sent_ = 0;
  size_t piece_bytes_ = SIZE_MAX;
  iovec part_{};
  bool reading_ = true;
  bool closing_ = false;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  io::BoundOperation<TestClient, &TestClient::on_connected> connect_{this};
  io::BoundOperation<TestClient, &TestClient::on_sent> send_{this};
  io::BoundOperation<TestClient, &TestClient::on_received> receive_{this};
  io::BoundOperation<TestClient, &TestClient::on_shut_down> shutdown_{this};
};

class World {
 public:
  World(std::shared_ptr<void> surroundings, std::unique_ptr<io::Ring> ring, const base::Clock& clock);
  // Closes everything and expects that nothing is left.
  ~World();

  // Listens on 127.0.0.1 (and on options.unix_socket).
  void listen();
  void start_network();
  [[nodiscard]] TestClient& connect();
  [[nodiscard]] TestClient& connect_unix();
  [[nodiscard]] TestClient& connect_to(const io::SocketAddress& address);
  void forget(TestClient& client);

  void tick();
  // Ticks until the condition holds; a test failure when it does not within a bound of ticks.
  void run_until(const std::function<bool()>& condition, int ticks_max = 20'000);
  void run(int ticks);
  // Sends a request and waits for the reply.
  [[nodiscard]] std::string ask(TestClient& client, const std::string& wire, size_t reply_bytes);
  void expect_reply(TestClient& client, const std::string& wire, const std::string& reply);
  [[nodiscard]] uint16_t port() const { return static_cast<uint16_t>(options.port); }
  // A port that was free a moment ago.
  [[nodiscard]] uint16_t free_port();

  std::shared_ptr<void> surroundings;  // of the ring and the clock: they outlive all else
  std::unique_ptr<io::Ring> ring;
  const base::Clock& clock;
  NetworkOptions options;
  StubSession session;
  std::vector<std::string> log;
  std::string host = "127.0.0.1";  // as addresses of loopback connections show it
  std::unique_ptr<Network> network;
  std::vector<std::unique_ptr<TestClient>> clients;
  uint64_t ticks = 0;

  // Where the session half is: these are replaced when it runs on a thread of its own.
  session::ConnectionEvents* events = &session;
  std::function<bool()> session_is_idle = [this] { return session.idle(); };
  std::function<void()> before_collect = [] {};
  std::function<void()> after_collect = [this] {
    session.execute();
    network->detach_lent();
  };
  std::function<void()> after_flush = [] {};
};

// How to make the ring of a test. The name is the test's suffix.
struct RingKind {
  std::string name;
  std::function<std::unique_ptr<World>()> make_world;
};
[[nodiscard]] std::vector<RingKind> uring_kinds();  // the kernel's, with the features of several kernels
[[nodiscard]] std::vector<RingKind> sim_kinds();    // simulated, calm and rough; nothing is ever reset
// A rough simulation of a seed, in which connections are reset.
[[nodiscard]] std::unique_ptr<World> make_hostile_world(uint64_t seed);
inline void PrintTo(const RingKind& kind, std::ostream* out) { *out << kind.name; }

// Runs on every kind of ring.
class NetworkTest : public ::testing::TestWithParam<RingKind> {
 protected:
  void SetUp() override { world_ = GetParam().make_world(); }
  World& world() { return *world_; }
  // A world that listens, with options as they are set.
  World& listening() {
    world_->listen();
    return *world_;
  }
  std::unique_ptr<World> world_;
};

#define TORC_ON_URINGS(suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(Urings, suite, ::testing::ValuesIn(::torc::net::uring_kinds()), \
                           [](const auto& info) { return info.param.name; })
#define TORC_ON_EVERY_RING(suite)                                                      \
  TORC_ON_URINGS(suite);                                                               \
  INSTANTIATE_TEST_SUITE_P(Sims, suite, ::testing::ValuesIn(::torc::net::sim_kinds()), \
                           [](const auto& info) { return info.param.name; })

}  // namespace torc::net
