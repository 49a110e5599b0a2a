// What the files of CLIENT share: the types of clients by name, and the handlers that stand in files of their own.
#pragma once

#include <optional>
#include <string_view>

#include "session/client.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::session {

// CLIENT LIST's and KILL's TYPE, in any case.
[[nodiscard]] std::optional<ClientType> parse_client_type(std::string_view name);
// Replies that it is not one; false.
bool fail_unknown_type(Context& context, std::string_view name);

void kill_clients(Context& context);  // CLIENT KILL

}  // namespace torc::session
