// HEXPIRE and its three kin give fields a deadline, HTTL and its three kin tell it, HPERSIST takes it away. As with
// keys, a deadline is kept and told to replicas as milliseconds of Unix time.
#include <string>

#include "base/parse_number.h"
#include "cmd/hash_deadline.h"
#include "cmd/hash_parts.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::Entry;
using store::KeyRef;
using store::Type;

constexpr int64_t no_field = -2, no_deadline_reply = -1;

void reply_for_all(Context& context, size_t fields, int64_t value) {
  context.reply().array(fields);
  for (size_t i = 0; i < fields; ++i) context.reply().integer(value);
}

DeadlineCondition condition_argument(std::string_view word) {
  if (equals_lower(word, "nx")) return DeadlineCondition::none_before;
  if (equals_lower(word, "xx")) return DeadlineCondition::one_before;
  if (equals_lower(word, "gt")) return DeadlineCondition::greater;
  return equals_lower(word, "lt") ? DeadlineCondition::less : DeadlineCondition::always;
}

// The command with the deadline in plain words and those fields only that got it. fields_at: where FIELDS stands.
void propagate_set(Context& context, int64_t deadline_ms, size_t fields_at, std::span<const std::string_view> set) {
  if (set.empty() || !context.session().effects().propagating()) return;
  const std::string deadline = std::to_string(deadline_ms), count = std::to_string(set.size());
  std::vector<std::string_view> command = {"HPEXPIREAT", context[1], deadline};
  for (size_t i = 3; i <= fields_at; ++i) command.push_back(context[i]);
  command.push_back(count);
  command.insert(command.end(), set.begin(), set.end());
  context.propagate_as(command);
}

template <TimeBase base, TimeUnit unit>
void hexpire(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  const auto deadline_ms = field_deadline_argument(context, 2, base, unit);
  if (!deadline_ms) return;
  const DeadlineCondition condition = condition_argument(context[3]);
  const size_t fields_at = condition == DeadlineCondition::always ? 3 : 4;
  const auto fields = field_arguments(context, fields_at, "ERR Parameter `numFields` should be greater than 0");
  if (fields.empty()) return;
  entry = drop_overdue(context, key, entry, fields);
  if (!entry) return reply_for_all(context, fields.size(), no_field);
  DeadlineEditor editor(context, key, entry, *deadline_ms);
  context.reply().array(fields.size());
  for (const std::string_view field : fields) {
    context.reply().integer(static_cast<int64_t>(editor.apply(field, condition)));
  }
  editor.tell();
  propagate_set(context, *deadline_ms, fields_at, editor.fields_set());
  context.add_dirty(static_cast<int64_t>(editor.fields_set().size() + editor.fields_deleted().size()));
  editor.finish();
}

// --- telling ---

// Seconds are rounded up, so that a field with some time left never shows none.
template <TimeBase base, TimeUnit unit>
int64_t deadline_reply(const Context& context, const store::HashView& hash, std::string_view field) {
  if (!hash.find(field)) return no_field;
  const auto deadline_ms = hash.object() ? hash.object()->deadline_ms(field) : std::nullopt;
  if (!deadline_ms) return no_deadline_reply;
  const int64_t time_ms = *deadline_ms - (base == TimeBase::now ? context.now_ms() : 0);
  return unit == TimeUnit::seconds ? (time_ms + 999) / 1000 : time_ms;
}

template <TimeBase base, TimeUnit unit>
void httl(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  const auto fields = field_arguments(context, 2);
  if (fields.empty()) return;
  if (!entry) return reply_for_all(context, fields.size(), no_field);
  const store::HashView hash = hash_view(context, *entry);
  context.reply().array(fields.size());
  for (const std::string_view field : fields) {
    context.reply().integer(deadline_reply<base, unit>(context, hash, field));
  }
}

// --- taking away ---

void hpersist(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  const auto fields = field_arguments(context, 2);
  if (fields.empty()) return;
  entry = drop_overdue(context, key, entry, fields);
  if (!entry) return reply_for_all(context, fields.size(), no_field);
  const store::HashView hash = hash_view(context, *entry);
  auto* object = entry->is_object() ? static_cast<store::HashObject*>(entry->object()) : nullptr;
  bool changed = false;
  context.reply().array(fields.size());
  for (const std::string_view field : fields) {
    const bool exists = hash.find(field).has_value();
    const bool removed = exists && object && object->remove_deadline(field);
    context.reply().integer(!exists ? no_field : removed ? 1 : no_deadline_reply);
    changed |= removed;
  }
  if (!changed) return;
  context.database().index_fields(key, entry);
  context.changed(key.bytes, session::event_hash, "hpersist");
}

constexpr std::string_view complexity = "O(N) in the number of fields that are given";
constexpr std::string_view set_keys = "RW UPDATE @1 range 0 1 0", tell_keys = "RO ACCESS @1 range 0 1 0";
constexpr std::string_view fields_only = "key:key fields=(FIELDS numfields:integer field...)";

constexpr session::CommandRow rows[] = {
    hash_row("hexpire", hexpire<TimeBase::now, TimeUnit::seconds>, -6, "write fast", set_keys, "7.4.0",
             complexity, "Lets fields expire after some seconds.",
             "key:key seconds:integer condition=[(NX|XX|GT|LT)] fields=(FIELDS numfields:integer field...)"),
    hash_row("hpexpire", hexpire<TimeBase::now, TimeUnit::milliseconds>, -6, "write fast", set_keys, "7.4.0",
             complexity, "Lets fields expire after some milliseconds.",
             "key:key milliseconds:integer condition=[(NX|XX|GT|LT)] fields=(FIELDS numfields:integer field...)"),
    hash_row("hexpireat", hexpire<TimeBase::epoch, TimeUnit::seconds>, -6, "write fast", set_keys, "7.4.0",
             complexity, "Lets fields expire at a Unix time in seconds.",
             "key:key unix-time-seconds:unix-time condition=[(NX|XX|GT|LT)] "
             "fields=(FIELDS numfields:integer field...)"),
    hash_row("hpexpireat", hexpire<TimeBase::epoch, TimeUnit::milliseconds>, -6, "write fast", set_keys,
             "7.4.0", complexity, "Lets fields expire at a Unix time in milliseconds.",
             "key:key unix-time-milliseconds:unix-time condition=[(NX|XX|GT|LT)] "
             "fields=(FIELDS numfields:integer field...)"),
    hash_row("httl", httl<TimeBase::now, TimeUnit::seconds>, -5, "readonly fast", tell_keys, "7.4.0", complexity,
             "Tells for how many more seconds fields live.", fields_only, "nondeterministic_output"),
    hash_row("hpttl", httl<TimeBase::now, TimeUnit::milliseconds>, -5, "readonly fast", tell_keys, "7.4.0", complexity,
             "Tells for how many more milliseconds fields live.", fields_only, "nondeterministic_output"),
    hash_row("hexpiretime", httl<TimeBase::epoch, TimeUnit::seconds>, -5, "readonly fast", tell_keys, "7.4.0",
             complexity, "Tells the Unix time in seconds at which fields expire.", fields_only),
    hash_row("hpexpiretime", httl<TimeBase::epoch, TimeUnit::milliseconds>, -5, "readonly fast", tell_keys, "7.4.0",
             complexity, "Tells the Unix time in milliseconds at which fields expire.", fields_only),
    hash_row("hpersist", hpersist, -5, "write fast", set_keys, "7.4.0", complexity, "Lets fields live for ever again.",
             fields_only),
};

}  // namespace

std::span<const session::CommandRow> hash_expire_rows() { return rows; }

}  // namespace torc::cmd
