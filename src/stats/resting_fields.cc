// By section, in the order of redis-server.
#include "stats/resting_fields.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace torc::stats {

namespace {

struct RestingField {
  std::string_view section, name, value;
};

constexpr RestingField fields[] = {
    // cluster, blocking commands, client-side caching
    {"clients", "cluster_connections", "0"},
    {"clients", "tracking_clients", "0"},
    // scripts and functions
    {"memory", "used_memory_lua", "0"},
    {"memory", "used_memory_vm_eval", "0"},
    {"memory", "used_memory_lua_human", "0B"},
    {"memory", "used_memory_scripts_eval", "0"},
    {"memory", "number_of_cached_scripts", "0"},
    {"memory", "number_of_functions", "0"},
    {"memory", "number_of_libraries", "0"},
    {"memory", "used_memory_vm_functions", "0"},
    {"memory", "used_memory_vm_total", "0"},
    {"memory", "used_memory_vm_total_human", "0B"},
    {"memory", "used_memory_functions", "0"},
    {"memory", "used_memory_scripts", "0"},
    {"memory", "used_memory_scripts_human", "0B"},
    // replication, cluster, append-only file
    {"memory", "mem_replication_backlog", "0"},
    {"memory", "mem_total_replication_buffers", "0"},
    {"memory", "mem_clients_slaves", "0"},
    {"memory", "mem_cluster_links", "0"},
    {"memory", "mem_aof_buffer", "0"},
    // what moves entries together is not switched by activedefrag
    {"memory", "active_defrag_running", "0"},
    // snapshots and the append-only file
    {"persistence", "async_loading", "0"},
    {"persistence", "current_cow_peak", "0"},
    {"persistence", "current_cow_size", "0"},
    {"persistence", "current_cow_size_age", "0"},
    {"persistence", "current_fork_perc", "0.00"},
    {"persistence", "current_save_keys_processed", "0"},
    {"persistence", "current_save_keys_total", "0"},
    {"persistence", "rdb_bgsave_in_progress", "0"},
    {"persistence", "rdb_last_bgsave_status", "ok"},
    {"persistence", "rdb_last_bgsave_time_sec", "-1"},
    {"persistence", "rdb_current_bgsave_time_sec", "-1"},
    {"persistence", "rdb_saves", "0"},
    {"persistence", "rdb_last_cow_size", "0"},
    {"persistence", "rdb_last_load_keys_expired", "0"},
    {"persistence", "rdb_last_load_keys_loaded", "0"},
    {"persistence", "aof_enabled", "0"},
    {"persistence", "aof_rewrite_in_progress", "0"},
    {"persistence", "aof_rewrite_scheduled", "0"},
    {"persistence", "aof_last_rewrite_time_sec", "-1"},
    {"persistence", "aof_current_rewrite_time_sec", "-1"},
    {"persistence", "aof_last_bgrewrite_status", "ok"},
    {"persistence", "aof_rewrites", "0"},
    {"persistence", "aof_rewrites_consecutive_failures", "0"},
    {"persistence", "aof_last_write_status", "ok"},
    {"persistence", "aof_last_cow_size", "0"},
    {"persistence", "module_fork_in_progress", "0"},
    {"persistence", "module_fork_last_cow_size", "0"},
    // replication, pub/sub, forks, client-side caching, RESTORE; sampling, which our expiry does not do; I/O threads
    {"stats", "total_net_repl_input_bytes", "0"},
    {"stats", "total_net_repl_output_bytes", "0"},
    {"stats", "instantaneous_input_repl_kbps", "0.00"},
    {"stats", "instantaneous_output_repl_kbps", "0.00"},
    {"stats", "sync_full", "0"},
    {"stats", "sync_partial_ok", "0"},
    {"stats", "sync_partial_err", "0"},
    {"stats", "pubsub_channels", "0"},
    {"stats", "pubsub_patterns", "0"},
    {"stats", "pubsubshard_channels", "0"},
    {"stats", "latest_fork_usec", "0"},
    {"stats", "total_forks", "0"},
    {"stats", "migrate_cached_sockets", "0"},
    {"stats", "slave_expires_tracked_keys", "0"},
    {"stats", "active_defrag_hits", "0"},
    {"stats", "active_defrag_misses", "0"},
    {"stats", "active_defrag_key_hits", "0"},
    {"stats", "active_defrag_key_misses", "0"},
    {"stats", "total_active_defrag_time", "0"},
    {"stats", "current_active_defrag_time", "0"},
    {"stats", "tracking_total_keys", "0"},
    {"stats", "tracking_total_items", "0"},
    {"stats", "tracking_total_prefixes", "0"},
    {"stats", "unexpected_error_replies", "0"},
    {"stats", "dump_payload_sanitizations", "0"},
    {"stats", "io_threaded_reads_processed", "0"},
    {"stats", "io_threaded_writes_processed", "0"},
    {"stats", "reply_buffer_shrinks", "0"},
    {"stats", "reply_buffer_expands", "0"},
    // users with permissions
    {"stats", "acl_access_denied_cmd", "0"},
    {"stats", "acl_access_denied_key", "0"},
    {"stats", "acl_access_denied_channel", "0"},
    {"replication", "role", "master"},
    {"replication", "connected_slaves", "0"},
    {"replication", "master_failover_state", "no-failover"},
    {"replication", "master_repl_offset", "0"},
    {"replication", "second_repl_offset", "-1"},
    {"replication", "repl_backlog_active", "0"},
    {"replication", "repl_backlog_size", "1048576"},
    {"replication", "repl_backlog_first_byte_offset", "0"},
    {"replication", "repl_backlog_histlen", "0"},
    {"cluster", "cluster_enabled", "0"},
    {"debug", "eventloop_duration_aof_sum", "0"},
};

void write_section(std::string_view section, base::InfoWriter& out) {
  for (const RestingField& field : fields) {
    if (field.section == section) out.text(field.name, field.value);
  }
}

}  // namespace

base::InfoProviders resting_fields() {
  base::InfoProviders providers;
  for (const RestingField& field : fields) {
    if (!providers.empty() && providers.back().section == field.section) continue;
    const std::string section(field.section);
    providers.push_back({section, [section](base::InfoWriter& out) { write_section(section, out); }});
  }
  return providers;
}

}  // namespace torc::stats
