// An option's words run to the next word that begins with "--"; each option is one line, its words quoted, so that the
// configuration parser treats file and command line alike.
#include "server/server_options.h"

#include "base/split_arguments.h"
#include "io/process.h"
#include "server/log.h"
#include "session/session.h"

namespace torc::server {

namespace {

using base::Setting;

Setting directory_setting(std::string* storage) {
  Setting setting = base::text_setting("dir", storage, "");
  setting.get = [storage] { return storage->empty() ? io::working_directory() : *storage; };
  return setting;
}

}  // namespace

base::Settings server_settings(ServerOptions* options, ServerHooks hooks) {
  base::Settings rows;
  rows.push_back(base::integer_setting("databases", &options->databases, 1, INT32_MAX, 16).immutable());
  rows.push_back(base::boolean_setting("daemonize", &options->daemonize, false).immutable());
  rows.push_back(directory_setting(&options->directory).immutable());
  rows.push_back(base::text_setting("pidfile", &options->pid_file, "").immutable());
  rows.push_back(base::text_setting("logfile", &options->log_file, "").immutable());
  rows.push_back(base::enum_setting("loglevel", &options->log_level,
                                    {{"debug", static_cast<int>(LogLevel::debug)},
                                     {"verbose", static_cast<int>(LogLevel::verbose)},
                                     {"notice", static_cast<int>(LogLevel::notice)},
                                     {"warning", static_cast<int>(LogLevel::warning)},
                                     {"nothing", static_cast<int>(LogLevel::nothing)}},
                                    static_cast<int>(LogLevel::notice))
                     .when_changed(std::move(hooks.log_level_changed)));
  rows.push_back(base::boolean_setting("always-show-logo", &options->always_show_logo, false).immutable());
  rows.push_back(base::enum_setting("enable-protected-configs", &options->enable_protected_configs,
                                    {{"no", static_cast<int>(session::Permission::no)},
                                     {"yes", static_cast<int>(session::Permission::yes)},
                                     {"local", static_cast<int>(session::Permission::local)}},
                                    static_cast<int>(session::Permission::no))
                     .immutable());
  rows.push_back(base::text_setting("torc-ring-features", &options->ring_features, "").immutable());
  return rows;
}

std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string_view> arguments) {
  CommandLine line;
  size_t next = 0;
  if (!arguments.empty()) {
    const std::string_view first = arguments[0];
    line.version = first == "-v" || first == "--version";
    line.help = first == "-h" || first == "--help";
    if (line.version || line.help) return line;
    if (!first.starts_with("--")) line.config_file = arguments[next++];
  }
  for (; next < arguments.size(); ++next) {
    const std::string_view word = arguments[next];
    if (word.starts_with("--")) {
      line.config_text += '\n';
      line.config_text += word.substr(2);
    } else if (line.config_text.empty()) {
      return std::unexpected("'" + std::string(word) +
                             "' is neither an option (--name value) nor the configuration file");
    } else {
      line.config_text += ' ' + base::quote_argument(word);
    }
  }
  line.config_text += '\n';
  return line;
}

}  // namespace torc::server
