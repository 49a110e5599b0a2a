// SHUTDOWN only asks: the tick ends the process when the replies of this tick have left.
#include "server/server_family.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/parse_number.h"
#include "server/process_control.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::server {

namespace {

using session::Context;

void time(Context& context) {
  const int64_t now_us = context.session().unit_time_us();
  context.reply().array(2);
  context.reply().bulk_integer(now_us / 1'000'000);
  context.reply().bulk_integer(now_us % 1'000'000);
}

struct ShutdownWord {
  std::string_view word;
  int flag;
};
constexpr ShutdownWord shutdown_words[] = {
    {"save", shutdown_save}, {"nosave", shutdown_no_save}, {"now", shutdown_now}, {"force", shutdown_force}};

// The ShutdownFlags, or nothing where the words make no sense.
std::optional<int> parse_shutdown(Context& context, bool* abort) {
  int flags = 0;
  for (size_t i = 1; i < context.size(); ++i) {
    const auto same = [&](const ShutdownWord& one) { return session::equals_lower(context[i], one.word); };
    const auto* found = std::ranges::find_if(shutdown_words, same);
    if (found != std::end(shutdown_words)) {
      flags |= found->flag;
    } else if (session::equals_lower(context[i], "abort")) {
      *abort = true;
    } else {
      return std::nullopt;
    }
  }
  const bool both = (flags & shutdown_save) && (flags & shutdown_no_save);
  if ((*abort && flags != 0) || both) return std::nullopt;
  return flags;
}

void shutdown(Context& context) {
  bool abort = false;
  const auto flags = parse_shutdown(context, &abort);
  if (!flags) {
    context.fail(session::errors::syntax);
  } else if (abort) {
    if (!context.module<ShutdownControl>().abort())
      return static_cast<void>(context.fail("ERR No shutdown in progress."));
    context.reply().ok();
  } else if (!context.module<ShutdownControl>().shut_down(*flags)) {
    context.fail("ERR Errors trying to SHUTDOWN. Check logs.");
  }
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
     .arguments = "save-selector=[(NOSAVE|SAVE)] [NOW]@7.0.0 [FORCE]@7.0.0 [ABORT]@7.0.0",
     .history = "7.0.0=NOW, FORCE and ABORT."},
};

}  // namespace

std::span<const session::CommandRow> server_rows() { return rows; }

std::expected<void, std::string> rename_command(session::Registry* registry, std::span<const std::string> words) {
  if (words.size() != 2) return std::unexpected("Bad directive or wrong number of arguments");
  switch (registry->rename(words[0], words[1])) {
    case session::Registry::Renamed::done:
      return {};
    case session::Registry::Renamed::unknown:
      return std::unexpected("No such command in rename-command");
    case session::Registry::Renamed::taken:
      break;
  }
  return std::unexpected("Target command name already exists");
}

}  // namespace torc::server
