// SORT and SORT_RO: the elements of a list, set or sorted set in order, by themselves or by other keys.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> sort_rows();

}  // namespace torc::cmd
