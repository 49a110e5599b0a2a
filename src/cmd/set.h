// The commands of sets: members added, removed, moved, taken at random, and what several sets have in common.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> set_rows();

}  // namespace torc::cmd
