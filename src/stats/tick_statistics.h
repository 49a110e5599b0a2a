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
  // One tick without the time it slept. growth_ns: the longest command in which a table grew.
  void record(uint64_t busy_ns, uint64_t requests, uint64_t growth_ns) noexcept {
    busy_ns_.record(busy_ns);
    growth_max_ns_ = std::max(growth_max_ns_, growth_ns);
    requests_ += requests;
    busy_total_ns_ += busy_ns;
  }
  void write(base::InfoWriter& out) const;
  void reset() noexcept;

 private:
  ds::Histogram busy_ns_;
  uint64_t requests_ = 0;
  uint64_t busy_total_ns_ = 0;
  uint64_t growth_max_ns_ = 0;
};

}  // namespace torc::stats
