// Samples not yet taken count as zero, as in Redis: rates rise during the first 1.6 seconds.
#include "stats/instantaneous_rates.h"

namespace torc::stats {

void InstantaneousRates::record(Rate rate, uint64_t difference, uint64_t per, uint64_t factor) noexcept {
  samples_[rate][next_] = per == 0 ? 0 : difference * factor / per;
}

void InstantaneousRates::sample(int64_t now_ms, const RateCounters& counters) noexcept {
  if (last_ms_ != 0 && now_ms > last_ms_) {
    const auto elapsed_ms = static_cast<uint64_t>(now_ms - last_ms_);
    constexpr uint64_t per_second = 1000;
    record(commands, counters.commands - last_.commands, elapsed_ms, per_second);
    record(input, counters.input_bytes - last_.input_bytes, elapsed_ms, per_second);
    record(output, counters.output_bytes - last_.output_bytes, elapsed_ms, per_second);
    record(ticks, counters.ticks - last_.ticks, elapsed_ms, per_second);
    record(tick_us, counters.busy_us - last_.busy_us, counters.ticks - last_.ticks, 1);
    next_ = (next_ + 1) % samples_max;
  }
  last_ = counters;
  last_ms_ = now_ms;
}

uint64_t InstantaneousRates::mean(Rate rate) const noexcept {
  uint64_t sum = 0;
  for (const uint64_t sample : samples_[rate]) sum += sample;
  return sum / samples_max;
}

void InstantaneousRates::write(base::InfoWriter& out) const {
  constexpr double kilo = 1024;
  out.unsigned_integer("instantaneous_ops_per_sec", mean(commands));
  out.decimal("instantaneous_input_kbps", static_cast<double>(mean(input)) / kilo, 2);
  out.decimal("instantaneous_output_kbps", static_cast<double>(mean(output)) / kilo, 2);
  out.unsigned_integer("instantaneous_eventloop_cycles_per_sec", mean(ticks));
  out.unsigned_integer("instantaneous_eventloop_duration_usec", mean(tick_us));
}

}  // namespace torc::stats
