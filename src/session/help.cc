// The frame of every HELP subcommand: what Redis puts before and behind the lines.
#include "session/help.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/c_text.h"
#include "session/context.h"

namespace torc::session {

namespace {

// The command's name as the client wrote it, in capitals.
std::string capitals(std::string_view text) {
  std::string result(base::c_text(text));
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

}  // namespace

void reply_help(Context& context, std::initializer_list<std::string_view> lines) {
  resp::Reply& reply = context.reply();
  reply.array(lines.size() + 3);
  reply.status(fmt::format("{} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", capitals(context[0])));
  for (std::string_view line : lines) reply.status(line);
  reply.status("HELP");
  reply.status("    Print this help.");
}

void reply_subcommand_error(Context& context) {
  const std::string_view name = base::c_text(context[1]).substr(0, 128);
  context.fail(fmt::format("ERR unknown subcommand or wrong number of arguments for '{}'. Try {} HELP.", name,
                           capitals(context[0])));
}

}  // namespace torc::session
