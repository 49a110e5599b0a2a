// LATENCY. The rows' module is a CallRecorder.
#pragma once

#include <span>
#include <string>

#include "session/command.h"

namespace torc::stats {

class CallRecorder;

[[nodiscard]] std::span<const session::CommandRow> latency_rows();
// LATENCY DOCTOR: what was observed, and what may be done about it.
[[nodiscard]] std::string latency_report(CallRecorder& recorder);

}  // namespace torc::stats
