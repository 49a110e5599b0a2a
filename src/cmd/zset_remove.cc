// Removing members, by name or by a range: ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE.
#include "cmd/zset_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::RankRange;

// The entry to be changed; null: there is none, and 0 or an error was replied.
Entry* writable(Context& context, const store::KeyRef& key) {
  Entry* const entry = context.write(key);
  if (!entry) context.reply().integer(0);
  return context.require_type(entry, store::Type::zset) ? entry : nullptr;
}

void zrem(Context& context) {
  const store::KeyRef key = context.key(1);
  Entry* const entry = writable(context, key);
  if (!entry) return;
  store::ZsetEditor editor = zset_editor(context, key, entry);
  uint64_t removed = 0;
  for (size_t i = 2; i < context.size() && editor.size() > 0; ++i) removed += editor.erase(context[i]);
  context.reply().integer(static_cast<int64_t>(removed));
  finish_removal(context, key, editor, "zrem", removed);
}

// ranks_in(ZsetView) says which members go.
template <class RanksIn>
void remove_range(Context& context, std::string_view event, RanksIn ranks_in) {
  const store::KeyRef key = context.key(1);
  Entry* const entry = writable(context, key);
  if (!entry) return;
  store::ZsetEditor editor = zset_editor(context, key, entry);
  const RankRange ranks = ranks_in(editor.view());
  editor.erase(ranks);
  context.reply().integer(static_cast<int64_t>(ranks.size()));
  finish_removal(context, key, editor, event, ranks.size());
}

void zremrangebyrank(Context& context) {
  const auto start = context.integer(2);
  if (!start) return;
  const auto stop = context.integer(3);
  if (!stop) return;
  remove_range(context, "zremrangebyrank",
               [&](const store::ZsetView& view) { return rank_range(*start, *stop, view.size()); });
}

void zremrangebyscore(Context& context) {
  const auto range = score_range(context, 2, 3);
  if (!range) return;
  remove_range(context, "zremrangebyscore", [&](const store::ZsetView& view) { return view.ranks(*range); });
}

void zremrangebylex(Context& context) {
  const auto range = lex_range(context, 2, 3);
  if (!range) return;
  remove_range(context, "zremrangebylex", [&](const store::ZsetView& view) { return view.ranks(*range); });
}

constexpr std::string_view range_complexity = "O(log(N)+M) where M members are removed";

constexpr session::CommandRow removal(std::string_view name, session::Handler handler, int arity,
                                      std::string_view flags, std::string_view since, std::string_view complexity,
                                      std::string_view summary, std::string_view arguments) {
  session::CommandRow row = session::brief_row("sorted-set", name, handler, arity, flags, since, complexity, summary,
                                               arguments);
  row.keys = zset_key_delete;
  row.acl = "sortedset";
  return row;
}

constexpr session::CommandRow zrem_row() {
  session::CommandRow row = removal("zrem", zrem, -3, "write fast", "1.2.0", "O(M*log(N)) for M members",
                                    "Removes members from a sorted set. The key goes with the last one.",
                                    "key:key member...");
  row.history = "2.4.0=Takes several members.";
  return row;
}

constexpr session::CommandRow rows[] = {
    zrem_row(),
    removal("zremrangebylex", zremrangebylex, 4, "write", "2.8.9", range_complexity,
            "Removes the members within an interval of texts from a sorted set of equal scores.",
            "key:key min max"),
    removal("zremrangebyrank", zremrangebyrank, 4, "write", "2.0.0", range_complexity,
            "Removes the members within an interval of ranks from a sorted set.",
            "key:key start:integer stop:integer"),
    removal("zremrangebyscore", zremrangebyscore, 4, "write", "1.2.0", range_complexity,
            "Removes the members within an interval of scores from a sorted set.",
            "key:key min:double max:double"),
};

}  // namespace

std::span<const session::CommandRow> zset_remove_rows() { return rows; }

}  // namespace torc::cmd
