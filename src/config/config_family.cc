// The handlers translate between RESP and Configuration; what a setting means belongs to its row.
#include "config/config_family.h"

#include <utility>
#include <vector>

#include "config/configuration.h"
#include "session/context.h"

namespace torc::config {

namespace {

using session::CommandRow;
using session::Context;

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

void reset_statistics(Context& context) {
  context.module<ConfigFamily>().reset_statistics();
  context.reply().ok();
}

void help(Context& context) {
  constexpr std::string_view lines[] = {
      "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "HELP",
      "    Print this help.",
  };
  context.reply().array(std::size(lines));
  for (const std::string_view line : lines) context.reply().status(line);
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
     .arguments = "parameter:pattern...",
     .history = "7.0.0=Several patterns may be given."},
    {.name = "config|set",
     .handler = set,
     .arity = -4,
     .flags = admin_flags,
     .group = "server",
     .since = "2.0.0",
     .complexity = "O(N) in the number of settings given",
     .summary = "Changes settings, all of them or none.",
     .arguments = "(parameter value)...",
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
