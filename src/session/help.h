// What every command with subcommands answers alike: its HELP, and the error for a subcommand that it does not know.
#pragma once

#include <initializer_list>
#include <string_view>

namespace torc::session {

class Context;

// The lines of a HELP reply, as statuses, between the head and the tail that all of them share. A subcommand's line is
// followed by what it does, indented by four spaces.
void reply_help(Context& context, std::initializer_list<std::string_view> lines);

// Of a command that looks at argument 1 itself (DEBUG): "unknown subcommand or wrong number of arguments ...".
void reply_subcommand_error(Context& context);

}  // namespace torc::session
