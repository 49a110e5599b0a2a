// SORT and SORT_RO.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> sort_rows();

}  // namespace torc::cmd
