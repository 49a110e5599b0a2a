// HINCRBY and HINCRBYFLOAT. A field is read, counted with, and set: numbers are kept as text, in
// packed pairs too.
#include <cmath>
#include <string>

#include "base/parse_number.h"
#include "cmd/hash_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::HashBuilder;
using store::HashEditor;
using store::HashView;
using store::KeyRef;
using store::Type;

// What the field holds; nothing when there is no key or no such field.
std::optional<HashView::Value> value_of(const Context& context, const Entry* entry) {
  return entry ? hash_view(context, *entry).find(context[2]) : std::nullopt;
}

void put(Context& context, const KeyRef& key, Entry* entry, std::string_view value, std::string_view event) {
  if (entry) {
    HashEditor(value_rules(context), &context.database(), key, entry).set(context[2], value);
  } else {
    HashBuilder hash(value_rules(context));
    hash.set(context[2], value);
    std::move(hash).move_to(context.database(), key, nullptr);
    context.added(key.bytes);
  }
  context.changed(key.bytes, session::event_hash, event);
}

void hincrby(Context& context) {
  const auto increment = context.integer(3);
  if (!increment) return;
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_overdue(context, key, entry, context.arguments().subspan(2, 1));
  int64_t sum = 0;
  if (const auto value = value_of(context, entry)) {
    const auto old = value->is_integer ? value->integer : base::parse_integer(value->text);
    if (!old) return context.reply().error("ERR hash value is not an integer");
    sum = *old;
  }
  if (__builtin_add_overflow(sum, *increment, &sum)) {
    return context.reply().error("ERR increment or decrement would overflow");
  }
  char digits[base::integer_digits_max];
  put(context, key, entry, {digits, base::format_integer(digits, sum)}, "hincrby");
  context.reply().integer(sum);
}

// The result, not the sum: another machine's long double may round otherwise. HSET would end the field's deadline.
void propagate_result(Context& context, const KeyRef& key, std::string_view text) {
  const Entry& entry = *context.database().find(key);
  const bool expires = entry.is_object() && static_cast<store::HashObject*>(entry.object())->deadline_ms(context[2]);
  if (!expires) return context.propagate_as({"HSET", key.bytes, context[2], text});
  context.propagate_as({"HSETEX", key.bytes, "KEEPTTL", "FIELDS", "1", context[2], text});
}

void hincrbyfloat(Context& context) {
  const auto increment = base::parse_long_double(context[3]);
  if (!increment) return context.reply().error(session::errors::not_float);
  if (!std::isfinite(*increment)) return context.reply().error("ERR value is NaN or Infinity");
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_overdue(context, key, entry, context.arguments().subspan(2, 1));
  long double sum = 0;
  if (const auto value = value_of(context, entry)) {
    const auto old = value->is_integer ? static_cast<long double>(value->integer)
                                       : base::parse_long_double(value->text);
    if (!old) return context.reply().error("ERR hash value is not a float");
    sum = *old;
  }
  sum += *increment;
  if (!std::isfinite(sum)) return context.reply().error("ERR increment would produce NaN or Infinity");
  const std::string text = base::format_long_double(sum);
  put(context, key, entry, text, "hincrbyfloat");
  propagate_result(context, key, text);
  context.reply().bulk(text);
}

constexpr session::CommandRow rows[] = {
    hash_row("hincrby", hincrby, 4, "write denyoom fast", "RW ACCESS UPDATE @1 range 0 1 0", "2.0.0", "O(1)",
             "Adds to the integer of a field; a missing field counts as 0.", "key:key field increment:integer"),
    hash_row("hincrbyfloat", hincrbyfloat, 4, "write denyoom fast", "RW ACCESS UPDATE @1 range 0 1 0", "2.6.0", "O(1)",
             "Adds to the number of a field; a missing field counts as 0.", "key:key field increment:double"),
};

}  // namespace

std::span<const session::CommandRow> hash_counter_rows() { return rows; }

}  // namespace torc::cmd
