// The commands of sorted sets: how many there are, and who has which score, is a matter of src/store/zset_*; here
// requests are read and answered.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> zset_rows();

}  // namespace torc::cmd
