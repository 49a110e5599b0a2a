// ZUNION, ZINTER and ZDIFF, what they store, and ZINTERCARD, over sorted sets and sets. The order of the checks is
// redis-server's: keys are read, and their types checked, before the options.
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/parse_number.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"
#include "store/zset_algebra.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::Aggregate;
using store::Entry;
using store::ZsetSource;

enum class Operation : uint8_t { unite, intersect, subtract };

struct AlgebraRequest {
  Operation operation = Operation::unite;
  bool stores = false;
  bool counts = false;  // ZINTERCARD
  size_t first_key = 0, keys = 0;
  std::vector<double> weights;
  Aggregate aggregate = Aggregate::sum;
  bool with_scores = false;
  uint64_t limit = 0;
};

bool parse_keys(Context& context, AlgebraRequest* request) {
  const size_t numkeys = request->stores ? 2 : 1;
  const auto keys = context.integer(numkeys);
  if (!keys) return false;
  if (*keys < 1) {
    return context.fail(
        fmt::format("ERR at least 1 input key is needed for '{}' command", context.command().full_name));
  }
  request->first_key = numkeys + 1;
  if (static_cast<uint64_t>(*keys) > context.size() - request->first_key) {
    return context.fail(session::errors::syntax);
  }
  request->keys = static_cast<size_t>(*keys);
  request->weights.assign(request->keys, 1);
  return true;
}

// Which keys are there; nullopt: WRONGTYPE was replied. Reading a key may remove an overdue one, so entries are only
// looked at when all are read.
std::optional<std::vector<bool>> read_keys(Context& context, const AlgebraRequest& request) {
  std::vector<bool> present;
  for (size_t i = 0; i < request.keys; ++i) {
    const Entry* entry = context.read(context.key(request.first_key + i));
    if (entry && entry->type() != store::Type::set && !context.require_type(entry, store::Type::zset)) {
      return std::nullopt;
    }
    present.push_back(entry != nullptr);
  }
  return present;
}

bool parse_aggregate(std::string_view name, Aggregate* aggregate) {
  for (const auto& [known, value] : {std::pair{std::string_view("sum"), Aggregate::sum},
                                     {"min", Aggregate::min},
                                     {"max", Aggregate::max}}) {
    if (!equals_lower(name, known)) continue;
    *aggregate = value;
    return true;
  }
  return false;
}

bool parse_weights(Context& context, size_t first, AlgebraRequest* request) {
  for (size_t i = 0; i < request->keys; ++i) {
    const auto weight = base::parse_double(context[first + i]);
    if (!weight) return context.fail("ERR weight value is not a float");
    request->weights[i] = *weight;
  }
  return true;
}

bool parse_limit(Context& context, size_t i, AlgebraRequest* request) {
  constexpr std::string_view error = "ERR LIMIT can't be negative";
  const auto limit = context.integer(i, error);
  if (!limit) return false;
  if (*limit < 0) return context.fail(error);
  request->limit = static_cast<uint64_t>(*limit);
  return true;
}

bool parse_options(Context& context, AlgebraRequest* request) {
  const bool combines = request->operation != Operation::subtract && !request->counts;
  for (size_t i = request->first_key + request->keys; i < context.size(); ++i) {
    const std::string_view option = context[i];
    const size_t behind = context.size() - i - 1;
    if (combines && behind >= request->keys && equals_lower(option, "weights")) {
      if (!parse_weights(context, i + 1, request)) return false;
      i += request->keys;
    } else if (combines && behind >= 1 && equals_lower(option, "aggregate")) {
      if (!parse_aggregate(context[++i], &request->aggregate)) return context.fail(session::errors::syntax);
    } else if (!request->stores && !request->counts && equals_lower(option, "withscores")) {
      request->with_scores = true;
    } else if (request->counts && behind >= 1 && equals_lower(option, "limit")) {
      if (!parse_limit(context, ++i, request)) return false;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

std::vector<ZsetSource> sources_of(Context& context, const AlgebraRequest& request, const std::vector<bool>& present) {
  std::vector<ZsetSource> sources;
  for (size_t i = 0; i < request.keys; ++i) {
    const store::KeyRef key = context.key(request.first_key + i);
    sources.emplace_back(present[i] ? context.database().find(key) : nullptr, request.weights[i]);
  }
  if (request.operation != Operation::subtract) store::by_size(sources);
  return sources;
}

void reply_members(Context& context, const store::ZsetObject& members, bool with_scores) {
  begin_members(context, members.size(), with_scores);
  for (auto position = members.at(0); position; position = position.next()) {
    reply_member(context, position.item()->member(), position.item()->score(), with_scores);
  }
}

std::unique_ptr<store::ZsetObject> compute(const AlgebraRequest& request, std::span<const ZsetSource> sources,
                                           const base::HashKey* hash_key) {
  switch (request.operation) {
    case Operation::unite:
      return zset_union(sources, request.aggregate, hash_key);
    case Operation::intersect:
      return zset_intersection(sources, request.aggregate, hash_key);
    case Operation::subtract:
      return zset_difference(sources, hash_key);
  }
  __builtin_unreachable();
}

void run(Context& context, AlgebraRequest request) {
  if (!parse_keys(context, &request)) return;
  const auto present = read_keys(context, request);
  if (!present || !parse_options(context, &request)) return;
  const std::vector<ZsetSource> sources = sources_of(context, request, *present);
  const base::HashKey* const hash_key = &context.session().keyspace().hash_key();
  if (request.counts) {
    return context.reply().integer(static_cast<int64_t>(zset_intersection_size(sources, request.limit, hash_key)));
  }
  auto members = compute(request, sources, hash_key);
  if (!request.stores) return reply_members(context, *members, request.with_scores);
  constexpr std::string_view events[] = {"zunionstore", "zinterstore", "zdiffstore"};
  store_members(context, context.key(1), std::move(members), events[static_cast<size_t>(request.operation)]);
}

void zunion(Context& context) { run(context, {.operation = Operation::unite}); }
void zinter(Context& context) { run(context, {.operation = Operation::intersect}); }
void zdiff(Context& context) { run(context, {.operation = Operation::subtract}); }
void zunionstore(Context& context) { run(context, {.operation = Operation::unite, .stores = true}); }
void zinterstore(Context& context) { run(context, {.operation = Operation::intersect, .stores = true}); }
void zdiffstore(Context& context) { run(context, {.operation = Operation::subtract, .stores = true}); }
void zintercard(Context& context) { run(context, {.operation = Operation::intersect, .counts = true}); }

constexpr std::string_view union_complexity = "O(N)+O(M*log(M)) for N members of all sources and M of the result";
constexpr std::string_view inter_complexity =
    "O(N*K)+O(M*log(M)) for K sources, N members of the smallest and M of the result";
constexpr std::string_view diff_complexity =
    "O(L+(N-K)*log(N)) for L members of all sources, N of the first and K of the result";

constexpr session::CommandRow combining(std::string_view name, session::Handler handler, std::string_view since,
                                        std::string_view complexity, std::string_view summary,
                                        std::string_view arguments) {
  session::CommandRow row = session::brief_row("sorted-set", name, handler, -3, "readonly", since, complexity, summary,
                                               arguments);
  row.keys = "RO ACCESS @1 keynum 0 1 1";
  row.acl = "sortedset";
  return row;
}

constexpr session::CommandRow storing(std::string_view name, session::Handler handler, std::string_view since,
                                      std::string_view complexity, std::string_view summary,
                                      std::string_view arguments) {
  session::CommandRow row = combining(name, handler, since, complexity, summary, arguments);
  row.arity = -4;
  row.flags = "write denyoom";
  row.keys = "OW UPDATE @1 range 0 1 0;RO ACCESS @2 keynum 0 1 1";
  return row;
}

constexpr session::CommandRow rows[] = {
    combining("zdiff", zdiff, "6.2.0", diff_complexity,
              "Gives the members of the first sorted set that none of the others has.",
              "numkeys:integer key:key... withscores=[WITHSCORES]"),
    storing("zdiffstore", zdiffstore, "6.2.0", diff_complexity,
            "Stores the members of the first sorted set that none of the others has.",
            "destination:key numkeys:integer key:key..."),
    combining("zinter", zinter, "6.2.0", inter_complexity, "Gives the members that all of several sorted sets have.",
              "numkeys:integer key:key... [WEIGHTS weight:integer...] aggregate=[AGGREGATE (SUM|MIN|MAX)] "
              "withscores=[WITHSCORES]"),
    combining("zintercard", zintercard, "7.0.0", "O(N*K) for K sources and N members of the smallest",
              "Counts the members that all of several sorted sets have.",
              "numkeys:integer key:key... [LIMIT limit:integer]"),
    storing("zinterstore", zinterstore, "2.0.0", inter_complexity,
            "Stores the members that all of several sorted sets have.",
            "destination:key numkeys:integer key:key... [WEIGHTS weight:integer...] "
            "aggregate=[AGGREGATE (SUM|MIN|MAX)]"),
    combining("zunion", zunion, "6.2.0", union_complexity, "Gives the members that any of several sorted sets has.",
              "numkeys:integer key:key... [WEIGHTS weight:integer...] aggregate=[AGGREGATE (SUM|MIN|MAX)] "
              "withscores=[WITHSCORES]"),
    storing("zunionstore", zunionstore, "2.0.0", union_complexity,
            "Stores the members that any of several sorted sets has.",
            "destination:key numkeys:integer key:key... [WEIGHTS weight:integer...] "
            "aggregate=[AGGREGATE (SUM|MIN|MAX)]"),
};

}  // namespace

std::span<const session::CommandRow> zset_algebra_rows() { return rows; }

}  // namespace torc::cmd
