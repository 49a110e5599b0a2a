// The server's log, in Redis's form: "pid:M 22 Nov 2026 14:00:00.000 * text".
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "io/file.h"
#include "io/system_log.h"

namespace torc::server {

enum class LogLevel : int { debug, verbose, notice, warning, nothing };

class Log {
 public:
  explicit Log(const base::Clock* clock) noexcept : clock_(clock) {}
  // Empty: standard output. Keeps the old destination on failure; the error is an errno.
  [[nodiscard]] std::expected<void, int> open(const std::string& path) { return file_.open(path); }
  void set_level(LogLevel level) noexcept { level_ = level; }
  void write(LogLevel level, std::string_view text);
  // All lines go to syslog from now on, too.
  void open_system_log(const std::string& name, int facility) { system_log_.open(name, facility); }
  // Without the prefix; not for syslog. A signal's handler may call it.
  void raw(std::string_view text) noexcept { file_.append_in_handler(text); }

 private:
  const base::Clock* clock_;
  LogLevel level_ = LogLevel::notice;
  io::LogFile file_;
  io::SystemLog system_log_;
};

}  // namespace torc::server
