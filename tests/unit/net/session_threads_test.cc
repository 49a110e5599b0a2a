// The halves as they are on two threads: a real session with its keyspace and commands behind the queued channel.
// Values travel to the network thread by reference and come back, requests wait in batches that were copied out of the
// ring's buffers, and connections are reset meanwhile. To be run under ThreadSanitizer.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/clock.h"
#include "base/random.h"
#include "chaos_client.h"
#include "cmd/generic.h"
#include "cmd/keyspace.h"
#include "cmd/list.h"
#include "cmd/string.h"
#include "session/families.h"
#include "session/session.h"
#include "session_thread.h"
#include "store/keyspace.h"

namespace torc::net {
namespace {

class RealHalf final : public SessionHalf {
 public:
  RealHalf(SessionEnd* end, uint64_t seed) : random_(seed) {
    for (auto rows : {cmd::string_rows(), cmd::list_rows(), cmd::generic_rows(), cmd::keyspace_rows(),
                      session::connection_rows(), session::client_rows(), session::transaction_rows(),
                      session::monitor_rows()}) {
      registry_.add(rows, nullptr);
    }
    session_.connect(end);
  }

  bool tick(SessionEnd& end, session::ConnectionEvents& events, bool) override {
    session_.options().tick_budget_us = random_.below(4) == 0 ? 0 : 500;
    session_.begin_tick();
    end.deliver(events);
    bool more = session_.execute();
    session_.flush_replies();
    end.detach_held();
    end.publish();
    if (session_.background_due()) more |= session_.background();
    return more;
  }
  session::ConnectionEvents& events() override { return session_; }
  [[nodiscard]] int64_t sleep_us_max() const override { return session_.sleep_us_max(); }

 private:
  base::SystemClock clock_;
  base::Random random_;
  store::Keyspace keyspace_{16, {1, 2}};
  session::Registry registry_;
  session::Session session_{{.keyspace = &keyspace_,
                             .registry = &registry_,
                             .clock = &clock_,
                             .random = &random_,
                             .control = nullptr,
                             .authenticator = nullptr,
                             .log = {}}};
};

// Keys of a client's own, so that it knows its replies; values are shared by reference with what is being sent.
ChaosTalk keyspace_talk(uint64_t client, bool hostile) {
  const std::string key = "value:" + std::to_string(client);
  const std::string list = "list:" + std::to_string(client);
  ChaosTalk talk;
  talk.upload = [key](std::string& wire, size_t bytes) {
    wire += encode({"SET", key, value_of(bytes)}) + encode({"APPEND", key, "x"});
    return "+OK\r\n:" + std::to_string(bytes + 1) + "\r\n";
  };
  talk.download = [key](std::string& wire, size_t bytes) {
    wire += encode({"MULTI"}) + encode({"SET", key, value_of(bytes)}) + encode({"GET", key}) +
            encode({"SETRANGE", key, "0", "y"}) + encode({"GET", key}) + encode({"EXEC"});
    std::string changed = value_of(std::max(bytes, size_t{1}));
    changed[0] = 'y';
    return "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n+OK\r\n" + bulk(value_of(bytes)) + ":" +
           std::to_string(changed.size()) + "\r\n" + bulk(changed);
  };
  talk.wait = [list](std::string& wire) {
    wire += encode({"BLPOP", list, "0.002"}) + encode({"RPUSH", list, "z"}) + encode({"BLPOP", list, "0"});
    return "*-1\r\n:1\r\n*2\r\n" + bulk(list) + bulk("z");
  };
  talk.resets = hostile;
  if (hostile) {
    // Itself, or whoever stands in the way. How many these are nobody can know, so there shall be no reply.
    talk.be_closed = [](std::string& wire) {
      wire += encode({"CLIENT", "REPLY", "SKIP"}) + encode({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"});
    };
  }
  return talk;
}

class SessionThreadsTest : public NetworkTest {
 protected:
  void begin(size_t queue_capacity, uint64_t seed) {
    session_thread_ = std::make_unique<SessionThread>(
        &world(), queue_capacity, [seed](SessionEnd& end) { return std::make_unique<RealHalf>(&end, seed); });
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
    world_.reset();
  }
  std::unique_ptr<SessionThread> session_thread_;
};
TORC_ON_URINGS(SessionThreadsTest);

TEST_P(SessionThreadsTest, AClientIsServedByAnother) {
  begin(16, 1);
  TestClient& waiting = world().connect();
  TestClient& giving = world().connect();
  for (int i = 0; i < 20; ++i) {
    waiting.received.clear();
    waiting.send(encode({"BLPOP", "queue", "0"}) + encode({"PING"}));
    world().run(3);
    world().expect_reply(giving, encode({"RPUSH", "queue", value_of(5000)}), ":1\r\n");
    const std::string reply = "*2\r\n" + bulk("queue") + bulk(value_of(5000)) + "+PONG\r\n";
    world().run_until([&] { return waiting.received.size() >= reply.size(); });
    ASSERT_EQ(waiting.received, reply);
  }
  end();
}

TEST_P(SessionThreadsTest, Chaos) {
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    base::Random random(seed);
    world_ = GetParam().make_world();
    world().options.requests_per_batch = 1 + random.below(50);
    world().options.zero_copy_local = true;
    begin(size_t{1} << random.below(6), seed);
    std::vector<ChaosClient> clients;
    for (uint64_t i = 0; i < 10; ++i) clients.emplace_back(&world(), &random, keyspace_talk(i, false));
    for (int step = 0; step < 600; ++step) {
      for (ChaosClient& client : clients) static_cast<void>(client.step());
      world().tick();
      for (const ChaosClient& client : clients) client.check();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    }
    for (ChaosClient& client : clients) client.finish();
    world().run_until([&] { return std::ranges::all_of(clients, &ChaosClient::over); });
    for (const ChaosClient& client : clients) {
      client.check();
      EXPECT_TRUE(client.got_all()) << "seed " << seed;
    }
    end();
  }
}

TEST_P(SessionThreadsTest, ChaosWithResets) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    base::Random random(seed);
    world_ = GetParam().make_world();
    world().options.requests_per_batch = 1 + random.below(20);
    world().options.zero_copy_local = random.below(2) == 0;
    begin(size_t{1} << random.below(4), seed);
    uint64_t number = 0;
    std::vector<ChaosClient> clients;
    for (; number < 10; ++number) clients.emplace_back(&world(), &random, keyspace_talk(number, true));
    world().connect().send(encode({"MONITOR"}));
    for (int step = 0; step < 400; ++step) {
      for (ChaosClient& client : clients) {
        if (!client.step()) client = ChaosClient(&world(), &random, keyspace_talk(number++, true));
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
