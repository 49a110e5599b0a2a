// DEBUG is one command to COMMAND and ACL; its subcommands are a table here, looked up by name and number of arguments.
#include "cmd/debug.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/c_text.h"
#include "cmd/debug_parts.h"
#include "cmd/numbers.h"
#include "session/context.h"
#include "session/help.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;

void help(Context& context) {
  session::reply_help(
      context, {"ASSERT",
                "    Fail an assertion, which ends the server.",
                "CHANGE-REPL-ID",
                "    Give the server another replication id.",
                "CLIENT-EVICTION",
                "    Tell what client eviction knows of the clients' memory.",
                "CONFIG-REWRITE-FORCE-ALL",
                "    Write all settings into the configuration file, those at their default too.",
                "DIGEST",
                "    Tell a checksum of all databases: equal data gives equal checksums.",
                "DIGEST-VALUE <key> [<key> ...]",
                "    Tell a checksum of the value of each key.",
                "ERROR <string>",
                "    Reply with the string as an error.",
                "HTSTATS <dbid> [full]",
                "    Tell the figures of the tables of a database.",
                "HTSTATS-KEY <key> [full]",
                "    Tell the figures of the table that the value of the key is.",
                "LEAK <string>",
                "    Lose the memory of a copy of the string.",
                "LISTPACK <key>",
                "    Write the value of the key, a listpack, to the log.",
                "LOADAOF",
                "    Read the append-only file again.",
                "LOG <message>",
                "    Write the message to the server's log.",
                "OBJECT <key>",
                "    Tell how the value of the key is stored.",
                "PANIC",
                "    End the server as in a state that should not be.",
                "PAUSE-CRON <0|1>",
                "    Let the periodic work rest, or resume it.",
                "POPULATE <count> [<prefix>] [<size>]",
                "    Create <count> string keys named key:<number>, or <prefix>:<number>, where they do not exist,",
                "    with values of <size> bytes. Replicas are not told.",
                "PROTOCOL <type>",
                "    Reply with an example of a protocol type: string, integer, double, bignum, null, array, set,",
                "    map, attrib, push, verbatim, true or false.",
                "SEGFAULT",
                "    Touch memory that is not there, which ends the server.",
                "QUICKLIST <key> [<0|1>]",
                "    Write the value of the key, a quicklist, to the log.",
                "QUICKLIST-PACKED-THRESHOLD <size>",
                "    Let elements of lists from this size on stand alone; 0 for the default (1gb).",
                "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
                "    Save a snapshot and load it again.",
                "REPLICATE <argument> [<argument> ...]",
                "    Send the arguments as a command to the replicas alone.",
                "REPLYBUFFER (PEAK-RESET-TIME (NEVER|RESET|<milliseconds>)|RESIZING <0|1>)",
                "    Nothing: replies gather in chunks that all clients share.",
                "SDSLEN <key>",
                "    Tell the sizes of a key and its value, a string, and of their memory.",
                "SET-ACTIVE-EXPIRE <0|1>",
                "    Stop, or resume, deleting overdue keys that nobody asks for.",
                "SET-DISABLE-DENY-SCRIPTS <0|1>",
                "    Let scripts run what is not for scripts, or not.",
                "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
                "    Trust snapshots and RESTORE without their checksums, or not.",
                "SLEEP <seconds>",
                "    Stop the server for some seconds, with decimals if need be.",
                "STRINGMATCH-LEN <pattern> <string>",
                "    Tell whether the string matches the pattern.",
                "STRINGMATCH-TEST",
                "    Match random strings with random patterns.",
                "STRUCTSIZE",
                "    Tell the sizes of some of the server's structures."});
}

// strtod's reading: what does not look like a number is 0.
void sleep(Context& context) {
  const double seconds = std::strtod(std::string(context[2]).c_str(), nullptr);
  constexpr double most_us = 1e15;
  const double microseconds = seconds * 1e6;
  if (microseconds >= 1) {  // not so for NaN
    context.session().clock().sleep_us(static_cast<int64_t>(microseconds < most_us ? microseconds : most_us));
  }
  context.reply().ok();
}

void set_active_expire(Context& context) {
  context.session().options().active_expire = base::c_integer(context[2]) != 0;
  context.reply().ok();
}

void htstats(Context& context) {
  const auto index = context.integer(2);
  if (!index) return;
  store::Keyspace& keyspace = context.session().keyspace();
  if (*index < 0 || static_cast<size_t>(*index) >= keyspace.databases()) {
    context.fail("ERR Out of range database");
    return;
  }
  context.reply().verbatim("txt", keyspace.database(static_cast<size_t>(*index)).table_statistics());
}

// Not counted among the errors: nothing failed.
void error(Context& context) {
  std::string text(context[2]);
  std::ranges::replace_if(text, [](char c) { return c == '\r' || c == '\n'; }, ' ');
  context.reply().raw(fmt::format("-{}\r\n", text));
}

void log(Context& context) {
  context.session().log(session::log_warning, fmt::format("DEBUG LOG: {}", base::c_text(context[2])));
  context.reply().ok();
}

void rewrite_configuration(Context& context) {
  const auto* hooks = context.module_if_any<DebugHooks>();
  if (!hooks || !hooks->rewrite_configuration || !hooks->rewrite_configuration()) {
    context.fail("ERR CONFIG-REWRITE-FORCE-ALL failed");
    return;
  }
  context.reply().ok();
}

struct Subcommand {
  std::string_view name;
  size_t least, most;  // arguments with DEBUG and the name
  session::Handler handler;
};

constexpr size_t any = std::numeric_limits<size_t>::max();

constexpr Subcommand subcommands[] = {
    {"assert", 2, 2, debug_assert},
    {"change-repl-id", 2, 2, debug_change_replication_id},
    {"client-eviction", 2, 2, debug_client_eviction},
    {"clusterlink", 5, 5, debug_cluster_link},
    {"config-rewrite-force-all", 2, 2, rewrite_configuration},
    {"digest", 2, 2, debug_digest},
    {"digest-value", 2, any, debug_digest_value},
    {"error", 3, 3, error},
    {"help", 2, 2, help},
    {"htstats", 3, any, htstats},
    {"htstats-key", 3, any, debug_table_of_key},
    {"leak", 3, 3, debug_leak},
    {"listpack", 3, 3, debug_listpack},
    {"loadaof", 2, any, debug_load_aof},
    {"log", 3, 3, log},
    {"object", 3, 3, debug_object},
    {"panic", 2, 2, debug_panic},
    {"pause-cron", 3, 3, debug_pause_cron},
    {"populate", 3, 5, debug_populate},
    {"protocol", 3, 3, debug_protocol},
    {"quicklist", 3, 4, debug_quicklist},
    {"quicklist-packed-threshold", 3, 3, debug_packed_threshold},
    {"reload", 2, any, debug_reload},
    {"replicate", 3, any, debug_replicate},
    {"replybuffer", 4, 4, debug_reply_buffer},
    {"sdslen", 3, 3, debug_string_sizes},
    {"segfault", 2, 2, debug_segfault},
    {"set-active-expire", 3, 3, set_active_expire},
    {"set-disable-deny-scripts", 3, 3, debug_disable_deny_scripts},
    {"set-skip-checksum-validation", 3, 3, debug_skip_checksums},
    {"sleep", 3, 3, sleep},
    {"stringmatch-len", 4, 4, debug_match},
    {"stringmatch-test", 2, 2, debug_match_test},
    {"structsize", 2, 2, debug_structure_sizes},
};

void debug(Context& context) {
  for (const Subcommand& subcommand : subcommands) {
    if (!session::equals_lower(context[1], subcommand.name)) continue;
    if (context.size() < subcommand.least || context.size() > subcommand.most) break;
    return subcommand.handler(context);
  }
  session::reply_subcommand_error(context);
}

constexpr CommandRow rows[] = {
    {.name = "debug",
     .handler = debug,
     .arity = -2,
     .flags = "admin noscript loading stale protected syscmd",
     .group = "server",
     .since = "1.0.0",
     .complexity = "Depends on the subcommand",
     .summary = "Looks into the server and makes it do odd things, for tests."},
};

}  // namespace

std::span<const CommandRow> debug_rows() { return rows; }

}  // namespace torc::cmd
