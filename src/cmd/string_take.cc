// Reading a string and changing something at once: GETDEL GETEX GETSET; and deleting it only if it is what the client
// believes: DELEX (Redis 8.4) and DELIFEQ (Valkey 9). What they did is propagated as the plain command that does it.
#include "base/parse_number.h"
#include "cmd/string_compare.h"
#include "cmd/string_options.h"
#include "cmd/string_parts.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;
using store::Type;

void getdel(Context& context) {
  const KeyRef key = context.key(1);
  const Entry* entry = context.read(key);
  if (!context.require_type(entry, Type::string)) return;
  reply_string_or_null(context, entry);
  if (entry) remove_string(context, key, context.write(key));
}

void getset(Context& context) {
  const KeyRef key = context.key(1);
  const Entry* entry = context.read(key);
  if (!context.require_type(entry, Type::string)) return;
  reply_string_or_null(context, entry);
  put_string(context, key, context.write(key), context.value(2), store::no_deadline);
  context.propagate_as({"SET", key.bytes, context[2]});
}

void set_deadline(Context& context, const KeyRef& key, int64_t deadline_ms) {
  context.database().set_deadline(key, context.database().find(key), deadline_ms);
  char digits[base::integer_digits_max];
  const size_t size = base::format_integer(digits, deadline_ms);
  context.propagate_as({"PEXPIREAT", key.bytes, {digits, size}});
  context.changed(key.bytes, session::event_generic, "expire");
}

void remove_deadline(Context& context, const KeyRef& key) {
  context.database().set_deadline(key, context.database().find(key), store::no_deadline);
  context.propagate_as({"PERSIST", key.bytes});
  context.changed(key.bytes, session::event_generic, "persist");
}

void getex(Context& context) {
  StringOptions options;
  if (!parse_string_options(context, 2, OptionUser::getex, &options)) return;
  const KeyRef key = context.key(1);
  const Entry* entry = context.read(key);
  if (!entry) return context.reply().null();
  if (!context.require_type(entry, Type::string)) return;
  std::optional<int64_t> deadline_ms;
  if (options.has_time()) {
    deadline_ms = parse_deadline(context, options.expiry_argument, options.expiry);
    if (!deadline_ms) return;
  }
  reply_string(context, *entry);
  if (options.is_absolute() && *deadline_ms <= context.now_ms()) {
    remove_string(context, key, context.write(key), context.session().options().lazy_expire ? "UNLINK" : "DEL");
  } else if (deadline_ms) {
    set_deadline(context, key, *deadline_ms);
  } else if (options.expiry == Expiry::remove && entry->can_expire()) {
    remove_deadline(context, key);
  }
}

Condition delex_condition(std::string_view word) {
  if (session::equals_lower(word, "ifeq")) return Condition::equal;
  if (session::equals_lower(word, "ifne")) return Condition::not_equal;
  if (session::equals_lower(word, "ifdeq")) return Condition::digest_equal;
  if (session::equals_lower(word, "ifdne")) return Condition::digest_not_equal;
  return Condition::always;
}

// Deletes under the condition, if that holds. A missing key is 0 whatever the condition, as in Redis.
void delete_if(Context& context, const KeyRef& key) {
  const Entry* entry = context.read(key);
  if (!entry) return context.reply().integer(0);
  if (entry->type() != Type::string) {
    return context.reply().error("ERR Key should be of string type if conditions are specified");
  }
  const Condition condition = delex_condition(context[2]);
  if (condition == Condition::always) {
    return context.reply().error("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
  }
  const bool by_digest = condition == Condition::digest_equal || condition == Condition::digest_not_equal;
  if (by_digest && !check_digest(context, context[3])) return;
  const bool holds = condition_holds(*entry, condition, context[3]);
  if (holds) remove_string(context, key, context.write(key));
  context.reply().integer(holds ? 1 : 0);
}

void delex(Context& context) {
  if (context.size() == 4) return delete_if(context, context.key(1));
  if (context.size() != 2) return context.reply().error("ERR wrong number of arguments for 'delex' command");
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (entry) remove_string(context, key, entry);
  context.reply().integer(entry ? 1 : 0);
}

void delifeq(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::string)) return;
  const bool holds = entry && condition_holds(*entry, Condition::equal, context[2]);
  if (holds) remove_string(context, key, entry);
  context.reply().integer(holds ? 1 : 0);
}

// Without a condition DELEX does not look at the value.
uint32_t delex_key_flags(std::span<const std::string_view> arguments) {
  return (arguments.size() > 2 ? session::key_rw : session::key_rm) | session::key_delete;
}

constexpr session::CommandRow rows[] = {
    {.name = "getdel",
     .handler = getdel,
     .arity = 2,
     .flags = "write fast",
     .keys = "RW ACCESS DELETE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Deletes a key and returns its string.",
     .arguments = "key:key"},
    {.name = "getex",
     .handler = getex,
     .arity = -2,
     .flags = "write fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0 #RW and UPDATE because it changes the TTL",
     .acl = "string",
     .group = "string",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Returns a key's string and sets or removes its time to live.",
     .arguments = "key:key [expiration=(EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|"
                  "PXAT unix-time-milliseconds:unix-time|PERSIST)]"},
    {.name = "getset",
     .handler = getset,
     .arity = 3,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Sets a key to a string and returns the one before.",
     .arguments = "key:key value",
     .deprecated = "6.2.0=`SET` with the `GET` option"},
    {.name = "delex",
     .handler = delex,
     .arity = -2,
     .flags = "write fast",
     .keys = "RW DELETE VARIABLE_FLAGS @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "8.4.0",
     .complexity = "O(1) for IFEQ and IFNE; O(N) for IFDEQ and IFDNE, N being the number of bytes of the string.",
     .summary = "Deletes a key if its string, or the digest of it, equals (or does not equal) what is given.",
     .arguments = "key:key [condition=(IFEQ ifeq-value|IFNE ifne-value|IFDEQ ifdeq-digest|IFDNE ifdne-digest)]",
     .variable_key_flags = delex_key_flags},
    {.name = "delifeq",
     .handler = delifeq,
     .arity = 3,
     .flags = "write fast",
     .keys = "RM DELETE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "9.0.0",
     .complexity = "O(1)",
     .summary = "Deletes a key if its string equals what is given.",
     .arguments = "key:key value"},
};

}  // namespace

std::span<const session::CommandRow> string_take_rows() { return rows; }

}  // namespace torc::cmd
