// RENAME, RENAMENX, MOVE, COPY: a value under another name or in another database. All but COPY move the value itself,
// whatever its size.
#include "base/assert.h"
#include "cmd/generic_parts.h"
#include "cmd/numbers.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;

constexpr std::string_view same_object = "ERR source and destination objects are the same";

store::Database& database_at(Context& context, size_t index) { return context.session().keyspace().database(index); }

// The source again after its database may have changed; it is known to exist.
store::Entry* again(store::Database& database, const store::KeyRef& key) {
  store::Entry* entry = database.find(key);
  TORC_ASSERT(entry != nullptr);
  return entry;
}

template <bool if_absent>
void rename(Context& context) {
  const store::KeyRef from = context.key(1), to = context.key(2);
  store::Database& database = context.database();
  if (!context.write(from)) {
    context.fail(session::errors::no_such_key);
    return;
  }
  auto reply = [&](bool renamed) { if_absent ? context.reply().integer(renamed) : context.reply().ok(); };
  if (from.bytes == to.bytes) return reply(false);
  if (store::Entry* overwritten = context.write(to)) {
    if (if_absent) return reply(false);
    database.erase(to, overwritten);
  }
  database.move_to(from, again(database, from), database, to);
  context.added(to.bytes);
  context.touched(from.bytes);
  context.touched(to.bytes);
  context.notify(session::event_generic, "rename_from", from.bytes);
  context.notify(session::event_generic, "rename_to", to.bytes);
  context.add_dirty(1);
  reply(true);
}

void move(Context& context) {
  const auto target = database_argument(context, 2);
  if (!target) return;
  const size_t source = context.database_index();
  if (*target == source) {
    context.fail(same_object);
    return;
  }
  const store::KeyRef key = context.key(1);
  store::Entry* entry = context.write(key);
  if (!entry || context.write_in(*target, key)) return context.reply().integer(0);
  context.database().move_to(key, entry, database_at(context, *target), key);
  context.added_in(*target, key.bytes);
  context.touched_in(source, key.bytes);
  context.touched_in(*target, key.bytes);
  context.notify_in(source, session::event_generic, "move_from", key.bytes);
  context.notify_in(*target, session::event_generic, "move_to", key.bytes);
  context.add_dirty(1);
  context.reply().integer(1);
}

struct CopyOptions {
  size_t database;
  bool replace = false;
};

bool parse_copy(Context& context, CopyOptions* options) {
  for (size_t i = 3; i < context.size(); ++i) {
    if (session::equals_lower(context[i], "replace")) {
      options->replace = true;
    } else if (session::equals_lower(context[i], "db") && i + 1 < context.size()) {
      const auto database = database_argument(context, ++i);
      if (!database) return false;
      options->database = *database;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

void copy(Context& context) {
  CopyOptions options{.database = context.database_index()};
  if (!parse_copy(context, &options)) return;
  const store::KeyRef from = context.key(1), to = context.key(2);
  if (options.database == context.database_index() && from.bytes == to.bytes) {
    context.fail(same_object);
    return;
  }
  if (!context.read(from)) return context.reply().integer(0);
  store::Database& target = database_at(context, options.database);
  if (store::Entry* overwritten = context.write_in(options.database, to)) {
    if (!options.replace) return context.reply().integer(0);
    target.erase(to, overwritten);
  }
  store::Database& source = context.database();
  source.copy_to(*again(source, from), target, to);
  context.added_in(options.database, to.bytes);
  context.touched_in(options.database, to.bytes);
  context.notify_in(options.database, session::event_generic, "copy_to", to.bytes);
  context.add_dirty(1);
  context.reply().integer(1);
}

constexpr CommandRow rows[] = {
    {.name = "rename",
     .handler = rename<false>,
     .arity = 3,
     .flags = "write",
     .keys = "RW ACCESS DELETE @1 range 0 1 0;OW UPDATE @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Gives a key another name; a key that has it already is overwritten.",
     .arguments = "key:key newkey:key"},
    {.name = "renamenx",
     .handler = rename<true>,
     .arity = 3,
     .flags = "write fast",
     .keys = "RW ACCESS DELETE @1 range 0 1 0;OW INSERT @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Gives a key another name if no key has it yet.",
     .arguments = "key:key newkey:key",
     .history = "3.2.0=Source and destination may be the same key."},
    {.name = "move",
     .handler = move,
     .arity = 3,
     .flags = "write fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Moves a key to another database.",
     .arguments = "key:key db:integer"},
    {.name = "copy",
     .handler = copy,
     .arity = -3,
     .flags = "write denyoom",
     .keys = "RO ACCESS @1 range 0 1 0;OW UPDATE @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "6.2.0",
     .complexity = "O(1) for a string, O(N) in the elements of any other value",
     .summary = "Copies a value to another key.",
     .arguments = "source:key destination:key [DB destination-db:integer] [REPLACE]"},
};

}  // namespace

std::span<const CommandRow> generic_move_rows() { return rows; }

}  // namespace torc::cmd
