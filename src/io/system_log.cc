// The text is an argument, never the format.
#include "io/system_log.h"

#include <syslog.h>

namespace torc::io {

const int SystemLog::user_facility = LOG_USER;

int SystemLog::local_facility(size_t number) noexcept {
  constexpr int facilities[] = {LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3,
                                LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7};
  return facilities[number % 8];
}

SystemLog::~SystemLog() {
  if (open_) ::closelog();
}

void SystemLog::open(const std::string& name, int facility) {
  if (open_) ::closelog();
  name_ = name;
  ::openlog(name_.c_str(), LOG_PID | LOG_NDELAY | LOG_NOWAIT, facility);
  open_ = true;
}

void SystemLog::write(SystemLogPriority priority, std::string_view text) const {
  constexpr int priorities[] = {LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING};
  if (open_) ::syslog(priorities[static_cast<size_t>(priority)], "%.*s", static_cast<int>(text.size()), text.data());
}

}  // namespace torc::io
