// The handlers translate between RESP and Configuration; what a setting means belongs to its row.
#include "config/config_family.h"

#include <utility>
#include <vector>

#include "config/configuration.h"
#include "io/file.h"
#include "session/context.h"
#include "session/help.h"
#include "session/session.h"

namespace torc::config {

namespace {

using session::CommandRow;
using session::Context;

constexpr int log_notice = 2, log_warning = 3;

void get(Context& context) {
  const auto matches = context.module<ConfigFamily>().configuration->get(context.arguments().subspan(2));
  context.reply().map(matches.size());
  for (const auto& [name, value] : matches) {
    context.reply().bulk(name);
    context.reply().bulk(value);
  }
}

void set(Context& context) {
  if (context.size() % 2 != 0) {
    context.fail(session::errors::syntax);
    return;
  }
  std::vector<std::pair<std::string_view, std::string_view>> changes;
  const auto& family = context.module<ConfigFamily>();
  for (size_t i = 2; i < context.size(); i += 2) {
    changes.emplace_back(context[i], context[i + 1]);
    const base::Setting* setting = family.configuration->find(context[i]);
    if (setting && setting->sensitive) context.redact(i + 1);
  }
  if (const auto result = family.configuration->set(changes, family.allows_protected(context)); !result) {
    context.fail(result.error());
    return;
  }
  context.reply().ok();
}

void rewrite(Context& context) {
  Configuration& configuration = *context.module<ConfigFamily>().configuration;
  if (configuration.file().empty()) {
    context.fail("ERR The server is running without a config file");
    return;
  }
  if (const auto written = configuration.rewrite(false); !written) {
    const std::string error = io::error_text(written.error());
    context.session().log(log_warning, "CONFIG REWRITE failed: " + error);
    context.fail("ERR Rewriting config file: " + error);
    return;
  }
  context.session().log(log_notice, "CONFIG REWRITE executed with success.");
  context.reply().ok();
}

void reset_statistics(Context& context) {
  context.module<ConfigFamily>().reset_statistics();
  context.reply().ok();
}

void help(Context& context) {
  session::reply_help(
      context,
      {"GET <pattern> [<pattern> ...]", "    Tell the settings whose names match, and their values.",
       "SET <setting> <value> [<setting> <value> ...]", "    Change settings: all of them, or none when one cannot be.",
       "RESETSTAT", "    Set the statistics of INFO back to zero.", "REWRITE",
       "    Write what was changed into the configuration file."});
}

constexpr std::string_view admin_flags = "admin noscript loading stale";

constexpr CommandRow rows[] = {
    {.name = "config",
     .arity = -2,
     .group = "server",
     .since = "2.0.0",
     .complexity = "Depends on subcommand",
     .summary = "The server's configuration at run time."},
    {.name = "config|get",
     .handler = get,
     .arity = -3,
     .flags = admin_flags,
     .group = "server",
     .since = "2.0.0",
     .complexity = "O(N) in the number of settings",
     .summary = "Answers the settings whose names match the patterns.",
     .arguments = "parameter...",
     .history = "7.0.0=Several patterns may be given."},
    {.name = "config|set",
     .handler = set,
     .arity = -4,
     .flags = admin_flags,
     .group = "server",
     .since = "2.0.0",
     .complexity = "O(N) in the number of settings given",
     .summary = "Changes settings, all of them or none.",
     .arguments = "data=(parameter value)...",
     .tips = "request_policy:all_nodes;response_policy:all_succeeded",
     .history = "7.0.0=Several settings may be given."},
    {.name = "config|resetstat",
     .handler = reset_statistics,
     .arity = 2,
     .flags = admin_flags,
     .group = "server",
     .since = "2.0.0",
     .complexity = "O(1)",
     .summary = "Sets the statistics of INFO back to zero.",
     .tips = "request_policy:all_nodes;response_policy:all_succeeded"},
    {.name = "config|rewrite",
     .handler = rewrite,
     .arity = 2,
     .flags = admin_flags,
     .group = "server",
     .since = "2.8.0",
     .complexity = "O(1)",
     .summary = "Writes the settings as they are now into the configuration file.",
     .tips = "request_policy:all_nodes;response_policy:all_succeeded"},
    {.name = "config|help",
     .handler = help,
     .arity = 2,
     .flags = "loading stale",
     .group = "server",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Answers a short text about the subcommands."},
};

}  // namespace

std::span<const CommandRow> config_rows() { return rows; }

}  // namespace torc::config
