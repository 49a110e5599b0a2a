// What a client says about its own connection: PING, ECHO, QUIT, RESET, SELECT, HELLO, AUTH. Who may log in is decided
// by the Authenticator that src/acl provides.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "session/context.h"
#include "session/families.h"
#include "session/session.h"

namespace torc::session {

namespace {

// The version that client libraries are told; torc's own stands in INFO as torc_version.
constexpr std::string_view redis_version = "7.2.4";
constexpr std::string_view wrong_password = "WRONGPASS invalid username-password pair or user is disabled.";

void ping(Context& context) {
  if (context.size() > 2) {
    context.fail("ERR wrong number of arguments for 'ping' command");
  } else if (context.size() == 2) {
    context.reply().bulk(context[1]);
  } else {
    context.reply().raw("+PONG\r\n");
  }
}

void echo(Context& context) { context.reply().bulk(context[1]); }

void quit(Context& context) {
  context.reply().ok();
  context.session().close_client(&context.client(), CloseMode::after_reply);
}

void reset(Context& context) {
  context.session().reset_client(context.client());
  context.reply().status("RESET");
}

void select(Context& context) {
  const auto index = context.integer(1);
  if (!index) return;
  if (*index < INT32_MIN || *index > INT32_MAX) {
    context.fail("ERR value is out of range, value must between -2147483648 and 2147483647");
  } else if (*index < 0 || static_cast<size_t>(*index) >= context.session().keyspace().databases()) {
    context.fail("ERR DB index is out of range");
  } else {
    context.client().database = static_cast<uint32_t>(*index);
    context.reply().ok();
  }
}

bool log_in(Context& context, std::string_view user, std::string_view password) {
  Authenticator* authenticator = context.session().authenticator();
  const bool known = authenticator ? authenticator->authenticate(context.client(), user, password) : user == "default";
  if (!known) {
    context.session().note_denied_login();
    return context.fail(wrong_password);
  }
  context.session().set_authenticated(context.client(), true);
  return true;
}

void auth(Context& context) {
  context.redact(1);
  context.redact(2);
  if (context.size() > 3) {
    context.fail(errors::syntax);
  } else if (context.size() == 2 && context.session().open_to_all()) {
    context.fail(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        "configuration is correct?");
  } else if (log_in(context, context.size() == 3 ? context[1] : "default", context[context.size() - 1])) {
    context.reply().ok();
  }
}

// The options behind HELLO's version.
struct HelloOptions {
  bool has_credentials = false, has_name = false;
  std::string_view user, password, name;
};

bool parse_hello(Context& context, HelloOptions* options) {
  for (size_t i = 2; i < context.size(); ++i) {
    const size_t more = context.size() - 1 - i;
    if (equals_lower(context[i], "auth") && more >= 2) {
      options->has_credentials = true;
      context.redact(i + 1);
      context.redact(i + 2);
      options->user = context[++i];
      options->password = context[++i];
    } else if (equals_lower(context[i], "setname") && more >= 1) {
      options->has_name = true;
      options->name = context[++i];
      const std::string_view error = check_client_name(options->name);
      if (!error.empty()) return context.fail(error);
    } else {
      return context.fail(fmt::format("ERR Syntax error in HELLO option '{}'", base::c_text(context[i])));
    }
  }
  return true;
}

void reply_hello(Context& context) {
  resp::Reply& reply = context.reply();
  reply.map(7);
  reply.bulk("server");
  reply.bulk("redis");
  reply.bulk("version");
  reply.bulk(redis_version);
  reply.bulk("proto");
  reply.integer(reply.protocol());
  reply.bulk("id");
  reply.integer(static_cast<int64_t>(context.client().id));
  reply.bulk("mode");
  reply.bulk("standalone");
  reply.bulk("role");
  reply.bulk("master");
  reply.bulk("modules");
  reply.empty_array();
}

void hello(Context& context) {
  std::optional<int64_t> version;
  if (context.size() > 1) {
    version = context.integer(1, "ERR Protocol version is not an integer or out of range");
    if (!version) return;
    if (*version < 2 || *version > 3) {
      context.fail("NOPROTO unsupported protocol version");
      return;
    }
  }
  HelloOptions options;
  if (!parse_hello(context, &options)) return;
  if (options.has_credentials && !log_in(context, options.user, options.password)) return;
  if (!context.client().authenticated) {
    context.fail(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> "
        "<pass> option can be used to authenticate the client and select the RESP protocol version at the same time");
    return;
  }
  if (options.has_name) context.client().name = options.name;
  if (version) context.reply().set_protocol(static_cast<int>(*version));
  reply_hello(context);
}

constexpr CommandRow rows[] = {
    {.name = "ping",
     .handler = ping,
     .arity = -1,
     .flags = "fast sentinel",
     .acl = "connection",
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Answers PONG, or the message.",
     .arguments = "[message]",
     .tips = "request_policy:all_shards;response_policy:all_succeeded"},
    {.name = "echo",
     .handler = echo,
     .arity = 2,
     .flags = "loading stale fast",
     .acl = "connection",
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Answers the message.",
     .arguments = "message"},
    {.name = "quit",
     .handler = quit,
     .arity = -1,
     .flags = "noscript loading stale fast no_auth allow_busy in_transaction",
     .acl = "connection",
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Closes the connection.",
     .deprecated = "7.2.0=closing the connection"},
    {.name = "reset",
     .handler = reset,
     .arity = 1,
     .flags = "noscript loading stale fast no_auth allow_busy in_transaction",
     .acl = "connection",
     .group = "connection",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Puts the connection back into the state of a new one."},
    {.name = "select",
     .handler = select,
     .arity = 2,
     .flags = "loading stale fast",
     .acl = "connection",
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Chooses the database of the connection.",
     .arguments = "index:integer"},
    {.name = "hello",
     .handler = hello,
     .arity = -1,
     .flags = "noscript loading stale fast no_auth sentinel allow_busy",
     .acl = "connection",
     .group = "connection",
     .since = "6.0.0",
     .complexity = "O(1)",
     .summary = "Agrees on the protocol version, with AUTH and SETNAME on the way; answers facts about the server.",
     .arguments = "arguments=[protover:integer [AUTH username password] [SETNAME clientname]]",
     .history = "6.2.0=The version may be left out: then nothing changes, and the facts are answered."},
    {.name = "auth",
     .handler = auth,
     .arity = -2,
     .flags = "noscript loading stale fast no_auth sentinel allow_busy",
     .acl = "connection",
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(N) in the number of passwords of the user",
     .summary = "Logs the connection in.",
     .arguments = "[username]@6.0.0 password",
     .history = "6.0.0=A username may be given."},
};

}  // namespace

std::string_view check_client_name(std::string_view name) noexcept {
  const bool good = std::ranges::all_of(name, [](char c) { return c >= '!' && c <= '~'; });
  return good ? "" : "ERR Client names cannot contain spaces, newlines or special characters.";
}

std::span<const CommandRow> connection_rows() { return rows; }

}  // namespace torc::session
