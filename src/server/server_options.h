// Options of the process as a whole, and how the command line becomes configuration text.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/setting.h"
#include "io/file.h"

namespace torc::server {

struct ServerOptions {
  int64_t databases = 16;
  std::string directory;  // "dir"; empty until it was set: the working directory
  std::string log_file;
  int log_level = 2;            // a LogLevel
  bool hide_user_data = false;  // hide-user-data-from-log
  bool syslog_enabled = false;
  std::string syslog_name;  // syslog-ident
  int syslog_facility = 0;  // LOG_LOCAL0 ...
  bool always_show_logo = false;
  int enable_protected_configs = 0;  // a session::Permission
  // Hidden: behave as on an older kernel ("6.1", "6.6") or without single features of the ring; empty: all that is
  // there.
  std::string ring_features;

  // A path as the configuration means it: relative ones lie in `dir`. The process itself never changes its directory.
  [[nodiscard]] std::string in_directory(const std::string& path) const {
    return io::path_in(directory, path);
  }
};

// What must happen when a setting changes at run time.
struct ServerHooks {
  std::function<base::Setting::Result()> log_level_changed;
};

[[nodiscard]] base::Settings server_settings(ServerOptions* options, ServerHooks hooks);

// The command line behind the program's name.
struct CommandLine {
  bool version = false, help = false;
  bool standard_input = false;  // "-": configuration comes from there, too
  std::string config_file;      // empty: none
  std::string config_text;      // the options as lines of a configuration file
};

// [file] [-] [--option value ...]. What it makes of wrong options is wrong configuration, found when it is loaded.
[[nodiscard]] CommandLine parse_command_line(std::span<const std::string_view> arguments);

}  // namespace torc::server
