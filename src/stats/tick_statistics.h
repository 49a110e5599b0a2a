// What the loop did: how long ticks took, what the longest command took, how often the kernel was entered. The "tick"
// section of INFO; it is how a pause is found, and how its absence is shown.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/info.h"
#include "ds/histogram.h"

namespace torc::stats {

class TickStatistics {
 public:
  // One tick without the time it slept: all of it, and the parts in which commands ran and background work was done;
  // the longest command in which a table grew (0: none did).
  struct Tick {
    uint64_t busy_ns, execute_ns, background_ns, requests, growth_max_ns = 0;
  };
  void record(const Tick& tick) noexcept {
    busy_ns_.record(tick.busy_ns);
    requests_ += tick.requests;
    execute_total_ns_ += tick.execute_ns;
    background_total_ns_ += tick.background_ns;
    growth_max_ns_ = std::max(growth_max_ns_, tick.growth_max_ns);
    if (tick.requests > requests_max_) requests_max_ = tick.requests;
  }
  [[nodiscard]] uint64_t ticks() const noexcept { return busy_ns_.count(); }
  [[nodiscard]] uint64_t busy_us() const noexcept { return busy_ns_.sum() / 1000; }
  void write(base::InfoWriter& out) const;
  // The same under Redis's names: eventloop_* of the sections stats and debug.
  void write_event_loop(base::InfoWriter& out) const;
  void write_debug(base::InfoWriter& out) const;
  void reset() noexcept;

 private:
  ds::Histogram busy_ns_;
  uint64_t requests_ = 0;
  uint64_t requests_max_ = 0;  // in one tick
  uint64_t execute_total_ns_ = 0;
  uint64_t background_total_ns_ = 0;
  uint64_t growth_max_ns_ = 0;
};

}  // namespace torc::stats
