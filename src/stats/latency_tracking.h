// How long the commands take, each by itself: their histograms as INFO's latencystats and as LATENCY HISTOGRAM. The
// session records (session/command.h) while latency-tracking is on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/info.h"
#include "base/setting.h"
#include "ds/histogram.h"

namespace torc::session {
class Registry;
class Session;
}  // namespace torc::session

namespace torc::stats {

class LatencyTracking {
 public:
  explicit LatencyTracking(session::Session* session) noexcept : session_(session) {}
  [[nodiscard]] base::Settings settings();
  [[nodiscard]] base::InfoProviders info() const;

 private:
  void write(base::InfoWriter& out) const;
  session::Session* session_;
  std::vector<double> percentiles_;
};

// Records up to each bound: the upper end in microseconds of 1.024 µs doubled again and again, and how many records are
// not above it. Bounds at which nothing is added are left out.
[[nodiscard]] std::vector<std::pair<uint64_t, uint64_t>> cumulative_microseconds(const ds::Histogram& nanoseconds);

}  // namespace torc::stats
