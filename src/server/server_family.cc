// SHUTDOWN only asks: the tick ends the process when the replies of this tick have left.
#include "server/server_family.h"

#include <string>

#include "base/parse_number.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::server {

namespace {

using session::Context;

void time(Context& context) {
  const int64_t now_us = context.session().clock().wall_us();
  context.reply().array(2);
  context.reply().bulk_integer(now_us / 1'000'000);
  context.reply().bulk_integer(now_us % 1'000'000);
}

struct ShutdownRequest {
  bool save = false, no_save = false, now = false, force = false, abort = false;
};

bool parse_shutdown(Context& context, ShutdownRequest* request) {
  for (size_t i = 1; i < context.size(); ++i) {
    if (session::equals_lower(context[i], "save")) {
      request->save = true;
    } else if (session::equals_lower(context[i], "nosave")) {
      request->no_save = true;
    } else if (session::equals_lower(context[i], "now")) {
      request->now = true;
    } else if (session::equals_lower(context[i], "force")) {
      request->force = true;
    } else if (session::equals_lower(context[i], "abort")) {
      request->abort = true;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  const bool others = request->save || request->no_save || request->now || request->force;
  if ((request->abort && others) || (request->save && request->no_save)) return context.fail(session::errors::syntax);
  return true;
}

void shutdown(Context& context) {
  ShutdownRequest request;
  if (!parse_shutdown(context, &request)) return;
  auto& control = context.module<ShutdownControl>();
  if (request.abort) {
    context.fail("ERR No shutdown in progress.");
    return;
  }
  if (request.save && !request.force) {
    // There are no snapshots yet, and whoever asks for one must not lose the data to a polite exit.
    control.log_warning("SHUTDOWN SAVE was asked for, but this version cannot save; the server goes on.");
    context.fail("ERR Errors trying to SHUTDOWN. Check logs.");
    return;
  }
  control.log_warning("User requested shutdown...");
  control.request();
}

constexpr session::CommandRow rows[] = {
    {.name = "time",
     .handler = time,
     .arity = 1,
     .flags = "loading stale fast",
     .group = "server",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "The server's time: seconds since 1970, and microseconds.",
     .tips = "nondeterministic_output"},
    {.name = "shutdown",
     .handler = shutdown,
     .arity = -1,
     .flags = "admin noscript loading stale sentinel no_multi allow_busy",
     .group = "server",
     .since = "1.0.0",
     .complexity = "O(N) in the number of keys when the data set is saved",
     .summary = "Ends the server.",
     .arguments = "[(NOSAVE|SAVE)] [NOW] [FORCE] [ABORT]",
     .history = "7.0.0=NOW, FORCE and ABORT."},
};

}  // namespace

std::span<const session::CommandRow> server_rows() { return rows; }

}  // namespace torc::server
