// The two halves on two threads, which know each other only by the queued channel. To be run under ThreadSanitizer: it
// is the proof that net and session share nothing but what the channel hands over.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "chaos_client.h"
#include "session_thread.h"

namespace torc::net {
namespace {

// The world's stub, in ticks of random length.
class StubHalf final : public SessionHalf {
 public:
  StubHalf(StubSession* stub, SessionEnd* end, uint64_t seed) : stub_(stub), random_(seed) { stub_->connect(end); }

  bool tick(SessionEnd& end, session::ConnectionEvents& events, bool draining) override {
    end.deliver(events);
    stub_->requests_per_execute = draining || random_.below(3) > 0 ? 1000 : random_.below(10);
    stub_->execute();
    if (draining || random_.below(5) == 0) stub_->release();
    if (random_.below(2) == 0) end.detach_held();
    // Not idle when requests are left, or clients are held that the next tick may release.
    return !stub_->idle() || std::ranges::any_of(stub_->clients(), [](auto* client) { return client->held; });
  }
  session::ConnectionEvents& events() override { return *stub_; }
  [[nodiscard]] int64_t sleep_us_max() const override { return 60'000'000; }  // a bell that is not rung is noticed

 private:
  StubSession* stub_;
  base::Random random_;
};

class ChannelThreadsTest : public NetworkTest {
 protected:
  void begin(size_t queue_capacity, uint64_t seed) {
    StubSession* stub = &world().session;
    session_thread_ = std::make_unique<SessionThread>(&world(), queue_capacity, [stub, seed](SessionEnd& end) {
      return std::make_unique<StubHalf>(stub, &end, seed);
    });
    world().options.authenticated_at_start = true;
    world().options.port = world().free_port();
    world().start_network();
    session_thread_->start();
    ASSERT_TRUE(world().network->listen());
  }
  // A test that failed has not ended.
  void TearDown() override {
    if (world_) end();
  }
  void end() {
    session_thread_->end();
    EXPECT_EQ(world().session.opened_count, session_thread_->opened_count());
    world_.reset();  // before what it talks to
  }
  std::unique_ptr<SessionThread> session_thread_;
};
TORC_ON_URINGS(ChannelThreadsTest);

TEST_P(ChannelThreadsTest, RequestsAndReplies) {
  begin(64, 1);
  std::vector<TestClient*> clients;
  std::string wire;
  std::string replies;
  for (int i = 0; i < 500; ++i) {
    const std::string value = value_of(static_cast<size_t>(i) * 13);
    wire += encode({"SUM", value}) + encode({"GET", std::to_string(i * 17)}) + encode({"HOLD"});
    replies += sum_of({value}) + bulk(value_of(static_cast<size_t>(i) * 17)) + "+OK\r\n";
  }
  for (int i = 0; i < 8; ++i) clients.push_back(&world().connect());
  for (TestClient* client : clients) client->send(wire, 30'000);
  for (TestClient* client : clients) {
    world().run_until([&] { return client->received.size() >= replies.size() || client->ended; });
    EXPECT_TRUE(client->received == replies);
  }
  end();
}

TEST_P(ChannelThreadsTest, OneAtATimeBothSleepInBetween) {
  begin(16, 2);
  TestClient& client = world().connect();
  for (int i = 0; i < 200; ++i) world().expect_reply(client, encode({"PING"}), "+PONG\r\n");
  end();
}

TEST_P(ChannelThreadsTest, BlobsTravelBothWays) {
  begin(4, 3);
  TestClient& client = world().connect();
  for (const size_t size : {100'000u, 2'000'000u, 50'000u}) {
    const std::string value = value_of(size);
    world().expect_reply(client, encode({"SUM", value}) + encode({"GET", std::to_string(size)}),
                         sum_of({value}) + bulk(value));
  }
  end();
}

TEST_P(ChannelThreadsTest, Chaos) {
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    base::Random random(seed);
    world_ = GetParam().make_world();
    world().options.requests_per_batch = 1 + random.below(50);
    world().options.backlog_bytes_max = 1000 + random.below(100'000);
    world().options.zero_copy_local = true;
    // A tiny queue: messages overflow on either side.
    begin(size_t{2} << random.below(6), seed);
    std::vector<ChaosClient> clients;
    for (int i = 0; i < 10; ++i) clients.emplace_back(&world(), &random);
    for (int step = 0; step < 1500; ++step) {
      for (ChaosClient& client : clients) static_cast<void>(client.step());
      world().tick();
      for (const ChaosClient& client : clients) client.check();
      ASSERT_FALSE(HasFatalFailure());
    }
    session_thread_->drain();
    for (ChaosClient& client : clients) client.finish();
    world().run_until([&] { return std::ranges::all_of(clients, &ChaosClient::over); });
    for (const ChaosClient& client : clients) {
      client.check();
      EXPECT_TRUE(client.got_all()) << "seed " << seed;
    }
    end();
  }
}

// Connections are reset by their peers, and closed by the session while more of them is on its way; their slots are
// used again at once.
TEST_P(ChannelThreadsTest, ChaosWithResets) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    base::Random random(seed);
    world_ = GetParam().make_world();
    world().options.requests_per_batch = 1 + random.below(20);
    world().options.backlog_bytes_max = 1000 + random.below(50'000);
    world().options.zero_copy_local = random.below(2) == 0;
    begin(size_t{1} << random.below(4), seed);
    std::vector<ChaosClient> clients;
    for (int i = 0; i < 10; ++i) clients.emplace_back(&world(), &random, hostile_talk());
    for (int step = 0; step < 400; ++step) {
      for (ChaosClient& client : clients) {
        if (!client.step()) client = ChaosClient(&world(), &random, hostile_talk());
      }
      world().tick();
      for (const ChaosClient& client : clients) client.check();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    }
    end();
    EXPECT_GT(session_thread_->opened_count(), 20u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace torc::net
