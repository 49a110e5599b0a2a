// INFO gives most figures; what redis_exporter fetches with other commands (CONFIG GET, SLOWLOG, LATENCY LATEST) is
// added from where these commands look.
#include "server/metrics.h"

#include <fmt/format.h>

#include "base/parse_number.h"
#include "config/configuration.h"
#include "net/http_endpoint.h"
#include "stats/call_recorder.h"
#include "stats/info_family.h"
#include "stats/prometheus.h"

namespace torc::server {

namespace {

constexpr auto gauge = stats::MetricKind::gauge;

struct SettingMetric {
  std::string_view setting, metric;
};
constexpr SettingMetric setting_metrics[] = {{"io-threads", "redis_config_io_threads"},
                                             {"maxclients", "redis_config_maxclients"},
                                             {"maxmemory", "redis_config_maxmemory"}};

}  // namespace

Metrics::Metrics(MetricsSources sources) : sources_(sources) {}

Metrics::~Metrics() = default;

base::Settings Metrics::settings() {
  const auto changed = [this]() -> base::Setting::Result {
    if (follow_options()) return {};
    return std::unexpected("Unable to listen on this port.");
  };
  base::Settings rows;
  rows.push_back(base::integer_setting("metrics-port", &port_, 0, 65535, 0).when_changed(changed));
  rows.push_back(base::text_setting("metrics-bind", &host_, "127.0.0.1").when_changed(changed));
  return rows;
}

std::expected<void, std::string> Metrics::follow_options() {
  const std::string wanted = port_ == 0 ? "" : fmt::format("{} {}", host_, port_);
  if (ring_ == nullptr || wanted == where_) return {};
  std::unique_ptr<net::HttpEndpoint> next;
  if (port_ != 0) {
    next = std::make_unique<net::HttpEndpoint>(*ring_, *clock_, [this] { return text(); });
    if (auto listening = next->listen(host_, static_cast<uint16_t>(port_)); !listening) return listening;
  }
  if (endpoint_) {
    endpoint_->close_all();
    retired_.push_back(std::move(endpoint_));
  }
  endpoint_ = std::move(next);
  where_ = wanted;
  return {};
}

std::expected<void, std::string> Metrics::start(io::Ring& ring, const base::Clock& clock) {
  ring_ = &ring;
  clock_ = &clock;
  if (auto listening = follow_options(); !listening) {
    return std::unexpected("Failed listening on metrics-port, aborting: " + listening.error());
  }
  return {};
}

void Metrics::collect() {
  if (endpoint_ && endpoint_->active()) endpoint_->collect();
  if (retired_.empty()) [[likely]]
    return;
  for (const auto& endpoint : retired_) endpoint->collect();
  std::erase_if(retired_, [](const auto& endpoint) { return endpoint->closed(); });
}

void Metrics::close_all() {
  if (endpoint_) endpoint_->close_all();
}

bool Metrics::closed() const { return retired_.empty() && (!endpoint_ || endpoint_->closed()); }

void Metrics::stop() {
  endpoint_.reset();
  where_.clear();
  ring_ = nullptr;
}

void Metrics::add_slow_log(stats::Exposition* out) const {
  const auto& entries = sources_.calls->log(stats::LogKind::slow).entries();
  out->add("redis_slowlog_length", gauge, "", std::to_string(entries.size()));
  if (entries.empty()) return;
  const stats::LoggedCommand* newest = &entries.front();
  if (entries.back().id > newest->id) newest = &entries.back();
  out->add("redis_slowlog_last_id", gauge, "", std::to_string(newest->id));
  out->add("redis_last_slow_execution_duration_seconds", gauge, "",
           fmt::format("{}", static_cast<double>(newest->value) / 1e6));
}

void Metrics::add_latency(stats::Exposition* out) const {
  for (const auto& [event, series] : sources_.calls->latency().events()) {
    const std::string labels = stats::label("event_name", event);
    const stats::LatencySample latest = series.latest();
    out->add("redis_latency_spike_last", gauge, labels, std::to_string(latest.time_s));
    out->add("redis_latency_spike_duration_seconds", gauge, labels,
             fmt::format("{}", static_cast<double>(latest.latency_ms) / 1e3));
  }
}

std::string Metrics::text() const {
  constexpr std::string_view all[] = {"all"};
  stats::Exposition out;
  const base::Setting* databases = sources_.configuration->find("databases");
  const int64_t count = databases ? base::parse_integer(databases->get()).value_or(0) : 0;
  stats::add_info(stats::info_text(*sources_.info, all), count, &out);
  for (const SettingMetric& one : setting_metrics) {
    if (const base::Setting* setting = sources_.configuration->find(one.setting)) {
      out.add(one.metric, gauge, "", setting->get());
    }
  }
  add_slow_log(&out);
  add_latency(&out);
  return out.text();
}

}  // namespace torc::server
