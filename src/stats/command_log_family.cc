// Both families read the same logs; they differ in how a log is named.
#include "stats/command_log_family.h"

#include <algorithm>
#include <optional>

#include "base/parse_number.h"
#include "session/context.h"
#include "session/help.h"
#include "session/registry.h"
#include "stats/call_recorder.h"

namespace torc::stats {

namespace {

using session::CommandRow;
using session::Context;

constexpr size_t default_count = 10;

// A number of entries, -1 for all; nullopt: the error was replied.
std::optional<size_t> parse_count(Context& context, size_t i) {
  const auto count = context.integer(i, "ERR count should be greater than or equal to -1");
  if (count && *count >= -1) return *count == -1 ? SIZE_MAX : static_cast<size_t>(*count);
  if (count) context.fail("ERR count should be greater than or equal to -1");
  return std::nullopt;
}

void reply_entry(resp::Reply& reply, const LoggedCommand& entry) {
  reply.array(6);
  reply.integer(static_cast<int64_t>(entry.id));
  reply.integer(entry.time_s);
  reply.integer(static_cast<int64_t>(entry.value));
  reply.array(entry.arguments.size());
  for (const std::string& argument : entry.arguments) reply.bulk(argument);
  reply.bulk(entry.address);
  reply.bulk(entry.client_name);
}

void reply_entries(Context& context, const CommandLog& log, size_t count) {
  const size_t shown = std::min(count, log.entries().size());
  context.reply().array(shown);
  for (size_t i = 0; i < shown; ++i) reply_entry(context.reply(), log.entries()[i]);
}

// --- SLOWLOG ---

CommandLog& slow_log(Context& context) { return context.module<CallRecorder>().log(LogKind::slow); }

void slowlog_get(Context& context) {
  if (context.size() > 3) return session::reply_subcommand_error(context);
  const auto count = context.size() == 3 ? parse_count(context, 2) : default_count;
  if (count) reply_entries(context, slow_log(context), *count);
}

void slowlog_len(Context& context) {
  context.reply().integer(static_cast<int64_t>(slow_log(context).entries().size()));
}

void slowlog_reset(Context& context) {
  slow_log(context).clear();
  context.reply().ok();
}

void slowlog_help(Context& context) {
  session::reply_help(context, {"GET [<count>]",
                                "    List the newest <count> entries of the log (10 if not given, -1 for all), newest",
                                "    first. An entry has six parts: id, time in seconds since 1970, duration in",
                                "    microseconds, arguments, the client's address, and its name.",
                                "LEN",
                                "    Tell how many entries the log has.",
                                "RESET",
                                "    Empty the log."});
}

// --- COMMANDLOG ---

struct NamedKind {
  std::string_view name;
  LogKind kind;
};
constexpr NamedKind kinds[] = {
    {"slow", LogKind::slow}, {"large-request", LogKind::large_request}, {"large-reply", LogKind::large_reply}};

// Null: the error was replied.
CommandLog* named_log(Context& context, size_t i) {
  for (const NamedKind& one : kinds) {
    if (session::equals_lower(context[i], one.name)) return &context.module<CallRecorder>().log(one.kind);
  }
  context.fail("ERR type should be one of the following: slow, large-request, large-reply");
  return nullptr;
}

void commandlog_get(Context& context) {
  const auto count = parse_count(context, 2);
  if (!count) return;
  if (const CommandLog* log = named_log(context, 3)) reply_entries(context, *log, *count);
}

void commandlog_len(Context& context) {
  if (const CommandLog* log = named_log(context, 2)) {
    context.reply().integer(static_cast<int64_t>(log->entries().size()));
  }
}

void commandlog_reset(Context& context) {
  CommandLog* log = named_log(context, 2);
  if (!log) return;
  log->clear();
  context.reply().ok();
}

void commandlog_help(Context& context) {
  session::reply_help(context, {"GET <count> <type>",
                                "    List the newest <count> entries of a log (-1 for all), newest first. The types",
                                "    are slow, large-request and large-reply. An entry has six parts: id, time in",
                                "    seconds since 1970, value (microseconds of a slow command, bytes of a request or",
                                "    reply), arguments, the client's address, and its name.",
                                "LEN <type>",
                                "    Tell how many entries the log has.",
                                "RESET <type>",
                                "    Empty the log."});
}

constexpr std::string_view admin = "admin loading stale";
constexpr std::string_view type_argument = R"(type=("slow"|"large-request"|"large-reply"))";
constexpr std::string_view summed = "request_policy:all_nodes;response_policy:agg_sum;nondeterministic_output";
constexpr std::string_view all_succeed = "request_policy:all_nodes;response_policy:all_succeeded";

constexpr auto row = [](auto... columns) { return session::brief_row("server", columns...); };

constexpr std::string_view per_entry = "O(N) in the number of entries";

constexpr CommandRow rows[] = {
    row("slowlog", nullptr, -2, "", "2.2.12", "Depends on subcommand.", "The log of slow commands."),
    row("slowlog|get", slowlog_get, -2, admin, "2.2.12", per_entry, "Lists the newest slow commands.",
        "[count:integer]", "request_policy:all_nodes;nondeterministic_output",
        "4.0.0=Entries have the client's address and name."),
    row("slowlog|len", slowlog_len, 2, admin, "2.2.12", "O(1)", "Tells how long the slow log is.", "", summed),
    row("slowlog|reset", slowlog_reset, 2, admin, "2.2.12", per_entry, "Empties the slow log.", "", all_succeed),
    row("slowlog|help", slowlog_help, 2, "loading stale", "6.2.0", "O(1)",
        "Answers a short text about the subcommands."),
    row("commandlog", nullptr, -2, "", "8.1.0", "Depends on subcommand.",
        "The logs of slow commands, large requests and large replies."),
    row("commandlog|get", commandlog_get, 4, admin, "8.1.0", per_entry, "Lists the newest entries of a log.",
        R"(count:integer type=("slow"|"large-request"|"large-reply"))",
        "request_policy:all_nodes;nondeterministic_output"),
    row("commandlog|len", commandlog_len, 3, admin, "8.1.0", "O(1)", "Tells how long a log is.",
        type_argument, summed),
    row("commandlog|reset", commandlog_reset, 3, admin, "8.1.0", per_entry, "Empties a log.",
        type_argument, all_succeed),
    row("commandlog|help", commandlog_help, 2, "loading stale", "8.1.0", "O(1)",
        "Answers a short text about the subcommands."),
};

}  // namespace

std::span<const CommandRow> command_log_rows() { return rows; }

}  // namespace torc::stats
