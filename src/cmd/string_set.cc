// SET and its older kin SETNX, SETEX, PSETEX. What replicas get is the form that has the same effect at any time and on
// any server since 6.2: relative times become PXAT, and a comparison that succeeded (IFEQ ...) is left out.
#include <vector>

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

enum class Decision : uint8_t { set, leave, failed };

// Whether the key is to be set; failed: the error was replied.
Decision decide(Context& context, const KeyRef& key, const Entry* old, const StringOptions& options) {
  if (options.condition == Condition::always) return Decision::set;
  const bool wants_absence = options.condition == Condition::absent || options.condition == Condition::not_equal ||
                             options.condition == Condition::digest_not_equal;
  if (!old) return wants_absence ? Decision::set : Decision::leave;
  if (options.condition == Condition::absent) return Decision::leave;
  if (options.condition == Condition::present) return Decision::set;
  old = context.read(key);  // a comparison reads the value: it counts as a hit
  const std::string_view given = context[options.match_argument];
  if (!context.require_type(old, Type::string)) return Decision::failed;
  if (options.compares_digest() && !check_digest(context, given)) return Decision::failed;
  return condition_holds(*old, options.condition, given) ? Decision::set : Decision::leave;
}

// GET's part: replies the old value. False: an error was replied. The digest is checked here already, because there can
// be only one reply.
bool reply_old(Context& context, const KeyRef& key, const StringOptions& options) {
  const Entry* entry = context.read(key);
  if (!context.require_type(entry, Type::string)) return false;
  const bool checked = entry && options.compares_digest();
  if (checked && !check_digest(context, context[options.match_argument])) return false;
  reply_string_or_null(context, entry);
  return true;
}

void propagate_without_get(Context& context) {
  std::vector<std::string_view> arguments;
  arguments.reserve(context.size());
  for (size_t i = 0; i < context.size(); ++i) {
    if (i < 3 || !session::equals_lower(context[i], "get")) arguments.push_back(context[i]);
  }
  context.propagate_as(arguments);
}

void propagate_set(Context& context, const StringOptions& options, int64_t deadline_ms) {
  if (!context.session().effects().propagating()) return;
  if (options.has_time()) {
    const bool says_when = options.expiry == Expiry::at_milliseconds && !options.compares();
    if (!says_when) propagate_set_until(context, context[1], context[2], deadline_ms);
  } else if (options.compares()) {
    if (options.expiry == Expiry::keep) return context.propagate_as({"SET", context[1], context[2], "KEEPTTL"});
    context.propagate_as({"SET", context[1], context[2]});
  } else if (options.get) {
    propagate_without_get(context);
  }
}

void set_with_options(Context& context, const KeyRef& key) {
  StringOptions options;
  if (!parse_string_options(context, 3, OptionUser::set, &options)) return;
  int64_t deadline_ms = store::no_deadline;
  if (options.has_time()) {
    const auto parsed = parse_deadline(context, options.expiry_argument, options.expiry);
    if (!parsed) return;
    deadline_ms = *parsed;
  }
  if (options.get && !reply_old(context, key, options)) return;
  Entry* old = context.write(key);
  const Decision decision = decide(context, key, old, options);
  if (decision == Decision::failed) return;
  if (decision == Decision::leave) {
    if (!options.get) context.reply().null();
    return;
  }
  if (options.expiry == Expiry::keep && old) deadline_ms = old->deadline_ms();
  put_string(context, key, old, context.value(2), deadline_ms);
  if (options.has_time()) context.notify(session::event_generic, "expire", key.bytes);
  if (!options.get) context.reply().ok();
  propagate_set(context, options, deadline_ms);
}

void set(Context& context) {
  const KeyRef key = context.key(1);
  if (context.size() > 3) return set_with_options(context, key);
  put_string(context, key, context.write(key), context.value(2), store::no_deadline);
  context.reply().ok();
}

void setnx(Context& context) {
  const KeyRef key = context.key(1);
  if (context.write(key)) return context.reply().integer(0);
  put_string(context, key, nullptr, context.value(2), store::no_deadline);
  context.reply().integer(1);
}

void set_for(Context& context, Expiry unit) {
  const auto deadline_ms = parse_deadline(context, 2, unit);
  if (!deadline_ms) return;
  const KeyRef key = context.key(1);
  put_string(context, key, context.write(key), context.value(3), *deadline_ms);
  context.notify(session::event_generic, "expire", key.bytes);
  propagate_set_until(context, key.bytes, context[3], *deadline_ms);
  context.reply().ok();
}

void setex(Context& context) { set_for(context, Expiry::seconds); }
void psetex(Context& context) { set_for(context, Expiry::milliseconds); }

// Plain SET overwrites blindly; GET returns what was there, and the comparisons need it.
uint32_t set_key_flags(std::span<const std::string_view> arguments) {
  bool compares = false;
  for (size_t i = 3; i < arguments.size(); ++i) {
    if (session::equals_lower(arguments[i], "get")) return session::key_rw | session::key_access | session::key_update;
    for (std::string_view word : {"ifeq", "ifne", "ifdeq", "ifdne"}) {
      compares = compares || session::equals_lower(arguments[i], word);
    }
  }
  return (compares ? session::key_rw : session::key_ow) | session::key_update;
}

constexpr session::CommandRow rows[] = {
    {.name = "set",
     .handler = set,
     .arity = -3,
     .flags = "write denyoom",
     .keys = "RW ACCESS UPDATE VARIABLE_FLAGS @1 range 0 1 0 #RW and ACCESS due to the optional `GET` argument",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1); O(N) for IFDEQ and IFDNE, N being the number of bytes of the string there.",
     .summary = "Sets a key to a string, whatever it held before, and if need be only under a condition or for a time.",
     .arguments =
         "key:key value [condition=(NX|XX|IFEQ ifeq-value@8.4.0|IFNE ifne-value@8.4.0|IFDEQ ifdeq-digest@8.4.0|"
         "IFDNE ifdne-digest@8.4.0)@2.6.12] [GET@6.2.0] [expiration=(EX seconds:integer@2.6.12|"
         "PX milliseconds:integer@2.6.12|EXAT unix-time-seconds:unix-time@6.2.0|"
         "PXAT unix-time-milliseconds:unix-time@6.2.0|KEEPTTL@6.0.0)]",
     .history = "2.6.12=The options `EX`, `PX`, `NX` and `XX`.;6.0.0=The option `KEEPTTL`.;"
                "6.2.0=The options `GET`, `EXAT` and `PXAT`.;7.0.0=`NX` and `GET` may be given together.;"
                "8.4.0=The options `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE`.",
     .variable_key_flags = set_key_flags},
    {.name = "setnx",
     .handler = setnx,
     .arity = 3,
     .flags = "write denyoom fast",
     .keys = "OW INSERT @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Sets a key to a string if there is no such key.",
     .arguments = "key:key value",
     .deprecated = "2.6.12=`SET` with the `NX` option"},
    {.name = "setex",
     .handler = setex,
     .arity = 4,
     .flags = "write denyoom",
     .keys = "OW UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.0.0",
     .complexity = "O(1)",
     .summary = "Sets a key to a string for some seconds.",
     .arguments = "key:key seconds:integer value",
     .deprecated = "2.6.12=`SET` with the `EX` option"},
    {.name = "psetex",
     .handler = psetex,
     .arity = 4,
     .flags = "write denyoom",
     .keys = "OW UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Sets a key to a string for some milliseconds.",
     .arguments = "key:key milliseconds:integer value",
     .deprecated = "2.6.12=`SET` with the `PX` option"},
};

}  // namespace

std::span<const session::CommandRow> string_set_rows() { return rows; }

}  // namespace torc::cmd
