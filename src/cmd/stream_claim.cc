// XCLAIM and XAUTOCLAIM: entries that are pending for one consumer go to another one. What is no longer in the stream
// goes out of the list instead.
#include <fmt/format.h>

#include <algorithm>

#include "base/c_text.h"
#include "cmd/numbers.h"
#include "cmd/stream_group_parts.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Consumer;
using store::ConsumerGroup;
using store::PendingEntries;
using store::Stream;
using store::StreamCursor;

// What both commands work on.
struct Claim {
  Stream& stream;
  ConsumerGroup& group;
  Consumer& consumer;
  NamedGroup named;
  int64_t idle_ms_min;
  bool only_ids;
};

std::optional<int64_t> idle_argument(const Context& context, std::string_view error) {
  const auto idle_ms = context.integer(4, error);
  if (!idle_ms) return std::nullopt;
  return std::max<int64_t>(*idle_ms, 0);
}

// The stream and group that arguments 1 and 2 name; false: the error was replied.
bool find_group(Context& context, const store::Entry* entry, Stream** stream, ConsumerGroup** group) {
  if (!context.require_type(entry, store::Type::stream)) return false;
  *stream = entry ? &stream_of(*entry) : nullptr;
  *group = entry ? (*stream)->find_group(context[2]) : nullptr;
  return *group || fail_no_group(context, context[1], context[2]);
}

// The consumer of argument 3, which tries something now.
Consumer& claimant(Context& context, ConsumerGroup& group) {
  Consumer* consumer = group.find_consumer(context[3]);
  if (!consumer) consumer = &create_consumer(context, context[1], group, context[3]);
  consumer->seen_ms = context.now_ms();
  return *consumer;
}

bool is_idle(const Context& context, const Claim& claim, const store::PendingEntry& entry) {
  int64_t idle_ms = 0;
  if (claim.idle_ms_min == 0) return true;
  // A time of delivery far in the past is long ago.
  if (__builtin_sub_overflow(context.now_ms(), entry.delivered_ms, &idle_ms)) return entry.delivered_ms < 0;
  return idle_ms >= claim.idle_ms_min;
}

// It is in no stream any more. text: its id as it was written, or empty (for take(), too).
void drop(Context& context, const Claim& claim, PendingEntries::Position entry, std::string_view text) {
  propagate_pending(context, claim.named, *entry, text);
  context.add_dirty(1);
  claim.group.erase(entry);
}

void reply_claimed(Context& context, const Claim& claim, StreamCursor& cursor) {
  if (claim.only_ids) return reply_stream_id(context.reply(), cursor.entry().id);
  reply_stream_entry(context.reply(), cursor);
}

// To the claimant; entry may be none; deliveries: the new number.
void take(Context& context, const Claim& claim, const ds::StreamId& id, PendingEntries::Position entry,
          int64_t delivered_ms, int64_t deliveries, std::string_view text) {
  entry = claim.group.give(id, entry, claim.consumer);
  claim.group.redeliver(entry, delivered_ms, deliveries);
  claim.consumer.active_ms = context.now_ms();
  propagate_pending(context, claim.named, *entry, text);
  context.add_dirty(1);
}

// --- XCLAIM ---

struct ClaimOptions {
  std::vector<ds::StreamId> ids;
  std::optional<int64_t> delivered_ms;
  int64_t retry_count = -1;  // below 0: not given
  ds::StreamId last_id;
  bool force = false;
  bool only_ids = false;
};

bool parse_claim_option(Context& context, size_t* i, ClaimOptions* options) {
  const std::string_view option = context[*i];
  const bool has_value = *i + 1 < context.size();
  if (session::equals_lower(option, "force")) {
    options->force = true;
    return true;
  }
  if (session::equals_lower(option, "justid")) {
    options->only_ids = true;
    return true;
  }
  if (has_value && session::equals_lower(option, "idle")) {
    const auto idle_ms = context.integer(++*i, "ERR Invalid IDLE option argument for XCLAIM");
    if (!idle_ms) return false;
    int64_t delivered_ms = 0;
    options->delivered_ms = __builtin_sub_overflow(context.now_ms(), *idle_ms, &delivered_ms) ? -2 : delivered_ms;
    return true;
  }
  if (has_value && session::equals_lower(option, "time")) {
    options->delivered_ms = context.integer(++*i, "ERR Invalid TIME option argument for XCLAIM");
    return options->delivered_ms.has_value();
  }
  if (has_value && session::equals_lower(option, "retrycount")) {
    const auto count = context.integer(++*i, "ERR Invalid RETRYCOUNT option argument for XCLAIM");
    options->retry_count = count.value_or(-1);
    return count.has_value();
  }
  if (has_value && session::equals_lower(option, "lastid")) {
    const auto id = stream_id_argument(context, ++*i);
    if (id) options->last_id = *id;
    return id.has_value();
  }
  return context.fail(fmt::format("ERR Unrecognized XCLAIM option '{}'", base::c_text(option)));
}

bool parse_claim(Context& context, ClaimOptions* options) {
  size_t i = 5;
  for (; i < context.size(); ++i) {
    const auto id = ds::parse_stream_id(context[i], 0);
    if (!id) break;
    options->ids.push_back(*id);
  }
  for (; i < context.size(); ++i) {
    if (!parse_claim_option(context, &i, options)) return false;
  }
  return true;
}

// What is bogus is now: clients compute such times from clocks of their own.
int64_t delivery_time(const Context& context, const ClaimOptions& options) {
  const int64_t now_ms = context.now_ms(), given_ms = options.delivered_ms.value_or(-1);
  return given_ms < 0 || given_ms > now_ms ? now_ms : given_ms;
}

// False: the entry stays where it is.
bool claim_one(Context& context, const Claim& claim, const ClaimOptions& options, const ds::StreamId& id,
               std::string_view text) {
  const PendingEntries::Position entry = claim.group.pending().find(id);
  StreamCursor cursor(claim.stream, id, id);
  if (!cursor.next()) {
    if (entry) drop(context, claim, entry, text);
    return false;
  }
  if (!entry && !options.force) return false;
  if (entry && !is_idle(context, claim, *entry)) return false;
  int64_t deliveries = entry ? claim.group.deliveries(*entry) : 1;
  if (options.retry_count >= 0) {
    deliveries = options.retry_count;
  } else if (!options.only_ids) {
    deliveries = store::one_more(deliveries);
  }
  take(context, claim, id, entry, delivery_time(context, options), deliveries, text);
  reply_claimed(context, claim, cursor);
  return true;
}

void xclaim(Context& context) {
  Stream* stream;
  ConsumerGroup* group;
  const store::Entry* const entry = context.read(context.key(1));
  if (!find_group(context, entry, &stream, &group)) return;
  const auto idle_ms = idle_argument(context, "ERR Invalid min-idle-time argument for XCLAIM");
  ClaimOptions options;
  if (!idle_ms || !parse_claim(context, &options)) return;
  context.propagate_nothing();
  const bool is_advanced = options.last_id > group->last_id;
  if (is_advanced) group->last_id = options.last_id;
  const Claim claim{*stream, *group, claimant(context, *group), {context[1], context[2], *group}, *idle_ms,
                    options.only_ids};
  const int64_t changes_before = static_cast<int64_t>(context.session().statistics().dirty);
  const auto mark = context.reply().defer();
  size_t claimed = 0;
  for (size_t i = 0; i < options.ids.size(); ++i) {
    claimed += claim_one(context, claim, options, options.ids[i], context[5 + i]) ? 1 : 0;
  }
  context.reply().end_array(mark, claimed);
  // Each of the entries' own commands carries the last id with it.
  if (is_advanced && static_cast<int64_t>(context.session().statistics().dirty) == changes_before) {
    propagate_group(context, claim.named);
    context.add_dirty(1);
  }
}

// --- XAUTOCLAIM ---

struct AutoclaimOptions {
  int64_t idle_ms_min = 0;
  ds::StreamId start;
  int64_t count = 100;
  bool only_ids = false;
};

// Entries looked at for each one that may be claimed.
constexpr int64_t attempts_factor = 10;

bool parse_autoclaim(Context& context, AutoclaimOptions* options) {
  constexpr int64_t count_max = INT64_MAX / static_cast<int64_t>(sizeof(ds::StreamId));
  constexpr std::string_view bad_count = "ERR COUNT must be > 0";
  const auto idle_ms = idle_argument(context, "ERR Invalid min-idle-time argument for XAUTOCLAIM");
  if (!idle_ms) return false;
  const auto start = range_start_argument(context, 5);
  if (!start) return false;
  options->idle_ms_min = *idle_ms;
  options->start = *start;
  for (size_t i = 6; i < context.size(); ++i) {
    if (session::equals_lower(context[i], "count") && i + 1 < context.size()) {
      const auto count = context.integer(++i, bad_count);
      if (!count) return false;
      if (*count < 1 || *count > count_max) return context.fail(bad_count);
      options->count = *count;
    } else if (session::equals_lower(context[i], "justid")) {
      options->only_ids = true;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

// What XAUTOCLAIM replies in the end.
struct Claimed {
  std::vector<ds::StreamId> taken, deleted;
  ds::StreamId next;  // where the next call is to begin; 0-0: at the end
};

Claimed claim_idle(Context& context, const Claim& claim, const AutoclaimOptions& options) {
  Claimed claimed;
  int64_t count = options.count, attempts = count * attempts_factor;
  PendingEntries::Position entry = claim.group.pending().at_or_after(options.start);
  for (; attempts > 0 && count > 0 && entry; --attempts) {
    const ds::StreamId id = entry->id;
    if (!claim.stream.contains(id)) {
      drop(context, claim, entry, {});
      claimed.deleted.push_back(id);
      entry = claim.group.pending().at_or_after(id);
      --count;
      continue;
    }
    if (is_idle(context, claim, *entry)) {
      const int64_t deliveries = claim.group.deliveries(*entry);
      take(context, claim, id, entry, context.now_ms(), claim.only_ids ? deliveries : store::one_more(deliveries), {});
      claimed.taken.push_back(id);
      --count;
    }
    entry = entry.next();
  }
  if (entry) claimed.next = entry->id;
  return claimed;
}

void xautoclaim(Context& context) {
  AutoclaimOptions options;
  Stream* stream;
  ConsumerGroup* group;
  const store::Entry* const entry = context.read(context.key(1));
  if (!parse_autoclaim(context, &options) || !find_group(context, entry, &stream, &group)) return;
  context.propagate_nothing();
  const Claim claim{*stream,
                    *group,
                    claimant(context, *group),
                    {context[1], context[2], *group},
                    options.idle_ms_min,
                    options.only_ids};
  // The id to go on from stands before the entries, so these are replied when it is known.
  const Claimed claimed = claim_idle(context, claim, options);
  resp::Reply& reply = context.reply();
  reply.array(3);
  reply_stream_id(reply, claimed.next);
  reply.array(claimed.taken.size());
  for (const ds::StreamId& id : claimed.taken) {
    StreamCursor cursor(claim.stream, id, id);
    if (cursor.next()) reply_claimed(context, claim, cursor);
  }
  reply.array(claimed.deleted.size());
  for (const ds::StreamId& id : claimed.deleted) reply_stream_id(reply, id);
}

constexpr session::CommandRow rows[] = {
    {.name = "xclaim",
     .handler = xclaim,
     .arity = -6,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(log N) with N being the number of messages in the PEL of the consumer group.",
     .summary = "Gives entries that are pending in a group to one of its consumers.",
     .arguments = "key:key group consumer min-idle-time id... [IDLE ms:integer] "
                  "[TIME unix-time-milliseconds:unix-time] [RETRYCOUNT count:integer] [FORCE] [JUSTID] [LASTID lastid]",
     .tips = "nondeterministic_output"},
    {.name = "xautoclaim",
     .handler = xautoclaim,
     .arity = -6,
     .flags = "write fast",
     .keys = "RW DELETE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "6.2.0",
     .complexity = "O(1) if COUNT is small.",
     .summary = "Gives entries that have been pending in a group for long to one of its consumers.",
     .arguments = "key:key group consumer min-idle-time start [COUNT count:integer] [JUSTID]",
     .tips = "nondeterministic_output",
     .history = "7.0.0=The reply also has the deleted entries that went out of the list."},
};

}  // namespace

std::span<const session::CommandRow> stream_claim_rows() { return rows; }

}  // namespace torc::cmd
