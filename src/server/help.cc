// Generated from the rows, so a directive that exists is listed.
#include "server/help.h"

#include <string_view>

#include <fmt/format.h>

#include "base/split_arguments.h"
#include "config/configuration.h"

namespace torc::server {

namespace {

constexpr std::string_view usage =
    "Usage: torc-server [/path/to/redis.conf] [-] [--directive value ...]\n"
    "       torc-server -v | --version\n"
    "       torc-server -h | --help\n"
    "\n"
    "'-' reads configuration from standard input. Directives on the command line come last and prevail:\n"
    "       torc-server --port 7777\n"
    "       torc-server /etc/redis/redis.conf --loglevel verbose\n"
    "       torc-server - < redis.conf\n"
    "\n"
    "Directives and their defaults. Marked * they can be set at start only, marked + also by CONFIG SET where\n"
    "enable-protected-configs allows it, marked - they are accepted, but have no effect in this version.\n"
    "\n";

constexpr std::string_view file_directives =
    "\n"
    "In files, and on the command line, there is more:\n"
    "   include <path or pattern>\n"
    "   rename-command <command> <new name, or \"\" to remove it>\n"
    "   torc-accept-without-effect <directive> ...   start although these must not be ignored\n";

char mark(const config::Configuration& configuration, const base::Setting& setting) {
  if (configuration.is_kept(setting)) return '-';
  switch (setting.kind) {
    case base::SettingKind::immutable:
      return '*';
    case base::SettingKind::protected_:
      return '+';
    case base::SettingKind::ordinary:
      break;
  }
  return ' ';
}

}  // namespace

std::string help_text(config::Configuration& configuration) {
  std::string text(usage);
  for (const base::Setting* setting : configuration.settings()) {
    if (setting->unlisted) continue;
    const std::string& value = setting->default_value;
    const bool plain = !value.empty() && value.find('"') == std::string::npos;
    text += fmt::format(" {} {:<36} {}{}\n", mark(configuration, *setting), setting->name,
                        plain ? value : base::quote_argument(value),
                        setting->alias.empty() ? "" : "  (also " + setting->alias + ")");
  }
  return text.append(file_directives);
}

}  // namespace torc::server
