// A session half on a thread of its own, which the network half of a World knows only by the queued channel.
//
// The half is made and destroyed on its thread, as a keyspace must be (its heap belongs to a thread). What the network
// half reports passes through a check of the order that the contract promises.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "net/queued_channel.h"
#include "world.h"

namespace torc::net {

// What runs on the session thread.
class SessionHalf {
 public:
  virtual ~SessionHalf() = default;
  // A tick: delivers what has come to `events`, which passes it on to events(), executes and replies. False when there
  // is nothing to do but wait. draining: let everybody who waits go on.
  virtual bool tick(SessionEnd& end, session::ConnectionEvents& events, bool draining) = 0;
  [[nodiscard]] virtual session::ConnectionEvents& events() = 0;
  // How long it may sleep for its own sake.
  [[nodiscard]] virtual int64_t sleep_us_max() const = 0;
};

// A bell that a thread can sleep on.
class Bell {
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    condition_.notify_one();
  }
  void wait(int64_t timeout_us) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, std::chrono::microseconds(timeout_us), [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;
};

// Passes on what the network half reports. All of a client comes between its opened() and its closed(), but for Outputs
// that come back later; an index is not used again before; and no more than one batch is lent at a time.
class CheckedEvents final : public session::ConnectionEvents {
 public:
  void connect(session::ConnectionEvents* to) { to_ = to; }
  [[nodiscard]] bool all_closed() const { return open_.empty(); }
  [[nodiscard]] uint64_t opened_count() const { return opened_count_; }

  void opened(session::ClientHandle handle, session::Peer peer) override {
    EXPECT_TRUE(open_.try_emplace(handle.index, handle.generation).second);
    ++opened_count_;
    to_->opened(handle, std::move(peer));
  }
  void requested(session::RequestBatch* batch) override {
    expect_open(batch->client);
    to_->requested(batch);
  }
  void input_held(session::ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) override {
    expect_open(handle);
    to_->input_held(handle, bytes, memory_bytes);
  }
  void input_ended(session::ClientHandle handle) override {
    expect_open(handle);
    to_->input_ended(handle);
  }
  void closed(session::ClientHandle handle) override {
    expect_open(handle);
    open_.erase(handle.index);
    to_->closed(handle);
  }
  void sent(session::ClientHandle handle, uint64_t bytes, resp::Output&& spent) override {
    if (bytes > 0) expect_open(handle);
    to_->sent(handle, bytes, std::move(spent));
  }

 private:
  void expect_open(session::ClientHandle handle) const {
    const auto place = open_.find(handle.index);
    EXPECT_TRUE(place != open_.end() && place->second == handle.generation);
  }

  session::ConnectionEvents* to_ = nullptr;
  std::map<uint32_t, uint32_t> open_;  // index to generation
  uint64_t opened_count_ = 0;
};

class SessionThread {
 public:
  using MakeHalf = std::function<std::unique_ptr<SessionHalf>(SessionEnd&)>;

  // Puts the channel between the world's network, which is to be made afterwards, and the half.
  SessionThread(World* world, size_t queue_capacity, MakeHalf make_half)
      : world_(world),
        make_half_(std::move(make_half)),
        channel_(
            queue_capacity, [world] { world->ring->wake(); }, [this] { bell_.ring(); }) {
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
    thread_ = std::thread([this] { run(); });
  }
  // Lets held clients go on, now and in future.
  void drain() {
    draining_ = true;
    bell_.ring();
  }
  // Closes everything and ends the thread when the last message has been read on either side.
  void end() {
    drain();
    for (auto& client : world_->clients) client->close();
    world_->network->close_all(0);
    world_->run_until([&] { return world_->network->closed(); });
    ending_ = true;
    world_->run_until([&] {
      bell_.ring();
      return quiet_.load();
    });
    world_->run_until([&] { return world_->network->closed() && channel_.network_end().drained(); });
    stopping_ = true;
    bell_.ring();
    thread_.join();
    EXPECT_TRUE(events_.all_closed());
    EXPECT_EQ(channel_.network_end().deliver(*world_->network), 0u);
  }
  // After end().
  [[nodiscard]] uint64_t opened_count() const { return events_.opened_count(); }

 private:
  void run() {
    SessionEnd& end = channel_.session_end();
    const std::unique_ptr<SessionHalf> half = make_half_(end);
    events_.connect(&half->events());
    while (true) {
      const bool last = stopping_, ending = ending_;
      const bool busy = half->tick(end, events_, draining_);
      end.publish();
      if (last) return;
      // Whose last client is gone says nothing more.
      if (ending && events_.all_closed() && end.drained()) quiet_ = true;
      if (busy) continue;
      if (end.may_sleep()) bell_.wait(half->sleep_us_max());
      end.awake();
    }
  }

  World* world_;
  MakeHalf make_half_;
  Bell bell_;
  QueuedChannel channel_;
  CheckedEvents events_;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> quiet_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> draining_ = false;
  std::thread thread_;
};

}  // namespace torc::net
