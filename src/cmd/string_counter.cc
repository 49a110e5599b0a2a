// Counting with strings: INCR DECR INCRBY DECRBY INCRBYFLOAT.
#include <cmath>
#include <limits>
#include <string>

#include "base/parse_number.h"
#include "cmd/string_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;
using store::Type;

std::optional<int64_t> integer_of(const Entry& entry) {
  if (entry.is_integer()) [[likely]]
    return entry.integer();
  store::IntegerScratch scratch;
  return base::parse_integer(entry.string(scratch));
}

void add(Context& context, int64_t increment) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  int64_t value = 0;
  if (entry) {
    if (!context.require_type(entry, Type::string)) return;
    const auto old = integer_of(*entry);
    if (!old) return context.reply().error(session::errors::not_integer);
    value = *old;
  }
  if (__builtin_add_overflow(value, increment, &value)) {
    return context.reply().error("ERR increment or decrement would overflow");
  }
  context.database().set_integer(key, entry, value);
  if (!entry) context.added(key.bytes);
  context.changed(key.bytes, session::event_string, "incrby");
  context.reply().integer(value);
}

void incr(Context& context) { add(context, 1); }
void decr(Context& context) { add(context, -1); }

void incrby(Context& context) {
  if (const auto increment = context.integer(2)) add(context, *increment);
}

void decrby(Context& context) {
  const auto decrement = context.integer(2);
  if (!decrement) return;
  if (*decrement == std::numeric_limits<int64_t>::min()) {
    return context.reply().error("ERR decrement would overflow");
  }
  add(context, -*decrement);
}

std::optional<long double> number_of(const Entry* entry) {
  if (!entry) return 0;
  if (entry->is_integer()) return entry->integer();
  store::IntegerScratch scratch;
  return base::parse_long_double(entry->string(scratch));
}

void incrbyfloat(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::string)) return;
  const auto old = number_of(entry);
  const auto increment = old ? base::parse_long_double(context[2]) : std::nullopt;
  if (!increment) return context.reply().error(session::errors::not_float);
  const long double value = *old + *increment;
  if (!std::isfinite(value)) return context.reply().error("ERR increment would produce NaN or Infinity");
  const std::string text = base::format_long_double(value);
  const int64_t deadline_ms = entry ? entry->deadline_ms() : store::no_deadline;
  context.database().set_string(key, entry, {.bytes = text, .keep_text = true}, deadline_ms);
  if (!entry) context.added(key.bytes);
  // The result, not the sum: another machine's long double may round otherwise.
  context.propagate_as({"SET", key.bytes, text, "KEEPTTL"});
  context.changed(key.bytes, session::event_string, "incrbyfloat");
  context.reply().bulk(text);
}

constexpr session::CommandRow rows[] = {
    {.name = "incr",
     .handler = incr,
     .arity = 2,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Adds one to a key's integer; a missing key counts as 0.",
     .arguments = "key:key"},
    {.name = "decr",
     .handler = decr,
     .arity = 2,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Subtracts one from a key's integer; a missing key counts as 0.",
     .arguments = "key:key"},
    {.name = "incrby",
     .handler = incrby,
     .arity = 3,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Adds to a key's integer; a missing key counts as 0.",
     .arguments = "key:key increment:integer"},
    {.name = "decrby",
     .handler = decrby,
     .arity = 3,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Subtracts from a key's integer; a missing key counts as 0.",
     .arguments = "key:key decrement:integer"},
    {.name = "incrbyfloat",
     .handler = incrbyfloat,
     .arity = 3,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Adds to a key's number, which need not be whole; a missing key counts as 0.",
     .arguments = "key:key increment:double"},
};

}  // namespace

std::span<const session::CommandRow> string_counter_rows() { return rows; }

}  // namespace torc::cmd
