// Setting several strings at once: MSET MSETNX and MSETEX (Redis 8.4).
//
// A key may be named twice, and then its first value is freed while the request is still needed for propagation. So a
// value that arrived in a blob is stored through a further reference, and the request keeps its own.
#include <array>
#include <limits>
#include <vector>

#include "base/parse_number.h"
#include "cmd/key_window.h"
#include "cmd/string_options.h"
#include "cmd/string_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;

// Argument i for put_string, with the request's blob left in its place.
class SharedValue {
 public:
  SharedValue(Context& context, size_t i) : input_(context.value(i)) {
    if (!input_.blob) return;
    blob_ = *input_.blob;
    input_.blob = &blob_;
  }
  SharedValue(const SharedValue&) = delete;
  SharedValue& operator=(const SharedValue&) = delete;
  [[nodiscard]] store::StringInput input() const noexcept { return input_; }

 private:
  store::StringInput input_;
  base::BlobRef blob_;
};

bool even_pairs(Context& context, std::string_view error) { return context.size() % 2 == 1 || context.fail(error); }

// Sets the pairs that follow the command's name.
void put_pairs(Context& context) {
  for_each_key(context, 1, context.size(), 2, [&context](size_t i, const KeyRef& key) {
    const SharedValue value(context, i + 1);
    put_string(context, key, context.write(key), value.input(), store::no_deadline);
  });
}

// Whether all keys among the arguments first, first + 2 ... < end exist, or (present = false) none.
bool all_keys(Context& context, size_t first, size_t end, bool present) {
  for (size_t i = first; i < end; i += 2) {
    if ((context.write(context.key(i)) != nullptr) != present) return false;
  }
  return true;
}

void mset(Context& context) {
  if (!even_pairs(context, "ERR wrong number of arguments for 'mset' command")) return;
  put_pairs(context);
  context.reply().ok();
}

void msetnx(Context& context) {
  if (!even_pairs(context, "ERR wrong number of arguments for 'msetnx' command")) return;
  const bool free = all_keys(context, 1, context.size(), false);
  if (free) put_pairs(context);
  context.reply().integer(free ? 1 : 0);
}

// --- MSETEX numkeys key value [key value ...] [options] ---

constexpr size_t first_pair = 2;

// As MSET, or one SET each: servers before 8.4 do not know MSETEX. Several are wrapped in MULTI/EXEC.
void propagate_pairs(Context& context, size_t end, const StringOptions& options, int64_t deadline_ms) {
  if (!context.session().effects().propagating()) return;
  if (options.expiry == Expiry::none) {
    std::vector<std::string_view> arguments{"MSET"};
    for (size_t i = first_pair; i < end; ++i) arguments.push_back(context[i]);
    return context.propagate_as(arguments);
  }
  for (size_t i = first_pair; i < end; i += 2) {
    if (options.has_time()) {
      propagate_set_until(context, context[i], context[i + 1], deadline_ms);
    } else {
      context.propagate_as({"SET", context[i], context[i + 1], "KEEPTTL"});
    }
  }
}

// Sets one pair; the events come in Redis 8.4's order, the deadline's before the value's.
void put_pair(Context& context, size_t i, const KeyRef& key, const StringOptions& options, int64_t deadline_ms) {
  Entry* old = context.write(key);
  if (options.expiry == Expiry::keep && old) deadline_ms = old->deadline_ms();
  const SharedValue value(context, i + 1);
  context.database().set_string(key, old, value.input(), deadline_ms);
  if (!old) context.added(key.bytes);
  if (options.has_time()) context.notify(session::event_generic, "expire", key.bytes);
  context.changed(key.bytes, session::event_string, "set");
}

// The argument behind the last pair; 0: the error was replied.
size_t end_of_pairs(Context& context) {
  const auto pairs = base::parse_integer(context[1]);
  if (!pairs || *pairs < 1 || *pairs > std::numeric_limits<int32_t>::max()) {
    context.fail("ERR invalid numkeys value");
    return 0;
  }
  const size_t end = first_pair + 2 * static_cast<size_t>(*pairs);
  if (end <= context.size()) return end;
  context.fail("ERR wrong number of key-value pairs");
  return 0;
}

void msetex(Context& context) {
  const size_t end = end_of_pairs(context);
  if (end == 0) return;
  StringOptions options;
  if (!parse_string_options(context, end, OptionUser::msetex, &options)) return;
  int64_t deadline_ms = store::no_deadline;
  if (options.has_time()) {
    const auto parsed = parse_deadline(context, options.expiry_argument, options.expiry);
    if (!parsed) return;
    deadline_ms = *parsed;
  }
  const bool conditional = options.condition != Condition::always;
  if (conditional && !all_keys(context, first_pair, end, options.condition == Condition::present)) {
    return context.reply().integer(0);
  }
  for_each_key(context, first_pair, end, 2,
               [&](size_t i, const KeyRef& key) { put_pair(context, i, key, options, deadline_ms); });
  propagate_pairs(context, end, options, deadline_ms);
  context.reply().integer(1);
}

constexpr session::CommandRow rows[] = {
    {.name = "mset",
     .handler = mset,
     .arity = -3,
     .flags = "write denyoom",
     .keys = "OW UPDATE @1 range -1 2 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.1",
     .complexity = "O(N), N being the number of keys.",
     .summary = "Sets several keys to strings at one moment.",
     .arguments = "data=(key:key value) ...",
     .tips = "request_policy:multi_shard;response_policy:all_succeeded"},
    {.name = "msetnx",
     .handler = msetnx,
     .arity = -3,
     .flags = "write denyoom",
     .keys = "OW INSERT @1 range -1 2 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.1",
     .complexity = "O(N), N being the number of keys.",
     .summary = "Sets several keys to strings at one moment if there is none of them.",
     .arguments = "data=(key:key value) ..."},
    {.name = "msetex",
     .handler = msetex,
     .arity = -4,
     .flags = "write denyoom",
     .keys = "OW UPDATE @1 keynum 0 1 2",
     .acl = "string",
     .group = "string",
     .since = "8.4.0",
     .complexity = "O(N), N being the number of keys.",
     .summary = "Sets several keys to strings at one moment, if need be only under a condition or for a time.",
     .arguments = "numkeys:integer data=(key:key value) ... [condition=(NX|XX)] [expiration=(EX seconds:integer|"
                  "PX milliseconds:integer|EXAT unix-time-seconds:unix-time|"
                  "PXAT unix-time-milliseconds:unix-time|KEEPTTL)]",
     .tips = "request_policy:multi_shard;response_policy:all_succeeded"},
};

}  // namespace

std::span<const session::CommandRow> string_many_rows() { return rows; }

}  // namespace torc::cmd
