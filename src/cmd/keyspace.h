// The commands that work on whole databases: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> keyspace_rows();

}  // namespace torc::cmd
