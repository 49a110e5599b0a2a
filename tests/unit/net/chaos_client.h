// A client that does whatever the generator says: pipelines cut anywhere, big values both ways, pauses in reading,
// QUIT, HOLD, a sudden end. It knows the replies that it must get, so at any time what it received is a prefix of them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "world.h"

namespace torc::net {

class ChaosClient {
 public:
  ChaosClient(World* world, base::Random* random) : world_(world), random_(random), client_(&world->connect()) {}

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
        closed_ = random_->below(10) == 0;
        break;
      default:
        if (client_->all_sent() && sent_requests_ < 200 && !quits_) send_some();
    }
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
    if (kind < 60) {
      const std::string value = value_of(size);
      wire += encode({"SUM", value, "x"});
      expect(sum_of({value, "x"}));
    } else if (kind < 98) {
      wire += encode({"GET", std::to_string(size)});
      expect(bulk(value_of(size)));
    } else if (kind < 99) {
      wire += encode({"HOLD"});
      expect("+OK\r\n");
    } else {
      wire += encode({"QUIT"});
      expect("+OK\r\n");
      quits_ = true;
    }
  }
  void expect(const std::string& reply) { expected_ += reply; }

  World* world_;
  base::Random* random_;
  TestClient* client_;
  std::string expected_;
  int sent_requests_ = 0;
  bool quits_ = false;
  bool closed_ = false;
};

}  // namespace torc::net
