// XPENDING: what was given to the consumers of a group and is not acknowledged yet.
#include <algorithm>

#include "cmd/stream_group_parts.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Consumer;
using store::ConsumerGroup;
using store::PendingEntry;

void reply_summary(Context& context, const ConsumerGroup& group) {
  resp::Reply& reply = context.reply();
  reply.array(4);
  reply.integer(static_cast<int64_t>(group.pending().size()));
  if (group.pending().empty()) {
    reply.null();
    reply.null();
    reply.null_array();
    return;
  }
  reply_stream_id(reply, group.pending().first()->id);
  reply_stream_id(reply, group.pending().last()->id);
  const auto mark = reply.defer();
  size_t consumers = 0;
  for (const auto& [name, consumer] : group.consumers()) {
    if (consumer.pending.empty()) continue;
    reply.array(2);
    reply.bulk(name);
    reply.bulk_integer(static_cast<int64_t>(consumer.pending.size()));
    ++consumers;
  }
  reply.end_array(mark, consumers);
}

struct PendingRange {
  int64_t idle_ms_min = 0;
  ds::StreamId start, end;
  uint64_t count = 0;
  size_t consumer_argument = 0;  // 0: of all
};

bool parse_range(Context& context, PendingRange* range) {
  size_t i = 3;
  if (session::equals_lower(context[i], "idle")) {
    const auto idle_ms = context.integer(4);
    if (!idle_ms) return false;
    if (context.size() < 8) return context.fail(session::errors::syntax);
    range->idle_ms_min = *idle_ms;
    i += 2;
  }
  const auto count = context.integer(i + 2);
  if (!count) return false;
  const auto start = range_start_argument(context, i);
  if (!start) return false;
  const auto end = range_end_argument(context, i + 1);
  if (!end) return false;
  range->count = static_cast<uint64_t>(std::max<int64_t>(*count, 0));
  range->start = *start;
  range->end = *end;
  if (i + 3 < context.size()) range->consumer_argument = i + 3;
  return true;
}

// False: it has not been idle for long enough.
bool reply_pending(Context& context, const ConsumerGroup& group, const PendingEntry& entry, int64_t idle_ms_min) {
  int64_t idle_ms = 0;
  if (__builtin_sub_overflow(context.now_ms(), entry.delivered_ms, &idle_ms)) idle_ms = INT64_MAX;
  if (idle_ms_min != 0 && idle_ms < idle_ms_min) return false;
  resp::Reply& reply = context.reply();
  reply.array(4);
  reply_stream_id(reply, entry.id);
  reply.bulk(group.owner(entry).name);
  reply.integer(std::max<int64_t>(idle_ms, 0));
  reply.integer(group.deliveries(entry));
  return true;
}

void reply_range(Context& context, const ConsumerGroup& group, const PendingRange& range) {
  const auto mark = context.reply().defer();
  uint64_t entries = 0;
  auto entry = group.pending().at_or_after(range.start);
  for (; entry && entries < range.count && entry->id <= range.end; entry = entry.next()) {
    entries += reply_pending(context, group, *entry, range.idle_ms_min) ? 1 : 0;
  }
  context.reply().end_array(mark, entries);
}

void reply_range_of(Context& context, const ConsumerGroup& group, const Consumer& consumer,
                    const PendingRange& range) {
  const auto mark = context.reply().defer();
  uint64_t entries = 0;
  auto own = consumer.pending.at_or_after(range.start);
  for (; own && entries < range.count && own->id <= range.end; own = own.next()) {
    entries += reply_pending(context, group, *group.pending().find(own->id), range.idle_ms_min) ? 1 : 0;
  }
  context.reply().end_array(mark, entries);
}

void xpending(Context& context) {
  const bool is_summary = context.size() == 3;
  PendingRange range;
  if (!is_summary && (context.size() < 6 || context.size() > 9)) {
    context.fail(session::errors::syntax);
    return;
  }
  if (!is_summary && !parse_range(context, &range)) return;
  const store::Entry* const entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::stream)) return;
  ConsumerGroup* const group = entry ? stream_of(*entry).find_group(context[2]) : nullptr;
  if (!group) {
    fail_no_group(context, context[1], context[2]);
    return;
  }
  if (is_summary) return reply_summary(context, *group);
  if (range.consumer_argument == 0) return reply_range(context, *group, range);
  const Consumer* const consumer = group->find_consumer(context[range.consumer_argument]);
  if (!consumer) return context.reply().empty_array();
  reply_range_of(context, *group, *consumer, range);
}

constexpr session::CommandRow rows[] = {
    {.name = "xpending",
     .handler = xpending,
     .arity = -3,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(N) with N being the number of elements returned, or with IDLE the number of entries scanned. The "
                   "summary takes O(N) with N being the number of consumers.",
     .summary = "Tells which entries are pending in a consumer group.",
     .arguments = "key:key group filters=[[IDLE min-idle-time:integer]@6.2.0 start end count:integer [consumer]]",
     .tips = "nondeterministic_output",
     .history = "6.2.0=Added the `IDLE` option and exclusive ranges."},
};

}  // namespace

std::span<const session::CommandRow> stream_pending_rows() { return rows; }

}  // namespace torc::cmd
