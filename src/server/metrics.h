// The metrics endpoint: what a scrape of metrics-port shows. Off unless a port is set.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/info.h"
#include "base/setting.h"
#include "io/ring.h"

namespace torc::net {
class HttpEndpoint;
}
namespace torc::stats {
class CallRecorder;
class Exposition;
}  // namespace torc::stats
namespace torc::config {
class Configuration;
}

namespace torc::server {

// Where the figures come from; all outlive the endpoint.
struct MetricsSources {
  const base::InfoProviders* info;
  stats::CallRecorder* calls;
  config::Configuration* configuration;
};

class Metrics {
 public:
  explicit Metrics(MetricsSources sources);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // metrics-port, metrics-bind. Changes at run time move the listener.
  [[nodiscard]] base::Settings settings();
  // Listens if a port is set. The error is for the log.
  [[nodiscard]] std::expected<void, std::string> start(io::Ring& ring, const base::Clock& clock);
  // After every tick; nearly free when nobody scrapes.
  void collect();
  // At the end: ticks go on until closed().
  void close_all();
  [[nodiscard]] bool closed() const;
  void stop();
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::expected<void, std::string> follow_options();
  void add_slow_log(stats::Exposition* out) const;
  void add_latency(stats::Exposition* out) const;

  MetricsSources sources_;
  int64_t port_ = 0;
  std::string host_;
  io::Ring* ring_ = nullptr;  // from start() to stop()
  const base::Clock* clock_ = nullptr;
  std::unique_ptr<net::HttpEndpoint> endpoint_;
  std::string where_;                                        // what it listens on
  std::vector<std::unique_ptr<net::HttpEndpoint>> retired_;  // until they are closed
};

}  // namespace torc::server
