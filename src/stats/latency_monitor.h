// LatencyMonitor: what took latency-monitor-threshold or longer, by event: for each event the worst of each second,
// of the last 160 seconds in which there was anything.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace torc::stats {

struct LatencySample {
  int64_t time_s;
  uint64_t latency_ms;
};

class LatencySeries {
 public:
  static constexpr size_t samples_max = 160;

  void add(LatencySample sample);
  // Oldest first; never empty.
  [[nodiscard]] std::vector<LatencySample> samples() const;
  [[nodiscard]] LatencySample latest() const noexcept { return ring_[(next_ + samples_max - 1) % samples_max]; }
  [[nodiscard]] uint64_t max_ms() const noexcept { return max_ms_; }

 private:
  std::array<LatencySample, samples_max> ring_{};
  size_t next_ = 0;  // where the next sample goes
  size_t count_ = 0;
  uint64_t max_ms_ = 0;
};

class LatencyMonitor {
 public:
  using Events = std::map<std::string, LatencySeries, std::less<>>;

  int64_t threshold_ms = 0;  // 0: nothing is recorded

  // Recorded when it reaches the threshold.
  void sample(std::string_view event, uint64_t latency_ms, int64_t now_s);
  [[nodiscard]] const Events& events() const noexcept { return events_; }
  // Null: nothing was recorded for it.
  [[nodiscard]] const LatencySeries* find(std::string_view event) const;
  // How many were forgotten: all, or those of this name in any case.
  size_t reset() noexcept;
  size_t reset(std::string_view event);

 private:
  Events events_;
};

// Figures of one series for LATENCY DOCTOR.
struct LatencyFigures {
  uint64_t samples, average_ms, mean_deviation_ms, max_ms;
  double period_s;  // mean distance of the samples
};
[[nodiscard]] LatencyFigures latency_figures(const LatencySeries& series, int64_t now_s);

// LATENCY GRAPH: the samples as a drawing of four rows, with their ages below it.
[[nodiscard]] std::string latency_graph(std::string_view event, const LatencySeries& series, int64_t now_s);

}  // namespace torc::stats
