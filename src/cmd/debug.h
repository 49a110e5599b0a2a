// DEBUG: what tests and operators in distress need. Who may use it is decided at admission (enable-debug-command).
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> debug_rows();

}  // namespace torc::cmd
