// Figures are written in microseconds with one decimal: a tick of an idle server takes a few.
#include "stats/tick_statistics.h"

namespace torc::stats {

void TickStatistics::write(base::InfoWriter& out) const {
  const auto microseconds = [](uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000.0; };
  out.unsigned_integer("ticks", busy_ns_.count());
  out.unsigned_integer("tick_requests", requests_);
  out.decimal("tick_busy_us_total", microseconds(busy_ns_.sum()), 1);
  out.decimal("tick_us_p50", microseconds(busy_ns_.percentile(50)), 1);
  out.decimal("tick_us_p99", microseconds(busy_ns_.percentile(99)), 1);
  out.decimal("tick_us_p999", microseconds(busy_ns_.percentile(99.9)), 1);
  out.decimal("tick_us_max", microseconds(busy_ns_.max()), 1);
  out.decimal("tick_growth_us_max", microseconds(growth_max_ns_), 1);
}

void TickStatistics::write_event_loop(base::InfoWriter& out) const {
  out.unsigned_integer("eventloop_cycles", ticks());
  out.unsigned_integer("eventloop_duration_sum", busy_us());
  out.unsigned_integer("eventloop_duration_cmd_sum", execute_total_ns_ / 1000);
}

void TickStatistics::write_debug(base::InfoWriter& out) const {
  out.unsigned_integer("eventloop_duration_cron_sum", background_total_ns_ / 1000);
  out.unsigned_integer("eventloop_duration_max", busy_ns_.max() / 1000);
  out.unsigned_integer("eventloop_cmd_per_cycle_max", requests_max_);
}

void TickStatistics::reset() noexcept {
  *this = {};
}

}  // namespace torc::stats
