// DBSIZE, FLUSHDB, FLUSHALL, SWAPDB. A flush empties a database at once and leaves the freeing to the reclaimer, which
// works in slices; so SYNC and ASYNC differ only in what replicas are told: they get the command as it was given.
#include "cmd/keyspace.h"

#include "cmd/numbers.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using session::equals_lower;

void dbsize(Context& context) { context.reply().integer(static_cast<int64_t>(context.database().size())); }

// database -1: all.
void flush(Context& context, int64_t database) {
  const bool known = context.size() == 1 || equals_lower(context[1], "sync") || equals_lower(context[1], "async");
  if (!known || context.size() > 2) {
    context.fail(session::errors::syntax);
    return;
  }
  context.add_dirty(static_cast<int64_t>(context.session().flush(database)));
  // Also when there was nothing to remove: a replica may have what its master has not.
  context.propagate_as(context.arguments());
  context.reply().ok();
}

void flushdb(Context& context) { flush(context, static_cast<int64_t>(context.database_index())); }

void flushall(Context& context) { flush(context, -1); }

void swapdb(Context& context) {
  const auto first = int_argument(context, 1, "ERR invalid first DB index");
  if (!first) return;
  const auto second = int_argument(context, 2, "ERR invalid second DB index");
  if (!second) return;
  const auto databases = static_cast<int64_t>(context.session().keyspace().databases());
  if (*first < 0 || *first >= databases || *second < 0 || *second >= databases) {
    context.fail("ERR DB index is out of range");
    return;
  }
  if (*first != *second) {
    context.session().swap_databases(static_cast<size_t>(*first), static_cast<size_t>(*second));
  }
  context.add_dirty(1);
  context.reply().ok();
}

constexpr std::string_view flush_arguments = "flush-type=[(ASYNC@4.0.0|SYNC@6.2.0)]";
constexpr std::string_view flush_history = "4.0.0=Takes the option `ASYNC`.;6.2.0=Takes the option `SYNC`.";

constexpr CommandRow rows[] = {
    {.name = "dbsize",
     .handler = dbsize,
     .arity = 1,
     .flags = "readonly fast",
     .acl = "keyspace",
     .group = "server",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Counts the keys of the database.",
     .tips = "request_policy:all_shards;response_policy:agg_sum"},
    {.name = "flushdb",
     .handler = flushdb,
     .arity = -1,
     .flags = "write",
     .acl = "keyspace dangerous",
     .group = "server",
     .since = "1.0.0",
     .complexity = "O(1); the memory is freed afterwards, in slices",
     .summary = "Removes all keys of the database.",
     .arguments = flush_arguments,
     .tips = "request_policy:all_shards;response_policy:all_succeeded",
     .history = flush_history},
    {.name = "flushall",
     .handler = flushall,
     .arity = -1,
     .flags = "write",
     .acl = "keyspace dangerous",
     .group = "server",
     .since = "1.0.0",
     .complexity = "O(1); the memory is freed afterwards, in slices",
     .summary = "Removes all keys of all databases.",
     .arguments = flush_arguments,
     .tips = "request_policy:all_shards;response_policy:all_succeeded",
     .history = flush_history},
    {.name = "swapdb",
     .handler = swapdb,
     .arity = 3,
     .flags = "write fast",
     .acl = "keyspace dangerous",
     .group = "server",
     .since = "4.0.0",
     .complexity = "O(N) in the number of keys that are watched in both databases",
     .summary = "Exchanges two databases.",
     .arguments = "index1:integer index2:integer"},
};

}  // namespace

std::span<const CommandRow> keyspace_rows() { return rows; }

}  // namespace torc::cmd
