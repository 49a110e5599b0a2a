// An option's words run to the next word that begins with "--"; each option is one line, its words quoted, so that the
// configuration parser treats file and command line alike.
#include "server/server_options.h"

#include "base/split_arguments.h"
#include "io/file.h"
#include "io/process.h"
#include "io/system_log.h"
#include "server/log.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::server {

namespace {

using base::Setting;

Setting directory_setting(ServerOptions* options) {
  Setting setting = base::text_setting("dir", &options->directory, "").protect();
  setting.get = [options] { return options->directory.empty() ? io::working_directory() : options->directory; };
  setting.set = [options](std::string_view text) -> Setting::Result {
    const auto directory = io::absolute_directory(options->in_directory(std::string(text)));
    if (!directory) return std::unexpected(io::error_text(directory.error()));
    options->directory = *directory;
    return {};
  };
  setting.lines = [get = setting.get] { return std::vector<base::SettingLine>{{base::quote_argument(get()), false}}; };
  return setting;
}

void add_syslog_settings(ServerOptions* options, base::Settings* rows) {
  rows->push_back(base::boolean_setting("syslog-enabled", &options->syslog_enabled, false).immutable());
  rows->push_back(base::text_setting("syslog-ident", &options->syslog_name, "redis").immutable());
  base::EnumNames names = {{"user", io::SystemLog::user_facility}};
  constexpr std::string_view local[] = {"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
  for (size_t i = 0; i < std::size(local); ++i) names.emplace_back(local[i], io::SystemLog::local_facility(i));
  rows->push_back(
      base::enum_setting("syslog-facility", &options->syslog_facility, names, io::SystemLog::local_facility(0))
          .immutable());
}

}  // namespace

base::Settings server_settings(ServerOptions* options, ServerHooks hooks) {
  base::Settings rows;
  rows.push_back(base::integer_setting("databases", &options->databases, 1, INT32_MAX, 16).immutable());
  rows.push_back(directory_setting(options));
  rows.push_back(base::text_setting("logfile", &options->log_file, "").immutable());
  rows.push_back(base::enum_setting("loglevel", &options->log_level,
                                    {{"debug", static_cast<int>(LogLevel::debug)},
                                     {"verbose", static_cast<int>(LogLevel::verbose)},
                                     {"notice", static_cast<int>(LogLevel::notice)},
                                     {"warning", static_cast<int>(LogLevel::warning)},
                                     {"nothing", static_cast<int>(LogLevel::nothing)}},
                                    static_cast<int>(LogLevel::notice))
                     .when_changed(std::move(hooks.log_level_changed)));
  rows.push_back(base::boolean_setting("hide-user-data-from-log", &options->hide_user_data, false));
  add_syslog_settings(options, &rows);
  rows.push_back(base::boolean_setting("always-show-logo", &options->always_show_logo, false).immutable());
  rows.push_back(base::enum_setting("enable-protected-configs", &options->enable_protected_configs,
                                    {{"no", static_cast<int>(session::Permission::no)},
                                     {"yes", static_cast<int>(session::Permission::yes)},
                                     {"local", static_cast<int>(session::Permission::local)}},
                                    static_cast<int>(session::Permission::no))
                     .immutable());
  rows.push_back(base::text_setting("torc-ring-features", &options->ring_features, "").immutable().unlist());
  return rows;
}

namespace {

// Collects the options. A word that begins with "--" names an option when the one before has a value already;
// otherwise it is that value, so `--proc-title-template --x` works as it does with redis-server.
class OptionLines {
 public:
  void take(std::string_view word, std::string_view next, bool is_last) {
    if (!named_ || !word.starts_with("--")) {
      text_ += base::quote_argument(word) + " ";
      named_ = true;
      return;
    }
    text_.append(text_.empty() ? "" : "\n").append(word.substr(2)).append(" ");
    const auto parts = base::split_arguments(word);
    named_ = !parts || parts->size() != 1;  // the word may hold the value as well
    if (named_ || !session::equals_lower(word, "--save")) return;
    // `--save` without a value switches saving off.
    named_ = is_last || next.starts_with("--");
    if (named_) text_ += "\"\"";
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
  bool named_ = true;  // the last option has its value
};

}  // namespace

CommandLine parse_command_line(std::span<const std::string_view> arguments) {
  CommandLine line;
  if (arguments.empty()) return line;
  const std::string_view first = arguments[0];
  line.version = first == "-v" || first == "--version";
  line.help = first == "-h" || first == "--help";
  if (line.version || line.help) return line;
  size_t next = 0;
  if (!first.starts_with('-')) line.config_file = arguments[next++];
  OptionLines options;
  for (; next < arguments.size(); ++next) {
    const bool is_last = next + 1 == arguments.size();
    if (arguments[next] == "-" && (next == 0 || is_last)) {
      line.standard_input = true;
    } else {
      options.take(arguments[next], is_last ? "" : arguments[next + 1], is_last);
    }
  }
  line.config_text = options.text();
  return line;
}

}  // namespace torc::server
