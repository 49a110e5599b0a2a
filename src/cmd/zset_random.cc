// Random members: ZRANDMEMBER. A negative count draws so many times; a positive one takes different members: all of
// them if there are not more, a walk through the set in which each is taken with the right probability if it is a
// good part of them (and always from a packed set), and otherwise draws until enough are different.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_set>
#include <vector>

#include "cmd/random_sampling.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::ZsetCursor;
using store::ZsetView;

struct Draw {
  uint64_t count = 0;
  bool with_scores = false;
};

void reply_random(Context& context, const ZsetView& view, bool with_scores) {
  base::Random& random = context.session().random();
  if (view.is_packed()) {
    ZsetCursor cursor = view.at(random.below(view.size()));
    return reply_member(context, cursor.member(), cursor.score(), with_scores);
  }
  const store::ZsetItem& item = view.object().random(random);
  reply_member(context, item.member(), item.score(), with_scores);
}

// A packed set's members would have to be counted again and again to be found.
std::vector<ZsetCursor> listed(const ZsetView& view) {
  std::vector<ZsetCursor> members;
  members.reserve(view.size());
  for (ZsetCursor cursor = view.at(0); cursor; cursor.next()) members.push_back(cursor);
  return members;
}

void reply_repeating(Context& context, const ZsetView& view, const Draw& draw) {
  begin_members(context, draw.count, draw.with_scores);
  uint64_t left = draw.count;
  if (view.is_packed() && left >= view.size()) {
    std::vector<ZsetCursor> members = listed(view);
    for (; left > 0 && !context.reply().overflown(); --left) {
      ZsetCursor& cursor = members[context.session().random().below(members.size())];
      reply_member(context, cursor.member(), cursor.score(), draw.with_scores);
    }
    return;
  }
  for (; left > 0 && !context.reply().overflown(); --left) reply_random(context, view, draw.with_scores);
}

// From the highest score down, as Redis has it for all members of a set.
void reply_all(Context& context, const ZsetView& view, bool with_scores) {
  ZsetCursor cursor = view.at(view.size() - 1);
  for (cursor.prefetch_ahead(true); cursor; cursor.previous()) {
    reply_member(context, cursor.member(), cursor.score(), with_scores);
  }
}

// Each member is taken with the probability (still wanted) / (still to come).
void reply_walking(Context& context, const ZsetView& view, const Draw& draw) {
  base::Random& random = context.session().random();
  uint64_t wanted = draw.count, to_come = view.size();
  ZsetCursor cursor = view.at(0);
  for (cursor.prefetch_ahead(); wanted > 0; cursor.next(), --to_come) {
    if (random.below(to_come) >= wanted) continue;
    reply_member(context, cursor.member(), cursor.score(), draw.with_scores);
    --wanted;
  }
}

void reply_drawing(Context& context, const ZsetView& view, const Draw& draw) {
  std::unordered_set<const store::ZsetItem*> taken;
  while (taken.size() < draw.count) {
    const store::ZsetItem& item = view.object().random(context.session().random());
    if (taken.insert(&item).second) reply_member(context, item.member(), item.score(), draw.with_scores);
  }
}

void reply_different(Context& context, const ZsetView& view, const Draw& draw) {
  constexpr uint64_t walk_from_part = 3;
  const uint64_t size = view.size();
  begin_members(context, std::min(draw.count, size), draw.with_scores);
  if (draw.count >= size) return reply_all(context, view, draw.with_scores);
  if (view.is_packed() || draw.count * walk_from_part > size) return reply_walking(context, view, draw);
  reply_drawing(context, view, draw);
}

// The count as it was given; nullopt: the error was replied.
std::optional<int64_t> parse_draw(Context& context, bool* with_scores) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  const auto count = context.integer(2);
  if (!count) return std::nullopt;
  if (*count < -most) {
    context.fail("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
    return std::nullopt;
  }
  *with_scores = context.size() == 4;
  if (context.size() > 4 || (*with_scores && !session::equals_lower(context[3], "withscores"))) {
    context.fail(session::errors::syntax);
    return std::nullopt;
  }
  if (*with_scores && (*count < -most / 2 || *count > most / 2)) {
    context.fail("ERR value is out of range");
    return std::nullopt;
  }
  return count;
}

void zrandmember(Context& context) {
  bool with_scores = false;
  const bool counted = context.size() > 2;
  const auto count = counted ? parse_draw(context, &with_scores) : std::optional<int64_t>(1);
  if (!count) return;
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::zset)) return;
  resp::Reply& reply = context.reply();
  if (!entry && !counted) return reply.null();
  if (!entry || *count == 0) return reply.empty_array();
  const ZsetView view(*entry);
  if (!counted) return reply_random(context, view, false);
  const Draw draw{static_cast<uint64_t>(*count < 0 ? -*count : *count), with_scores};
  if (!check_repeated(context, {draw.count, *count >= 0})) return;
  if (*count < 0 || draw.count == 1) return reply_repeating(context, view, draw);
  reply_different(context, view, draw);
}

constexpr session::CommandRow rows[] = {
    {.name = "zrandmember",
     .handler = zrandmember,
     .arity = -2,
     .flags = "readonly",
     .keys = zset_key_read,
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "6.2.0",
     .complexity = "O(N) for N members",
     .summary = "Gives random members of a sorted set.",
     .arguments = "key:key options=[count:integer withscores=[WITHSCORES]]",
     .tips = "nondeterministic_output"},
};

}  // namespace

std::span<const session::CommandRow> zset_random_rows() { return rows; }

}  // namespace torc::cmd
