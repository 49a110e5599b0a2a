// The tick: one call into the kernel that submits, reaps and perhaps waits; then parse, execute, reply. All
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
  const uint64_t execute_begin = clock_->cycles();
  bool more = session_.execute();
  const uint64_t execute_end = clock_->cycles();
  session_.flush_replies();
  network_->detach_lent();
  network_->flush();
  uint64_t background_begin = 0, background_end = 0;
  if (session_.background_due()) {
    ring_->enter({});  // replies leave before we turn to what nobody waits for
    background_begin = clock_->cycles();
    more |= session_.background();
    background_end = clock_->cycles();
  }
  work_left_ = more || network_->has_work();
  const uint64_t requests_after = session_.statistics().commands_processed;
  tick_statistics_.record({.busy_ns = session_.nanoseconds_of(clock_->cycles() - begin),
                           .execute_ns = session_.nanoseconds_of(execute_end - execute_begin),
                           .background_ns = session_.nanoseconds_of(background_end - background_begin),
                           // CONFIG RESETSTAT begins at 0 again
                           .requests = requests_after - std::min(requests_before, requests_after),
                           .growth_max_ns = session_.nanoseconds_of(session_.take_growth_cycles_max())});
  if (rates_.due(session_.now_ms())) [[unlikely]]
    sample_rates();
}

}  // namespace torc::server
