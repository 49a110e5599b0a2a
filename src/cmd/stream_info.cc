// XINFO: a stream, its groups and their consumers, in numbers or (FULL) with what they hold.
#include <fmt/format.h>

#include <algorithm>

#include "base/c_text.h"
#include "cmd/numbers.h"
#include "cmd/stream_parts.h"
#include "session/help.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using base::c_text;
using session::Context;
using store::Consumer;
using store::ConsumerGroup;
using store::Stream;
using store::StreamCursor;

// The stream that argument 2 names; null: the error was replied.
Stream* find_stream(Context& context) {
  const store::Entry* const entry = context.read(context.key(2));
  if (!entry) {
    context.fail(session::errors::no_such_key);
    return nullptr;
  }
  return context.require_type(entry, store::Type::stream) ? &stream_of(*entry) : nullptr;
}

void reply_named(resp::Reply& reply, std::string_view name, int64_t number) {
  reply.bulk(name);
  reply.integer(number);
}
void reply_named(resp::Reply& reply, std::string_view name, uint64_t number) {
  reply_named(reply, name, static_cast<int64_t>(number));
}
void reply_named(resp::Reply& reply, std::string_view name, const ds::StreamId& id) {
  reply.bulk(name);
  reply_stream_id(reply, id);
}

void reply_progress(resp::Reply& reply, const Stream& stream, const ConsumerGroup& group) {
  reply_named(reply, "last-delivered-id", group.last_id);
  reply.bulk("entries-read");
  if (group.entries_read == ConsumerGroup::entries_read_unknown) {
    reply.null();
  } else {
    reply.integer(group.entries_read);
  }
  reply.bulk("lag");
  const auto lag = stream.lag(group);
  if (lag) {
    reply.integer(*lag);
  } else {
    reply.null();
  }
}

// --- XINFO CONSUMERS, XINFO GROUPS ---

void consumers(Context& context) {
  Stream* const stream = find_stream(context);
  if (!stream) return;
  const ConsumerGroup* const group = stream->find_group(context[3]);
  if (!group) {
    context.fail(fmt::format("NOGROUP No such consumer group '{}' for key name '{}'", c_text(context[3]),
                             c_text(context[2])));
    return;
  }
  resp::Reply& reply = context.reply();
  const int64_t now_ms = context.now_ms();
  reply.array(group->consumers().size());
  for (const auto& [name, consumer] : group->consumers()) {
    reply.map(4);
    reply.bulk("name");
    reply.bulk(name);
    reply_named(reply, "pending", consumer.pending.size());
    reply_named(reply, "idle", std::max<int64_t>(now_ms - consumer.seen_ms, 0));
    reply_named(reply, "inactive", consumer.active_ms == -1 ? int64_t{-1} : now_ms - consumer.active_ms);
  }
}

void groups(Context& context) {
  Stream* const stream = find_stream(context);
  if (!stream) return;
  resp::Reply& reply = context.reply();
  reply.array(stream->groups().size());
  for (const auto& [name, group] : stream->groups()) {
    reply.map(6);
    reply.bulk("name");
    reply.bulk(name);
    reply_named(reply, "consumers", uint64_t{group.consumers().size()});
    reply_named(reply, "pending", group.pending().size());
    reply_progress(reply, *stream, group);
  }
}

// --- XINFO STREAM ---

void reply_edge(resp::Reply& reply, const Stream& stream, std::string_view name, StreamCursor::Direction direction) {
  StreamCursor cursor(stream, {}, ds::StreamId::max(), direction);
  reply.bulk(name);
  if (cursor.next()) return reply_stream_entry(reply, cursor);
  reply.null();
}

void reply_numbers(resp::Reply& reply, const Stream& stream) {
  reply_named(reply, "length", stream.length());
  reply_named(reply, "radix-tree-keys", stream.nodes().size());
  reply_named(reply, "radix-tree-nodes", stream.radix_nodes());
  reply_named(reply, "last-generated-id", stream.last_id);
  reply_named(reply, "max-deleted-entry-id", stream.max_deleted_id);
  reply_named(reply, "entries-added", stream.entries_added);
  reply_named(reply, "recorded-first-entry-id", stream.first_id());
}

void reply_consumer(resp::Reply& reply, const ConsumerGroup& group, const Consumer& consumer, uint64_t count) {
  reply.map(5);
  reply.bulk("name");
  reply.bulk(consumer.name);
  reply_named(reply, "seen-time", consumer.seen_ms);
  reply_named(reply, "active-time", consumer.active_ms);
  reply_named(reply, "pel-count", consumer.pending.size());
  reply.bulk("pending");
  const uint64_t shown = count == 0 ? consumer.pending.size() : std::min(count, consumer.pending.size());
  reply.array(shown);
  auto own = consumer.pending.first();
  for (uint64_t i = 0; i < shown; ++i, own = own.next()) {
    const auto entry = group.pending().find(own->id);
    reply.array(3);
    reply_stream_id(reply, own->id);
    reply.integer(entry->delivered_ms);
    reply.integer(group.deliveries(*entry));
  }
}

void reply_pending(resp::Reply& reply, const ConsumerGroup& group, uint64_t count) {
  reply_named(reply, "pel-count", group.pending().size());
  reply.bulk("pending");
  const uint64_t shown = count == 0 ? group.pending().size() : std::min(count, group.pending().size());
  reply.array(shown);
  auto entry = group.pending().first();
  for (uint64_t i = 0; i < shown; ++i, entry = entry.next()) {
    reply.array(4);
    reply_stream_id(reply, entry->id);
    reply.bulk(group.owner(*entry).name);
    reply.integer(entry->delivered_ms);
    reply.integer(group.deliveries(*entry));
  }
}

void reply_groups(resp::Reply& reply, const Stream& stream, uint64_t count) {
  reply.bulk("groups");
  reply.array(stream.groups().size());
  for (const auto& [name, group] : stream.groups()) {
    reply.map(7);
    reply.bulk("name");
    reply.bulk(name);
    reply_progress(reply, stream, group);
    reply_pending(reply, group, count);
    reply.bulk("consumers");
    reply.array(group.consumers().size());
    for (const auto& [consumer_name, consumer] : group.consumers()) reply_consumer(reply, group, consumer, count);
  }
}

// FULL [COUNT count] behind the key; nullopt: the error was replied.
std::optional<uint64_t> parse_full(Context& context) {
  constexpr uint64_t count_default = 10;
  const size_t options = context.size() - 3;
  const bool well_formed = (options == 1 || options == 3) && session::equals_lower(context[3], "full") &&
                           (options == 1 || session::equals_lower(context[4], "count"));
  if (!well_formed) {
    session::reply_subcommand_error(context);
    return std::nullopt;
  }
  if (options == 1) return count_default;
  const auto count = context.integer(5);
  if (!count) return std::nullopt;
  return *count < 0 ? count_default : static_cast<uint64_t>(*count);
}

void stream_info(Context& context) {
  Stream* const stream = find_stream(context);
  if (!stream) return;
  resp::Reply& reply = context.reply();
  if (context.size() == 3) {
    reply.map(10);
    reply_numbers(reply, *stream);
    reply_named(reply, "groups", uint64_t{stream->groups().size()});
    reply_edge(reply, *stream, "first-entry", StreamCursor::Direction::forward);
    reply_edge(reply, *stream, "last-entry", StreamCursor::Direction::backward);
    return;
  }
  const auto count = parse_full(context);
  if (!count) return;
  reply.map(9);
  reply_numbers(reply, *stream);
  reply.bulk("entries");
  StreamCursor cursor(*stream, {}, ds::StreamId::max());
  reply_stream_entries(reply, cursor, *count);
  reply_groups(reply, *stream, *count);
}

void help(Context& context) {
  session::reply_help(context, {"CONSUMERS <key> <groupname>", "    Show the consumers of a group.", "GROUPS <key>",
                                "    Show the consumer groups of a stream.", "STREAM <key> [FULL [COUNT <count>]",
                                "    Show what a stream is made of."});
}

constexpr session::CommandRow rows[] = {
    {.name = "xinfo",
     .arity = -2,
     .group = "stream",
     .since = "5.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "Tells of streams and consumer groups."},
    {.name = "xinfo|consumers",
     .handler = consumers,
     .arity = 4,
     .flags = "readonly",
     .keys = "RO ACCESS @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Lists the consumers of a consumer group.",
     .arguments = "key:key group",
     .tips = "nondeterministic_output",
     .history = "7.2.0=Added the `inactive` field."},
    {.name = "xinfo|groups",
     .handler = groups,
     .arity = 3,
     .flags = "readonly",
     .keys = "RO ACCESS @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Lists the consumer groups of a stream.",
     .arguments = "key:key",
     .history = "7.0.0=Added the `entries-read` and `lag` fields."},
    {.name = "xinfo|help",
     .handler = help,
     .arity = 2,
     .flags = "loading stale",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands."},
    {.name = "xinfo|stream",
     .handler = stream_info,
     .arity = -3,
     .flags = "readonly",
     .keys = "RO ACCESS @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Tells what a stream is made of.",
     .arguments = "key:key full-block=[full=FULL [COUNT count:integer]]",
     .history = "6.0.0=Added the `FULL` modifier.;7.0.0=Added the `max-deleted-entry-id`, `entries-added`, "
                "`recorded-first-entry-id`, `entries-read` and `lag` fields.;7.2.0=Added the `active-time` field and "
                "another meaning of `seen-time`."},
};

}  // namespace

std::span<const session::CommandRow> stream_info_rows() { return rows; }

}  // namespace torc::cmd
