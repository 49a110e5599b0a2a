// Taking members from either end: ZPOPMIN ZPOPMAX ZMPOP, and those that wait until there is one: BZPOPMIN BZPOPMAX
// BZMPOP. Replicas run ZPOPMIN or ZPOPMAX of the one key.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "base/parse_number.h"
#include "cmd/numbers.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::Entry;
using store::RankRange;
using store::ZsetCursor;

enum class End : uint8_t { min, max };

constexpr std::string_view pop_event(End end) { return end == End::max ? "zpopmax" : "zpopmin"; }

// Replies up to `count` members from this end, each as a pair of its own if nested, and removes them. count > 0.
void pop(Context& context, const store::KeyRef& key, Entry* entry, End end, uint64_t count, bool nested) {
  store::ZsetEditor editor = zset_editor(context, key, entry);
  const uint64_t size = editor.size();
  count = std::min(count, size);
  resp::Reply& reply = context.reply();
  ZsetCursor cursor = editor.view().at(end == End::max ? size - 1 : 0);
  for (uint64_t left = count; left > 0; --left) {
    if (nested) reply.array(2);
    reply.bulk(cursor.member());
    reply.number(cursor.score());
    end == End::max ? cursor.previous() : cursor.next();
  }
  editor.erase(end == End::max ? RankRange{size - count, size} : RankRange{0, count});
  finish_removal(context, key, editor, pop_event(end), count);
}

void pop_one_key(Context& context, End end) {
  resp::Reply& reply = context.reply();
  if (context.size() > 3) return reply.error(session::errors::syntax);
  const bool counted = context.size() == 3;
  const auto count = counted ? positive_argument(context, 2) : std::optional<int64_t>(1);
  if (!count) return;
  const store::KeyRef key = context.key(1);
  Entry* const entry = context.write(key);
  if (!context.require_type(entry, store::Type::zset)) return;
  if (!entry || *count == 0) return reply.empty_array();
  const uint64_t popped = std::min(store::ZsetView(*entry).size(), static_cast<uint64_t>(*count));
  const bool nested = counted && reply.protocol() > 2;
  reply.array(nested ? popped : popped * 2);
  pop(context, key, entry, end, popped, nested);
}

void zpopmin(Context& context) { pop_one_key(context, End::min); }
void zpopmax(Context& context) { pop_one_key(context, End::max); }

// A number from 1 on.
std::optional<int64_t> from_one(Context& context, size_t i, std::string_view error) {
  const auto value = context.integer(i, error);
  if (!value || *value >= 1) return value;
  context.fail(error);
  return std::nullopt;
}

// numkeys key ... MIN|MAX [COUNT count]
struct ManyKeys {
  size_t first_key = 0, end_key = 0;
  End end = End::min;
  int64_t count = 1;
};

bool parse_count(Context& context, size_t first, ManyKeys* request) {
  if (context.size() == first) return true;
  if (context.size() != first + 2 || !equals_lower(context[first], "count")) {
    // Redis reads the number of a COUNT before it finds that something follows it.
    const bool read_first = context.size() > first + 2 && equals_lower(context[first], "count");
    if (read_first && !from_one(context, first + 1, "ERR count should be greater than 0")) return false;
    return context.fail(session::errors::syntax);
  }
  const auto count = from_one(context, first + 1, "ERR count should be greater than 0");
  if (count) request->count = *count;
  return count.has_value();
}

bool parse_many(Context& context, size_t numkeys, ManyKeys* request) {
  const auto keys = from_one(context, numkeys, "ERR numkeys should be greater than 0");
  if (!keys) return false;
  if (static_cast<uint64_t>(*keys) >= context.size() - numkeys - 1) return context.fail(session::errors::syntax);
  request->first_key = numkeys + 1;
  request->end_key = request->first_key + static_cast<size_t>(*keys);
  const std::string_view where = context[request->end_key];
  if (equals_lower(where, "max")) {
    request->end = End::max;
  } else if (!equals_lower(where, "min")) {
    return context.fail(session::errors::syntax);
  }
  return parse_count(context, request->end_key + 1, request);
}

// What replicas run.
void propagate_pop(Context& context, std::string_view key, End end, uint64_t count) {
  char digits[base::integer_digits_max];
  const size_t size = base::format_unsigned(digits, count);
  context.propagate_as({end == End::max ? "ZPOPMAX" : "ZPOPMIN", key, {digits, size}});
}

// Pops from the first of the keys that is there: [key, [[member, score] ...]]. Nullopt: there is none; false: an error
// was replied.
std::optional<bool> pop_first(Context& context, const ManyKeys& request) {
  resp::Reply& reply = context.reply();
  for (size_t i = request.first_key; i < request.end_key; ++i) {
    const store::KeyRef key = context.key(i);
    Entry* const entry = context.write(key);
    if (!entry) continue;
    if (!context.require_type(entry, store::Type::zset)) return false;
    const uint64_t popped = std::min(store::ZsetView(*entry).size(), static_cast<uint64_t>(request.count));
    reply.array(2);
    reply.bulk(key.bytes);
    reply.array(popped);
    pop(context, key, entry, request.end, popped, true);
    propagate_pop(context, key.bytes, request.end, popped);
    return true;
  }
  return std::nullopt;
}

void zmpop(Context& context) {
  ManyKeys request;
  if (parse_many(context, 1, &request) && !pop_first(context, request)) context.reply().null_array();
}

// Waits for the keys, or answers at once that the time is over where waiting is not allowed.
void wait_for(Context& context, size_t first_key, size_t end_key, int64_t deadline_ms) {
  const auto keys = context.arguments().subspan(first_key, end_key - first_key);
  if (!context.wait(keys, {.type = store::Type::zset, .deadline_ms = deadline_ms})) context.reply().null_array();
}

void bzmpop(Context& context) {
  ManyKeys request;
  if (!parse_many(context, 2, &request)) return;
  const auto deadline_ms = context.timeout(1);
  if (!deadline_ms || pop_first(context, request)) return;
  wait_for(context, request.first_key, request.end_key, *deadline_ms);
}

// [key, member, score]
void pop_or_wait(Context& context, End end) {
  const size_t last = context.size() - 1;
  const auto deadline_ms = context.timeout(last);
  if (!deadline_ms) return;
  for (size_t i = 1; i < last; ++i) {
    const store::KeyRef key = context.key(i);
    Entry* const entry = context.write(key);
    if (!entry) continue;
    if (!context.require_type(entry, store::Type::zset)) return;
    context.reply().array(3);
    context.reply().bulk(key.bytes);
    pop(context, key, entry, end, 1, false);
    return context.propagate_as({end == End::max ? "ZPOPMAX" : "ZPOPMIN", key.bytes});
  }
  wait_for(context, 1, last, *deadline_ms);
}

void bzpopmin(Context& context) { pop_or_wait(context, End::min); }
void bzpopmax(Context& context) { pop_or_wait(context, End::max); }

constexpr std::string_view many_keys = "RW ACCESS DELETE @1 keynum 0 1 1";

constexpr session::CommandRow rows[] = {
    {.name = "bzmpop",
     .handler = bzmpop,
     .arity = -5,
     .flags = "write blocking",
     .keys = "RW ACCESS DELETE @2 keynum 0 1 1",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "7.0.0",
     .complexity = "O(K)+O(M*log(N)) for K keys and M members taken",
     .summary = "Takes the lowest or highest members of the first sorted set that is not empty, or waits for one.",
     .arguments = "timeout:double numkeys:integer key:key... where=(MIN|MAX) [COUNT count:integer]"},
    {.name = "bzpopmax",
     .handler = bzpopmax,
     .arity = -3,
     .flags = "write fast blocking",
     .keys = "RW ACCESS DELETE @1 range -2 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "5.0.0",
     .complexity = "O(log(N))",
     .summary = "Takes the highest member of the first sorted set that is not empty, or waits for one.",
     .arguments = "key:key... timeout:double",
     .history = "6.0.0=`timeout` is a double, no longer an integer."},
    {.name = "bzpopmin",
     .handler = bzpopmin,
     .arity = -3,
     .flags = "write fast blocking",
     .keys = "RW ACCESS DELETE @1 range -2 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "5.0.0",
     .complexity = "O(log(N))",
     .summary = "Takes the lowest member of the first sorted set that is not empty, or waits for one.",
     .arguments = "key:key... timeout:double",
     .history = "6.0.0=`timeout` is a double, no longer an integer."},
    {.name = "zmpop",
     .handler = zmpop,
     .arity = -4,
     .flags = "write",
     .keys = many_keys,
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "7.0.0",
     .complexity = "O(K)+O(M*log(N)) for K keys and M members taken",
     .summary = "Takes the lowest or highest members of the first sorted set that is not empty.",
     .arguments = "numkeys:integer key:key... where=(MIN|MAX) [COUNT count:integer]"},
    {.name = "zpopmax",
     .handler = zpopmax,
     .arity = -2,
     .flags = "write fast",
     .keys = "RW ACCESS DELETE @1 range 0 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "5.0.0",
     .complexity = "O(M*log(N)) for M members taken",
     .summary = "Takes the highest members of a sorted set.",
     .arguments = "key:key [count:integer]"},
    {.name = "zpopmin",
     .handler = zpopmin,
     .arity = -2,
     .flags = "write fast",
     .keys = "RW ACCESS DELETE @1 range 0 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "5.0.0",
     .complexity = "O(M*log(N)) for M members taken",
     .summary = "Takes the lowest members of a sorted set.",
     .arguments = "key:key [count:integer]"},
};

}  // namespace

std::span<const session::CommandRow> zset_pop_rows() { return rows; }

}  // namespace torc::cmd
