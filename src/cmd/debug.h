// DEBUG: what tests and operators in distress need. Who may use it is decided at admission (enable-debug-command).
#pragma once

#include <functional>
#include <span>

#include "session/command.h"

namespace torc::cmd {

// The module of debug_rows(), or none: what lies on the other side of the house.
struct DebugHooks {
  std::function<bool()> rewrite_configuration;  // all settings into the file; false: that failed
};

[[nodiscard]] std::span<const session::CommandRow> debug_rows();

}  // namespace torc::cmd
