// The system's log (syslog). There is one connection to it in a process; the last one that opened it gives the name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torc::io {

enum class SystemLogPriority : uint8_t { debug, info, notice, warning };

class SystemLog {
 public:
  static const int user_facility;
  // LOG_LOCAL0 to LOG_LOCAL7.
  [[nodiscard]] static int local_facility(size_t number) noexcept;

  SystemLog() noexcept = default;
  ~SystemLog();
  SystemLog(const SystemLog&) = delete;
  SystemLog& operator=(const SystemLog&) = delete;
  void open(const std::string& name, int facility);
  // Nothing happens when it is not open.
  void write(SystemLogPriority priority, std::string_view text) const;

 private:
  std::string name_;  // the C library keeps a pointer to it
  bool open_ = false;
};

}  // namespace torc::io
