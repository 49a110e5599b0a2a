// The time zone is that of the process's environment, as Redis does it.
#include "server/log.h"

#include <fmt/format.h>

#include "io/process.h"

namespace torc::server {

void Log::write(LogLevel level, std::string_view text) {
  if (level < level_) return;
  // As in Redis: clients choose names and texts that are logged.
  constexpr size_t text_bytes_max = 1023;
  text = text.substr(0, text_bytes_max);
  constexpr std::string_view marks = ".-*#";
  file_.append(fmt::format("{}:M {} {} {}\n", io::process_id(), base::format_local_time(clock_->wall_us()),
                           marks[static_cast<size_t>(level)], text));
  system_log_.write(static_cast<io::SystemLogPriority>(level), text);
}

}  // namespace torc::server
