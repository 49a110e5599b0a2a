// Percentiles are read off histograms in nanoseconds and shown in microseconds, as Redis does.
#include "stats/latency_tracking.h"

#include <algorithm>
#include <expected>
#include <sstream>

#include <fmt/format.h>

#include "base/parse_number.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::stats {

namespace {

using base::Setting;

// 99.9 and not 99.900000.
std::string short_number(double value) {
  std::string text = fmt::format("{:f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string percentiles_text(const std::vector<double>& percentiles) {
  std::string text;
  for (const double percentile : percentiles) text += (text.empty() ? "" : " ") + short_number(percentile);
  return text;
}

std::expected<std::vector<double>, std::string> parse_percentiles(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<double> percentiles;
  for (std::string word; stream >> word;) {
    const auto value = base::parse_double(word);
    if (!value) return std::unexpected("Invalid latency-tracking-info-percentiles parameters");
    if (!(*value >= 0 && *value <= 100)) {
      return std::unexpected("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    percentiles.push_back(*value);
  }
  return percentiles;
}

void write_command(const session::Command& command, const std::vector<double>& percentiles, base::InfoWriter& out) {
  if (command.latency) {
    std::string text;
    for (const double percentile : percentiles) {
      const double microseconds = static_cast<double>(command.latency->percentile(percentile)) / 1000;
      text += fmt::format("{}p{}={:.3f}", text.empty() ? "" : ",", short_number(percentile), microseconds);
    }
    out.text("latency_percentiles_usec_" + command.full_name, text);
  }
  for (const auto& subcommand : command.subcommands) write_command(*subcommand, percentiles, out);
}

}  // namespace

base::Settings LatencyTracking::settings() {
  base::Settings rows;
  rows.push_back(base::boolean_setting("latency-tracking", &session_->options().latency_tracking, true));
  Setting percentiles;
  percentiles.name = "latency-tracking-info-percentiles";
  percentiles.multi_argument = true;
  percentiles_ = {50, 99, 99.9};
  percentiles.default_value = percentiles_text(percentiles_);
  percentiles.get = [this] { return percentiles_text(percentiles_); };
  percentiles.set = [this](std::string_view text) -> Setting::Result {
    auto parsed = parse_percentiles(text);
    if (!parsed) return std::unexpected(parsed.error());
    percentiles_ = std::move(*parsed);
    return {};
  };
  rows.push_back(std::move(percentiles));
  return rows;
}

void LatencyTracking::write(base::InfoWriter& out) const {
  if (!session_->options().latency_tracking) return;
  for (const auto& command : session_->registry().commands()) write_command(*command, percentiles_, out);
}

base::InfoProviders LatencyTracking::info() const {
  base::InfoProviders providers;
  providers.push_back({"latencystats", [this](base::InfoWriter& out) { write(out); }});
  return providers;
}

std::vector<std::pair<uint64_t, uint64_t>> cumulative_microseconds(const ds::Histogram& nanoseconds) {
  constexpr uint64_t first_bound_ns = 1024;
  constexpr int last_doubling = 50;  // 13 days
  std::vector<std::pair<uint64_t, uint64_t>> bounds;
  uint64_t before = 0;
  for (int doubling = 0; doubling <= last_doubling && before < nanoseconds.count(); ++doubling) {
    const uint64_t bound_ns = first_bound_ns << doubling;
    const uint64_t up_to = nanoseconds.count_up_to(bound_ns - 1);
    // Redis shows the upper end of the bound's own step in a histogram of 128 steps per power of two.
    if (up_to > before) bounds.emplace_back((bound_ns + bound_ns / 128 - 1) / 1000, up_to);
    before = up_to;
  }
  return bounds;
}

}  // namespace torc::stats
