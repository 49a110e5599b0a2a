// DEBUG's larger subcommands, one file each; debug.cc chooses among them.
#pragma once

namespace torc::session {
class Context;
}

namespace torc::cmd {

void debug_digest(session::Context& context);
void debug_digest_value(session::Context& context);
void debug_object(session::Context& context);
void debug_populate(session::Context& context);
void debug_protocol(session::Context& context);

}  // namespace torc::cmd
