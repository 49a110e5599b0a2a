// Server and clients share one ring and one thread, so a test decides when time passes: nothing happens outside tick().
// What a test waits for is a condition with a bound of ticks, never a duration.
#include "world.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "io/sim_disk.h"
#include "io/sim_network.h"
#include "io/sim_ring.h"
#include "io/sim_world.h"
#include "io/uring_ring.h"

namespace torc::net {

// --- TestClient

TestClient::~TestClient() { EXPECT_TRUE(done()) << "the world forgot to close a client"; }

void TestClient::connect(const io::SocketAddress& address) {
  address_ = address;
  fd_ = world_->ring->sockets().open_stream(address.storage.ss_family).value();
  world_->ring->connect(connect_, fd_, address_.get(), address_.size);
}

void TestClient::on_connected(const io::Completion& completion) noexcept {
  if (closing_) return try_close();
  if (completion.result < 0) {
    ended = true;
    error = -completion.result;
    return;
  }
  connected = true;
  world_->ring->sockets().set_no_delay(fd_, true);
  send_next();
  receive_next();
}

void TestClient::send(std::string bytes, size_t piece_bytes) {
  if (!bytes.empty()) queued_.emplace_back(std::move(bytes), piece_bytes);
  send_next();
}

void TestClient::send_next() {
  if (!connected || closing_ || send_.in_flight() || all_sent()) return;
  if (sent_ == outgoing_.size()) {
    outgoing_ = std::move(queued_.front().first);
    piece_bytes_ = queued_.front().second;
    sent_ = 0;
    queued_.pop_front();
  }
  part_ = {outgoing_.data() + sent_, std::min({outgoing_.size() - sent_, piece_bytes_, size_t{1} << 20})};
  world_->ring->send(send_, fd_, {&part_, 1});
}

void TestClient::on_sent(const io::Completion& completion) noexcept {
  if (closing_) return try_close();
  if (completion.result < 0) {
    queued_.clear();
    sent_ = outgoing_.size();
    return;
  }
  sent_ += static_cast<size_t>(completion.result);
  send_next();
}

void TestClient::set_reading(bool yes) {
  reading_ = yes;
  if (yes) receive_next();
  if (!yes) world_->ring->cancel(receive_);
}

void TestClient::receive_next() {
  if (!connected || closing_ || ended || !reading_ || receive_.in_flight()) return;
  world_->ring->recv_into(receive_, fd_, buffer_.data(), buffer_.size(), false);
}

void TestClient::on_received(const io::Completion& completion) noexcept {
  if (completion.result > 0) received.append(buffer_.data(), static_cast<size_t>(completion.result));
  if (closing_) return try_close();
  if (completion.result == 0) ended = true;
  if (completion.result < 0 && completion.result != -ECANCELED) {
    ended = true;
    error = -completion.result;
  }
  receive_next();
}

void TestClient::end_input() { world_->ring->shutdown(shutdown_, fd_, SHUT_WR); }

void TestClient::reset() {
  constexpr linger at_once{.l_onoff = 1, .l_linger = 0};
  ASSERT_TRUE(done() || ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
}

void TestClient::on_shut_down(const io::Completion&) noexcept {
  if (closing_) try_close();
}

void TestClient::close() {
  if (closing_ || done()) return;
  closing_ = true;
  world_->ring->cancel(connect_);
  world_->ring->cancel(send_);
  world_->ring->cancel(receive_);
  try_close();
}

void TestClient::try_close() {
  const bool busy = connect_.in_flight() || send_.in_flight() || receive_.in_flight() || shutdown_.in_flight();
  if (busy || done()) return;
  world_->ring->sockets().close(std::exchange(fd_, -1));
}

// --- World

World::World(std::shared_ptr<void> its_surroundings, std::unique_ptr<io::Ring> ring_made, const base::Clock& its_clock)
    : surroundings(std::move(its_surroundings)), ring(std::move(ring_made)), clock(its_clock) {
  options.bind = {"127.0.0.1"};
  options.port = 0;
}

World::~World() {
  for (auto& client : clients) client->close();
  if (network) {
    network->close_all(0);
    session.requests_per_execute = SIZE_MAX;
    run_until([&] { return network->closed(); });
    EXPECT_EQ(session.opened_count, session.closed_count);
    EXPECT_EQ(network->stats().pinned_bytes, 0u);
    EXPECT_EQ(network->stats().connections, 0u);
  }
  run_until([&] { return std::ranges::all_of(clients, &TestClient::done); });
  clients.clear();
  EXPECT_EQ(ring->in_flight(), 0u);
  network.reset();
}

void World::start_network() {
  network = std::make_unique<Network>(*ring, *events, clock, options,
                                      [this](LogLevel, std::string_view text) { log.emplace_back(text); });
  session.connect(network.get());
}

uint16_t World::free_port() {
  io::Sockets& sockets = ring->sockets();
  const int fd = sockets.listen_tcp("127.0.0.1", 0, 1).value();
  const uint16_t port = sockets.local_port(fd);
  sockets.close(fd);
  return port;
}

void World::listen() {
  if (options.port == 0) options.port = free_port();
  start_network();
  const auto result = network->listen();
  ASSERT_TRUE(result) << result.error();
}

TestClient& World::connect() { return connect_to(io::numeric_address("127.0.0.1", port()).value()); }

TestClient& World::connect_unix() { return connect_to(io::unix_address(options.unix_socket).value()); }

TestClient& World::connect_to(const io::SocketAddress& address) {
  clients.push_back(std::make_unique<TestClient>(this));
  clients.back()->connect(address);
  return *clients.back();
}

void World::forget(TestClient& client) {
  client.close();
  run_until([&] { return client.done(); });
  std::erase_if(clients, [&](const auto& owned) { return owned.get() == &client; });
}

void World::tick() {
  ++ticks;
  io::WaitPolicy policy;
  if (!(network && network->has_work()) && session_is_idle()) {
    policy.wait_count = 1;
    policy.timeout_us = 1000;
  }
  ring->enter(policy);
  if (!network) return;
  before_collect();
  network->collect();
  after_collect();
  network->flush();
  after_flush();
}

void World::run(int count) {
  for (int i = 0; i < count; ++i) tick();
}

void World::run_until(const std::function<bool()>& condition, int ticks_max) {
  for (int i = 0; i < ticks_max; ++i) {
    if (condition()) return;
    tick();
  }
  FAIL() << "the condition did not come true within " << ticks_max << " ticks";
}

std::string World::ask(TestClient& client, const std::string& wire, size_t reply_bytes) {
  client.received.clear();
  client.send(wire);
  run_until([&] { return client.received.size() >= reply_bytes || client.ended; });
  return client.received;
}

void World::expect_reply(TestClient& client, const std::string& wire, const std::string& reply) {
  const std::string got = ask(client, wire, reply.size());
  ASSERT_EQ(got.size(), reply.size()) << got.substr(0, 200);
  ASSERT_TRUE(got == reply) << got.substr(0, 200);
}

namespace {

RingKind uring_kind(const std::string& name, const std::string& features) {
  return {name, [features] {
            io::UringOptions options;
            options.submission_entries = 256;
            options.completion_entries = 4096;
            options.allowed = io::parse_features(features).value();
            auto ring = io::make_uring_ring(options);
            if (!ring) throw std::runtime_error(ring.error());
            auto clock = std::make_shared<base::SystemClock>();
            return std::make_unique<World>(clock, std::move(*ring), *clock);
          }};
}

struct Simulation {
  Simulation(uint64_t seed, const io::SimOptions& options) : world(seed, &clock, options) {}
  base::ManualClock clock;
  io::SimWorld world;
  io::SimNetwork network{world};
  io::SimDisk disk{world};
};

std::unique_ptr<World> make_sim_world(uint64_t seed, const io::SimOptions& options) {
  auto simulation = std::make_shared<Simulation>(seed, options);
  auto ring = std::make_unique<io::SimRing>(simulation->world, simulation->network, simulation->disk, "10.0.0.1");
  auto made = std::make_unique<World>(simulation, std::move(ring), simulation->clock);
  made->host = "10.0.0.1";
  return made;
}

io::SimOptions rough_options() {
  io::SimOptions options = io::SimOptions::rough();
  options.reset_permille = 0;
  options.receive_buffers = 8;
  options.receive_buffer_bytes = 4096;
  options.socket_buffer_bytes = 64 * 1024;
  return options;
}

}  // namespace

std::vector<RingKind> uring_kinds() {
  return {uring_kind("UringAll", "all"), uring_kind("Uring6_12", "6.12"), uring_kind("Uring6_6", "6.6"),
          uring_kind("Uring6_1", "6.1"), uring_kind("UringNone", "none")};
}

std::vector<RingKind> sim_kinds() {
  std::vector<RingKind> kinds = {{"SimCalm", [] { return make_sim_world(1, io::SimOptions::calm()); }}};
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    kinds.push_back({"SimRough" + std::to_string(seed), [seed] { return make_sim_world(seed, rough_options()); }});
  }
  return kinds;
}

std::unique_ptr<World> make_hostile_world(uint64_t seed) {
  io::SimOptions options = rough_options();
  options.reset_permille = 2;
  return make_sim_world(seed, options);
}

}  // namespace torc::net
