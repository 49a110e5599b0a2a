// The commands that work on a key whatever its value: deleting, copying and renaming it, its time to live, walking over
// the keys, looking at how a value is stored.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> generic_rows();

}  // namespace torc::cmd
