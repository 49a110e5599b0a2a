// Each section is written by one function, in the order of its fields in redis-server.
#include "server/info_sections.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/memory.h"
#include "base/sha1.h"
#include "io/process.h"
#include "server/server.h"

namespace torc::server {

namespace {

double seconds(int64_t microseconds) { return static_cast<double>(microseconds) / 1'000'000; }

void write_cpu(base::InfoWriter& out) {
  const auto process = io::processor_time(io::ProcessorTimeOf::process);
  const auto children = io::processor_time(io::ProcessorTimeOf::children);
  const auto thread = io::processor_time(io::ProcessorTimeOf::this_thread);
  out.decimal("used_cpu_sys", seconds(process.system_us), 6);
  out.decimal("used_cpu_user", seconds(process.user_us), 6);
  out.decimal("used_cpu_sys_children", seconds(children.system_us), 6);
  out.decimal("used_cpu_user_children", seconds(children.user_us), 6);
  out.decimal("used_cpu_sys_main_thread", seconds(thread.system_us), 6);
  out.decimal("used_cpu_user_main_thread", seconds(thread.user_us), 6);
}

void write_bytes(base::InfoWriter& out, std::string_view name, uint64_t bytes) {
  out.unsigned_integer(name, bytes);
  out.text(std::string(name) + "_human", base::human_bytes(bytes));
}

// One line each for TCP and the unix socket, with all their addresses.
void write_listeners(const net::NetworkOptions& options, base::InfoWriter& out) {
  int number = 0;
  if (options.port != 0) {
    std::string text = "name=tcp";
    for (const std::string& address : options.bind) text += ",bind=" + address;
    out.text(fmt::format("listener{}", number++), fmt::format("{},port={}", text, options.port));
  }
  if (!options.unix_socket.empty()) {
    out.text(fmt::format("listener{}", number), "name=unix,bind=" + options.unix_socket);
  }
}

std::string_view supervisor_name(io::Supervisor supervisor) {
  switch (supervisor) {
    case io::Supervisor::systemd:
      return "systemd";
    case io::Supervisor::upstart:
      return "upstart";
    case io::Supervisor::none:
      break;
  }
  return "no";
}

// Of the version, so that equal builds tell the same.
std::string build_id() { return base::hex(base::sha1(TORC_VERSION)).substr(0, 16); }

void write_replication(const std::string& replication_id, base::InfoWriter& out) {
  out.text("master_replid", replication_id);
  out.text("master_replid2", std::string(replication_id.size(), '0'));
}

}  // namespace

void Server::write_server_info(base::InfoWriter& out) const {
  const int64_t now_us = clock_->wall_us();
  out.text("redis_version", "7.2.4");
  out.text("torc_version", TORC_VERSION);
  out.text("redis_git_sha1", "00000000");
  out.integer("redis_git_dirty", 0);
  out.text("redis_build_id", build_id());
  out.text("redis_mode", "standalone");
  out.text("os", io::system_name());
  out.integer("arch_bits", sizeof(void*) * 8);
  out.text("monotonic_clock", "POSIX clock_gettime");
  out.text("multiplexing_api", "io_uring");
  out.text("atomicvar_api", "c11-builtin");
  out.text("gcc_version", fmt::format("{}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__));
  out.integer("process_id", io::process_id());
  out.text("process_supervised", supervisor_name(process_.supervisor()));
  out.text("run_id", run_id_);
  out.integer("tcp_port", network_options_.port);
  out.integer("server_time_usec", now_us);
  out.integer("uptime_in_seconds", (now_us - started_us_) / 1'000'000);
  out.integer("uptime_in_days", (now_us - started_us_) / 86'400'000'000);
  out.integer("hz", session_.options().hz);
  out.integer("configured_hz", session_.options().hz);
  out.integer("lru_clock", now_us / 1'000'000 & 0xffffff);
  out.text("executable", io::executable_path());
  out.text("config_file", configuration_.file());
  out.integer("io_threads_active", 0);
  write_listeners(network_options_, out);
}

void Server::write_memory_info(base::InfoWriter& out) const {
  write_bytes(out, "maxmemory", session_.options().maxmemory_bytes);
  out.text("maxmemory_policy", session_.eviction().policy_name());
  if (network_) out.unsigned_integer("torc_pinned_bytes", network_->stats().pinned_bytes);
}

void Server::write_refusals(base::InfoWriter& out) const {
  const net::NetworkStats net = network_ ? network_->stats() : net::NetworkStats{};
  out.unsigned_integer("rejected_connections", net.connections_rejected);
  out.unsigned_integer("client_query_buffer_limit_disconnections",
                       session_.statistics().query_limit_disconnections + net.query_buffer_closes);
}

void Server::write_ring_info(base::InfoWriter& out) const {
  if (!ring_ || !network_) return;
  const io::RingStats ring = ring_->stats();
  out.unsigned_integer("ring_enters", ring.enters);
  out.unsigned_integer("ring_waits", ring.waits);
  out.unsigned_integer("ring_min_waits", ring.min_waits);
  out.unsigned_integer("ring_submissions", ring.submissions);
  out.unsigned_integer("ring_completions", ring.completions);
  out.unsigned_integer("ring_enobufs", ring.buffer_shortages);
  out.unsigned_integer("ring_overflows", ring.completion_overflows);
  out.unsigned_integer("ring_buffers", ring.buffers);
  out.unsigned_integer("ring_buffer_bytes", ring.buffer_bytes);
  const net::NetworkStats& net = network_->stats();
  out.unsigned_integer("net_batches", net.batches);
  out.unsigned_integer("net_sends", net.sends);
  out.unsigned_integer("net_short_sends", net.short_sends);
  out.unsigned_integer("net_zero_copy_sends", net.zero_copy_sends);
  out.unsigned_integer("net_direct_receives", net.direct_receives);
  out.unsigned_integer("net_direct_bytes", net.direct_bytes);
  out.unsigned_integer("net_bytes_copied", net.bytes_copied);
  out.unsigned_integer("net_active_connections", session_.active_clients());
}

base::InfoProviders server_sections(Server* server) {
  base::InfoProviders sections;
  sections.push_back({"server", [server](base::InfoWriter& out) { server->write_server_info(out); }});
  sections.push_back({"clients", [server](base::InfoWriter& out) {
                        out.integer("maxclients", server->network_options_.clients_max);
                      }});
  sections.push_back({"memory", [server](base::InfoWriter& out) { server->write_memory_info(out); }});
  sections.push_back({"persistence", [server](base::InfoWriter& out) {
                        out.integer("loading", 0);
                        out.unsigned_integer("rdb_changes_since_last_save", server->session_.statistics().dirty);
                        out.integer("rdb_last_save_time", server->started_us_ / 1'000'000);  // as Redis begins
                      }});
  sections.push_back({"stats", [server](base::InfoWriter& out) {
                        server->write_refusals(out);
                        server->rates_.write(out);
                        server->tick_statistics_.write_event_loop(out);
                      }});
  sections.push_back({"replication", [server](base::InfoWriter& out) {
                        write_replication(server->replication_id_, out);
                      }});
  sections.push_back({"cpu", write_cpu});
  sections.push_back({"modules", [](base::InfoWriter&) {}});
  sections.push_back({"debug", [server](base::InfoWriter& out) { server->tick_statistics_.write_debug(out); }});
  sections.push_back({"tick", [server](base::InfoWriter& out) {
                        server->tick_statistics_.write(out);
                        server->write_ring_info(out);
                      }});
  return sections;
}

}  // namespace torc::server
