// HyperLogLogs: PFADD PFCOUNT PFMERGE, and PFDEBUG PFSELFTEST. They are strings with a format of their own
// (ds/hyperloglog.h).
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> hyperloglog_rows();

}  // namespace torc::cmd
