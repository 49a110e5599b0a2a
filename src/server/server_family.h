// Commands about the process: TIME, SHUTDOWN. The rows' module is a ShutdownControl.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>

#include "session/command.h"

namespace torc::session {
class Registry;
}

namespace torc::server {

// How SHUTDOWN reaches the tick.
struct ShutdownControl {
  // Ends the process after this tick. flags: ShutdownFlags. False: it cannot; the log says why.
  std::function<bool(int flags)> shut_down;
  // SHUTDOWN ABORT: takes back what a signal asked for. False: nothing was asked for.
  std::function<bool()> abort;
};

[[nodiscard]] std::span<const session::CommandRow> server_rows();

// rename-command's two words: a command, and its new name, or "" to remove it. The error is Redis's.
[[nodiscard]] std::expected<void, std::string> rename_command(session::Registry* registry,
                                                              std::span<const std::string> words);

}  // namespace torc::server
