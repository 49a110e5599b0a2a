// Strings as arrays of bits: BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS GETBIT SETBIT. The algorithms are ds/bits.h's.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> bitmap_rows();

}  // namespace torc::cmd
