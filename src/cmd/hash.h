// The commands of hashes: fields set, read, counted with, removed, taken at random.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> hash_rows();

}  // namespace torc::cmd
