// The session's rows for CONFIG and INFO: names, limits and defaults are those of Redis 7.2.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <sstream>

#include "base/c_text.h"
#include "base/memory.h"
#include "base/parse_number.h"
#include "session/session.h"

namespace torc::session {

namespace {

using base::Setting;
using base::Settings;

struct LimitClass {
  std::string_view name;
  size_t index;
};
constexpr std::array<LimitClass, 4> limit_classes = {{{"normal", 0}, {"slave", 1}, {"replica", 1}, {"pubsub", 2}}};
constexpr std::array<std::string_view, 3> limit_class_names = {"normal", "slave", "pubsub"};

std::string format_limits(const OutputLimit* limits) {
  std::string text;
  for (size_t i = 0; i < limit_class_names.size(); ++i) {
    text += fmt::format("{}{} {} {} {}", i == 0 ? "" : " ", limit_class_names[i], limits[i].hard_bytes,
                        limits[i].soft_bytes, limits[i].soft_seconds);
  }
  return text;
}

// A NUL ends a word, as everything that is looked at as a C string.
std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.emplace_back(word.c_str());
  return words;
}

// One "class hard soft seconds"; the error as Redis words it.
Setting::Result parse_limit(const std::string* words, OutputLimit* limits) {
  std::string name = words[0];
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto found = std::ranges::find(limit_classes, name, &LimitClass::name);
  if (found == limit_classes.end())
    return std::unexpected("Invalid client class specified in buffer limit configuration.");
  const auto hard = base::parse_memory(words[1]), soft = base::parse_memory(words[2]);
  const auto seconds = base::parse_integer(words[3]);
  if (!hard || !soft || !seconds || *seconds < 0 || *seconds > INT_MAX) {
    return std::unexpected("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
  }
  limits[found->index] = {*hard, *soft, *seconds};
  return {};
}

Setting::Result parse_limits(std::string_view text, OutputLimit* limits) {
  const std::vector<std::string> words = words_of(text);
  if (words.size() % 4 != 0)
    return std::unexpected("Wrong number of arguments in buffer limit configuration.");
  std::array<OutputLimit, 3> parsed = {limits[0], limits[1], limits[2]};
  for (size_t i = 0; i < words.size(); i += 4) {
    if (auto result = parse_limit(&words[i], parsed.data()); !result) return result;
  }
  std::ranges::copy(parsed, limits);
  return {};
}

Setting output_limit_setting(OutputLimit* limits) {
  limits[0] = {};
  limits[1] = {256 << 20, 64 << 20, 60};
  limits[2] = {32 << 20, 8 << 20, 60};
  Setting setting;
  setting.name = "client-output-buffer-limit";
  setting.multi_argument = true;
  setting.default_value = format_limits(limits);
  setting.get = [limits] { return format_limits(limits); };
  setting.set = [limits](std::string_view text) { return parse_limits(text, limits); };
  return setting;
}

Setting permission_setting(std::string_view name, int* permission) {
  return base::enum_setting(name, permission,
                            {{"no", static_cast<int>(Permission::no)},
                             {"yes", static_cast<int>(Permission::yes)},
                             {"local", static_cast<int>(Permission::local)}},
                            static_cast<int>(Permission::no))
      .immutable();
}

Setting events_setting(Effects* effects) {
  Setting setting;
  setting.name = "notify-keyspace-events";
  setting.get = [effects] { return format_event_classes(effects->event_classes()); };
  setting.set = [effects](std::string_view text) -> Setting::Result {
    const int64_t classes = parse_event_classes(base::c_text(text));
    if (classes < 0) return std::unexpected("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    effects->set_event_classes(static_cast<uint32_t>(classes));
    return {};
  };
  return setting;
}

void add_encoding_settings(Settings& rows, store::EncodingLimits* limits) {
  rows.push_back(base::integer_setting("hash-max-listpack-entries", &limits->hash_listpack_entries, 0, INT64_MAX, 512)
                     .named_also("hash-max-ziplist-entries"));
  rows.push_back(base::memory_setting("hash-max-listpack-value", &limits->hash_listpack_value_bytes, 0, INT64_MAX, 64)
                     .named_also("hash-max-ziplist-value"));
  rows.push_back(base::integer_setting("set-max-intset-entries", &limits->set_intset_entries, 0, INT64_MAX, 512));
  rows.push_back(base::integer_setting("set-max-listpack-entries", &limits->set_listpack_entries, 0, INT64_MAX, 128));
  rows.push_back(base::integer_setting("set-max-listpack-value", &limits->set_listpack_value_bytes, 0, INT64_MAX, 64));
  rows.push_back(base::integer_setting("zset-max-listpack-entries", &limits->zset_listpack_entries, 0, INT64_MAX, 128)
                     .named_also("zset-max-ziplist-entries"));
  rows.push_back(base::memory_setting("zset-max-listpack-value", &limits->zset_listpack_value_bytes, 0, INT64_MAX, 64)
                     .named_also("zset-max-ziplist-value"));
  rows.push_back(
      base::integer_setting("list-max-listpack-size", &limits->list_listpack_size, INT32_MIN, INT32_MAX, -2)
          .named_also("list-max-ziplist-size"));
  rows.push_back(base::integer_setting("list-compress-depth", &limits->list_compress_depth, 0, INT32_MAX, 0));
  rows.push_back(base::memory_setting("stream-node-max-bytes", &limits->stream_node_bytes, 0, INT64_MAX, 4096));
  rows.push_back(base::integer_setting("stream-node-max-entries", &limits->stream_node_entries, 0, INT64_MAX, 100));
  rows.push_back(base::memory_setting("hll-sparse-max-bytes", &limits->hll_sparse_bytes, 0, INT64_MAX, 3000));
}

void write_clients(const Session& session, size_t watching, size_t watched, base::InfoWriter& out) {
  out.unsigned_integer("connected_clients", session.clients());
  out.unsigned_integer("client_recent_max_input_buffer", session.client_totals().longest_input);
  out.unsigned_integer("client_recent_max_output_buffer", session.client_totals().longest_output);
  out.unsigned_integer("blocked_clients", session.blocked_clients());
  out.unsigned_integer("watching_clients", watching);
  out.unsigned_integer("total_watched_keys", watched);
  out.unsigned_integer("clients_in_timeout_table", session.blocking().deadlines());
  out.unsigned_integer("total_blocking_keys", session.blocking().keys());
  out.unsigned_integer("total_blocking_keys_on_nokey", session.blocking().keys_with_end());
}

void write_statistics(const SessionStatistics& statistics, const Eviction& eviction, base::InfoWriter& out) {
  out.unsigned_integer("total_connections_received", statistics.connections_received);
  out.unsigned_integer("total_commands_processed", statistics.commands_processed);
  out.unsigned_integer("total_net_input_bytes", statistics.input_bytes);
  out.unsigned_integer("total_net_output_bytes", statistics.output_bytes);
  out.unsigned_integer("expired_keys", statistics.expired_keys);
  out.unsigned_integer("expired_subkeys", statistics.expired_fields);
  out.unsigned_integer("expired_time_cap_reached_count", statistics.expired_time_cap_reached);
  out.unsigned_integer("evicted_keys", statistics.evicted_keys);
  out.unsigned_integer("evicted_clients", statistics.evicted_clients);
  out.unsigned_integer("total_eviction_exceeded_time", eviction.exceeded_total_us() / 1000);
  out.unsigned_integer("current_eviction_exceeded_time", eviction.exceeded_now_us() / 1000);
  out.unsigned_integer("keyspace_hits", statistics.hits);
  out.unsigned_integer("keyspace_misses", statistics.misses);
  out.unsigned_integer("total_error_replies", statistics.error_replies);
  out.unsigned_integer("total_reads_processed", statistics.reads_processed);
  out.unsigned_integer("total_writes_processed", statistics.writes_processed);
  out.unsigned_integer("acl_access_denied_auth", statistics.denied_logins);
  out.unsigned_integer("client_output_buffer_limit_disconnections", statistics.output_limit_disconnections);
}

void write_command(const Command& command, double cycles_per_us, base::InfoWriter& out) {
  if (command.calls || command.rejected_calls || command.failed_calls) {
    const double microseconds = static_cast<double>(command.cycles) / cycles_per_us;
    out.text("cmdstat_" + command.full_name,
             fmt::format("calls={},usec={:.0f},usec_per_call={:.2f},rejected_calls={},failed_calls={}", command.calls,
                         microseconds, command.calls ? microseconds / static_cast<double>(command.calls) : 0.0,
                         command.rejected_calls, command.failed_calls));
  }
  for (const auto& subcommand : command.subcommands) write_command(*subcommand, cycles_per_us, out);
}

void write_keyspace(Session& session, base::InfoWriter& out) {
  for (size_t i = 0; i < session.keyspace().databases(); ++i) {
    const store::Database& database = session.keyspace().database(i);
    if (database.size() == 0) continue;
    const size_t hashes = database.hashes_with_deadlines();
    out.text(fmt::format("db{}", i),
             fmt::format("keys={},expires={},avg_ttl={}{}", database.size(), database.expiring_size(),
                         database.average_ttl_ms(session.now_ms(), session.random()),
                         hashes == 0 ? "" : fmt::format(",subexpiry={}", hashes)));
  }
}

}  // namespace

Settings Session::settings() {
  Settings rows;
  for (Setting& row : eviction_.settings()) rows.push_back(std::move(row));
  rows.push_back(base::percent_or_memory_setting("maxmemory-clients", &options_.maxmemory_clients, -100, INT64_MAX, 0)
                     .when_changed([this] {
                       account_memory_of_all();
                       return Setting::Result{};
                     }));
  rows.push_back(base::integer_setting("timeout", &options_.timeout_s, 0, INT32_MAX, 0));
  rows.push_back(base::integer_setting("active-expire-effort", &options_.active_expire_effort, 1, 10, 1));
  rows.push_back(base::boolean_setting("protected-mode", &options_.protected_mode, true));
  rows.push_back(permission_setting("enable-debug-command", &options_.enable_debug_command));
  rows.push_back(permission_setting("enable-module-command", &options_.enable_module_command));
  rows.push_back(base::boolean_setting("lazyfree-lazy-expire", &options_.lazy_expire, false));
  rows.push_back(base::boolean_setting("lazyfree-lazy-server-del", &options_.lazy_server_del, false));
  rows.push_back(base::boolean_setting("lazyfree-lazy-user-del", &options_.lazy_user_del, false));
  rows.push_back(base::boolean_setting("lazyfree-lazy-user-flush", &options_.lazy_user_flush, false));
  rows.push_back(base::boolean_setting("lazyfree-lazy-eviction", &options_.lazy_eviction, false));
  rows.push_back(base::boolean_setting("rdbcompression", &options_.compresses_values, true));
  rows.push_back(base::integer_setting("hz", &options_.hz, 0, INT32_MAX, 10).when_changed([this] {
    options_.hz = std::clamp<int64_t>(options_.hz, 1, 500);
    return Setting::Result{};
  }));
  add_encoding_settings(rows, &options_.encodings);
  options_.collation.choose("");
  rows.push_back(base::text_setting("locale-collate", &options_.locale_collate, "").when_changed([this] {
    const bool known = options_.collation.choose(options_.locale_collate);
    return known ? Setting::Result() : std::unexpected("Invalid locale name");
  }));
  rows.push_back(events_setting(&effects_));
  rows.push_back(output_limit_setting(options_.output_limits).when_changed([this] {
    // The transaction that changes it is judged by what it says from then on.
    if (executing_) executing_->output.limit_to(output_bytes_left(*executing_));
    return Setting::Result{};
  }));
  rows.push_back(base::integer_setting("torc-tick-budget-us", &options_.tick_budget_us, 1, 1'000'000, 500));
  rows.push_back(
      base::integer_setting("torc-lookahead-distance", &options_.lookahead_distance, 0, Lookahead::window_max - 1, 16));
  return rows;
}

base::InfoProviders Session::info() {
  base::InfoProviders providers;
  providers.push_back(
      {"clients", [this](base::InfoWriter& out) { write_clients(*this, watches_.clients(), watches_.keys(), out); }});
  providers.push_back({"stats", [this](base::InfoWriter& out) {
                         write_statistics(statistics_, eviction_, out);
                         const double cycles_per_ms = parts_.clock->cycles_per_us() * 1000;
                         const double expire_ms = static_cast<double>(statistics_.expire_cycles) / cycles_per_ms;
                         out.decimal("expired_stale_perc", 0, 2);  // overdue keys are found, not guessed
                         out.unsigned_integer("expire_cycle_cpu_milliseconds", static_cast<uint64_t>(expire_ms));
                       }});
  providers.push_back({"memory", [this](base::InfoWriter& out) {
                         out.unsigned_integer("lazyfree_pending_objects", parts_.keyspace->reclaim_pending());
                         out.unsigned_integer("lazyfreed_objects", parts_.keyspace->reclaimed());
                       }});
  providers.push_back({"commandstats", [this](base::InfoWriter& out) {
                         for (const auto& command : parts_.registry->commands()) {
                           write_command(*command, parts_.clock->cycles_per_us(), out);
                         }
                       }});
  providers.push_back({"errorstats", [this](base::InfoWriter& out) {
                         for (const auto& [code, count] : error_counts_) {
                           out.text("errorstat_" + code, fmt::format("count={}", count));
                         }
                       }});
  providers.push_back({"keyspace", [this](base::InfoWriter& out) { write_keyspace(*this, out); }});
  return providers;
}

}  // namespace torc::session
