// The two halves on two threads, which know each other only by the queued channel. To be run under ThreadSanitizer: it
// is the proof that net and session share nothing but what the channel hands over.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/random.h"
#include "chaos_client.h"
#include "net/queued_channel.h"
#include "world.h"

namespace torc::net {
namespace {

// A bell that a thread can sleep on.
class Bell {
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    condition_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;
};

// Runs the world's session on a thread of its own until it is stopped.
class SessionThread {
 public:
  SessionThread(World* world, size_t queue_capacity, uint64_t seed)
      : world_(world),
        channel_(
            queue_capacity, [world] { world->ring->wake(); }, [this] { bell_.ring(); }),
        random_(seed) {
    NetworkEnd& end = channel_.network_end();
    world->events = &end;
    world->session_is_idle = [&end] { return end.may_sleep(); };
    world->before_collect = [world, &end] {
      end.awake();
      end.deliver(*world->network);
    };
    world->after_collect = [] {};
    world->after_flush = [&end] { end.publish(); };
  }
  void start() {
    world_->session.connect(&channel_.session_end());
    thread_ = std::thread([this] { run(); });
  }
  // After the network has closed all: the last messages are read, then the thread ends.
  void stop() {
    stopping_ = true;
    bell_.ring();
    thread_.join();
    channel_.network_end().deliver(*world_->network);
  }
  // Lets held clients go on, now and in future.
  void release_all() {
    releasing_ = true;
    bell_.ring();
  }

 private:
  void run() {
    SessionEnd& end = channel_.session_end();
    while (true) {
      const bool last = stopping_;
      end.deliver(world_->session);
      world_->session.requests_per_execute = releasing_ || random_.below(3) > 0 ? 1000 : random_.below(10);
      world_->session.execute();
      if (releasing_ || random_.below(5) == 0) world_->session.release();
      if (random_.below(2) == 0) end.detach_held();
      end.publish();
      if (last) return;
      // Not idle when requests are left, or clients are held that the next round may release.
      const bool clients_held =
          std::ranges::any_of(world_->session.clients(), [](auto* client) { return client->held; });
      if (!world_->session.idle() || clients_held) continue;
      if (end.may_sleep()) bell_.wait();
      end.awake();
    }
  }

  World* world_;
  Bell bell_;
  QueuedChannel channel_;
  base::Random random_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> releasing_ = false;
  std::thread thread_;
};

class ChannelThreadsTest : public NetworkTest {
 protected:
  void begin(size_t queue_capacity, uint64_t seed) {
    session_thread_ = std::make_unique<SessionThread>(&world(), queue_capacity, seed);
    world().options.authenticated_at_start = true;
    world().options.port = world().free_port();
    world().start_network();
    session_thread_->start();
    ASSERT_TRUE(world().network->listen());
  }
  void end() {
    session_thread_->release_all();
    for (auto& client : world().clients) client->close();
    world().network->close_all(0);
    world().run_until([&] { return world().network->closed(); });
    // The last messages leave with further ticks, some by way of the overflow of a small queue.
    world().run_until([&] { return world().session.closed_count == world().session.opened_count; });
    session_thread_->stop();
    // What came back with the last messages.
    world().run_until([&] { return world().network->closed(); });
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
    session_thread_->release_all();
    for (ChaosClient& client : clients) client.finish();
    world().run_until([&] { return std::ranges::all_of(clients, &ChaosClient::over); });
    for (const ChaosClient& client : clients) {
      client.check();
      EXPECT_TRUE(client.got_all()) << "seed " << seed;
    }
    end();
    world_.reset();
  }
}

}  // namespace
}  // namespace torc::net
