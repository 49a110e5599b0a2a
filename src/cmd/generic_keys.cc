// DEL, UNLINK, EXISTS, TOUCH, TYPE, RANDOMKEY. DEL and UNLINK do the same here: whatever is expensive to free goes
// through the reclaimer in slices, so neither ever stops the server.
#include <optional>
#include <string>

#include "cmd/generic_parts.h"
#include "cmd/key_window.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;

void delete_keys(Context& context) {
  int64_t deleted = 0;
  for_each_key(context, 1, [&](const store::KeyRef& key) {
    store::Entry* entry = context.write(key);
    if (!entry) return;
    context.database().erase(key, entry);
    context.changed(key.bytes, session::event_generic, "del");
    ++deleted;
  });
  context.reply().integer(deleted);
}

void exists(Context& context) {
  int64_t found = 0;
  for_each_key(context, 1, [&](const store::KeyRef& key) { found += context.read(key, false) != nullptr; });
  context.reply().integer(found);
}

void access(Context& context, store::Entry* entry) {
  entry->set_access(context.session().eviction().accessed(entry->access(), context.now_ms()));
}

// Counts as an access even for a client that asked for NO-TOUCH: it is what the command is for.
void touch(Context& context) {
  const bool no_touch = context.client().no_touch;
  int64_t found = 0;
  for_each_key(context, 1, [&](const store::KeyRef& key) {
    if (!context.read(key)) return;
    if (no_touch) access(context, context.database().find(key));
    ++found;
  });
  context.reply().integer(found);
}

void type(Context& context) {
  const store::Entry* entry = context.read(context.key(1), false);
  context.reply().status(entry ? store::type_name(entry->type()) : "none");
}

constexpr size_t tries_max = 100;  // of RANDOMKEY

void randomkey(Context& context) {
  session::Session& session = context.session();
  // During a pause nothing expires, and there may be nothing else than overdue keys.
  for (size_t tries = 1;; ++tries) {
    store::Entry* entry = context.database().random(session.random());
    if (!entry) return context.reply().null();
    const bool give_up = session.paused().active() && tries == tries_max;
    if (!entry->overdue(context.now_ms()) || give_up) return context.reply().bulk(entry->key());
    const std::string name(entry->key());  // the entry's own bytes die with it
    session.expire_on_read(context.database_index(), context.make_key(name), entry);
  }
}

constexpr CommandRow rows[] = {
    {.name = "del",
     .handler = delete_keys,
     .arity = -2,
     .flags = "write",
     .keys = "RM DELETE @1 range -1 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(N) in the number of keys; large values are freed afterwards, in slices",
     .summary = "Deletes keys.",
     .arguments = "key:key...",
     .tips = "request_policy:multi_shard;response_policy:agg_sum"},
    {.name = "unlink",
     .handler = delete_keys,
     .arity = -2,
     .flags = "write fast",
     .keys = "RM DELETE @1 range -1 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "4.0.0",
     .complexity = "O(N) in the number of keys; values are freed afterwards, in slices",
     .summary = "Deletes keys without waiting for their values to be freed.",
     .arguments = "key:key...",
     .tips = "request_policy:multi_shard;response_policy:agg_sum"},
    {.name = "exists",
     .handler = exists,
     .arity = -2,
     .flags = "readonly fast",
     .keys = "RO @1 range -1 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(N) in the number of keys",
     .summary = "Counts how many of the keys exist.",
     .arguments = "key:key...",
     .tips = "request_policy:multi_shard;response_policy:agg_sum",
     .history = "3.0.3=Takes several keys."},
    {.name = "touch",
     .handler = touch,
     .arity = -2,
     .flags = "readonly fast",
     .keys = "RO @1 range -1 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "3.2.1",
     .complexity = "O(N) in the number of keys",
     .summary = "Sets the last access time of keys to now and counts those that exist.",
     .arguments = "key:key...",
     .tips = "request_policy:multi_shard;response_policy:agg_sum"},
    {.name = "type",
     .handler = type,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Names the type of a key's value.",
     .arguments = "key:key"},
    {.name = "randomkey",
     .handler = randomkey,
     .arity = 1,
     .flags = "readonly touches_arbitrary_keys",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Picks a key at random.",
     .tips = "request_policy:all_shards;response_policy:special;nondeterministic_output"},
};

}  // namespace

std::span<const CommandRow> generic_keys_rows() { return rows; }

}  // namespace torc::cmd
