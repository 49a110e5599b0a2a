// Signals, the one thing that really is process-wide. A handler may do almost nothing, so these count deliveries and,
// for the rest, rely on a system call that waits being interrupted; the tick looks at the counts.
#pragma once

#include <cstdint>

namespace torc::base {

// SIGTERM and SIGINT are counted from now on; SIGPIPE and SIGHUP are ignored.
void watch_termination_signals() noexcept;
inline constexpr int interrupt_signal = 2;  // SIGINT
// The signal that came first since the last call (SIGTERM, SIGINT), or 0.
[[nodiscard]] int take_termination_signal() noexcept;

}  // namespace torc::base
