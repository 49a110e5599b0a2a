// OBJECT: how a value is stored. Looking does not touch: neither the access time nor the keymiss event.
#include "cmd/generic_parts.h"
#include "cmd/object_facts.h"
#include "session/context.h"
#include "session/help.h"
#include "session/session.h"
#include "store/access.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;

// Null was replied when there is no such key.
const store::Entry* look_up(Context& context) {
  const store::Entry* entry = context.read(context.key(2), false, false);
  session::SessionStatistics& statistics = context.session().statistics();
  ++(entry ? statistics.hits : statistics.misses);
  if (!entry) context.reply().null();
  return entry;
}

void encoding(Context& context) {
  if (const store::Entry* entry = look_up(context)) context.reply().bulk(encoding_name_of(*entry));
}

void refcount(Context& context) {
  const store::Entry* entry = look_up(context);
  if (entry) context.reply().integer(reference_count(*entry, context.session().eviction().shares_integers()));
}

void idletime(Context& context) {
  const store::Entry* entry = look_up(context);
  if (!entry) return;
  if (context.session().eviction().counts_frequency()) {
    context.fail(
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between "
        "policies at runtime LRU and LFU data will take some time to adjust.");
    return;
  }
  context.reply().integer(store::idle_seconds(entry->access(), context.now_ms()));
}

void freq(Context& context) {
  const store::Entry* entry = look_up(context);
  if (!entry) return;
  const session::Eviction& eviction = context.session().eviction();
  if (!eviction.counts_frequency()) {
    context.fail(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
        "between policies at runtime LRU and LFU data will take some time to adjust.");
    return;
  }
  context.reply().integer(store::lfu_counter(entry->access(), context.now_ms(), eviction.options().lfu));
}

void help(Context& context) {
  session::reply_help(context, {"ENCODING <key>", "    Name the encoding of the key's value.", "FREQ <key>",
                                "    Tell how often the key is accessed, on a logarithmic scale.", "IDLETIME <key>",
                                "    Tell for how many seconds the key has not been accessed.", "REFCOUNT <key>",
                                "    Tell how many references the key's value has."});
}

constexpr CommandRow rows[] = {
    {.name = "object",
     .arity = -2,
     .group = "generic",
     .since = "2.2.3",
     .complexity = "Depends on the subcommand",
     .summary = "Tells how values are stored."},
    {.name = "object|encoding",
     .handler = encoding,
     .arity = 3,
     .flags = "readonly",
     .keys = "RO @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.2.3",
     .complexity = "O(1)",
     .summary = "Names the encoding of a value.",
     .arguments = "key:key",
     .tips = "nondeterministic_output"},
    {.name = "object|freq",
     .handler = freq,
     .arity = 3,
     .flags = "readonly",
     .keys = "RO @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "Tells how often a key is accessed, on a logarithmic scale.",
     .arguments = "key:key",
     .tips = "nondeterministic_output"},
    {.name = "object|idletime",
     .handler = idletime,
     .arity = 3,
     .flags = "readonly",
     .keys = "RO @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.2.3",
     .complexity = "O(1)",
     .summary = "Tells for how many seconds a key has not been accessed.",
     .arguments = "key:key",
     .tips = "nondeterministic_output"},
    {.name = "object|refcount",
     .handler = refcount,
     .arity = 3,
     .flags = "readonly",
     .keys = "RO @2 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.2.3",
     .complexity = "O(1)",
     .summary = "Tells how many references a value has.",
     .arguments = "key:key",
     .tips = "nondeterministic_output"},
    {.name = "object|help",
     .handler = help,
     .arity = 2,
     .flags = "loading stale",
     .acl = "keyspace",
     .group = "generic",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands."},
};

}  // namespace

std::span<const CommandRow> generic_object_rows() { return rows; }

}  // namespace torc::cmd
