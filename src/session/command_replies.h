// The nested replies of COMMAND INFO and COMMAND DOCS.
#pragma once

#include <cstdint>

#include "resp/reply.h"
#include "session/command.h"

namespace torc::session {

// COMMAND INFO's ten facts; null for a command that does not exist.
void reply_command_info(resp::Reply& reply, const Command* command);
// COMMAND DOCS' pair of full name and documentation.
void reply_command_docs(resp::Reply& reply, const Command& command);
// The names of KeyFlags, as a set.
void reply_key_flags(resp::Reply& reply, uint32_t flags);

}  // namespace torc::session
