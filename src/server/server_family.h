// Commands about the process: TIME, SHUTDOWN. The rows' module is a ShutdownControl.
#pragma once

#include <functional>
#include <span>

#include "session/command.h"

namespace torc::server {

// How SHUTDOWN reaches the tick.
struct ShutdownControl {
  std::function<void()> request;                    // end the process after this tick
  std::function<void(std::string_view)> log_warning;
};

[[nodiscard]] std::span<const session::CommandRow> server_rows();

}  // namespace torc::server
