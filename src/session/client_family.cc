// CLIENT: a client about itself and about the others.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/parse_number.h"
#include "session/client_text.h"
#include "session/context.h"
#include "session/families.h"
#include "session/session.h"

namespace torc::session {

namespace {

enum class ClientType { normal, replica, pubsub, master };

std::optional<ClientType> parse_type(std::string_view name) {
  if (equals_lower(name, "normal")) return ClientType::normal;
  if (equals_lower(name, "slave") || equals_lower(name, "replica")) return ClientType::replica;
  if (equals_lower(name, "pubsub")) return ClientType::pubsub;
  if (equals_lower(name, "master")) return ClientType::master;
  return std::nullopt;
}

bool fail_unknown_type(Context& context, std::string_view name) {
  return context.fail(fmt::format("ERR Unknown client type '{}'", name));
}

void id(Context& context) { context.reply().integer(static_cast<int64_t>(context.client().id)); }

void info(Context& context) { context.reply().verbatim("txt", client_line(context.client(), context.now_ms()) + "\n"); }

void append_line(std::string* text, const Client& client, int64_t now_ms) {
  *text += client_line(client, now_ms);
  *text += '\n';
}

void list_by_id(Context& context) {
  std::string text;
  for (size_t i = 3; i < context.size(); ++i) {
    const auto wanted = context.integer(i, "ERR Invalid client ID");
    if (!wanted) return;
    const auto& clients = context.session().clients_by_id();
    const auto found = clients.find(static_cast<uint64_t>(*wanted));
    if (found != clients.end()) append_line(&text, *found->second, context.now_ms());
  }
  context.reply().verbatim("txt", text);
}

void list(Context& context) {
  if (context.size() > 3 && equals_lower(context[2], "id")) return list_by_id(context);
  std::optional<ClientType> type = ClientType::normal;
  if (context.size() == 4 && equals_lower(context[2], "type")) {
    type = parse_type(context[3]);
    if (!type) {
      fail_unknown_type(context, context[3]);
      return;
    }
  } else if (context.size() != 2) {
    context.fail(errors::syntax);
    return;
  }
  std::string text;
  // All clients are normal ones until there are replicas and subscribers.
  if (*type == ClientType::normal) {
    for (const auto& [id, client] : context.session().clients_by_id()) append_line(&text, *client, context.now_ms());
  }
  context.reply().verbatim("txt", text);
}

// CLIENT KILL's filters; what is not set matches all.
struct KillFilter {
  std::optional<std::string_view> address, local_address;
  std::optional<ClientType> type;
  std::optional<uint64_t> id;
  bool skip_me = true;

  [[nodiscard]] bool matches(const Client& client, const Client& me) const {
    if (address && *address != client.peer.address) return false;
    if (local_address && *local_address != client.peer.local_address) return false;
    if (type && *type != ClientType::normal) return false;
    if (id && *id != client.id) return false;
    return !(skip_me && &client == &me);
  }
};

bool parse_kill_id(Context& context, size_t i, KillFilter* filter) {
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
bool parse_kill_option(Context& context, size_t i, KillFilter* filter) {
  const std::string_view option = context[i], value = context[i + 1];
  if (equals_lower(option, "id")) return parse_kill_id(context, i + 1, filter);
  if (equals_lower(option, "skipme")) return parse_skip_me(context, i + 1, filter);
  if (equals_lower(option, "addr")) {
    filter->address = value;
  } else if (equals_lower(option, "laddr")) {
    filter->local_address = value;
  } else if (equals_lower(option, "type")) {
    filter->type = parse_type(value);
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
    if (!parse_kill_option(context, i, filter)) return false;
  }
  return true;
}

void kill(Context& context) {
  KillFilter filter;
  if (!parse_kill(context, &filter)) return;
  std::vector<Client*> victims;
  for (const auto& [id, client] : context.session().clients_by_id()) {
    if (filter.matches(*client, context.client())) victims.push_back(client);
  }
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

void set_name(Context& context) {
  const std::string_view error = check_client_name(context[2]);
  if (!error.empty()) {
    context.fail(error);
    return;
  }
  context.client().name = context[2];
  context.reply().ok();
}

void get_name(Context& context) {
  if (context.client().name.empty()) {
    context.reply().null();
  } else {
    context.reply().bulk(context.client().name);
  }
}

void set_info(Context& context) {
  std::string* field = equals_lower(context[2], "lib-name")  ? &context.client().library_name
                       : equals_lower(context[2], "lib-ver") ? &context.client().library_version
                                                             : nullptr;
  if (!field) {
    context.fail(fmt::format("ERR Unrecognized option '{}'", context[2]));
  } else if (!check_client_name(context[3]).empty()) {
    context.fail(fmt::format("ERR {} cannot contain spaces, newlines or special characters.", context[2]));
  } else {
    *field = context[3];
    context.reply().ok();
  }
}

void reply(Context& context) {
  Client& client = context.client();
  if (equals_lower(context[2], "on")) {
    client.reply_mode = ReplyMode::on;
    client.reply.set_output(&client.output);
    context.reply().ok();
  } else if (equals_lower(context[2], "off")) {
    client.reply_mode = ReplyMode::off;
  } else if (equals_lower(context[2], "skip")) {
    if (client.reply_mode != ReplyMode::off) client.reply_mode = ReplyMode::skip_next;
  } else {
    context.fail(errors::syntax);
  }
}

void set_switch(Context& context, bool* flag) {
  const bool on = equals_lower(context[2], "on");
  if (!on && !equals_lower(context[2], "off")) {
    context.fail(errors::syntax);
    return;
  }
  *flag = on;
  context.reply().ok();
}

void no_evict(Context& context) { set_switch(context, &context.client().no_evict); }

void no_touch(Context& context) { set_switch(context, &context.client().no_touch); }

void help(Context& context) {
  constexpr std::string_view lines[] = {
      "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
      "GETNAME",
      "    Return the name of the current connection.",
      "ID",
      "    Return the ID of the current connection.",
      "INFO",
      "    Return information about the current client connection.",
      "KILL <ip:port>",
      "    Kill connection made from <ip:port>.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Kill connections. Options are ADDR, LADDR, ID, TYPE, USER and SKIPME (YES|NO, default: yes).",
      "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] [ID <id> [<id> ...]]",
      "    Return information about client connections.",
      "NO-EVICT (ON|OFF)",
      "    Protect current client connection from eviction.",
      "NO-TOUCH (ON|OFF)",
      "    Will not touch LRU/LFU stats when this mode is on.",
      "REPLY (ON|OFF|SKIP)",
      "    Control the replies sent to the current connection.",
      "SETINFO <option> <value>",
      "    Set client meta attr. Options are LIB-NAME and LIB-VER.",
      "SETNAME <name>",
      "    Assign the name <name> to the current connection.",
      "HELP",
      "    Print this help.",
  };
  context.reply().array(std::size(lines));
  for (const std::string_view line : lines) context.reply().status(line);
}

// A subcommand's row; they differ in little.
constexpr CommandRow row(std::string_view name, Handler handler, int arity, std::string_view flags,
                         std::string_view since, std::string_view summary, std::string_view arguments = {},
                         std::string_view tips = {}, std::string_view history = {}) {
  return {.name = name,
          .handler = handler,
          .arity = arity,
          .flags = flags,
          .acl = "connection",
          .group = "connection",
          .since = since,
          .complexity = "O(1)",
          .summary = summary,
          .arguments = arguments,
          .tips = tips,
          .history = history};
}

constexpr std::string_view plain = "noscript loading stale sentinel";
constexpr std::string_view admin = "admin noscript loading stale sentinel";
constexpr std::string_view everywhere = "request_policy:all_nodes;response_policy:all_succeeded";

constexpr CommandRow rows[] = {
    {.name = "client",
     .arity = -2,
     .flags = "sentinel",
     .group = "connection",
     .since = "2.4.0",
     .complexity = "Depends on subcommand.",
     .summary = "Connections: one's own and those of others."},
    row("client|id", id, 2, plain, "5.0.0", "The number of this connection, never given twice."),
    row("client|info", info, 2, plain, "6.2.0", "This connection, as a line of CLIENT LIST.", {},
        "nondeterministic_output"),
    row("client|list", list, -2, admin, "2.4.0", "All connections, a line each.",
        "client-type=[TYPE (NORMAL|MASTER|REPLICA|PUBSUB)]@5.0.0 [ID client-id:integer...]@6.2.0",
        "nondeterministic_output",
        "2.8.12=Lines have an id.;5.0.0=TYPE.;6.0.0=Lines name the user.;6.2.0=ID, and more about memory.;"
        "7.0.0=Lines tell the protocol version and more about buffers.;7.0.3=Lines have ssub."),
    row("client|kill", kill, -3, admin, "2.4.0", "Closes connections.",
        "filter=(old-format:string/ip:port~2.8.12|new-format=([ID client-id:integer]@2.8.12|"
        "client-type=[TYPE (NORMAL|MASTER@3.2.0|SLAVE|REPLICA@5.0.0|PUBSUB)]@2.8.12|[USER username]|"
        "[ADDR addr:string/ip:port]|[LADDR laddr:string/ip:port]@6.2.0|skipme=[SKIPME (YES|NO)])...)",
        {}, "2.8.12=Filters.;2.8.12=ID.;3.2.0=TYPE master.;5.0.0=TYPE replica, beside slave.;6.2.0=LADDR."),
    row("client|setname", set_name, 3, plain, "2.6.9", "Names this connection.", "connection-name", everywhere),
    row("client|getname", get_name, 2, plain, "2.6.9", "The name of this connection."),
    row("client|setinfo", set_info, 4, plain, "7.2.0", "What the client library says about itself.",
        "attr=(LIB-NAME libname|LIB-VER libver)", everywhere),
    row("client|reply", reply, 3, plain, "3.2.0", "Whether this connection gets replies.", "action=(ON|OFF|SKIP)"),
    row("client|no-evict", no_evict, 3, admin, "7.0.0", "Exempts this connection from client eviction.",
        "enabled=(ON|OFF)"),
    row("client|no-touch", no_touch, 3, "noscript loading stale", "7.2.0",
        "Makes this connection's commands leave access times alone.", "enabled=(ON|OFF)"),
    row("client|help", help, 2, "loading stale sentinel", "5.0.0", "A short text about the subcommands."),
};

}  // namespace

std::span<const CommandRow> client_rows() { return rows; }

}  // namespace torc::session
