// BatchWait: how many completions the tick waits for while many connections are active, and how long at most.
//
// Answering several clients with one wake-up saves both sides context switches, and at depth 1 those are a tenth of all
// CPU. But whoever waits for company pays with latency. Two regimes, told apart by how busy the server's thread is:
//   mostly idle   Requests come when their senders like. A sixth of the active connections, 20 µs at most: enough that
//                 redis-benchmark's throughput does not fall behind a slower server's, not enough to be noticed.
//   mostly busy   Requests queue anyway, so waiting costs nobody latency: what is gathered now need not be gathered
//                 later. A quarter of the active connections, 100 µs at most. (GET at depth 1, 50 connections: 6 to 8 %
//                 less CPU per request than in the first regime, p99 the same; a third and 200 µs: 2 % more, and p99
//                 10 % worse.)
// One or two active connections never wait for others.
#pragma once

#include <cstdint>

#include "io/ring.h"

namespace torc::server {

class BatchWait {
 public:
  // How often sample() is due.
  static constexpr int64_t sample_period_us = 50'000;

  // The processor time that the thread has used until now; looked at once per sample_period_us.
  [[nodiscard]] bool sample_due(int64_t now_us) const noexcept { return now_us - sampled_us_ >= sample_period_us; }
  void sample(int64_t now_us, int64_t processor_us) noexcept;
  [[nodiscard]] bool busy() const noexcept { return busy_; }

  // Adds the wish for a batch to a policy that waits for one completion.
  void apply(uint32_t active_clients, io::WaitPolicy* policy) const noexcept;

 private:
  int64_t sampled_us_ = 0;
  int64_t processor_us_ = 0;
  bool busy_ = false;
};

}  // namespace torc::server
