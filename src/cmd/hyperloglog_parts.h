// What the two files of the HyperLogLog family share.
#pragma once

#include <span>
#include <string_view>

#include "session/command.h"
#include "store/entry.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

inline constexpr std::string_view corrupt_hyperloglog = "INVALIDOBJ Corrupted HLL object detected";

// Whether the entry, if there is one, is a HyperLogLog; replies the error if not.
[[nodiscard]] bool require_hyperloglog(session::Context& context, const store::Entry* entry);

[[nodiscard]] std::span<const session::CommandRow> hyperloglog_debug_rows();

}  // namespace torc::cmd
