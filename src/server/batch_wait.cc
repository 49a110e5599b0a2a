// Busy from half of a core on; no longer below four tenths, so that it does not change to and fro.
#include "server/batch_wait.h"

namespace torc::server {

namespace {

struct Regime {
  uint32_t clients_per_completion;
  uint32_t wait_us;
};
constexpr Regime mostly_idle = {6, 20};
constexpr Regime mostly_busy = {4, 100};

}  // namespace

void BatchWait::sample(int64_t now_us, int64_t processor_us) noexcept {
  const int64_t used_us = processor_us - processor_us_;
  const int64_t passed_us = now_us - sampled_us_;
  busy_ = used_us * 10 >= passed_us * (busy_ ? 4 : 5);
  sampled_us_ = now_us;
  processor_us_ = processor_us;
}

void BatchWait::apply(uint32_t active_clients, io::WaitPolicy* policy) const noexcept {
  const Regime& regime = busy_ ? mostly_busy : mostly_idle;
  const uint32_t completions = active_clients / regime.clients_per_completion;
  if (completions < 2) return;
  policy->wait_count = completions;
  policy->min_wait_us = regime.wait_us;
}

}  // namespace torc::server
