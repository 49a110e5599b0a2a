// The wiring: which part gets whose rows, and in which order they start and end.
#include "server/server.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/signals.h"
#include "cmd/bitmap.h"
#include "cmd/debug.h"
#include "cmd/generic.h"
#include "cmd/geo.h"
#include "cmd/hash.h"
#include "cmd/hyperloglog.h"
#include "cmd/keyspace.h"
#include "cmd/list.h"
#include "cmd/set.h"
#include "cmd/sort.h"
#include "cmd/stream.h"
#include "cmd/string.h"
#include "cmd/zset.h"
#include "io/process.h"
#include "net/settings.h"
#include "server/cluster_family.h"
#include "server/info_sections.h"
#include "server/lolwut_family.h"
#include "session/context.h"
#include "session/families.h"
#include "stats/command_log_family.h"
#include "stats/latency_family.h"
#include "stats/memory_family.h"
#include "stats/resting_fields.h"

namespace torc::server {

namespace {

constexpr size_t run_id_digits = 40;

}  // namespace

Server::Server(const base::Clock* clock, uint64_t seed, base::HashKey hash_key)
    : clock_(clock),
      random_(seed),
      log_(clock),
      process_(&log_),
      keyspace_(16, hash_key),
      session_({&keyspace_, &registry_, clock, &random_, nullptr, &authentication_,
                [this](int level, std::string_view text) { log_.write(static_cast<LogLevel>(level), text); }}),
      crash_report_(&log_,
                    crash_sources({&info_family_.providers, &session_, &configuration_, &options_.hide_user_data})),
      metrics_({&info_family_.providers, &call_recorder_, &configuration_}),
      run_id_(base::random_hex(run_id_digits)),
      replication_id_(base::random_hex(run_id_digits)),
      started_us_(clock->wall_us()) {
  add_settings();
  add_commands();
  add_info();
}

Server::~Server() = default;

void Server::add_settings() {
  configuration_.add(server_settings(&options_, {.log_level_changed = [this] {
                                                   log_.set_level(static_cast<LogLevel>(options_.log_level));
                                                   return base::Setting::Result{};
                                                 }}));
  configuration_.add(process_.settings());
  configuration_.add(crash_report_.settings());
  configuration_.add(metrics_.settings());
  configuration_.add(session_.settings());
  configuration_.add(authentication_.settings([this] { authentication_changed(); }));
  configuration_.add(call_recorder_.settings());
  configuration_.add(latency_tracking_.settings());
  configuration_.add(net::network_settings(&network_options_, {.listen_again = [this] {
                                             return network_ ? network_->listen_again() : base::Setting::Result{};
                                           },
                                           .limits_changed = [this] { limits_changed(); },
                                           .log = log_function()}));
}

net::LogFunction Server::log_function() {
  return [this](net::LogLevel level, std::string_view text) { log_.write(static_cast<LogLevel>(level), text); };
}

// proto-max-bulk-len bounds the parser and what APPEND and SETRANGE may make; client-query-buffer-limit what one
// request may take, and what a transaction may queue.
void Server::limits_changed() {
  session_.options().query_buffer_bytes_max = network_options_.query_buffer_bytes_max;
  session_.options().proto_max_bulk_bytes = static_cast<int64_t>(network_options_.bulk_bytes_max);
}

// Connections that are not opened yet, and those that are.
void Server::authentication_changed() {
  network_options_.authenticated_at_start = authentication_.open_to_all();
  session_.authentication_changed();
}

void Server::add_commands() {
  shutdown_control_ = {[this](int flags) { return shut_down(flags); }, [this] { return abort_shutdown(); }};
  debug_hooks_.rewrite_configuration = [this] {
    return !configuration_.file().empty() && configuration_.rewrite(true).has_value();
  };
  configuration_.add_directive("rename-command", [this](std::span<const std::string> words) {
    return rename_command(&registry_, words);
  });
  session_.options().debug.change_replication_id = [this] {
    log_.write(LogLevel::notice, "Changing replication IDs after receiving DEBUG change-repl-id");
    replication_id_ = base::random_hex(run_id_digits);
  };
  config_family_ = {&configuration_, [this] { reset_statistics(); },
                    [this](const session::Context& context) {
                      const auto permission = static_cast<session::Permission>(options_.enable_protected_configs);
                      return permission == session::Permission::yes ||
                             (permission == session::Permission::local && context.client().peer.loopback);
                    }};
  registry_.add(cmd::string_rows(), nullptr);
  registry_.add(cmd::list_rows(), nullptr);
  registry_.add(cmd::hash_rows(), nullptr);
  registry_.add(cmd::set_rows(), nullptr);
  registry_.add(cmd::bitmap_rows(), nullptr);
  registry_.add(cmd::hyperloglog_rows(), nullptr);
  registry_.add(cmd::sort_rows(), nullptr);
  registry_.add(cmd::zset_rows(), nullptr);
  registry_.add(cmd::geo_rows(), nullptr);
  registry_.add(cmd::stream_rows(), nullptr);
  registry_.add(cmd::generic_rows(), nullptr);
  registry_.add(cmd::keyspace_rows(), nullptr);
  registry_.add(cmd::debug_rows(), &debug_hooks_);
  registry_.add(session::connection_rows(), nullptr);
  registry_.add(session::client_rows(), nullptr);
  registry_.add(session::monitor_rows(), nullptr);
  registry_.add(session::transaction_rows(), nullptr);
  registry_.add(session::command_rows(), nullptr);
  registry_.add(config::config_rows(), &config_family_);
  registry_.add(stats::info_rows(), &info_family_);
  registry_.add(stats::command_log_rows(), &call_recorder_);
  registry_.add(stats::latency_rows(), &call_recorder_);
  registry_.add(stats::memory_rows(), &memory_gauge_);
  registry_.add(server_rows(), &shutdown_control_);
  module_control_ = {[this](std::string_view text) { log_.write(LogLevel::warning, text); }};
  registry_.add(cluster_rows(), nullptr);
  registry_.add(module_rows(), &module_control_);
  registry_.add(lolwut_rows(), nullptr);
}

void Server::add_info() {
  const auto append = [this](base::InfoProviders providers) {
    std::ranges::move(providers, std::back_inserter(info_family_.providers));
  };
  append(server_sections(this));
  append(session_.info());
  append(latency_tracking_.info());
  append(memory_gauge_.info());
  append(stats::resting_fields());
}

void Server::reset_statistics() {
  session_.reset_statistics();
  if (network_) network_->reset_stats();
  tick_statistics_.reset();
  rates_.reset();
}

void Server::sample_rates() {
  const session::SessionStatistics& statistics = session_.statistics();
  rates_.sample(session_.now_ms(), {statistics.commands_processed, statistics.input_bytes, statistics.output_bytes,
                                    tick_statistics_.ticks(), tick_statistics_.busy_us()});
}

std::expected<void, std::string> Server::start(io::Ring* ring) {
  ring_ = ring;
  keyspace_.set_databases(static_cast<size_t>(options_.databases));
  limits_changed();
  session::SessionOptions& session_options = session_.options();
  if (!session_options.collation.choose(session_options.locale_collate)) {
    return std::unexpected("Failed to configure LOCALE for invalid locale name.");
  }
  const net::LogFunction log = log_function();
  if (auto fitted = net::fit_clients_to_descriptors(&network_options_, log); !fitted) return fitted;
  call_recorder_.apply();
  network_options_.authenticated_at_start = authentication_.open_to_all();
  network_options_.directory = options_.directory;
  network_ = std::make_unique<net::Network>(*ring, session_, *clock_, network_options_, log);
  session_.connect(network_.get());
  if (auto started = metrics_.start(*ring, *clock_); !started) return started;
  auto listening = network_->listen();
  memory_gauge_.started();
  return listening;
}

TitleVariables Server::title_variables() const {
  const auto& addresses = network_options_.bind;
  return {.host = addresses.empty() ? "" : addresses.front(),
          .port = network_options_.port,
          .unix_socket = network_options_.unix_socket,
          .config_file = configuration_.file()};
}

// False: it goes on, because somebody wants the data saved, which cannot be done yet.
bool Server::shut_down(int flags) {
  log_.write(LogLevel::notice, "User requested shutdown...");
  if ((flags & shutdown_save) && !(flags & shutdown_force)) {
    log_.write(LogLevel::warning, "The data was to be saved, and this version cannot save: the server goes on.");
    return false;
  }
  process_.tell_stopping();
  stopping_ = true;
  return true;
}

// A signal is acted upon at the end of a tick; DEBUG PAUSE-CRON puts that off, and SHUTDOWN ABORT takes it back.
void Server::look_at_signals() {
  if (const int signal = base::take_termination_signal()) {
    signal_pending_ = signal;
    const char* const name = signal == base::interrupt_signal ? "SIGINT" : "SIGTERM";
    log_.write(LogLevel::warning, fmt::format("Received {} scheduling shutdown...", name));
  }
  if (signal_pending_ == 0 || session_.options().debug.pause_cron) return;
  const ProcessOptions& options = process_.options();
  const bool interrupted = std::exchange(signal_pending_, 0) == base::interrupt_signal;
  if (!shut_down(interrupted ? options.shutdown_on_sigint : options.shutdown_on_sigterm)) {
    log_.write(LogLevel::warning,
               "SIGTERM received but errors trying to shut down the server, check the logs for more information");
  }
}

bool Server::abort_shutdown() {
  if (std::exchange(signal_pending_, 0) == 0) return false;
  log_.write(LogLevel::notice, "Shutdown manually aborted.");
  return true;
}

void Server::leave_ring() {
  metrics_.stop();
  session_.connect(nullptr);
  network_.reset();
  ring_ = nullptr;
}

void Server::run() {
  while (!stopping_) {
    tick();
    crash_report_.beat();
    metrics_.collect();
    look_at_signals();
  }
  constexpr int64_t farewell_us = 500'000;
  network_->close_all(farewell_us);
  metrics_.close_all();
  while (!network_->closed() || !metrics_.closed()) {
    tick();
    metrics_.collect();
  }
}

}  // namespace torc::server
