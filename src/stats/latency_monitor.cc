// Series are short (160 samples), so that all figures are computed when they are asked for.
#include "stats/latency_monitor.h"

#include <algorithm>
#include <cctype>

namespace torc::stats {

namespace {

bool same_in_any_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  });
}

}  // namespace

void LatencySeries::add(LatencySample sample) {
  max_ms_ = std::max(max_ms_, sample.latency_ms);
  LatencySample& last = ring_[(next_ + samples_max - 1) % samples_max];
  if (count_ > 0 && last.time_s == sample.time_s) {
    last.latency_ms = std::max(last.latency_ms, sample.latency_ms);
    return;
  }
  ring_[next_] = sample;
  next_ = (next_ + 1) % samples_max;
  count_ = std::min(count_ + 1, samples_max);
}

std::vector<LatencySample> LatencySeries::samples() const {
  std::vector<LatencySample> ordered;
  ordered.reserve(count_);
  for (size_t i = samples_max - count_; i < samples_max; ++i) ordered.push_back(ring_[(next_ + i) % samples_max]);
  return ordered;
}

void LatencyMonitor::sample(std::string_view event, uint64_t latency_ms, int64_t now_s) {
  if (threshold_ms <= 0 || latency_ms < static_cast<uint64_t>(threshold_ms)) return;
  auto found = events_.find(event);
  if (found == events_.end()) found = events_.emplace(event, LatencySeries{}).first;
  found->second.add({now_s, latency_ms});
}

const LatencySeries* LatencyMonitor::find(std::string_view event) const {
  const auto found = events_.find(event);
  return found == events_.end() ? nullptr : &found->second;
}

size_t LatencyMonitor::reset() noexcept {
  const size_t count = events_.size();
  events_.clear();
  return count;
}

size_t LatencyMonitor::reset(std::string_view event) {
  return std::erase_if(events_, [event](const auto& one) { return same_in_any_case(one.first, event); });
}

LatencyFigures latency_figures(const LatencySeries& series, int64_t now_s) {
  const std::vector<LatencySample> samples = series.samples();
  uint64_t sum = 0, deviations = 0;
  for (const LatencySample& sample : samples) sum += sample.latency_ms;
  const uint64_t average = sum / samples.size();
  for (const LatencySample& sample : samples) {
    deviations += sample.latency_ms > average ? sample.latency_ms - average : average - sample.latency_ms;
  }
  const auto oldest = std::ranges::min_element(samples, {}, &LatencySample::time_s);
  const int64_t span_s = std::max<int64_t>(now_s - oldest->time_s, 1);
  const auto count = static_cast<double>(samples.size());
  return {samples.size(), average, deviations / samples.size(), series.max_ms(), static_cast<double>(span_s) / count};
}

}  // namespace torc::stats
