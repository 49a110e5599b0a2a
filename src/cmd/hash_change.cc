// HSET, HMSET, HSETNX, HDEL. A hash that gets its first fields is built before it gets its key, so that its entry is
// made once, in the right size.
#include <string>

#include "cmd/hash_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::HashBuilder;
using store::HashEditor;
using store::KeyRef;
using store::Type;

// Sets the fields and values of the arguments; returns how many fields are new.
template <class Change>
int64_t set_arguments(const Context& context, Change& hash) {
  hash.expect(context.arguments().subspan(2));
  int64_t created = 0;
  for (size_t i = 2; i < context.size(); i += 2) created += hash.set(context[i], context[i + 1]);
  return created;
}

// A field that is set anew lives for ever.
void remove_deadlines(const Context& context, const Entry& entry) {
  if (!entry.is_object()) return;
  auto& hash = *static_cast<store::HashObject*>(entry.object());
  for (size_t i = 2; i < context.size() && hash.deadlines(); i += 2) hash.remove_deadline(context[i]);
}

int64_t set_in(Context& context, const KeyRef& key, Entry* entry) {
  if (entry) {
    HashEditor hash(value_rules(context), &context.database(), key, entry);
    const int64_t created = set_arguments(context, hash);
    remove_deadlines(context, *hash.home().entry());
    context.database().index_fields(key, hash.home().entry());
    return created;
  }
  HashBuilder hash(value_rules(context));
  const int64_t created = set_arguments(context, hash);
  std::move(hash).move_to(context.database(), key, nullptr);
  context.added(key.bytes);
  return created;
}

// Nothing: an error was replied.
std::optional<int64_t> set_fields(Context& context) {
  if (context.size() % 2 != 0) {
    context.fail("ERR wrong number of arguments for '" + context.command().full_name + "' command");
    return std::nullopt;
  }
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return std::nullopt;
  entry = drop_overdue(context, key, entry, context.arguments().subspan(2), 2);
  const int64_t created = set_in(context, key, entry);
  context.touched(key.bytes);
  context.notify(session::event_hash, "hset", key.bytes);
  context.add_dirty(static_cast<int64_t>((context.size() - 2) / 2));
  return created;
}

void hset(Context& context) {
  if (const auto created = set_fields(context)) context.reply().integer(*created);
}

void hmset(Context& context) {
  if (set_fields(context)) context.reply().ok();
}

void hsetnx(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_overdue(context, key, entry, context.arguments().subspan(2, 1));
  if (entry && hash_view(context, *entry).find(context[2])) return context.reply().integer(0);
  set_in(context, key, entry);
  context.changed(key.bytes, session::event_hash, "hset");
  context.reply().integer(1);
}

// As in Redis, an overdue field that was not removed yet counts.
void hdel(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!entry) return context.reply().integer(0);
  if (!context.require_type(entry, Type::hash)) return;
  HashEditor hash(value_rules(context), &context.database(), key, entry);
  int64_t removed = 0;
  for (size_t i = 2; i < context.size() && hash.size() != 0; ++i) removed += hash.remove(context[i]);
  const bool erased = hash.size() == 0;
  Entry* const left = hash.home().entry();
  erased ? context.database().erase(key, left) : context.database().index_fields(key, left);
  if (removed != 0) {
    context.touched(key.bytes);
    context.notify(session::event_hash, "hdel", key.bytes);
    if (erased) context.notify(session::event_generic, "del", key.bytes);
    context.add_dirty(removed);
  }
  context.reply().integer(removed);
}

constexpr std::string_view pair_complexity = "O(N) in the number of fields that are given";

constexpr session::CommandRow rows[] = {
    hash_row("hset", hset, -4, "write denyoom fast", "RW UPDATE @1 range 0 1 0", "2.0.0", pair_complexity,
             "Sets fields of a hash.", "key:key data=(field value)...", "", "4.0.0=Takes several fields and values."),
    hash_row("hmset", hmset, -4, "write denyoom fast", "RW UPDATE @1 range 0 1 0", "2.0.0", pair_complexity,
             "Sets fields of a hash.", "key:key data=(field value)...", "", "",
             "4.0.0=`HSET` with multiple field-value pairs"),
    hash_row("hsetnx", hsetnx, 4, "write denyoom fast", "RW INSERT @1 range 0 1 0", "2.0.0", "O(1)",
             "Sets a field of a hash unless it is there already.", "key:key field value"),
    hash_row("hdel", hdel, -3, "write fast", "RW DELETE @1 range 0 1 0", "2.0.0", pair_complexity,
             "Removes fields of a hash.", "key:key field...", "", "2.4.0=Takes several fields."),
};

}  // namespace

std::span<const session::CommandRow> hash_change_rows() { return rows; }

}  // namespace torc::cmd
