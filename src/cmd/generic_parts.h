// The files of the generic family, each with its rows beside its handlers; generic.cc joins them.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> generic_keys_rows();    // DEL UNLINK EXISTS TOUCH TYPE RANDOMKEY
[[nodiscard]] std::span<const session::CommandRow> generic_expire_rows();  // EXPIRE, TTL, PERSIST and their kin
[[nodiscard]] std::span<const session::CommandRow> generic_move_rows();    // RENAME RENAMENX MOVE COPY
[[nodiscard]] std::span<const session::CommandRow> generic_scan_rows();    // KEYS SCAN
[[nodiscard]] std::span<const session::CommandRow> generic_object_rows();  // OBJECT

}  // namespace torc::cmd
