// Server: the owner of everything, and the only place that names all parts. It wires them: who gets whose settings,
// INFO sections and commands, and in which order a tick calls them. Several may live in one process.
//
// The ring and the network half exist from start() on: the configuration is read before, and a daemon's ring must be
// made in the process that uses it.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "acl/authentication.h"
#include "base/clock.h"
#include "base/random.h"
#include "cmd/debug.h"
#include "config/config_family.h"
#include "config/configuration.h"
#include "io/ring.h"
#include "net/network.h"
#include "server/batch_wait.h"
#include "server/crash_report.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/module_family.h"
#include "server/process_control.h"
#include "server/server_family.h"
#include "server/server_options.h"
#include "session/registry.h"
#include "session/session.h"
#include "stats/call_recorder.h"
#include "stats/info_family.h"
#include "stats/instantaneous_rates.h"
#include "stats/latency_tracking.h"
#include "stats/memory_overview.h"
#include "stats/tick_statistics.h"
#include "store/keyspace.h"

namespace torc::server {

class Server {
 public:
  // The clock must outlive the server. seed: of the generator; hash_key: of the keyspace.
  Server(const base::Clock* clock, uint64_t seed, base::HashKey hash_key);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] config::Configuration& configuration() noexcept { return configuration_; }
  [[nodiscard]] ServerOptions& options() noexcept { return options_; }
  [[nodiscard]] Log& log() noexcept { return log_; }
  [[nodiscard]] ProcessControl& process() noexcept { return process_; }
  [[nodiscard]] CrashReport& crash_report() noexcept { return crash_report_; }
  [[nodiscard]] TitleVariables title_variables() const;

  // Opens ring and listeners as configured. ring: what the server runs on; it must outlive the server. The error is for
  // the log.
  [[nodiscard]] std::expected<void, std::string> start(io::Ring* ring);
  // One tick; may sleep when there is nothing to do.
  void tick();
  // Ticks until a signal or SHUTDOWN, then lets replies leave and closes all connections.
  void run();
  // The ring may go: nothing is in flight any more, since start() failed or run() has returned.
  void leave_ring();

 private:
  friend base::InfoProviders server_sections(Server* server);
  void add_settings();
  void add_commands();
  void add_info();
  void write_server_info(base::InfoWriter& out) const;
  void write_memory_info(base::InfoWriter& out) const;
  void write_ring_info(base::InfoWriter& out) const;
  void write_refusals(base::InfoWriter& out) const;  // of connections
  [[nodiscard]] net::LogFunction log_function();
  void limits_changed();
  void authentication_changed();
  void reset_statistics();
  void sample_rates();
  void look_at_signals();
  [[nodiscard]] io::WaitPolicy wait_policy();
  [[nodiscard]] bool shut_down(int flags);
  [[nodiscard]] bool abort_shutdown();

  const base::Clock* clock_;
  base::Random random_;
  Log log_;
  ServerOptions options_;
  ProcessControl process_;
  config::Configuration configuration_;
  store::Keyspace keyspace_;
  session::Registry registry_;
  acl::Authentication authentication_;
  session::Session session_;
  net::NetworkOptions network_options_;
  stats::TickStatistics tick_statistics_;
  stats::InfoFamily info_family_;
  stats::CallRecorder call_recorder_{&session_};
  stats::LatencyTracking latency_tracking_{&session_};
  stats::MemoryGauge memory_gauge_{&session_};
  stats::InstantaneousRates rates_;
  config::ConfigFamily config_family_;
  ShutdownControl shutdown_control_;
  cmd::DebugHooks debug_hooks_;
  ModuleControl module_control_;
  CrashReport crash_report_;
  Metrics metrics_;
  std::unique_ptr<net::Network> network_;
  io::Ring* ring_ = nullptr;
  BatchWait batch_wait_;

  std::string run_id_, replication_id_;
  int64_t started_us_ = 0;  // wall clock
  int signal_pending_ = 0;  // SIGTERM or SIGINT that was not acted upon yet
  bool stopping_ = false;
  bool work_left_ = false;  // the last tick could not finish all: do not sleep
};

}  // namespace torc::server
