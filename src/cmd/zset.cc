// The rows of the sorted set commands, and what several of them need.
#include "cmd/zset.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/c_text.h"
#include "cmd/destination.h"
#include "cmd/numbers.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

using session::Context;
using store::LexBound;
using store::RankRange;

std::span<const session::CommandRow> zset_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {zset_add_rows(), zset_remove_rows(), zset_read_rows(), zset_range_rows(), zset_pop_rows(),
                      zset_random_rows(), zset_algebra_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

store::ZsetLimits zset_limits(const Context& context) {
  const store::EncodingLimits& limits = context.session().options().encodings;
  return {static_cast<uint64_t>(limits.zset_listpack_entries), limits.zset_listpack_value_bytes};
}

store::ZsetEditor zset_editor(const Context& context, const store::KeyRef& key, store::Entry* entry) {
  return {&context.database(), key, entry, zset_limits(context), &context.session().keyspace().hash_key()};
}

std::unique_ptr<store::ZsetObject> new_zset(const Context& context) {
  return std::make_unique<store::ZsetObject>(&context.session().keyspace().hash_key());
}

namespace {

// A bound is read as C's strtod reads it: no text at all is 0, and what is too large is infinite.
std::optional<double> parse_bound(std::string_view text) {
  text = base::c_text(text);
  double value;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && next == end) return std::isnan(value) ? std::nullopt : std::optional(value);
  const std::string terminated(text);
  char* stopped = nullptr;
  value = std::strtod(terminated.c_str(), &stopped);
  if (*stopped != '\0' || std::isnan(value)) return std::nullopt;
  return value;
}

bool parse_score_bound(std::string_view text, double* bound, bool* open) {
  *open = text.starts_with('(');
  const auto value = parse_bound(text.substr(*open));
  if (value) *bound = *value;
  return value.has_value();
}

bool parse_lex_bound(std::string_view text, LexBound* bound) {
  if (text.empty()) return false;
  const char first = text[0];
  if (first == '+' || first == '-') {
    bound->kind = first == '+' ? LexBound::Kind::highest : LexBound::Kind::lowest;
    return text.size() == 1 || text[1] == '\0';
  }
  bound->open = first == '(';
  bound->text = text.substr(1);
  return first == '(' || first == '[';
}

}  // namespace

std::optional<store::ScoreRange> score_range(Context& context, size_t min, size_t max) {
  store::ScoreRange range;
  if (parse_score_bound(context[min], &range.min, &range.min_open) &&
      parse_score_bound(context[max], &range.max, &range.max_open)) {
    return range;
  }
  context.fail("ERR min or max is not a float");
  return std::nullopt;
}

std::optional<store::LexRange> lex_range(Context& context, size_t min, size_t max) {
  store::LexRange range;
  if (parse_lex_bound(context[min], &range.min) && parse_lex_bound(context[max], &range.max)) return range;
  context.fail("ERR min or max not valid string range item");
  return std::nullopt;
}

RankRange rank_range(int64_t start, int64_t stop, uint64_t size) noexcept {
  const auto members = static_cast<int64_t>(size);
  if (start < 0) start = start < -members ? 0 : members + start;
  if (stop < 0) stop = stop < -members ? -1 : members + stop;
  if (stop >= members) stop = members - 1;
  if (start > stop) return {};
  return {static_cast<uint64_t>(start), static_cast<uint64_t>(stop) + 1};
}

void begin_members(Context& context, uint64_t members, bool with_scores) {
  const bool flat = with_scores && context.reply().protocol() == 2;
  context.reply().array(flat ? members * 2 : members);
}

void reply_member(Context& context, std::string_view member, double score, bool with_scores) {
  resp::Reply& reply = context.reply();
  if (!with_scores) return reply.bulk(member);
  if (reply.protocol() > 2) reply.array(2);
  reply.bulk(member);
  reply.number(score);
}

void finish_removal(Context& context, const store::KeyRef& key, const store::ZsetEditor& editor,
                    std::string_view event, uint64_t removed) {
  if (removed == 0) return;
  const bool last = editor.size() == 0;
  if (last) context.database().erase(key, editor.entry());
  context.touched(key.bytes);
  context.notify(session::event_zset, event, key.bytes);
  if (last) context.notify(session::event_generic, "del", key.bytes);
  context.add_dirty(static_cast<int64_t>(removed));
}

void store_members(Context& context, const store::KeyRef& key, std::unique_ptr<store::ZsetObject> members,
                   std::string_view event, int64_t changes) {
  const uint64_t count = members->size();
  context.reply().integer(static_cast<int64_t>(count));
  if (count == 0) return erase_destination(context, key);
  store::Entry* const old = context.write(key);
  set_zset(&context.database(), key, old, std::move(members), zset_limits(context));
  if (!old) context.added(key.bytes);
  context.touched(key.bytes);
  context.notify(session::event_zset, event, key.bytes);
  context.add_dirty(changes);
}

}  // namespace torc::cmd
