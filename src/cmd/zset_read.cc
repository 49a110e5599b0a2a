// Asking a sorted set about its members: ZCARD ZSCORE ZMSCORE ZRANK ZREVRANK ZCOUNT ZLEXCOUNT ZSCAN.
#include <charconv>

#include <fmt/format.h>

#include "base/parse_number.h"
#include "cmd/collection_scan.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::Type;
using store::ZsetView;

void zcard(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::zset)) return;
  context.reply().integer(entry ? static_cast<int64_t>(ZsetView(*entry).size()) : 0);
}

void reply_score(Context& context, const Entry* entry, std::string_view member) {
  const auto score = entry ? ZsetView(*entry).score(member) : std::nullopt;
  score ? context.reply().number(*score) : context.reply().null();
}

void zscore(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (context.require_type(entry, Type::zset)) reply_score(context, entry, context[2]);
}

void zmscore(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::zset)) return;
  context.reply().array(context.size() - 2);
  for (size_t i = 2; i < context.size(); ++i) reply_score(context, entry, context[i]);
}

void rank(Context& context, bool from_end) {
  if (context.size() > 4) {
    return context.reply().error(
        fmt::format("ERR wrong number of arguments for '{}' command", context.command().full_name));
  }
  const bool with_score = context.size() == 4;
  if (with_score && !session::equals_lower(context[3], "withscore")) {
    return context.reply().error(session::errors::syntax);
  }
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::zset)) return;
  const auto found = entry ? ZsetView(*entry).rank(context[2]) : std::nullopt;
  resp::Reply& reply = context.reply();
  if (!found) return with_score ? reply.null_array() : reply.null();
  const uint64_t rank = from_end ? ZsetView(*entry).size() - 1 - found->rank : found->rank;
  if (with_score) reply.array(2);
  reply.integer(static_cast<int64_t>(rank));
  if (with_score) reply.number(found->score);
}

void zrank(Context& context) { rank(context, false); }
void zrevrank(Context& context) { rank(context, true); }

template <class Range>
void count(Context& context, const Range& range) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::zset)) return;
  context.reply().integer(entry ? static_cast<int64_t>(ZsetView(*entry).ranks(range).size()) : 0);
}

void zcount(Context& context) {
  if (const auto range = score_range(context, 2, 3)) count(context, *range);
}

void zlexcount(Context& context) {
  if (const auto range = lex_range(context, 2, 3)) count(context, *range);
}

// The scores of a table with 17 digits, as ZSCAN alone prints them.
void add_scanned(const CollectionScan& scan, const store::ZsetItem& item, ScanReply* reply) {
  constexpr int digits = 17;
  if (!scan.wants(item.member())) return;
  char text[base::double_text_max];
  const auto end = std::to_chars(text, text + sizeof text, item.score(), std::chars_format::general, digits).ptr;
  reply->add(item.member());
  reply->add({text, static_cast<size_t>(end - text)});
}

// A packed set is small, so it is told at once.
void zscan(Context& context) {
  CollectionScan scan;
  const Entry* entry = begin_collection_scan(context, Type::zset, &scan);
  if (!entry) return;
  const ZsetView set(*entry);
  ScanReply reply(context);
  if (!set.is_packed()) {
    return reply.finish(scan_table(set.object(), scan, [&](const store::ZsetItem& item) {
      if (set.object().is_member(item)) add_scanned(scan, item, &reply);
    }));
  }
  for (store::ZsetCursor cursor = set.at(0); cursor; cursor.next()) {
    const std::string_view member = cursor.member();
    if (!scan.wants(member)) continue;
    reply.add(member);
    reply.add(base::format_double(cursor.score()));
  }
  reply.finish(0);
}

constexpr session::CommandRow reading(std::string_view name, session::Handler handler, int arity,
                                      std::string_view since, std::string_view complexity, std::string_view summary,
                                      std::string_view arguments, std::string_view history = {}) {
  session::CommandRow row = session::brief_row("sorted-set", name, handler, arity, "readonly fast", since, complexity,
                                               summary, arguments, {}, history);
  row.keys = zset_key_read;
  row.acl = "sortedset";
  row.element_argument = 2;  // the member, of those that take one
  return row;
}

constexpr session::CommandRow zcard_row() {
  session::CommandRow row = reading("zcard", zcard, 2, "1.2.0", "O(1)", "Counts the members of a sorted set.",
                                    "key:key");
  row.keys = "RO @1 range 0 1 0";
  return row;
}

constexpr session::CommandRow rows[] = {
    zcard_row(),
    reading("zcount", zcount, 4, "2.0.0", "O(log(N))", "Counts the members within an interval of scores.",
            "key:key min:double max:double"),
    reading("zlexcount", zlexcount, 4, "2.8.9", "O(log(N))",
            "Counts the members within an interval of texts in a sorted set of equal scores.", "key:key min max"),
    reading("zmscore", zmscore, -3, "6.2.0", "O(N) for N members", "Gives the scores of members of a sorted set.",
            "key:key member..."),
    reading("zrank", zrank, -3, "2.0.0", "O(log(N))", "Gives the place of a member in ascending order.",
            "key:key member withscore=[WITHSCORE]", "7.2.0=Added the `WITHSCORE` option."),
    reading("zrevrank", zrevrank, -3, "2.0.0", "O(log(N))", "Gives the place of a member in descending order.",
            "key:key member withscore=[WITHSCORE]", "7.2.0=Added the `WITHSCORE` option."),
    {.name = "zscan",
     .handler = zscan,
     .arity = -3,
     .flags = "readonly",
     .keys = zset_key_read,
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "2.8.0",
     .complexity = "O(1) for a call, O(N) for all calls until the cursor is 0 again",
     .summary = "Walks over the members of a sorted set with their scores, some at a time.",
     .arguments = "key:key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]",
     .tips = "nondeterministic_output"},
    reading("zscore", zscore, 3, "1.2.0", "O(1)", "Gives the score of a member of a sorted set.", "key:key member"),
};

}  // namespace

std::span<const session::CommandRow> zset_read_rows() { return rows; }

}  // namespace torc::cmd
