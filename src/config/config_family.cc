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
    context.session().log(session::log_warning, "CONFIG REWRITE failed: " + error);
    context.fail("ERR Rewriting config file: " + error);
    return;
  }
  context.session().log(session::log_notice, "CONFIG REWRITE executed with success.");
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

constexpr std::string_view on_all_nodes = "request_policy:all_nodes;response_policy:all_succeeded";

constexpr auto row = [](auto... columns) { return session::brief_row("server", columns...); };

constexpr CommandRow rows[] = {
    row("config", nullptr, -2, "", "2.0.0", "Depends on subcommand", "The server's configuration at run time."),
    row("config|get", get, -3, admin_flags, "2.0.0", "O(N) in the number of settings",
        "Answers the settings whose names match the patterns.", "parameter...", "",
        "7.0.0=Several patterns may be given."),
    row("config|set", set, -4, admin_flags, "2.0.0", "O(N) in the number of settings given",
        "Changes settings, all of them or none.", "data=(parameter value)...", on_all_nodes,
        "7.0.0=Several settings may be given."),
    row("config|resetstat", reset_statistics, 2, admin_flags, "2.0.0", "O(1)",
        "Sets the statistics of INFO back to zero.", "", on_all_nodes),
    row("config|rewrite", rewrite, 2, admin_flags, "2.8.0", "O(1)",
        "Writes the settings as they are now into the configuration file.", "", on_all_nodes),
    row("config|help", help, 2, "loading stale", "5.0.0", "O(1)", "Answers a short text about the subcommands."),
};

}  // namespace

std::span<const CommandRow> config_rows() { return rows; }

}  // namespace torc::config
