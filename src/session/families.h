// The command families whose state lives in the session: who is connected, what they are in the middle of, which
// commands there are. Their handlers reach it through the Context; module may be null.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::session {

[[nodiscard]] std::span<const CommandRow> connection_rows();    // PING ECHO QUIT RESET SELECT HELLO AUTH
[[nodiscard]] std::span<const CommandRow> client_rows();        // CLIENT ...
[[nodiscard]] std::span<const CommandRow> transaction_rows();   // MULTI EXEC DISCARD WATCH UNWATCH
[[nodiscard]] std::span<const CommandRow> monitor_rows();       // MONITOR
[[nodiscard]] std::span<const CommandRow> command_rows();       // COMMAND ...

// CLIENT SETNAME's rule: printable characters without space. The error's text, or empty when the name will do.
[[nodiscard]] std::string_view check_client_name(std::string_view name) noexcept;

}  // namespace torc::session
