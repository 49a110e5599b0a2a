// The tick (DESIGN): one call into the kernel that submits, reaps and perhaps waits; then parse, execute, reply. All
// that is longer than its share is cut into slices, so the next call into the kernel is never far.
#include <algorithm>

#include "io/process.h"
#include "server/server.h"

namespace torc::server {

io::WaitPolicy Server::wait_policy() {
  if (work_left_) return {};
  const int64_t now_us = clock_->monotonic_us();
  if (batch_wait_.sample_due(now_us)) [[unlikely]] {
    const io::ProcessorTime used = io::processor_time(io::ProcessorTimeOf::this_thread);
    batch_wait_.sample(now_us, used.user_us + used.system_us);
  }
  const int64_t network_us = network_->wanted_at_us() - now_us;
  io::WaitPolicy policy{.wait_count = 1, .timeout_us = std::clamp<int64_t>(network_us, 0, session_.sleep_us_max())};
  batch_wait_.apply(session_.active_clients(), &policy);
  return policy;
}

void Server::tick() {
  ring_->enter(wait_policy());
  const uint64_t begin = clock_->cycles();
  const uint64_t requests_before = session_.statistics().commands_processed;
  session_.begin_tick();
  network_->collect();
  bool more = session_.execute();
  session_.flush_replies();
  network_->detach_lent();
  network_->flush();
  if (session_.background_due()) {
    ring_->enter({});  // replies leave before we turn to what nobody waits for
    more |= session_.background();
  }
  work_left_ = more || network_->has_work();
  const double ns_per_cycle = 1000 / clock_->cycles_per_us();
  const auto ns = [&](uint64_t cycles) { return static_cast<uint64_t>(static_cast<double>(cycles) * ns_per_cycle); };
  tick_statistics_.record(ns(clock_->cycles() - begin), session_.statistics().commands_processed - requests_before,
                          ns(session_.take_growth_cycles_max()));
}

}  // namespace torc::server
