// What the report of a crash asks the server's parts for. Lists are bounded: the log is no place for ten thousand
// clients.
#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/split_arguments.h"
#include "config/configuration.h"
#include "server/crash_report.h"
#include "session/client_text.h"
#include "session/session.h"
#include "stats/info_family.h"

namespace torc::server {

namespace {

constexpr size_t clients_max = 100;
constexpr size_t arguments_max = 32;
constexpr size_t argument_bytes_max = 128;

std::string client_lines(session::Session& session) {
  std::string text;
  size_t left = clients_max;
  for (const auto& [id, client] : session.clients_by_id()) {
    if (left-- == 0) return text + fmt::format("... ({} in all)\n", session.clients());
    text += session::client_line(*client, session.now_ms()) + "\n";
  }
  return text;
}

std::string current_client(session::Session& session, bool hide_user_data) {
  const session::Client* client = session.executing_client();
  if (client == nullptr) return "";
  std::string text = session::client_line(*client, session.now_ms()) + "\n";
  const auto arguments = session.executing_arguments();
  for (size_t i = 0; i < std::min(arguments.size(), arguments_max); ++i) {
    if (i > 0 && hide_user_data) {
      text += fmt::format("argv[{}]: ({} bytes)\n", i, arguments[i].size());
    } else {
      text += fmt::format("argv[{}]: '{}'\n", i, base::quote_argument(arguments[i].substr(0, argument_bytes_max)));
    }
  }
  return text;
}

std::string changed_settings(config::Configuration& configuration) {
  std::string text;
  for (const base::Setting* setting : configuration.settings()) {
    const std::string value = setting->get();
    if (value == setting->default_value) continue;
    text += fmt::format("{} {}\n", setting->name, setting->sensitive ? "(hidden)" : value);
  }
  return text;
}

}  // namespace

CrashSources crash_sources(CrashParts parts) {
  return {.info =
              [parts] {
                constexpr std::string_view all[] = {"all"};
                return stats::info_text(*parts.info, all);
              },
          .clients = [parts] { return client_lines(*parts.session); },
          .current_client = [parts] { return current_client(*parts.session, *parts.hide_user_data); },
          .configuration = [parts] { return changed_settings(*parts.configuration); }};
}

}  // namespace torc::server
