// The files of the stream family, each with its rows beside its handlers; stream.cc joins them and has what they share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ds/stream_id.h"
#include "session/command.h"
#include "session/context.h"
#include "store/stream_cursor.h"
#include "store/stream_object.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> stream_add_rows();      // XADD XTRIM
[[nodiscard]] std::span<const session::CommandRow> stream_claim_rows();    // XCLAIM XAUTOCLAIM
[[nodiscard]] std::span<const session::CommandRow> stream_delete_rows();   // XDEL XDELEX XACK XACKDEL
[[nodiscard]] std::span<const session::CommandRow> stream_group_rows();    // XGROUP XSETID
[[nodiscard]] std::span<const session::CommandRow> stream_info_rows();     // XINFO
[[nodiscard]] std::span<const session::CommandRow> stream_pending_rows();  // XPENDING
[[nodiscard]] std::span<const session::CommandRow> stream_range_rows();    // XLEN XRANGE XREVRANGE
[[nodiscard]] std::span<const session::CommandRow> stream_read_rows();     // XREAD XREADGROUP

// Whether the text means an end of all ids: "-" or "+".
[[nodiscard]] bool is_stream_end(std::string_view text, std::string_view end) noexcept;

inline constexpr std::string_view invalid_stream_id = "ERR Invalid stream ID specified as stream command argument";

// --- the value ---
[[nodiscard]] inline store::Stream& stream_of(const store::Entry& entry) noexcept {
  return *static_cast<store::Stream*>(entry.object());
}
// An empty stream under a key that is missing.
store::Stream& make_stream(session::Context& context, const store::KeyRef& key);

// --- ids among the arguments; nullopt or false: the error was replied ---
// "ms-sequence" or "ms", which gets the sequence `missing`.
[[nodiscard]] std::optional<ds::StreamId> stream_id_argument(const session::Context& context, size_t i,
                                                             uint64_t missing = 0);
// The same for arguments first, first + 1, ... < end.
[[nodiscard]] std::optional<std::vector<ds::StreamId>> stream_id_arguments(const session::Context& context,
                                                                           size_t first, size_t end);
// Ends of a range: also "-", "+", and "(id" for what is beyond the id.
[[nodiscard]] std::optional<ds::StreamId> range_start_argument(const session::Context& context, size_t i);
[[nodiscard]] std::optional<ds::StreamId> range_end_argument(const session::Context& context, size_t i);

// --- replies ---
// An id as text.
class StreamIdText {
 public:
  explicit StreamIdText(const ds::StreamId& id) noexcept : size_(ds::format_stream_id(text_, id)) {}
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

 private:
  char text_[ds::stream_id_text_max];
  size_t size_;
};
inline void reply_stream_id(resp::Reply& reply, const ds::StreamId& id) { reply.bulk(StreamIdText(id).view()); }
// The entry that the cursor is at: its id and its fields.
void reply_stream_entry(resp::Reply& reply, store::StreamCursor& cursor);
// All that the cursor meets, at most `count` (0: all), as an array. Returns how many they were.
size_t reply_stream_entries(resp::Reply& reply, store::StreamCursor& cursor, uint64_t count);

}  // namespace torc::cmd
