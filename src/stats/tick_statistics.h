// What the loop did: how long ticks took, what the longest command took, how often the kernel was entered. The "tick"
// section of INFO; it is how a pause is found, and how its absence is shown.
#pragma once

#include <cstdint>

#include "base/info.h"
#include "ds/histogram.h"

namespace torc::stats {

class TickStatistics {
 public:
  // One tick without the time it slept.
  void record(uint64_t busy_ns, uint64_t requests) noexcept {
    busy_ns_.record(busy_ns);
    requests_ += requests;
    busy_total_ns_ += busy_ns;
  }
  void write(base::InfoWriter& out) const;
  void reset() noexcept;

 private:
  ds::Histogram busy_ns_;
  uint64_t requests_ = 0;
  uint64_t busy_total_ns_ = 0;
};

}  // namespace torc::stats
