// A client that does whatever the generator says: pipelines cut anywhere, big values both ways, pauses in reading,
// QUIT, waiting, a sudden end. It knows the replies that it must get, so at any time what it received is a prefix of
// them. What it says is exchangeable, as it depends on who answers.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "base/random.h"
#include "world.h"

namespace torc::net {

struct ChaosTalk {
  // Sends so many bytes, asks for so many, waits a moment: each appends requests and returns the replies.
  std::function<std::string(std::string& wire, size_t bytes)> upload, download;
  std::function<std::string(std::string& wire)> wait;
  std::function<void(std::string& wire)> be_closed;  // at once; empty: does not
  bool resets = false;                               // ends by resetting the connection
};

// What the stub of the session half understands.
[[nodiscard]] inline ChaosTalk stub_talk() {
  return {.upload =
              [](std::string& wire, size_t bytes) {
                const std::string value = value_of(bytes);
                wire += encode({"SUM", value, "x"});
                return sum_of({value, "x"});
              },
          .download =
              [](std::string& wire, size_t bytes) {
                wire += encode({"GET", std::to_string(bytes)});
                return bulk(value_of(bytes));
              },
          .wait =
              [](std::string& wire) {
                wire += encode({"HOLD"});
                return std::string("+OK\r\n");
              },
          .be_closed = {}};
}

[[nodiscard]] inline ChaosTalk hostile_talk() {
  ChaosTalk talk = stub_talk();
  // What comes behind is on its way when the client is gone.
  talk.be_closed = [](std::string& wire) {
    wire += encode({"KILL"});
    for (int i = 0; i < 60; ++i) wire += encode({"PING"});
  };
  talk.resets = true;
  return talk;
}

class ChaosClient {
 public:
  ChaosClient(World* world, base::Random* random, ChaosTalk talk = stub_talk())
      : world_(world), random_(random), talk_(std::move(talk)), client_(&world->connect()) {}

  // False when it is over.
  bool step() {
    if (client_->ended || closed_) return false;
    switch (random_->below(40)) {
      case 0:
        client_->set_reading(false);
        break;
      case 1:
        client_->set_reading(true);
        break;
      case 2:
        closed_ = random_->below(talk_.resets ? 2 : 10) == 0;
        break;
      default:
        if (client_->all_sent() && sent_requests_ < 200 && !quits_) send_some();
    }
    if (closed_ && talk_.resets) client_->reset();
    if (closed_) client_->close();
    return !closed_;
  }
  void check() const {
    ASSERT_LE(client_->received.size(), expected_.size());
    ASSERT_TRUE(expected_.starts_with(client_->received));
  }
  void finish() {
    client_->set_reading(true);
    if (over() || quits_) return;
    client_->send(encode({"QUIT"}));
    expect("+OK\r\n");
  }
  [[nodiscard]] bool over() const { return closed_ || client_->ended; }
  [[nodiscard]] bool got_all() const { return closed_ || client_->received == expected_; }

 private:
  void send_some() {
    std::string wire;
    for (uint64_t count = 1 + random_->below(20); count > 0 && !quits_; --count) add_request(wire);
    static constexpr size_t pieces[] = {1, 30, 1000, 20'000, SIZE_MAX};
    client_->send(wire, wire.size() < 3000 ? pieces[random_->below(5)] : pieces[2 + random_->below(3)]);
  }
  void add_request(std::string& wire) {
    ++sent_requests_;
    const uint64_t kind = random_->below(100);
    const size_t size = random_->below(kind < 3 ? 500'000 : kind < 20 ? 20'000 : 100);
    if (kind < 60) return expect(talk_.upload(wire, size));
    if (kind < 98) return expect(talk_.download(wire, size));
    if (kind < 99) return expect(talk_.wait(wire));
    quits_ = true;
    if (talk_.be_closed && random_->below(2) == 0) return talk_.be_closed(wire);
    wire += encode({"QUIT"});
    expect("+OK\r\n");
  }
  void expect(const std::string& reply) { expected_ += reply; }

  World* world_;
  base::Random* random_;
  ChaosTalk talk_;
  TestClient* client_;
  std::string expected_;
  int sent_requests_ = 0;
  bool quits_ = false;
  bool closed_ = false;
};

}  // namespace torc::net
