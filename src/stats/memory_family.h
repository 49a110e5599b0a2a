// MEMORY. The rows' module is a MemoryGauge.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::stats {

[[nodiscard]] std::span<const session::CommandRow> memory_rows();

}  // namespace torc::stats
