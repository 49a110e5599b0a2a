// The files of the sorted set family, each with its rows beside its handlers; zset.cc joins them and has what they
// share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "session/command.h"
#include "store/database.h"
#include "store/zset_editor.h"
#include "store/zset_range.h"
#include "store/zset_view.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> zset_add_rows();     // ZADD ZINCRBY
[[nodiscard]] std::span<const session::CommandRow> zset_remove_rows();  // ZREM ZREMRANGEBYLEX …BYRANK …BYSCORE
[[nodiscard]] std::span<const session::CommandRow> zset_read_rows();    // ZCARD ZSCORE ZMSCORE ZRANK ZREVRANK ZCOUNT …
[[nodiscard]] std::span<const session::CommandRow> zset_range_rows();   // ZRANGE and its older kin, ZRANGESTORE
[[nodiscard]] std::span<const session::CommandRow> zset_pop_rows();     // ZPOPMIN ZPOPMAX ZMPOP, BZPOPMIN …
[[nodiscard]] std::span<const session::CommandRow> zset_random_rows();  // ZRANDMEMBER
[[nodiscard]] std::span<const session::CommandRow> zset_algebra_rows();  // ZUNION ZINTER ZDIFF, …STORE, ZINTERCARD

inline constexpr std::string_view zset_key_read = "RO ACCESS @1 range 0 1 0";
inline constexpr std::string_view zset_key_delete = "RW DELETE @1 range 0 1 0";

[[nodiscard]] store::ZsetLimits zset_limits(const session::Context& context);
// entry: what the write gate gave.
[[nodiscard]] store::ZsetEditor zset_editor(const session::Context& context, const store::KeyRef& key,
                                            store::Entry* entry);
// An empty set that has no key yet.
[[nodiscard]] std::unique_ptr<store::ZsetObject> new_zset(const session::Context& context);

// Two bounds of scores or members from the arguments; nullopt: the error was replied.
[[nodiscard]] std::optional<store::ScoreRange> score_range(session::Context& context, size_t min, size_t max);
[[nodiscard]] std::optional<store::LexRange> lex_range(session::Context& context, size_t min, size_t max);
// Two ranks as ZRANGE counts them, negative ones from the end, within a set of so many members.
[[nodiscard]] store::RankRange rank_range(int64_t start, int64_t stop, uint64_t size) noexcept;

// Begins an array of so many members, with their scores or without; reply_member() is for each of them. RESP2 has one
// flat array, RESP3 pairs.
void begin_members(session::Context& context, uint64_t members, bool with_scores);
void reply_member(session::Context& context, std::string_view member, double score, bool with_scores);

// Does what ZADD does with these arguments, of which the key is that of the request. True if anything changed.
bool zset_add(session::Context& context, std::span<const std::string_view> arguments);
// Ends a command that removed so many members: the key goes with the last one, and its events come in Redis's order.
void finish_removal(session::Context& context, const store::KeyRef& key, const store::ZsetEditor& editor,
                    std::string_view event, uint64_t removed);
// Sets the key to these members, which count as so many changes, or deletes it if there are none, with all effects, and
// replies their number.
void store_members(session::Context& context, const store::KeyRef& key, std::unique_ptr<store::ZsetObject> members,
                   std::string_view event, int64_t changes = 1);

}  // namespace torc::cmd
