// The files of the list family, each with its rows beside its handlers; list.cc joins them and has what they share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "session/command.h"
#include "session/context.h"
#include "store/list_value.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> list_push_rows();    // LPUSH RPUSH LPUSHX RPUSHX
[[nodiscard]] std::span<const session::CommandRow> list_read_rows();    // LLEN LINDEX LRANGE LPOS
[[nodiscard]] std::span<const session::CommandRow> list_change_rows();  // LINSERT LSET LTRIM LREM
[[nodiscard]] std::span<const session::CommandRow> list_pop_rows();     // LPOP RPOP LMPOP BLPOP BRPOP BLMPOP
[[nodiscard]] std::span<const session::CommandRow> list_move_rows();    // LMOVE RPOPLPUSH BLMOVE BRPOPLPUSH

enum class ListEnd : uint8_t { left, right };

// LEFT or RIGHT; nullopt: the error was replied.
[[nodiscard]] std::optional<ListEnd> list_end_argument(const session::Context& context, size_t i);
// The key as the store wants it for lists.
[[nodiscard]] store::ListKey list_key(session::Context& context, const store::KeyRef& key);
// The entry under the key through the write gate; false: it is no list, which was replied. Null if there is none.
[[nodiscard]] bool find_list(session::Context& context, const store::KeyRef& key, store::Entry** entry);
// Likewise through the read gate.
[[nodiscard]] bool read_list(session::Context& context, const store::KeyRef& key, const store::Entry** entry);

void reply_element(session::Context& context, const store::ListElement& element);
// `count` elements from `begin` on as an array, or from the last of them to the first.
void reply_elements(session::Context& context, const store::Entry& entry, uint64_t begin, uint64_t count,
                    bool backwards);
// Adds the texts and tells of it by the event, but counts no change: entry as from find_list(), made if it is null.
// text_bytes: for the decision whether the list changes its form, the bytes of the texts.
store::Entry* push_to_list(session::Context& context, const store::KeyRef& key, store::Entry* entry,
                           std::span<const std::string_view> texts, uint64_t text_bytes, ListEnd end);
// The event; then deletes the key if `left` is 0, or lets the list take the form that fits what is left. Counts
// `changes`.
void finish_removal(session::Context& context, const store::KeyRef& key, store::Entry* entry, uint64_t left,
                    std::string_view event, uint64_t changes);
// Removes `count` elements, which are there, at one end, with all effects.
void pop_from_list(session::Context& context, const store::KeyRef& key, store::Entry* entry, ListEnd end,
                   uint64_t count);

// A list's row: what all of them have in common.
constexpr auto list_row = [](auto... columns) { return session::family_row("list", columns...); };

}  // namespace torc::cmd
