// The files of the hash family, each with its rows beside its handlers; hash.cc joins them and has what they share.
#pragma once

#include <span>
#include <string_view>

#include "cmd/value_rules.h"
#include "session/command.h"
#include "store/hash_value.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> hash_change_rows();   // HSET HMSET HSETNX HDEL
[[nodiscard]] std::span<const session::CommandRow> hash_counter_rows();  // HINCRBY HINCRBYFLOAT
[[nodiscard]] std::span<const session::CommandRow> hash_read_rows();     // HGET HMGET HGETALL HSCAN ...
[[nodiscard]] std::span<const session::CommandRow> hash_random_rows();   // HRANDFIELD
[[nodiscard]] std::span<const session::CommandRow> hash_expire_rows();   // HEXPIRE HTTL HPERSIST and their kin
[[nodiscard]] std::span<const session::CommandRow> hash_with_deadline_rows();  // HGETEX HSETEX HGETDEL

// The hash of the entry that a gate gave, as it is now.
[[nodiscard]] store::HashView hash_view(const session::Context& context, const store::Entry& entry);
// What the write gate gave (may be null) without those of the fields that are overdue: every step-th of the span. Null
// when the hash went with them. To be called before a write looks at these fields.
[[nodiscard]] store::Entry* drop_overdue(session::Context& context, const store::KeyRef& key, store::Entry* entry,
                                         std::span<const std::string_view> fields, size_t step = 1);
// The same for a command that only reads: nothing is removed during a pause.
[[nodiscard]] const store::Entry* drop_overdue_on_read(session::Context& context, const store::KeyRef& key,
                                                       const store::Entry* entry,
                                                       std::span<const std::string_view> fields);
// Without some of the overdue fields, whichever they are: as many as may be removed at once.
[[nodiscard]] const store::Entry* drop_any_overdue_on_read(session::Context& context, const store::KeyRef& key,
                                                           const store::Entry* entry);
void reply_value(session::Context& context, const store::HashView::Value& value);

// A hash's row: what all of them have in common.
[[nodiscard]] constexpr session::CommandRow hash_row(std::string_view name, session::Handler handler, int arity,
                                                     std::string_view flags, std::string_view keys,
                                                     std::string_view since, std::string_view complexity,
                                                     std::string_view summary, std::string_view arguments,
                                                     std::string_view tips = {}, std::string_view history = {},
                                                     std::string_view deprecated = {}) {
  session::CommandRow row = session::family_row("hash", name, handler, arity, flags, keys, since, complexity, summary,
                                                arguments, history, deprecated);
  row.tips = tips;
  row.element_argument = 2;  // the field, of those that take one
  return row;
}

}  // namespace torc::cmd
