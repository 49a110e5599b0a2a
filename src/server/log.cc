// The time zone is that of the process's environment, as Redis does it.
#include "server/log.h"

#include <ctime>

#include <fmt/format.h>

#include "io/process.h"

namespace torc::server {

void Log::write(LogLevel level, std::string_view text) {
  if (level < level_) return;
  constexpr std::string_view marks = ".-*#";
  const int64_t now_ms = clock_->wall_us() / 1000;
  const std::time_t seconds = now_ms / 1000;
  std::tm calendar = {};
  localtime_r(&seconds, &calendar);
  char date[64];
  const size_t size = std::strftime(date, sizeof date, "%d %b %Y %H:%M:%S", &calendar);
  file_.append(fmt::format("{}:M {}.{:03} {} {}\n", io::process_id(), std::string_view(date, size), now_ms % 1000,
                           marks[static_cast<size_t>(level)], text));
}

}  // namespace torc::server
