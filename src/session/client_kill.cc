// CLIENT KILL: which clients are meant, and their end.
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/parse_number.h"
#include "session/client_parts.h"
#include "session/session.h"

namespace torc::session {

namespace {

// What is not set matches all.
struct KillFilter {
  std::optional<std::string_view> address, local_address;
  std::optional<ClientType> type;
  std::optional<uint64_t> id;
  bool skip_me = true;

  [[nodiscard]] bool matches(const Client& client, const Client& me) const {
    if (address && *address != client.peer.address) return false;
    if (local_address && *local_address != client.peer.local_address) return false;
    if (type && *type != client.type) return false;
    if (id && *id != client.id) return false;
    return !(skip_me && &client == &me);
  }
};

bool parse_id(Context& context, size_t i, KillFilter* filter) {
  const auto value = base::parse_integer(context[i]);
  if (!value || *value < 1) return context.fail("ERR client-id should be greater than 0");
  filter->id = static_cast<uint64_t>(*value);
  return true;
}

bool parse_skip_me(Context& context, size_t i, KillFilter* filter) {
  filter->skip_me = equals_lower(context[i], "yes");
  return filter->skip_me || equals_lower(context[i], "no") || context.fail(errors::syntax);
}

// One option and its value at i + 1.
bool parse_option(Context& context, size_t i, KillFilter* filter) {
  const std::string_view option = context[i], value = context[i + 1];
  if (equals_lower(option, "id")) return parse_id(context, i + 1, filter);
  if (equals_lower(option, "skipme")) return parse_skip_me(context, i + 1, filter);
  if (equals_lower(option, "addr")) {
    filter->address = value;
  } else if (equals_lower(option, "laddr")) {
    filter->local_address = value;
  } else if (equals_lower(option, "type")) {
    filter->type = parse_client_type(value);
    if (!filter->type) return fail_unknown_type(context, value);
  } else if (equals_lower(option, "user")) {
    // There is one user until there are ACLs, and everybody is that one.
    if (value != "default") return context.fail(fmt::format("ERR No such user '{}'", value));
  } else {
    return context.fail(errors::syntax);
  }
  return true;
}

bool parse_kill(Context& context, KillFilter* filter) {
  if (context.size() == 3) {
    filter->address = context[2];
    filter->skip_me = false;  // the old form may end oneself
    return true;
  }
  for (size_t i = 2; i < context.size(); i += 2) {
    if (i + 1 >= context.size()) return context.fail(errors::syntax);
    if (!parse_option(context, i, filter)) return false;
  }
  return true;
}

// All that match; of an id there is one at most.
std::vector<Client*> matching(Context& context, const KillFilter& filter) {
  const auto& clients = context.session().clients_by_id();
  std::vector<Client*> found;
  if (filter.id) {
    const auto one = clients.find(*filter.id);
    if (one != clients.end() && filter.matches(*one->second, context.client())) found.push_back(one->second);
    return found;
  }
  for (const auto& [id, client] : clients) {
    if (filter.matches(*client, context.client())) found.push_back(client);
  }
  return found;
}

}  // namespace

void kill_clients(Context& context) {
  KillFilter filter;
  if (!parse_kill(context, &filter)) return;
  const std::vector<Client*> victims = matching(context, filter);
  for (Client* victim : victims) {
    const bool me = victim == &context.client();
    context.session().close_client(victim, me ? CloseMode::after_reply : CloseMode::now);
  }
  if (context.size() != 3) {
    context.reply().integer(static_cast<int64_t>(victims.size()));
  } else if (victims.empty()) {
    context.fail("ERR No such client");
  } else {
    context.reply().ok();
  }
}

}  // namespace torc::session
