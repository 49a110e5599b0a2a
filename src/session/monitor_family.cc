// MONITOR: its client is told all commands from now on, until RESET or the end of the connection.
#include "session/context.h"
#include "session/families.h"
#include "session/session.h"

namespace torc::session {

namespace {

void monitor(Context& context) {
  Client& client = context.client();
  if (client.deny_blocking()) {
    context.fail("ERR MONITOR isn't allowed for DENY BLOCKING client");
    return;
  }
  if (client.monitor) return;
  context.session().start_monitoring(client);
  context.reply().ok();
}

constexpr CommandRow rows[] = {
    {.name = "monitor",
     .handler = monitor,
     .arity = 1,
     .flags = "admin noscript loading stale",
     .group = "server",
     .since = "1.0.0",
     .complexity = "O(1); then every command costs O(N) in its size",
     .summary = "Tells this connection every command that the server executes."},
};

}  // namespace

std::span<const CommandRow> monitor_rows() { return rows; }

}  // namespace torc::session
