// Members in order: ZRANGE, which took over from ZREVRANGE, Z[REV]RANGEBYSCORE and Z[REV]RANGEBYLEX (all are one
// handler, in which the older names have part of the options set already), and ZRANGESTORE.
//
// Every kind of range becomes an interval of ranks first. So the number of members is known before the first is
// replied, LIMIT costs nothing, and there is one loop.
#include <algorithm>
#include <utility>

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
using store::ZsetView;

enum class By : uint8_t { any, rank, score, lex };
enum class Direction : uint8_t { any, up, down };

// What a command's name says, and then its options.
struct RangeRequest {
  By by = By::any;
  Direction direction = Direction::any;
  size_t key = 1;  // the argument; the bounds follow
  bool stores = false;
  bool with_scores = false;
  int64_t offset = 0, count = -1;  // LIMIT; below 0: no limit
  // The range, by what it is of.
  int64_t start = 0, stop = 0;
  store::ScoreRange scores;
  store::LexRange members;

  [[nodiscard]] bool down() const noexcept { return direction == Direction::down; }
};

bool parse_limit(Context& context, size_t i, RangeRequest* request) {
  const auto offset = context.integer(i + 1);
  if (!offset) return false;
  const auto count = context.integer(i + 2);
  if (!count) return false;
  request->offset = *offset;
  request->count = *count;
  return true;
}

bool parse_options(Context& context, RangeRequest* request) {
  for (size_t i = request->key + 3; i < context.size(); ++i) {
    const std::string_view option = context[i];
    if (!request->stores && equals_lower(option, "withscores")) {
      request->with_scores = true;
    } else if (i + 2 < context.size() && equals_lower(option, "limit")) {
      if (!parse_limit(context, i, request)) return false;
      i += 2;
    } else if (request->direction == Direction::any && equals_lower(option, "rev")) {
      request->direction = Direction::down;
    } else if (request->by == By::any && equals_lower(option, "bylex")) {
      request->by = By::lex;
    } else if (request->by == By::any && equals_lower(option, "byscore")) {
      request->by = By::score;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  if (request->by == By::any) request->by = By::rank;
  if (request->count != -1 && request->by == By::rank) {
    return context.fail(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  if (request->with_scores && request->by == By::lex) {
    return context.fail("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  return true;
}

// Going down, intervals of scores and members are given from their upper end.
bool parse_bounds(Context& context, RangeRequest* request) {
  size_t min = request->key + 1, max = request->key + 2;
  if (request->by == By::rank) {
    const auto start = context.integer(min);
    if (!start) return false;
    const auto stop = context.integer(max);
    if (!stop) return false;
    request->start = *start;
    request->stop = *stop;
    return true;
  }
  if (request->down()) std::swap(min, max);
  if (request->by == By::score) {
    const auto scores = score_range(context, min, max);
    if (scores) request->scores = *scores;
    return scores.has_value();
  }
  const auto members = lex_range(context, min, max);
  if (members) request->members = *members;
  return members.has_value();
}

// How many places of the interval count: up to LIMIT's end.
uint64_t wanted_of(const RangeRequest& request) noexcept {
  if (request.count < 0 || request.offset < 0) return UINT64_MAX;
  return static_cast<uint64_t>(request.offset) + static_cast<uint64_t>(request.count);
}

// Places counted from the end at which the request begins: ascending ranks, or descending ones if it goes down.
RankRange ranks_of(const RangeRequest& request, const ZsetView& view) {
  const uint64_t size = view.size();
  if (request.by == By::rank) return rank_range(request.start, request.stop, size);
  if (request.offset < 0) return {};
  const auto offset = static_cast<uint64_t>(request.offset);
  RankRange ranks = request.by == By::score ? view.ranks(request.scores, request.down(), wanted_of(request))
                                            : view.ranks(request.members, request.down(), offset);
  if (request.down()) ranks = {size - ranks.end, size - ranks.begin};
  if (request.by == By::score) ranks.begin += std::min(offset, ranks.size());
  if (ranks.empty()) return {};
  if (request.count >= 0) ranks.end = ranks.begin + std::min(ranks.size(), static_cast<uint64_t>(request.count));
  return ranks;
}

// Calls visit(ZsetCursor&) for the members in the order of the request.
template <class Visit>
void for_each(const RangeRequest& request, const ZsetView& view, const RankRange& ranks, Visit visit) {
  constexpr uint64_t worth_prefetching = 4;
  if (ranks.empty()) return;
  ZsetCursor cursor = view.at(request.down() ? view.size() - 1 - ranks.begin : ranks.begin);
  if (ranks.size() >= worth_prefetching) cursor.prefetch_ahead(request.down());
  for (uint64_t left = ranks.size(); left > 0; --left) {
    visit(cursor);
    request.down() ? cursor.previous() : cursor.next();
  }
}

void range(Context& context, RangeRequest request) {
  if (!parse_options(context, &request) || !parse_bounds(context, &request)) return;
  const Entry* entry = context.read(context.key(request.key));
  if (!entry) return context.reply().empty_array();
  if (!context.require_type(entry, store::Type::zset)) return;
  const ZsetView view(*entry);
  const RankRange ranks = ranks_of(request, view);
  begin_members(context, ranks.size(), request.with_scores);
  for_each(request, view, ranks, [&](ZsetCursor& cursor) {
    reply_member(context, cursor.member(), request.with_scores ? cursor.score() : 0, request.with_scores);
  });
}

// Redis stores into a listpack at first, where a zero has no sign, unless it knows already that there will be too many.
void copy_range(const RangeRequest& request, const ZsetView& view, const store::ZsetLimits& limits,
                store::ZsetObject* members) {
  const RankRange ranks = ranks_of(request, view);
  bool packed = request.by != By::rank || ranks.size() <= limits.entries;
  for_each(request, view, ranks, [&](ZsetCursor& cursor) {
    const std::string_view member = cursor.member();
    packed = packed && members->size() < limits.entries && member.size() <= limits.member_bytes;
    const double score = cursor.score();
    members->insert(members->hash(member), member, packed && score == 0 ? 0 : score);
  });
}

void zrangestore(Context& context) {
  RangeRequest request{.key = 2, .stores = true};
  if (!parse_options(context, &request) || !parse_bounds(context, &request)) return;
  const Entry* entry = context.read(context.key(request.key));
  if (!context.require_type(entry, store::Type::zset)) return;
  auto members = new_zset(context);
  if (entry) copy_range(request, ZsetView(*entry), zset_limits(context), members.get());
  store_members(context, context.key(1), std::move(members), "zrangestore");
}

void zrange(Context& context) { range(context, {}); }
void zrevrange(Context& context) { range(context, {.by = By::rank, .direction = Direction::down}); }
void zrangebyscore(Context& context) { range(context, {.by = By::score, .direction = Direction::up}); }
void zrevrangebyscore(Context& context) { range(context, {.by = By::score, .direction = Direction::down}); }
void zrangebylex(Context& context) { range(context, {.by = By::lex, .direction = Direction::up}); }
void zrevrangebylex(Context& context) { range(context, {.by = By::lex, .direction = Direction::down}); }

constexpr std::string_view range_complexity = "O(log(N)+M) where M members are replied";

constexpr session::CommandRow ranging(std::string_view name, session::Handler handler, std::string_view since,
                                      std::string_view summary, std::string_view arguments,
                                      std::string_view deprecated = {}, std::string_view history = {}) {
  session::CommandRow row = session::brief_row("sorted-set", name, handler, -4, "readonly", since, range_complexity,
                                               summary, arguments, {}, history, deprecated);
  row.keys = zset_key_read;
  row.acl = "sortedset";
  return row;
}

constexpr session::CommandRow rows[] = {
    ranging("zrange", zrange, "1.2.0",
            "Gives the members of a sorted set within an interval of ranks, scores or texts.",
            "key:key start stop sortby=[(BYSCORE|BYLEX)]@6.2.0 rev=[REV]@6.2.0 [LIMIT offset:integer "
            "count:integer]@6.2.0 withscores=[WITHSCORES]",
            {}, "6.2.0=Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."),
    ranging("zrangebylex", zrangebylex, "2.8.9",
            "Gives the members within an interval of texts of a sorted set of equal scores.",
            "key:key min max [LIMIT offset:integer count:integer]", "6.2.0=`ZRANGE` with the `BYLEX` argument"),
    ranging("zrangebyscore", zrangebyscore, "1.0.5", "Gives the members of a sorted set within an interval of scores.",
            "key:key min:double max:double withscores=[WITHSCORES]@2.0.0 [LIMIT offset:integer count:integer]",
            "6.2.0=`ZRANGE` with the `BYSCORE` argument", "2.0.0=Added the `WITHSCORES` modifier."),
    {.name = "zrangestore",
     .handler = zrangestore,
     .arity = -5,
     .flags = "write denyoom",
     .keys = "OW UPDATE @1 range 0 1 0;RO ACCESS @2 range 0 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "6.2.0",
     .complexity = "O(log(N)+M) where M members are stored",
     .summary = "Stores the members within an interval of ranks, scores or texts under another key.",
     .arguments = "dst:key src:key min max sortby=[(BYSCORE|BYLEX)] rev=[REV] [LIMIT offset:integer count:integer]"},
    ranging("zrevrange", zrevrange, "1.2.0",
            "Gives the members of a sorted set within an interval of ranks, in descending order.",
            "key:key start:integer stop:integer withscores=[WITHSCORES]", "6.2.0=`ZRANGE` with the `REV` argument"),
    ranging("zrevrangebylex", zrevrangebylex, "2.8.9",
            "Gives the members within an interval of texts of a sorted set of equal scores, in descending order.",
            "key:key max min [LIMIT offset:integer count:integer]",
            "6.2.0=`ZRANGE` with the `REV` and `BYLEX` arguments"),
    ranging("zrevrangebyscore", zrevrangebyscore, "2.2.0",
            "Gives the members of a sorted set within an interval of scores, in descending order.",
            "key:key max:double min:double withscores=[WITHSCORES] [LIMIT offset:integer count:integer]",
            "6.2.0=`ZRANGE` with the `REV` and `BYSCORE` arguments", "2.1.6=Bounds may be exclusive."),
};

}  // namespace

std::span<const session::CommandRow> zset_range_rows() { return rows; }

}  // namespace torc::cmd
