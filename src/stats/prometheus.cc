// One pass over the lines; a line's name decides which table or section it belongs to.
#include "stats/prometheus.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/parse_number.h"

namespace torc::stats {

namespace {

struct Field {
  std::string_view info;
  std::string_view metric;  // behind "redis_"; empty: the same
  MetricKind kind = MetricKind::gauge;
};

constexpr MetricKind counter = MetricKind::counter, gauge = MetricKind::gauge;

// Sorted by INFO's name.
constexpr Field fields[] = {
    {"active_defrag_hits", "defrag_hits"},
    {"active_defrag_key_hits", "defrag_key_hits"},
    {"active_defrag_key_misses", "defrag_key_misses"},
    {"active_defrag_misses", "defrag_misses"},
    {"active_defrag_running", ""},
    {"allocator_active", "allocator_active_bytes"},
    {"allocator_allocated", "allocator_allocated_bytes"},
    {"allocator_frag_bytes", ""},
    {"allocator_frag_ratio", ""},
    {"allocator_resident", "allocator_resident_bytes"},
    {"allocator_rss_bytes", ""},
    {"allocator_rss_ratio", ""},
    {"aof_current_rewrite_time_sec", "aof_current_rewrite_duration_sec"},
    {"aof_enabled", ""},
    {"aof_last_bgrewrite_status", ""},
    {"aof_last_cow_size", "aof_last_cow_size_bytes"},
    {"aof_last_rewrite_time_sec", "aof_last_rewrite_duration_sec"},
    {"aof_last_write_status", ""},
    {"aof_rewrite_in_progress", ""},
    {"aof_rewrite_scheduled", ""},
    {"blocked_clients", ""},
    {"client_recent_max_input_buffer", "client_recent_max_input_buffer_bytes"},
    {"client_recent_max_output_buffer", "client_recent_max_output_buffer_bytes"},
    {"clients_in_timeout_table", ""},
    {"cluster_connections", ""},
    {"cluster_enabled", ""},
    {"connected_clients", ""},
    {"connected_slaves", ""},
    {"dump_payload_sanitizations", "", counter},
    {"evicted_keys", "evicted_keys_total", counter},
    {"expired_keys", "expired_keys_total", counter},
    {"expired_stale_perc", "expired_stale_percentage"},
    {"expired_time_cap_reached_count", "expired_time_cap_reached_total"},
    {"io_threaded_reads_processed", "", counter},
    {"io_threaded_writes_processed", "", counter},
    {"io_threads_active", ""},
    {"keyspace_hits", "keyspace_hits_total", counter},
    {"keyspace_misses", "keyspace_misses_total", counter},
    {"lazyfree_pending_objects", ""},
    {"loading", "loading_dump_file"},
    {"master_repl_offset", ""},
    {"maxmemory", "memory_max_bytes"},
    {"mem_clients_normal", ""},
    {"mem_clients_slaves", ""},
    {"mem_fragmentation_bytes", ""},
    {"mem_fragmentation_ratio", ""},
    {"mem_not_counted_for_evict", "mem_not_counted_for_eviction_bytes"},
    {"migrate_cached_sockets", "migrate_cached_sockets_total"},
    {"module_fork_in_progress", ""},
    {"module_fork_last_cow_size", ""},
    {"number_of_cached_scripts", ""},
    {"process_id", ""},
    {"pubsub_channels", ""},
    {"pubsub_patterns", ""},
    {"rdb_bgsave_in_progress", ""},
    {"rdb_changes_since_last_save", ""},
    {"rdb_current_bgsave_time_sec", "rdb_current_bgsave_duration_sec"},
    {"rdb_last_bgsave_status", ""},
    {"rdb_last_bgsave_time_sec", "rdb_last_bgsave_duration_sec"},
    {"rdb_last_cow_size", "rdb_last_cow_size_bytes"},
    {"rdb_last_save_time", "rdb_last_save_timestamp_seconds"},
    {"rejected_connections", "rejected_connections_total", counter},
    {"repl_backlog_active", "repl_backlog_is_active"},
    {"repl_backlog_first_byte_offset", ""},
    {"repl_backlog_histlen", "repl_backlog_history_bytes"},
    {"repl_backlog_size", "replication_backlog_bytes"},
    {"second_repl_offset", ""},
    {"slave_expires_tracked_keys", ""},
    {"sync_full", "replica_resyncs_full"},
    {"sync_partial_err", "replica_partial_resync_denied"},
    {"sync_partial_ok", "replica_partial_resync_accepted"},
    {"total_commands_processed", "commands_processed_total", counter},
    {"total_connections_received", "connections_received_total", counter},
    {"total_error_replies", "", counter},
    {"total_net_input_bytes", "net_input_bytes_total", counter},
    {"total_net_output_bytes", "net_output_bytes_total", counter},
    {"total_reads_processed", "", counter},
    {"total_system_memory", "total_system_memory_bytes"},
    {"total_writes_processed", "", counter},
    {"tracking_clients", ""},
    {"tracking_total_items", ""},
    {"tracking_total_keys", ""},
    {"tracking_total_prefixes", ""},
    {"unexpected_error_replies", "", counter},
    {"uptime_in_seconds", ""},
    {"used_cpu_sys", "cpu_sys_seconds_total", counter},
    {"used_cpu_sys_children", "cpu_sys_children_seconds_total", counter},
    {"used_cpu_sys_main_thread", "cpu_sys_main_thread_seconds_total", counter},
    {"used_cpu_user", "cpu_user_seconds_total", counter},
    {"used_cpu_user_children", "cpu_user_children_seconds_total", counter},
    {"used_cpu_user_main_thread", "cpu_user_main_thread_seconds_total", counter},
    {"used_memory", "memory_used_bytes"},
    {"used_memory_dataset", "memory_used_dataset_bytes"},
    {"used_memory_lua", "memory_used_lua_bytes"},
    {"used_memory_overhead", "memory_used_overhead_bytes"},
    {"used_memory_peak", "memory_used_peak_bytes"},
    {"used_memory_rss", "memory_used_rss_bytes"},
    {"used_memory_scripts", "memory_used_scripts_bytes"},
    {"used_memory_startup", "memory_used_startup_bytes"},
};
static_assert(std::ranges::is_sorted(fields, {}, &Field::info));

// Fields that become labels of redis_instance_info.
constexpr std::string_view instance_fields[] = {
    "maxmemory_policy", "os",   "process_id", "redis_build_id", "redis_mode",
    "redis_version",    "role", "run_id",     "tcp_port"};

bool is_number(std::string_view text) {
  const auto value = base::parse_double(text);
  return value && std::isfinite(*value);
}

std::string divided(std::string_view number, double by) {
  return fmt::format("{}", base::parse_double(number).value_or(0) / by);
}

// Walks over INFO's lines and keeps what several metrics are made of.
class InfoReader {
 public:
  InfoReader(int64_t databases, Exposition* out) : databases_(databases), out_(out) {}
  void read(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.starts_with("# ")) section_ = line.substr(2);
      const size_t colon = line.find(':');
      if (colon != std::string_view::npos) read_field(line.substr(0, colon), line.substr(colon + 1));
    }
    finish();
  }

 private:
  // The value of "name=" among "a=1,b=2".
  static std::string_view part(std::string_view text, std::string_view name) {
    while (!text.empty()) {
      const std::string_view pair = text.substr(0, text.find(','));
      text.remove_prefix(std::min(pair.size() + 1, text.size()));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
        return pair.substr(name.size() + 1);
      }
    }
    return {};
  }

  void read_field(std::string_view name, std::string_view value) {
    if (name.starts_with("cmdstat_")) return read_command(name.substr(8), value);
    if (name.starts_with("errorstat_")) {
      return out_->add("redis_errors_total", counter, label("err", name.substr(10)), part(value, "count"));
    }
    constexpr std::string_view percentiles = "latency_percentiles_usec_";
    if (name.starts_with(percentiles)) return read_latency(name.substr(percentiles.size()), value);
    if (section_ == "Keyspace") return read_database(name, value);
    if (section_ == "Tick") return out_->add("torc_" + std::string(name), gauge, "", value);
    read_plain(name, value);
  }

  void read_plain(std::string_view name, std::string_view value) {
    if (std::ranges::find(instance_fields, name) != std::end(instance_fields)) {
      instance_ += (instance_.empty() ? "" : ",") + label(name, value);
    }
    if (name == "server_time_usec") time_us_ = base::parse_double(value).value_or(0);
    if (name == "uptime_in_seconds") uptime_s_ = base::parse_double(value).value_or(0);
    if (name == "latest_fork_usec") out_->add("redis_latest_fork_seconds", gauge, "", divided(value, 1e6));
    const auto* field = std::ranges::lower_bound(fields, name, {}, &Field::info);
    if (field == std::end(fields) || field->info != name) return;
    const bool is_status = name.ends_with("_status");
    const std::string_view number = is_status ? (value == "ok" ? "1" : "0") : value;
    const std::string metric = "redis_" + std::string(field->metric.empty() ? field->info : field->metric);
    out_->add(metric, field->kind, "", number);
  }

  void read_command(std::string_view command, std::string_view value) {
    const std::string labels = label("cmd", command);
    const std::string_view calls = part(value, "calls"), usec = part(value, "usec");
    out_->add("redis_commands_total", counter, labels, calls);
    out_->add("redis_commands_duration_seconds_total", counter, labels, divided(usec, 1e6));
    out_->add("redis_commands_rejected_calls_total", counter, labels, part(value, "rejected_calls"));
    out_->add("redis_commands_failed_calls_total", counter, labels, part(value, "failed_calls"));
    sums_[std::string(command)] = {std::string(usec), std::string(calls)};
  }

  void read_latency(std::string_view command, std::string_view value) {
    constexpr std::string_view family = "redis_latency_percentiles_usec";
    const std::string labels = label("cmd", command);
    while (!value.empty()) {
      const std::string_view pair = value.substr(0, value.find(','));
      value.remove_prefix(std::min(pair.size() + 1, value.size()));
      const size_t equal = pair.find('=');
      if (!pair.starts_with('p') || equal == std::string_view::npos) continue;
      out_->add(family, MetricKind::summary, labels + "," + label("quantile", pair.substr(1, equal - 1)),
                pair.substr(equal + 1));
    }
    const auto sum = sums_.find(command);
    if (sum == sums_.end()) return;
    out_->add_to(family, MetricKind::summary, "_sum", labels, sum->second.first);
    out_->add_to(family, MetricKind::summary, "_count", labels, sum->second.second);
  }

  void read_database(std::string_view name, std::string_view value) {
    const std::string labels = label("db", name);
    seen_.emplace_back(name);
    out_->add("redis_db_keys", gauge, labels, part(value, "keys"));
    out_->add("redis_db_keys_expiring", gauge, labels, part(value, "expires"));
    const std::string_view ttl = part(value, "avg_ttl");
    if (!ttl.empty()) out_->add("redis_db_avg_ttl_seconds", gauge, labels, divided(ttl, 1000));
  }

  void finish() {
    for (int64_t i = 0; i < databases_; ++i) {
      const std::string name = fmt::format("db{}", i);
      if (std::ranges::find(seen_, name) != seen_.end()) continue;
      out_->add("redis_db_keys", gauge, label("db", name), "0");
      out_->add("redis_db_keys_expiring", gauge, label("db", name), "0");
    }
    out_->add("redis_instance_info", gauge, instance_, "1");
    out_->add("redis_start_time_seconds", gauge, "", fmt::format("{:.0f}", time_us_ / 1e6 - uptime_s_));
    out_->add("redis_up", gauge, "", "1");
  }

  int64_t databases_;
  Exposition* out_;
  std::string_view section_;
  std::string instance_;
  double time_us_ = 0, uptime_s_ = 0;
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> sums_;  // usec and calls by command
  std::vector<std::string> seen_;                                                 // databases
};

}  // namespace

std::string label(std::string_view name, std::string_view value) {
  std::string text(name);
  text += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

void Exposition::add_to(std::string_view family, MetricKind kind, std::string_view suffix, std::string_view labels,
                        std::string_view value) {
  if (!is_number(value)) return;
  Family& entry = families_[std::string(family)];
  entry.kind = kind;
  entry.samples.append(family).append(suffix);
  if (!labels.empty()) entry.samples.append("{").append(labels).append("}");
  entry.samples.append(" ").append(value).append("\n");
}

std::string Exposition::text() const {
  constexpr std::string_view kinds[] = {"gauge", "counter", "summary"};
  std::string text;
  for (const auto& [name, family] : families_) {
    text.append("# TYPE ").append(name).append(" ").append(kinds[static_cast<size_t>(family.kind)]).append("\n");
    text += family.samples;
  }
  return text;
}

void add_info(std::string_view info_text, int64_t databases, Exposition* exposition) {
  InfoReader(databases, exposition).read(info_text);
}

}  // namespace torc::stats
