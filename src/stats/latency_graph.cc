// Four rows of characters, three heights in each, 80 samples side by side; below them the ages of the samples, written
// downwards. It is the form in which redis-cli's users know it.
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "stats/latency_monitor.h"

namespace torc::stats {

namespace {

constexpr size_t columns = 80;
constexpr size_t rows = 4;
constexpr std::string_view heights = "_o#";
constexpr char below = '|';

std::string age_text(int64_t age_s) {
  constexpr int64_t minute = 60, hour = 3600, day = 86'400;
  if (age_s < minute) return fmt::format("{}s", age_s);
  if (age_s < hour) return fmt::format("{}m", age_s / minute);
  if (age_s < day) return fmt::format("{}h", age_s / hour);
  return fmt::format("{}d", age_s / day);
}

// What stands in this row (0 is the top) for a bar of `step` heights above nothing.
char bar_character(size_t step, size_t row) {
  const size_t base = (rows - 1 - row) * heights.size();
  if (step < base) return ' ';
  return step - base < heights.size() ? heights[step - base] : below;
}

struct Range {
  uint64_t low, high;
};

void append_bars(std::string& text, std::span<const LatencySample> samples, Range range) {
  constexpr size_t steps = heights.size() * rows;
  const uint64_t spread = std::max<uint64_t>(range.high - range.low, 1);
  for (size_t row = 0; row < rows; ++row) {
    for (const LatencySample& sample : samples) {
      const auto step = static_cast<size_t>((sample.latency_ms - range.low) * steps / spread);
      text += bar_character(std::min(step, steps - 1), row);
    }
    text += '\n';
  }
}

void append_ages(std::string& text, std::span<const LatencySample> samples, int64_t now_s) {
  std::vector<std::string> ages;
  size_t longest = 0;
  for (const LatencySample& sample : samples) {
    ages.push_back(age_text(now_s - sample.time_s));
    longest = std::max(longest, ages.back().size());
  }
  text.append(samples.size(), ' ').append("\n");
  for (size_t line = 0; line < longest; ++line) {
    for (const std::string& age : ages) text += line < age.size() ? age[line] : ' ';
    text += '\n';
  }
}

}  // namespace

std::string latency_graph(std::string_view event, const LatencySeries& series, int64_t now_s) {
  const std::vector<LatencySample> samples = series.samples();
  const auto [low, high] = std::ranges::minmax_element(samples, {}, &LatencySample::latency_ms);
  const Range range{low->latency_ms, high->latency_ms};
  std::string text = fmt::format("{} - high {} ms, low {} ms (all time high {} ms)\n{:->{}}\n", event, range.high,
                                 range.low, series.max_ms(), "", columns);
  for (size_t first = 0; first < samples.size(); first += columns) {
    const auto part = std::span(samples).subspan(first, std::min(columns, samples.size() - first));
    if (first != 0) text += '\n';
    append_bars(text, part, range);
    append_ages(text, part, now_s);
  }
  return text;
}

}  // namespace torc::stats
