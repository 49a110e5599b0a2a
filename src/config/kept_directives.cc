// In alphabetical order. Names, defaults and limits are those of `CONFIG GET *` and of the errors of redis-server 7.2.
#include "config/kept_directives.h"

#include <algorithm>
#include <cctype>

#include "base/c_text.h"

namespace torc::config {

namespace {

using Shape = KeptDirective::Shape;

constexpr int64_t int_max = INT32_MAX, long_max = INT64_MAX;

constexpr KeptDirective boolean(std::string_view name, std::string_view value) {
  return {.name = name, .shape = Shape::boolean, .default_value = value};
}

constexpr KeptDirective number(Shape shape, std::string_view name, std::string_view value, int64_t least,
                               uint64_t most) {
  return {.name = name, .shape = shape, .default_value = value, .minimum = least, .maximum = most};
}

constexpr KeptDirective integer(std::string_view name, std::string_view value, int64_t least, int64_t most) {
  return number(Shape::integer, name, value, least, static_cast<uint64_t>(most));
}

constexpr KeptDirective memory(std::string_view name, std::string_view value, int64_t least, uint64_t most) {
  return number(Shape::memory, name, value, least, most);
}

constexpr KeptDirective choice(std::string_view name, std::string_view value, std::string_view choices) {
  return {.name = name, .shape = Shape::choice, .default_value = value, .choices = choices};
}

constexpr KeptDirective text(std::string_view name, std::string_view value) {
  return {.name = name, .shape = Shape::text, .default_value = value};
}

constexpr KeptDirective bytes(std::string_view name, std::string_view value) {
  return {.name = name, .shape = Shape::bytes, .default_value = value};
}

constexpr KeptDirective save_points(std::string_view name, std::string_view value) {
  return {.name = name, .shape = Shape::save_points, .default_value = value};
}

constexpr KeptDirective primary(std::string_view name) { return {.name = name, .shape = Shape::primary}; }

bool is_path(std::string_view name) { return base::c_text(name).find_first_of("/\\") != std::string_view::npos; }

const char* file_name(std::string_view name) {
  return is_path(name) ? "dbfilename can't be a path, just a filename" : nullptr;
}

const char* append_file_name(std::string_view name) {
  if (base::c_text(name).empty()) return "appendfilename can't be empty";
  return is_path(name) ? "appendfilename can't be a path, just a filename" : nullptr;
}

const char* append_directory_name(std::string_view name) {
  if (base::c_text(name).empty()) return "appenddirname can't be empty";
  return is_path(name) ? "appenddirname can't be a path, just a dirname" : nullptr;
}

const char* host_name(std::string_view given) {
  const std::string_view name = base::c_text(given);
  constexpr size_t bytes_max = 255;
  if (name.size() > bytes_max) return "Hostnames must be less than 256 characters";
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.'; };
  return std::ranges::all_of(name, fits) ? nullptr
                                         : "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

const char* node_name(std::string_view name) {
  constexpr std::string_view forbidden("!#$%&()*+:;<>?@[]^{|}~\0", 23);  // the NUL, too
  const bool bad = name.find_first_of(forbidden) != std::string_view::npos;
  return bad ? "Announced human node name contained invalid character" : nullptr;
}

const KeptDirective directives[] = {
    choice("acl-pubsub-default", "resetchannels", "allchannels resetchannels"),
    text("aclfile", "").fixed().essential("security"),
    integer("acllog-max-len", "128", 0, long_max),
    integer("active-defrag-cycle-max", "25", 1, 99),
    integer("active-defrag-cycle-min", "1", 1, 99),
    memory("active-defrag-ignore-bytes", "104857600", 1, long_max),
    integer("active-defrag-max-scan-fields", "1000", 1, long_max),
    integer("active-defrag-threshold-lower", "10", 0, 1000),
    integer("active-defrag-threshold-upper", "100", 0, 1000),
    boolean("activedefrag", "no"),
    boolean("activerehashing", "yes"),
    boolean("aof-disable-auto-gc", "no").hidden(),
    boolean("aof-load-truncated", "yes"),
    boolean("aof-rewrite-incremental-fsync", "yes"),
    boolean("aof-timestamp-enabled", "no"),
    boolean("aof-use-rdb-preamble", "yes"),
    text("aof_rewrite_cpulist", "").fixed(),
    text("appenddirname", "appendonlydir").fixed().checked(append_directory_name),
    text("appendfilename", "appendonly.aof").fixed().checked(append_file_name),
    choice("appendfsync", "everysec", "everysec always no"),
    boolean("appendonly", "no").essential("durability"),
    memory("auto-aof-rewrite-min-size", "67108864", 0, long_max),
    integer("auto-aof-rewrite-percentage", "100", 0, int_max),
    text("bgsave_cpulist", "").fixed(),
    text("bind-source-addr", ""),
    text("bio_cpulist", "").fixed(),
    integer("busy-reply-threshold", "5000", 0, long_max).also("lua-time-limit"),
    integer("client-default-resp", "2", 2, 3).fixed().hidden(),
    boolean("cluster-allow-pubsubshard-when-down", "yes"),
    boolean("cluster-allow-reads-when-down", "no"),
    boolean("cluster-allow-replica-migration", "yes"),
    integer("cluster-announce-bus-port", "0", 0, 65535),
    text("cluster-announce-hostname", "").checked(host_name),
    text("cluster-announce-human-nodename", "").checked(node_name),
    text("cluster-announce-ip", ""),
    integer("cluster-announce-port", "0", 0, 65535),
    integer("cluster-announce-tls-port", "0", 0, 65535),
    text("cluster-config-file", "nodes.conf").fixed(),
    boolean("cluster-enabled", "no").fixed().essential("topology"),
    memory("cluster-link-sendbuf-limit", "0", 0, UINT64_MAX),
    integer("cluster-migration-barrier", "1", 0, int_max),
    integer("cluster-node-timeout", "15000", 0, long_max),
    integer("cluster-ping-interval", "0", 0, long_max).hidden(),
    integer("cluster-port", "0", 0, 65535).fixed(),
    choice("cluster-preferred-endpoint-type", "ip", "ip hostname unknown-endpoint"),
    boolean("cluster-replica-no-failover", "no").also("cluster-slave-no-failover"),
    integer("cluster-replica-validity-factor", "10", 0, int_max).also("cluster-slave-validity-factor"),
    boolean("cluster-require-full-coverage", "yes"),
    text("dbfilename", "dump.rdb").protect().checked(file_name),
    boolean("dynamic-hz", "yes"),
    text("ignore-warnings", ""),
    integer("io-threads", "1", 1, 128).fixed(),
    boolean("io-threads-do-reads", "no").fixed(),
    boolean("jemalloc-bg-thread", "yes"),
    integer("key-load-delay", "0", INT32_MIN, int_max).hidden(),
    integer("loading-process-events-interval-bytes", "2097152", 1024, int_max).hidden(),
    bytes("masterauth", "").secret(),
    text("masteruser", "").secret(),
    integer("min-replicas-max-lag", "10", 0, int_max).also("min-slaves-max-lag"),
    integer("min-replicas-to-write", "0", 0, int_max).also("min-slaves-to-write").essential("durability"),
    boolean("no-appendfsync-on-rewrite", "no"),
    choice("propagation-error-behavior", "ignore", "ignore panic panic-on-replicas"),
    boolean("rdb-del-sync-files", "no"),
    integer("rdb-key-save-delay", "0", INT32_MIN, int_max).hidden(),
    boolean("rdb-save-incremental-fsync", "yes"),
    boolean("rdbchecksum", "yes").fixed(),
    memory("repl-backlog-size", "1048576", 1, long_max),
    integer("repl-backlog-ttl", "3600", 0, long_max),
    boolean("repl-disable-tcp-nodelay", "no"),
    choice("repl-diskless-load", "disabled", "disabled on-empty-db swapdb"),
    boolean("repl-diskless-sync", "yes"),
    integer("repl-diskless-sync-delay", "5", 0, int_max),
    integer("repl-diskless-sync-max-replicas", "0", 0, int_max),
    integer("repl-ping-replica-period", "10", 1, int_max).also("repl-ping-slave-period"),
    integer("repl-timeout", "60", 1, int_max),
    text("replica-announce-ip", "").also("slave-announce-ip"),
    integer("replica-announce-port", "0", 0, 65535).also("slave-announce-port"),
    boolean("replica-announced", "yes"),
    boolean("replica-ignore-disk-write-errors", "no"),
    boolean("replica-ignore-maxmemory", "yes").also("slave-ignore-maxmemory"),
    boolean("replica-lazy-flush", "no").also("slave-lazy-flush"),
    integer("replica-priority", "100", 0, int_max).also("slave-priority"),
    boolean("replica-read-only", "yes").also("slave-read-only"),
    boolean("replica-serve-stale-data", "yes").also("slave-serve-stale-data"),
    primary("replicaof").also("slaveof").fixed().essential("topology"),
    text("req-res-logfile", "").fixed().hidden(),
    choice("sanitize-dump-payload", "no", "no yes clients"),
    save_points("save", "3600 1 300 100 60 10000").essential("durability"),
    integer("shutdown-timeout", "10", 0, int_max),
    boolean("stop-writes-on-bgsave-error", "yes"),
    choice("tls-auth-clients", "yes", "no yes optional"),
    text("tls-ca-cert-dir", ""),
    text("tls-ca-cert-file", ""),
    text("tls-cert-file", ""),
    text("tls-ciphers", ""),
    text("tls-ciphersuites", ""),
    text("tls-client-cert-file", ""),
    text("tls-client-key-file", ""),
    text("tls-client-key-file-pass", ""),
    boolean("tls-cluster", "no"),
    text("tls-dh-params-file", ""),
    text("tls-key-file", ""),
    text("tls-key-file-pass", ""),
    integer("tls-port", "0", 0, 65535).essential("security"),
    boolean("tls-prefer-server-ciphers", "no"),
    text("tls-protocols", ""),
    boolean("tls-replication", "no"),
    integer("tls-session-cache-size", "20480", 0, int_max),
    integer("tls-session-cache-timeout", "300", 0, int_max),
    boolean("tls-session-caching", "yes"),
    integer("tracking-table-max-keys", "1000000", 0, long_max),
};

}  // namespace

std::span<const KeptDirective> kept_directives() { return directives; }

}  // namespace torc::config
