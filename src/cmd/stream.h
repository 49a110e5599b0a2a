// Streams: XADD XTRIM XDEL XDELEX XLEN XRANGE XREVRANGE XREAD XREADGROUP XACK XACKDEL XCLAIM XAUTOCLAIM XPENDING XGROUP
// XSETID XINFO. What a stream is stands in store/stream_object.h.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> stream_rows();

}  // namespace torc::cmd
