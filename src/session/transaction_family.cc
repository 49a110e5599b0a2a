// MULTI, EXEC, DISCARD, WATCH, UNWATCH. The queue and the watched keys belong to the client (client.h); queueing itself
// happens at admission. EXEC runs the queue as one execution unit, in one moment of time.
#include "session/context.h"
#include "session/families.h"
#include "session/session.h"

namespace torc::session {

namespace {

void multi(Context& context) {
  if (context.client().transaction.open) {
    context.fail("ERR MULTI calls can not be nested");
    return;
  }
  context.client().transaction.open = true;
  context.reply().ok();
}

void discard(Context& context) {
  if (!context.client().transaction.open) {
    context.fail("ERR DISCARD without MULTI");
    return;
  }
  context.session().discard_transaction(context.client());
  context.reply().ok();
}

bool watched_key_expired(Session& session, const Client& client) {
  if (client.watched.empty()) return false;
  return session.watches().watches_overdue(client, [&session](size_t database, std::string_view key) {
    const store::Entry* entry = session.keyspace().database(database).find(session.keyspace().key(key));
    return entry && entry->overdue(session.now_ms());
  });
}

// Why EXEC cannot run, replied; true when it can.
bool may_execute(Context& context) {
  Client& client = context.client();
  if (!client.transaction.open) return context.fail("ERR EXEC without MULTI");
  if (client.transaction.has_error) {
    context.session().discard_transaction(client);
    return context.fail("EXECABORT Transaction discarded because of previous errors.");
  }
  if (client.dirty_watch || watched_key_expired(context.session(), client)) {
    context.session().discard_transaction(client);
    context.reply().null_array();
    return false;
  }
  return true;
}

void exec(Context& context) {
  if (!may_execute(context)) return;
  Session& session = context.session();
  Client& client = context.client();
  // Taken out first: the commands run as if outside MULTI, and RESET or a nested error must not pull the queue away.
  std::vector<QueuedCommand> commands = std::move(client.transaction.commands);
  session.discard_transaction(client);
  context.propagate_nothing();   // the queued commands speak for themselves
  context.reply().array(commands.size());
  client.exec_commands = commands.size();
  for (QueuedCommand& queued : commands) {
    client.argument_bytes = queued.wire_bytes;
    Context inner(&session, &client, queued.command, queued.arguments.views(), queued.arguments.blobs());
    session.call(inner);
  }
  client.exec_commands = 0;
}

void watch(Context& context) {
  if (context.client().transaction.open) {
    context.fail("ERR WATCH inside MULTI is not allowed");
    return;
  }
  Client& client = context.client();
  if (!client.dirty_watch) {   // EXEC will fail anyway: nothing more to watch
    for (size_t i = 1; i < context.size(); ++i) {
      const store::KeyRef key = context.key(i);
      const store::Entry* entry = context.database().find(key);
      context.session().watches().watch(&client, client.database, key.bytes, entry && entry->overdue(context.now_ms()));
    }
  }
  context.reply().ok();
}

void unwatch(Context& context) {
  context.session().watches().unwatch_all(&context.client());
  context.reply().ok();
}

constexpr CommandRow rows[] = {
    {.name = "multi",
     .handler = multi,
     .arity = 1,
     .flags = "noscript loading stale fast allow_busy in_transaction",
     .acl = "transaction",
     .group = "transactions",
     .since = "1.2.0",
     .complexity = "O(1)",
     .summary = "Begins a transaction: the commands that follow wait for EXEC."},
    {.name = "exec",
     .handler = exec,
     .arity = 1,
     .flags = "noscript loading stale skip_slowlog in_transaction",
     .acl = "transaction",
     .group = "transactions",
     .since = "1.2.0",
     .complexity = "Depends on the queued commands",
     .summary = "Runs the commands of the transaction, all in one step."},
    {.name = "discard",
     .handler = discard,
     .arity = 1,
     .flags = "noscript loading stale fast allow_busy in_transaction",
     .acl = "transaction",
     .group = "transactions",
     .since = "2.0.0",
     .complexity = "O(N) in the number of queued commands",
     .summary = "Gives the transaction up."},
    {.name = "watch",
     .handler = watch,
     .arity = -2,
     .flags = "noscript loading stale fast allow_busy in_transaction",
     .keys = "RO @1 range -1 1 0",
     .acl = "transaction",
     .group = "transactions",
     .since = "2.2.0",
     .complexity = "O(1) for every key",
     .summary = "Makes the next EXEC fail if one of the keys changes before it.",
     .arguments = "key:key..."},
    {.name = "unwatch",
     .handler = unwatch,
     .arity = 1,
     .flags = "noscript loading stale fast allow_busy",
     .acl = "transaction",
     .group = "transactions",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Forgets the watched keys."},
};

}  // namespace

std::span<const CommandRow> transaction_rows() { return rows; }

}  // namespace torc::session
