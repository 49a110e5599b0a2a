// Admission: all that may refuse a command before it runs, in the order in which Redis asks: does it exist, does it
// have the right number of arguments, may this client run it, is there memory for it; then whether it runs or waits for
// EXEC.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/c_text.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::session {

namespace {

constexpr std::string_view no_auth = "NOAUTH Authentication required.";
constexpr std::string_view out_of_memory_error = "OOM command not allowed when used memory > 'maxmemory'.";

// As C's %.*s prints it.
std::string_view shown(std::string_view text, size_t most) { return base::c_text(text).substr(0, most); }

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::toupper(c); });
  return result;
}

std::string unknown_command_error(std::span<const std::string_view> arguments) {
  std::string beginning;
  for (size_t i = 1; i < arguments.size() && beginning.size() < 128; ++i) {
    beginning += fmt::format("'{}' ", shown(arguments[i], 128 - beginning.size()));
  }
  return fmt::format("ERR unknown command '{}', with args beginning with: {}", shown(arguments[0], 128), beginning);
}

// DEBUG, and what changes the modules.
bool is_module_command(const Command& command) { return command.parent && command.parent->full_name == "module"; }

std::string protected_error(const Command& command) {
  const bool module = is_module_command(command);
  return fmt::format(
      "ERR {} command not allowed. If the {} option is set to \"local\", you can run it from a local connection, "
      "otherwise you need to set this option in the configuration file, and then restart the server.",
      module ? "MODULE" : "DEBUG", module ? "enable-module-command" : "enable-debug-command");
}

// What a browser sends to a port that a web page made it talk to.
bool is_web_request(std::string_view name) { return equals_lower(name, "post") || equals_lower(name, "host:"); }

bool touches_data(const Client& client, const Command& command) {
  constexpr uint32_t touching = flag_write | flag_readonly | flag_may_replicate;
  return ((command.name == "exec" ? client.transaction.command_flags : 0) | command.flags) & touching;
}

}  // namespace

// The lines behind its first ones may be commands that the page's author wrote, so nothing more is read of it.
void Session::abort_web_request(Client& client) {
  if (web_request_log_.due(now_ms_)) {
    log(log_warning, fmt::format("Possible attack: {} sends POST or Host: as a web browser does, which a page may have "
                                 "made connect to this server. The connection is closed.",
                                 client.peer.address));
  }
  close_client(&client, CloseMode::now);
}

void Session::reject_unknown(Client& client, const Planned& planned, std::span<const std::string_view> arguments) {
  if (client.transaction.open) client.transaction.has_error = true;
  if (planned.container) {
    client.reply.error(fmt::format("ERR unknown subcommand '{}'. Try {} HELP.", shown(arguments[1], 128),
                                   upper(base::c_text(arguments[0]))));
  } else {
    client.reply.error(unknown_command_error(arguments));
  }
}

bool Session::reject(Client& client, Command* command, std::string_view error) {
  if (command->has(flag_in_transaction) && command->name == "exec") {
    discard_transaction(client);
    if (error.starts_with("ERR ")) error.remove_prefix(4);
    client.reply.error(fmt::format("EXECABORT Transaction discarded because of: {}", error));
    if (!monitors_.empty()) {  // they have been told of MULTI
      monitors_.begin_line(parts_.clock->wall_us(), client);
      monitors_.add_argument(command->name);
      monitors_.end_line();
    }
  } else {
    if (client.transaction.open) client.transaction.has_error = true;
    client.reply.error(error);
  }
  count_errors(client, *command, true);
  return false;
}

bool Session::admit(Client& client, const Planned& planned, std::span<const std::string_view> arguments) {
  Command* command = planned.command;
  if (!command) [[unlikely]] {
    if (is_web_request(base::c_text(arguments[0]))) {
      abort_web_request(client);
      return false;
    }
    reject_unknown(client, planned, arguments);
    count_error_reply(client);
    return false;
  }
  if (!command->handler || !command->arity_allows(arguments.size())) [[unlikely]] {
    return reject(client, command, fmt::format("ERR wrong number of arguments for '{}' command", command->full_name));
  }
  if (command->has(flag_protected) && !allowed(client, *command)) [[unlikely]]
    return reject(client, command, protected_error(*command));
  if (must_log_in(client) && !command->has(flag_no_auth)) return reject(client, command, no_auth);
  if (client.transaction.open && command->has(flag_no_multi)) {
    return reject(client, command, "ERR Command not allowed inside a transaction");
  }
  if (clients_take_too_much()) [[unlikely]] {
    evict_clients();
    if (client.close == CloseMode::now) return false;  // it was this one
  }
  if (options_.maxmemory_bytes != 0) {
    const bool needs = needs_memory(client, *command);
    const bool failed = eviction_.perform(needs) == Eviction::Outcome::failed;
    if (failed && needs) return reject(client, command, out_of_memory_error);
  }
  if (client.monitor) [[unlikely]] {
    // Redis counts monitors among the replicas: no pause is for them, and the data is not theirs to touch.
    return !touches_data(client, *command) || reject(client, command, "ERR Replica can't interact with the keyspace");
  }
  if (pause_.active()) [[unlikely]]
    return !postponed(client, *command);
  return true;
}

bool Session::allowed(const Client& client, const Command& command) const noexcept {
  const bool module = is_module_command(command);
  const auto permission =
      static_cast<Permission>(module ? options_.enable_module_command : options_.enable_debug_command);
  return permission == Permission::yes || (permission == Permission::local && client.peer.loopback);
}

// A queue that grows takes memory too, so inside MULTI everything that would be queued counts.
bool Session::needs_memory(const Client& client, const Command& command) noexcept {
  if (client.transaction.open) {
    if (command.name == "exec") return client.transaction.command_flags & flag_denyoom;
    return command.name != "discard" && command.name != "quit" && command.name != "reset";
  }
  return command.has(flag_denyoom);
}

void Session::enqueue(Client& client, Command& command, std::span<const std::string_view> arguments,
                      std::span<resp::ArgumentBlob> blobs) {
  Transaction& transaction = client.transaction;
  // A transaction that cannot succeed any more needs no memory for what follows.
  if (!transaction.has_error && !client.dirty_watch) {
    transaction.commands.push_back({&command, OwnedArguments(arguments, blobs), client.argument_bytes});
    transaction.memory_bytes += transaction.commands.back().arguments.memory_bytes() + sizeof(QueuedCommand);
    transaction.command_flags |= command.flags;
    for (const std::string_view argument : arguments) transaction.query_bytes += argument.size() + sizeof(void*);
  }
  client.reply.status("QUEUED");
}

}  // namespace torc::session
