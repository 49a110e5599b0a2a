// The files of the string family, each with its rows beside its handlers; string.cc joins them and has what they share.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "session/command.h"
#include "store/database.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> string_read_rows();     // GET MGET STRLEN GETRANGE SUBSTR DIGEST
[[nodiscard]] std::span<const session::CommandRow> string_take_rows();     // GETDEL GETEX GETSET DELEX DELIFEQ
[[nodiscard]] std::span<const session::CommandRow> string_set_rows();      // SET SETNX SETEX PSETEX
[[nodiscard]] std::span<const session::CommandRow> string_many_rows();     // MSET MSETNX MSETEX
[[nodiscard]] std::span<const session::CommandRow> string_change_rows();   // APPEND SETRANGE
[[nodiscard]] std::span<const session::CommandRow> string_counter_rows();  // INCR DECR INCRBY DECRBY INCRBYFLOAT
[[nodiscard]] std::span<const session::CommandRow> string_lcs_rows();      // LCS

// The entry's string as a bulk reply; a blob is referenced, not copied.
void reply_string(session::Context& context, const store::Entry& entry);
// The same, or null without an entry.
void reply_string_or_null(session::Context& context, const store::Entry* entry);

// Sets key to a string with all its effects but what is propagated: the events "new" (without old) and "set", one
// change. old is what the write gate gave; deadline_ms as in Database::set_string.
void put_string(session::Context& context, const store::KeyRef& key, store::Entry* old, store::StringInput value,
                int64_t deadline_ms);
// Removes the entry that the write gate gave, with the event "del" and one change; propagated as `DEL key` or, as
// `command` says, `UNLINK key`.
void remove_string(session::Context& context, const store::KeyRef& key, store::Entry* entry,
                   std::string_view command = "DEL");
// Propagates `SET key value PXAT deadline`, which means the same whenever it is run.
void propagate_set_until(session::Context& context, std::string_view key, std::string_view value, int64_t deadline_ms);

}  // namespace torc::cmd
