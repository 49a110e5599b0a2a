// The commands of lists: pushing to and popping from both ends, also for clients that wait for an element; reading,
// searching and changing in between; moving elements from list to list.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> list_rows();

}  // namespace torc::cmd
