// XLEN, XRANGE and XREVRANGE: reading a stream without waiting.
#include "cmd/stream_parts.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::StreamCursor;

void xlen(Context& context) {
  const store::Entry* const entry = context.read(context.key(1));
  if (!entry) return context.reply().integer(0);
  if (!context.require_type(entry, store::Type::stream)) return;
  context.reply().integer(static_cast<int64_t>(stream_of(*entry).length()));
}

// COUNT at argument 4 and behind; the last one counts. nullopt: not given; false: the error was replied.
bool parse_count(Context& context, std::optional<uint64_t>* count) {
  for (size_t i = 4; i < context.size(); i += 2) {
    if (!session::equals_lower(context[i], "count") || i + 1 == context.size()) {
      return context.fail(session::errors::syntax);
    }
    const auto given = context.integer(i + 1);
    if (!given) return false;
    *count = *given < 0 ? 0 : static_cast<uint64_t>(*given);
  }
  return true;
}

void range(Context& context, size_t start_argument, size_t end_argument, StreamCursor::Direction direction) {
  const auto start = range_start_argument(context, start_argument);
  if (!start) return;
  const auto end = range_end_argument(context, end_argument);
  std::optional<uint64_t> count;
  if (!end || !parse_count(context, &count)) return;
  const store::Entry* const entry = context.read(context.key(1));
  if (!entry) return context.reply().empty_array();
  if (!context.require_type(entry, store::Type::stream)) return;
  if (count == 0) return context.reply().null_array();
  StreamCursor cursor(stream_of(*entry), *start, *end, direction);
  reply_stream_entries(context.reply(), cursor, count.value_or(0));
}

void xrange(Context& context) { range(context, 2, 3, StreamCursor::Direction::forward); }
void xrevrange(Context& context) { range(context, 3, 2, StreamCursor::Direction::backward); }

constexpr std::string_view range_complexity =
    "O(N) with N being the number of elements returned: O(1) for a constant number of them.";

constexpr session::CommandRow rows[] = {
    {.name = "xlen",
     .handler = xlen,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Tells how many entries a stream has.",
     .arguments = "key:key"},
    {.name = "xrange",
     .handler = xrange,
     .arity = -4,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = range_complexity,
     .summary = "Returns the entries of a stream whose ids are within a range.",
     .arguments = "key:key start end [COUNT count:integer]",
     .history = "6.2.0=Added exclusive ranges."},
    {.name = "xrevrange",
     .handler = xrevrange,
     .arity = -4,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = range_complexity,
     .summary = "Returns the entries of a stream whose ids are within a range, the last first.",
     .arguments = "key:key end start [COUNT count:integer]",
     .history = "6.2.0=Added exclusive ranges."},
};

}  // namespace

std::span<const session::CommandRow> stream_range_rows() { return rows; }

}  // namespace torc::cmd
