// Arguments are copied while the command's context lives; nothing here refers to it afterwards.
#include "stats/command_log.h"

#include <fmt/format.h>

#include "session/context.h"
#include "session/session.h"

namespace torc::stats {

namespace {

std::string shortened(std::string_view argument) {
  if (argument.size() <= CommandLog::argument_bytes_max) return std::string(argument);
  return fmt::format("{}... ({} more bytes)", argument.substr(0, CommandLog::argument_bytes_max),
                     argument.size() - CommandLog::argument_bytes_max);
}

std::vector<std::string> shortened_arguments(const session::Context& context) {
  constexpr size_t most = CommandLog::arguments_max;
  const bool too_many = context.size() > most;
  const size_t whole = too_many ? most - 1 : context.size();
  std::vector<std::string> arguments;
  arguments.reserve(whole + 1);
  for (size_t i = 0; i < whole; ++i) {
    arguments.push_back(context.redacted(i) ? std::string(session::Context::redacted_text) : shortened(context[i]));
  }
  if (too_many) arguments.push_back(fmt::format("... ({} more arguments)", context.size() - whole));
  return arguments;
}

}  // namespace

void CommandLog::add(const session::Context& context, uint64_t value) {
  constexpr int64_t us_per_s = 1'000'000;
  const session::Client& client = context.client();
  entries_.push_front({next_id_++, context.session().clock().wall_us() / us_per_s, value, shortened_arguments(context),
                       client.peer.address, client.name});
  trim();
}

void CommandLog::trim() {
  while (entries_.size() > static_cast<uint64_t>(length_max)) entries_.pop_back();
}

}  // namespace torc::stats
