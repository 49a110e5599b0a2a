// HGETEX, HSETEX, HGETDEL: reading fields and giving them a deadline (or taking it away, or deleting them) in one
// command; setting fields with their deadline. They are propagated as what they came to: HPEXPIREAT, HPERSIST, HDEL,
// or HSETEX with the deadline in plain words.
#include <string>

#include <fmt/format.h>

#include "base/c_text.h"
#include "cmd/hash_deadline.h"
#include "cmd/hash_parts.h"
#include "cmd/numbers.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::Entry;
using store::HashBuilder;
using store::HashEditor;
using store::HashView;
using store::KeyRef;
using store::Type;

// EX, PX, EXAT, PXAT: from when on a time counts, and in what.
struct TimeOption {
  TimeBase base;
  TimeUnit unit;
};

std::optional<TimeOption> time_option(std::string_view word) {
  if (equals_lower(word, "ex")) return TimeOption{TimeBase::now, TimeUnit::seconds};
  if (equals_lower(word, "px")) return TimeOption{TimeBase::now, TimeUnit::milliseconds};
  if (equals_lower(word, "exat")) return TimeOption{TimeBase::epoch, TimeUnit::seconds};
  if (equals_lower(word, "pxat")) return TimeOption{TimeBase::epoch, TimeUnit::milliseconds};
  return std::nullopt;
}

void reply_nulls(Context& context, size_t count) {
  context.reply().array(count);
  for (size_t i = 0; i < count; ++i) context.reply().null();
}

// The value of a field; true when there is one.
bool reply_field(Context& context, const Entry& entry, std::string_view field) {
  const auto value = hash_view(context, entry).find(field);
  value ? reply_value(context, *value) : context.reply().null();
  return value.has_value();
}

void propagate_with_fields(Context& context, std::vector<std::string_view> command,
                           std::span<const std::string_view> fields) {
  command.insert(command.end(), fields.begin(), fields.end());
  context.propagate_as(command);
}

// --- HGETEX ---

void get_and_expire(Context& context, const KeyRef& key, Entry* entry, int64_t deadline_ms,
                    std::span<const std::string_view> fields) {
  DeadlineEditor editor(context, key, entry, deadline_ms);
  context.reply().array(fields.size());
  for (const std::string_view field : fields) {
    if (reply_field(context, *editor.hash().home().entry(), field)) editor.apply(field);
  }
  editor.tell();
  const size_t set = editor.fields_set().size();
  if (set != 0) {
    const std::string deadline = std::to_string(deadline_ms), count = std::to_string(fields.size());
    propagate_with_fields(context, {"HPEXPIREAT", key.bytes, deadline, "FIELDS", count}, fields);
  }
  context.add_dirty(static_cast<int64_t>(set + editor.fields_deleted().size()));
  editor.finish();
}

void get_and_persist(Context& context, const KeyRef& key, Entry* entry, std::span<const std::string_view> fields) {
  auto* object = entry->is_object() ? static_cast<store::HashObject*>(entry->object()) : nullptr;
  int64_t changed = 0;
  context.reply().array(fields.size());
  for (const std::string_view field : fields) {
    const bool found = reply_field(context, *entry, field);
    if (found && object) changed += object->remove_deadline(field);
  }
  if (changed == 0) return;
  context.database().index_fields(key, entry);
  propagate_with_fields(context, {"HPERSIST", key.bytes, "FIELDS", std::to_string(fields.size())}, fields);
  context.touched(key.bytes);
  context.notify(session::event_hash, "hpersist", key.bytes);
  context.add_dirty(changed);
}

void hgetex(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  const auto time = time_option(context[2]);
  const bool persist = equals_lower(context[2], "persist");
  std::optional<int64_t> deadline_ms;
  if (time) {
    deadline_ms = field_deadline_argument(context, 3, time->base, time->unit);
    if (!deadline_ms) return;
  }
  const auto fields = field_arguments(context, time ? 4 : persist ? 3 : 2);
  if (fields.empty()) return;
  entry = drop_overdue(context, key, entry, fields);
  if (!entry) return reply_nulls(context, fields.size());
  if (deadline_ms) return get_and_expire(context, key, entry, *deadline_ms, fields);
  if (persist) return get_and_persist(context, key, entry, fields);
  context.reply().array(fields.size());
  for (const std::string_view field : fields) reply_field(context, *entry, field);
}

// --- HGETDEL ---

void hgetdel(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  const auto fields = field_arguments(context, 2);
  if (fields.empty()) return;
  entry = drop_overdue(context, key, entry, fields);
  if (!entry) return reply_nulls(context, fields.size());
  HashEditor hash(value_rules(context), &context.database(), key, entry);
  int64_t removed = 0;
  context.reply().array(fields.size());
  for (const std::string_view field : fields) {
    if (reply_field(context, *hash.home().entry(), field)) removed += hash.remove(field);
  }
  if (removed == 0) return;
  const bool erased = hash.size() == 0;
  Entry* const left = hash.home().entry();
  erased ? context.database().erase(key, left) : context.database().index_fields(key, left);
  propagate_with_fields(context, {"HDEL", key.bytes}, fields);
  context.touched(key.bytes);
  context.notify(session::event_hash, "hdel", key.bytes);
  if (erased) context.notify(session::event_generic, "del", key.bytes);
  context.add_dirty(removed);
}

// --- HSETEX ---

struct SetOptions {
  bool if_none = false, if_all = false;  // FNX, FXX
  bool keep_deadlines = false;
  size_t time_at = 0;  // the argument with the time; 0: none
  int64_t deadline_ms = 0;
  size_t pairs_at = 0;  // the first field

  [[nodiscard]] bool has_expiration() const noexcept { return keep_deadlines || time_at != 0; }
};

bool wrong_arity(Context& context) {
  return context.fail(fmt::format("ERR wrong number of arguments for '{}' command", context.command().full_name));
}

bool parse_pairs(Context& context, size_t at, SetOptions* options) {
  if (at + 3 >= context.size()) return wrong_arity(context);
  constexpr std::string_view error = "ERR invalid number of fields";
  const auto count = context.integer(at + 1, error);
  if (!count) return false;
  if (*count < 1 || *count > INT32_MAX) return context.fail(error);
  options->pairs_at = at + 2;
  return context.size() - options->pairs_at == 2 * static_cast<size_t>(*count) || wrong_arity(context);
}

bool parse_time(Context& context, size_t* at, const TimeOption& time, SetOptions* options) {
  if (*at + 1 >= context.size()) return context.fail("ERR missing expire time");
  const auto deadline_ms = field_deadline_argument(context, ++*at, time.base, time.unit);
  if (!deadline_ms) return false;
  options->time_at = *at;
  options->deadline_ms = *deadline_ms;
  return true;
}

bool parse_set_options(Context& context, SetOptions* options) {
  for (size_t i = 2; i < context.size(); ++i) {
    const std::string_view word = context[i];
    if (equals_lower(word, "fields")) return parse_pairs(context, i, options);
    const auto time = time_option(word);
    const bool keep = equals_lower(word, "keepttl");
    if (time || keep) {
      if (options->has_expiration()) {
        return context.fail("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
      }
      options->keep_deadlines = keep;
      if (time && !parse_time(context, &i, *time, options)) return false;
    } else if (equals_lower(word, "fxx") || equals_lower(word, "fnx")) {
      if (options->if_all || options->if_none) {
        return context.fail("ERR Only one of FXX or FNX arguments can be specified");
      }
      (equals_lower(word, "fxx") ? options->if_all : options->if_none) = true;
    } else {
      return context.fail(fmt::format("ERR unknown argument: {}", base::c_text(word)));
    }
  }
  return wrong_arity(context);
}

bool condition_holds(const Context& context, const Entry* entry, const SetOptions& options) {
  if (!options.if_all && !options.if_none) return true;
  for (size_t i = options.pairs_at; i < context.size(); i += 2) {
    const bool exists = entry && hash_view(context, *entry).find(context[i]);
    if (exists != options.if_all) return false;
  }
  return true;
}

void set_pairs(Context& context, HashEditor& hash, const SetOptions& options) {
  hash.expect(context.arguments().subspan(options.pairs_at));
  for (size_t i = options.pairs_at; i < context.size(); i += 2) {
    hash.set(context[i], context[i + 1]);
    if (options.has_expiration() || !hash.home().entry()->is_object()) continue;
    static_cast<store::HashObject*>(hash.home().entry()->object())->remove_deadline(context[i]);
  }
}

void propagate_set(Context& context, const SetOptions& options) {
  if (options.time_at == 0 || !context.session().effects().propagating()) return;
  const std::string deadline = std::to_string(options.deadline_ms);
  std::vector<std::string_view> command(context.arguments().begin(), context.arguments().end());
  command[options.time_at - 1] = "PXAT";
  command[options.time_at] = deadline;
  context.propagate_as(command);
}

// A deadline that has passed: the fields are set and gone at once, and an HDEL says all that a replica needs.
void set_with_deadline(Context& context, DeadlineEditor& editor, const KeyRef& key, const SetOptions& options) {
  set_pairs(context, editor.hash(), options);
  if (options.time_at != 0) {
    for (size_t i = options.pairs_at; i < context.size(); i += 2) editor.apply(context[i]);
  }
  context.touched(key.bytes);
  context.notify(session::event_hash, "hset", key.bytes);
  editor.tell();
  if (editor.fields_deleted().empty()) propagate_set(context, options);
  context.add_dirty(static_cast<int64_t>((context.size() - options.pairs_at) / 2));
  editor.finish();
}

void hsetex(Context& context) {
  SetOptions options;
  if (!parse_set_options(context, &options)) return;
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_overdue(context, key, entry, context.arguments().subspan(options.pairs_at), 2);
  if (!condition_holds(context, entry, options)) return context.reply().integer(0);
  if (!entry) {
    entry = HashBuilder(value_rules(context)).move_to(context.database(), key, nullptr);
    context.added(key.bytes);
  }
  DeadlineEditor editor(context, key, entry, options.deadline_ms);
  set_with_deadline(context, editor, key, options);
  context.reply().integer(1);
}

constexpr std::string_view complexity = "O(N) in the number of fields that are given";

constexpr session::CommandRow rows[] = {
    hash_row("hgetex", hgetex, -5, "write fast",
             "RW ACCESS UPDATE @1 range 0 1 0 #RW and UPDATE because it changes the TTL", "8.0.0", complexity,
             "Returns the values of fields and sets or removes their time to live.",
             "key:key expiration=[(EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|"
             "PXAT unix-time-milliseconds:unix-time|PERSIST)] fields=(FIELDS numfields:integer field...)"),
    hash_row("hsetex", hsetex, -6, "write denyoom fast", "RW UPDATE @1 range 0 1 0", "8.0.0", complexity,
             "Sets fields of a hash and their time to live.",
             "key:key condition=[(FNX|FXX)] expiration=[(EX seconds:integer|PX milliseconds:integer|"
             "EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time|KEEPTTL)] "
             "fields=(FIELDS numfields:integer data=(field value)...)"),
    hash_row("hgetdel", hgetdel, -5, "write fast", "RW ACCESS DELETE @1 range 0 1 0", "8.0.0", complexity,
             "Returns the values of fields and removes them.", "key:key fields=(FIELDS numfields:integer field...)"),
};

}  // namespace

std::span<const session::CommandRow> hash_with_deadline_rows() { return rows; }

}  // namespace torc::cmd
