// SLOWLOG, and COMMANDLOG of Valkey 8.1, of which SLOWLOG shows the slow commands. The rows' module is a CallRecorder.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::stats {

[[nodiscard]] std::span<const session::CommandRow> command_log_rows();

}  // namespace torc::stats
