// Deadlines: EXPIRE and its three kin set one, TTL and its three kin tell it, PERSIST takes it away. A deadline is
// always kept, and told to replicas, as milliseconds of Unix time, so that they expire a key at the same moment
// whatever the delay. One that has passed already deletes the key at once, and replicas are told so in plain words.
#include <fmt/format.h>

#include <limits>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "cmd/generic_parts.h"
#include "cmd/numbers.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using session::equals_lower;

enum class Unit { seconds, milliseconds };
enum class Base { now, epoch };

// --- setting ---

struct Conditions {
  bool nx = false, xx = false, gt = false, lt = false;
};

bool parse_conditions(Context& context, Conditions* conditions) {
  for (size_t i = 3; i < context.size(); ++i) {
    if (equals_lower(context[i], "nx")) {
      conditions->nx = true;
    } else if (equals_lower(context[i], "xx")) {
      conditions->xx = true;
    } else if (equals_lower(context[i], "gt")) {
      conditions->gt = true;
    } else if (equals_lower(context[i], "lt")) {
      conditions->lt = true;
    } else {
      return context.fail(fmt::format("ERR Unsupported option {}", base::c_text(context[i])));
    }
  }
  if (conditions->nx && (conditions->xx || conditions->gt || conditions->lt)) {
    return context.fail("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (conditions->gt && conditions->lt) {
    return context.fail("ERR GT and LT options at the same time are not compatible");
  }
  return true;
}

// A key without a deadline counts as one that lives for ever.
bool conditions_hold(const Conditions& conditions, const store::Entry& entry, int64_t deadline_ms) {
  if (conditions.nx && entry.can_expire()) return false;
  if (conditions.xx && !entry.can_expire()) return false;
  if (conditions.gt && (!entry.can_expire() || deadline_ms <= entry.deadline_ms())) return false;
  return !(conditions.lt && entry.can_expire() && deadline_ms >= entry.deadline_ms());
}

std::optional<int64_t> deadline_argument(Context& context, Base base, Unit unit) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  const auto value = context.integer(2);
  if (!value) return std::nullopt;
  const int64_t scale = unit == Unit::seconds ? 1000 : 1;
  const int64_t start = base == Base::now ? context.now_ms() : 0;
  if (*value > most / scale || *value < least / scale || *value * scale > most - start) {
    context.fail(fmt::format("ERR invalid expire time in '{}' command", context.command().full_name));
    return std::nullopt;
  }
  return *value * scale + start;
}

void propagate_deadline(Context& context, int64_t deadline_ms) {
  if (!context.session().effects().propagating()) return;
  char digits[base::integer_digits_max];
  const std::string_view deadline(digits, base::format_integer(digits, deadline_ms));
  std::vector<std::string_view> arguments(context.arguments().begin(), context.arguments().end());
  arguments[0] = "PEXPIREAT";
  arguments[2] = deadline;
  context.propagate_as(arguments);
}

void delete_overdue(Context& context, const store::KeyRef& key, store::Entry* entry) {
  context.database().erase(key, entry);
  context.propagate_as({context.session().options().lazy_expire ? "UNLINK" : "DEL", key.bytes});
  context.changed(key.bytes, session::event_generic, "del");
}

template <Base base, Unit unit>
void expire(Context& context) {
  Conditions conditions;
  if (context.size() > 3 && !parse_conditions(context, &conditions)) return;
  const auto deadline_ms = deadline_argument(context, base, unit);
  if (!deadline_ms) return;
  const store::KeyRef key = context.key(1);
  store::Entry* entry = context.write(key);
  if (!entry || !conditions_hold(conditions, *entry, *deadline_ms)) return context.reply().integer(0);
  context.reply().integer(1);
  if (*deadline_ms <= context.now_ms()) return delete_overdue(context, key, entry);
  context.database().set_deadline(key, entry, *deadline_ms);
  // PEXPIREAT is its own deterministic form.
  if constexpr (base != Base::epoch || unit != Unit::milliseconds) propagate_deadline(context, *deadline_ms);
  context.changed(key.bytes, session::event_generic, "expire");
}

void persist(Context& context) {
  const store::KeyRef key = context.key(1);
  store::Entry* entry = context.write(key);
  if (!entry || !entry->can_expire()) return context.reply().integer(0);
  context.database().set_deadline(key, entry, store::no_deadline);
  context.changed(key.bytes, session::event_generic, "persist");
  context.reply().integer(1);
}

// --- telling ---

template <Base base, Unit unit>
void tell_deadline(Context& context) {
  const store::Entry* entry = context.read(context.key(1), false);
  if (!entry) return context.reply().integer(-2);
  if (!entry->can_expire()) return context.reply().integer(-1);
  const int64_t start = base == Base::now ? context.now_ms() : 0;
  const int64_t time_ms = std::max<int64_t>(entry->deadline_ms() - start, 0);
  // Unsigned: the time may be the last one that there is, and never is negative.
  const auto rounded_s = static_cast<int64_t>((static_cast<uint64_t>(time_ms) + 500) / 1000);
  context.reply().integer(unit == Unit::milliseconds ? time_ms : rounded_s);
}

// --- rows ---

constexpr std::string_view options_added = "7.0.0=Takes the options `NX`, `XX`, `GT` and `LT`.";
constexpr std::string_view missing_key_reply = "2.8.0=Replies -2 for a key that does not exist.";

constexpr CommandRow rows[] = {
    {.name = "expire",
     .handler = expire<Base::now, Unit::seconds>,
     .arity = -3,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire after some seconds.",
     .arguments = "key:key seconds:integer condition=[(NX|XX|GT|LT)]@7.0.0",
     .history = options_added},
    {.name = "pexpire",
     .handler = expire<Base::now, Unit::milliseconds>,
     .arity = -3,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire after some milliseconds.",
     .arguments = "key:key milliseconds:integer condition=[(NX|XX|GT|LT)]@7.0.0",
     .history = options_added},
    {.name = "expireat",
     .handler = expire<Base::epoch, Unit::seconds>,
     .arity = -3,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.2.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire at a Unix time in seconds.",
     .arguments = "key:key unix-time-seconds:unix-time condition=[(NX|XX|GT|LT)]@7.0.0",
     .history = options_added},
    {.name = "pexpireat",
     .handler = expire<Base::epoch, Unit::milliseconds>,
     .arity = -3,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Lets a key expire at a Unix time in milliseconds.",
     .arguments = "key:key unix-time-milliseconds:unix-time condition=[(NX|XX|GT|LT)]@7.0.0",
     .history = options_added},
    {.name = "persist",
     .handler = persist,
     .arity = 2,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Takes a key's deadline away.",
     .arguments = "key:key"},
    {.name = "ttl",
     .handler = tell_deadline<Base::now, Unit::seconds>,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Tells how many seconds a key still has.",
     .arguments = "key:key",
     .tips = "nondeterministic_output",
     .history = missing_key_reply},
    {.name = "pttl",
     .handler = tell_deadline<Base::now, Unit::milliseconds>,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Tells how many milliseconds a key still has.",
     .arguments = "key:key",
     .tips = "nondeterministic_output",
     .history = missing_key_reply},
    {.name = "expiretime",
     .handler = tell_deadline<Base::epoch, Unit::seconds>,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "7.0.0",
     .complexity = "O(1)",
     .summary = "Tells the Unix time in seconds at which a key expires.",
     .arguments = "key:key"},
    {.name = "pexpiretime",
     .handler = tell_deadline<Base::epoch, Unit::milliseconds>,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "keyspace",
     .group = "generic",
     .since = "7.0.0",
     .complexity = "O(1)",
     .summary = "Tells the Unix time in milliseconds at which a key expires.",
     .arguments = "key:key"},
};

}  // namespace

std::span<const CommandRow> generic_expire_rows() { return rows; }

}  // namespace torc::cmd
