// CLIENT: a client about itself and about the others.
#include <optional>
#include <string>

#include <fmt/format.h>

#include "session/client_parts.h"
#include "session/client_text.h"
#include "session/families.h"
#include "session/help.h"
#include "session/session.h"

namespace torc::session {

namespace {

void id(Context& context) { context.reply().integer(static_cast<int64_t>(context.client().id)); }

void info(Context& context) { context.reply().verbatim("txt", client_line(context.client(), context.now_ms()) + "\n"); }

void list_by_id(Context& context) {
  std::string text;
  for (size_t i = 3; i < context.size(); ++i) {
    const auto wanted = context.integer(i, "ERR Invalid client ID");
    if (!wanted) return;
    const auto& clients = context.session().clients_by_id();
    const auto found = clients.find(static_cast<uint64_t>(*wanted));
    if (found == clients.end()) continue;
    append_client_line(&text, *found->second, context.now_ms());
    text += '\n';
  }
  context.reply().verbatim("txt", text);
}

void list(Context& context) {
  std::optional<ClientType> type;
  if (context.size() == 4 && equals_lower(context[2], "type")) {
    type = parse_client_type(context[3]);
    if (!type) {
      fail_unknown_type(context, context[3]);
      return;
    }
  } else if (context.size() > 3 && equals_lower(context[2], "id")) {
    return list_by_id(context);
  } else if (context.size() != 2) {
    context.fail(errors::syntax);
    return;
  }
  context.session().list_clients(context, type);
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
    // Behind a SKIP of the same EXEC, which is for the request behind that, there is nothing to turn on.
    if (client.reply_mode != ReplyMode::skip_next) context.session().set_reply_mode(client, ReplyMode::on);
    context.reply().ok();
  } else if (equals_lower(context[2], "off")) {
    context.session().set_reply_mode(client, ReplyMode::off);
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

void getredir(Context& context) { context.reply().integer(-1); }  // nobody's keys are tracked

void tracking_info(Context& context) {
  resp::Reply& reply = context.reply();
  reply.map(3);
  reply.bulk("flags");
  reply.set(1);
  reply.bulk("off");
  reply.bulk("redirect");
  reply.integer(-1);
  reply.bulk("prefixes");
  reply.empty_array();
}

void pause(Context& context) {
  PauseMode mode = PauseMode::all;
  if (context.size() == 4) {
    if (equals_lower(context[3], "write")) {
      mode = PauseMode::write;
    } else if (!equals_lower(context[3], "all")) {
      context.fail("ERR CLIENT PAUSE mode must be WRITE or ALL");
      return;
    }
  } else if (context.size() > 4) {
    reply_subcommand_error(context);
    return;
  }
  const auto timeout_ms = context.integer(2, "ERR timeout is not an integer or out of range");
  if (!timeout_ms) return;
  if (*timeout_ms < 0) {
    context.fail("ERR timeout is negative");
  } else if (*timeout_ms > INT64_MAX - context.now_ms()) {
    context.fail("ERR timeout is out of range");
  } else {
    context.session().pause(mode, *timeout_ms == 0 ? 0 : context.now_ms() + *timeout_ms);
    context.reply().ok();
  }
}

void unpause(Context& context) {
  context.session().unpause();
  context.reply().ok();
}

void unblock(Context& context) {
  bool with_error = false;
  if (context.size() == 4) {
    with_error = equals_lower(context[3], "error");
    if (!with_error && !equals_lower(context[3], "timeout")) {
      context.fail("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
      return;
    }
  } else if (context.size() > 4) {
    reply_subcommand_error(context);
    return;
  }
  const auto wanted = context.integer(2);
  if (!wanted) return;
  const auto& clients = context.session().clients_by_id();
  const auto found = clients.find(static_cast<uint64_t>(*wanted));
  const bool unblocked = found != clients.end() && context.session().unblock(*found->second, with_error);
  // As in Redis, where an error that is written during a call counts for that call, whoever gets it.
  if (unblocked && with_error) ++context.command().failed_calls;
  context.reply().integer(unblocked);
}

void help(Context& context) {
  reply_help(
      context,
      {"GETNAME", "    Tell the name of this connection.", "GETREDIR",
       "    Tell which client is sent the keys that this one tracks; -1 if there is none.", "ID",
       "    Tell the id of this connection.", "INFO", "    Tell about this connection, in a line of LIST.",
       "KILL <ip:port>", "    Close the connection from there.", "KILL <option> <value> [<option> <value> [...]]",
       "    Close all connections that match all options:", "    * ID <client-id>",
       "    * ADDR (<ip:port>|<unixsocket>:0)",
       "    * LADDR (<ip:port>|<unixsocket>:0), the server's side", "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
       "    * USER <username>", "    * SKIPME (YES|NO), not this one itself; YES if not given",
       "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)|ID <client-id> [<client-id> ...]]", "    Tell about connections.",
       "NO-EVICT (ON|OFF)", "    Exempt this connection from client eviction.", "NO-TOUCH (ON|OFF)",
       "    Let this connection's commands leave access times alone.", "PAUSE <milliseconds> [WRITE|ALL]",
       "    Let clients wait, all of them or those that write.", "REPLY (ON|OFF|SKIP)",
       "    Choose whether this connection gets replies.", "SETINFO (LIB-NAME|LIB-VER) <value>",
       "    Tell about the client library.", "SETNAME <name>", "    Name this connection.", "TRACKINGINFO",
       "    Tell how this connection tracks keys.", "UNBLOCK <client-id> [TIMEOUT|ERROR]",
       "    End the wait of a blocked client.", "UNPAUSE", "    End the pause."});
}

// A subcommand's row; they differ in little.
constexpr CommandRow row(std::string_view name, Handler handler, int arity, std::string_view flags,
                         std::string_view since, std::string_view summary, std::string_view arguments = {},
                         std::string_view tips = {}, std::string_view history = {}) {
  CommandRow made = brief_row("connection", name, handler, arity, flags, since, "O(1)", summary, arguments, tips,
                              history);
  made.acl = "connection";
  return made;
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
    row("client|kill", kill_clients, -3, admin, "2.4.0", "Closes connections.",
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
    row("client|pause", pause, -3, admin, "3.0.0", "Lets the requests of all clients, or of those that write, wait.",
        "timeout:integer mode=[(WRITE|ALL)]@6.2.0", {}, "6.2.0=WRITE, and ALL as the default."),
    row("client|unpause", unpause, 2, admin, "6.2.0", "Ends the pause."),
    row("client|unblock", unblock, -3, admin, "5.0.0", "Ends the wait of a blocked client.",
        "client-id:integer unblock-type=[(TIMEOUT|ERROR)]"),
    row("client|getredir", getredir, 2, plain, "6.0.0",
        "Which client is sent the invalidations of the keys that this one tracks."),
    row("client|trackinginfo", tracking_info, 2, plain, "6.2.0", "How this connection tracks keys."),
    row("client|help", help, 2, "loading stale sentinel", "5.0.0", "A short text about the subcommands."),
};

}  // namespace

std::optional<ClientType> parse_client_type(std::string_view name) {
  if (equals_lower(name, "normal")) return ClientType::normal;
  if (equals_lower(name, "slave") || equals_lower(name, "replica")) return ClientType::replica;
  if (equals_lower(name, "pubsub")) return ClientType::pubsub;
  if (equals_lower(name, "master")) return ClientType::master;
  return std::nullopt;
}

bool fail_unknown_type(Context& context, std::string_view name) {
  return context.fail(fmt::format("ERR Unknown client type '{}'", name));
}

std::span<const CommandRow> client_rows() { return rows; }

}  // namespace torc::session
