// The commands of strings: reading and writing them whole or in part, counting with them, setting and deleting them
// only if they are what the client believes them to be.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> string_rows();

}  // namespace torc::cmd
