// XGROUP and XSETID: consumer groups as such, and the numbers of a stream that replicas and files have to restore.
#include <fmt/format.h>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "cmd/numbers.h"
#include "cmd/stream_group_parts.h"
#include "session/help.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

using base::c_text;
using session::Context;
using store::Consumer;
using store::ConsumerGroup;
using store::Stream;

Consumer& create_consumer(Context& context, std::string_view key, ConsumerGroup& group, std::string_view name) {
  Consumer& consumer = group.add_consumer(name, context.now_ms());
  context.add_dirty(1);
  context.notify(session::event_stream, "xgroup-createconsumer", key);
  return consumer;
}

void propagate_pending(Context& context, const NamedGroup& named, const store::PendingEntry& entry,
                       std::string_view id) {
  if (!context.session().effects().propagating()) return;
  char delivered[24], count[24];
  const StreamIdText own_id(entry.id), last_id(named.group.last_id);
  if (id.empty()) id = own_id.view();
  const std::string_view consumer = named.group.owner(entry).name;
  context.propagate_as({"XCLAIM", named.key, named.name, consumer, "0", id, "TIME",
                        {delivered, base::format_integer(delivered, entry.delivered_ms)}, "RETRYCOUNT",
                        {count, base::format_integer(count, named.group.deliveries(entry))}, "FORCE", "JUSTID",
                        "LASTID", last_id.view()});
}

void propagate_group(Context& context, const NamedGroup& named) {
  char entries_read[24];
  const StreamIdText last_id(named.group.last_id);
  context.propagate_as({"XGROUP", "SETID", named.key, named.name, last_id.view(), "ENTRIESREAD",
                        {entries_read, base::format_integer(entries_read, named.group.entries_read)}});
}

bool fail_no_group(const Context& context, std::string_view key, std::string_view name) {
  return context.fail(fmt::format("NOGROUP No such key '{}' or consumer group '{}'", c_text(key), c_text(name)));
}

namespace {

// What XGROUP's subcommands find. group is null when there is none.
struct Found {
  const store::Entry* entry = nullptr;
  Stream* stream = nullptr;
  ConsumerGroup* group = nullptr;
};

enum class GroupMust : uint8_t { exist, nothing };

bool fail_missing_key(const Context& context) {
  return context.fail(
      "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM "
      "option to create an empty stream automatically.");
}

bool find(Context& context, GroupMust must, bool may_make, Found* found) {
  found->entry = context.write(context.key(2));
  if (!context.require_type(found->entry, store::Type::stream)) return false;
  if (!found->entry) return may_make || fail_missing_key(context);
  found->stream = &stream_of(*found->entry);
  found->group = found->stream->find_group(context[3]);
  if (found->group || must == GroupMust::nothing) return true;
  return context.fail(fmt::format("NOGROUP No such consumer group '{}' for key name '{}'", c_text(context[3]),
                                  c_text(context[2])));
}

struct GroupOptions {
  bool make_stream = false;
  int64_t entries_read = ConsumerGroup::entries_read_unknown;
};

bool parse_options(Context& context, bool creating, GroupOptions* options) {
  for (size_t i = 5; i < context.size(); ++i) {
    if (creating && session::equals_lower(context[i], "mkstream")) {
      options->make_stream = true;
    } else if (session::equals_lower(context[i], "entriesread") && i + 1 < context.size()) {
      const auto entries_read = context.integer(++i);
      if (!entries_read) return false;
      if (*entries_read < 0 && *entries_read != ConsumerGroup::entries_read_unknown) {
        return context.fail("ERR value for ENTRIESREAD must be positive or -1");
      }
      options->entries_read = *entries_read;
    } else {
      session::reply_subcommand_error(context);
      return false;
    }
  }
  return true;
}

void create(Context& context) {
  constexpr size_t arguments_max = 8;
  GroupOptions options;
  Found found;
  if (!parse_options(context, true, &options)) return;
  if (!find(context, GroupMust::nothing, options.make_stream, &found)) return;
  if (context.size() > arguments_max) return session::reply_subcommand_error(context);
  std::optional<ds::StreamId> id = found.stream ? found.stream->last_id : ds::StreamId{};
  if (c_text(context[4]) != "$") id = stream_id_argument(context, 4);
  if (!id) return;
  const store::KeyRef key = context.key(2);
  if (!found.stream) {
    found.stream = &make_stream(context, key);
    context.touched(key.bytes);
  }
  if (!found.stream->add_group(context[3], *id, options.entries_read)) {
    context.fail("BUSYGROUP Consumer Group name already exists");
    return;
  }
  context.reply().ok();
  context.add_dirty(1);
  context.notify(session::event_stream, "xgroup-create", key.bytes);
}

void setid(Context& context) {
  GroupOptions options;
  Found found;
  if (!parse_options(context, false, &options) || !find(context, GroupMust::exist, false, &found)) return;
  if (context.size() != 5 && context.size() != 7) return session::reply_subcommand_error(context);
  ds::StreamId id = found.stream->last_id;
  if (is_stream_end(context[4], "+")) {
    id = ds::StreamId::max();
  } else if (is_stream_end(context[4], "-")) {
    id = {};
  } else if (c_text(context[4]) != "$") {
    const auto given = stream_id_argument(context, 4);
    if (!given) return;
    id = *given;
  }
  found.group->last_id = id;
  found.group->entries_read = options.entries_read;
  context.reply().ok();
  context.add_dirty(1);
  context.notify(session::event_stream, "xgroup-setid", context[2]);
}

void destroy(Context& context) {
  Found found;
  if (!find(context, GroupMust::nothing, false, &found)) return;
  if (!found.group) return context.reply().integer(0);
  context.database().let_go(found.stream->erase_group(context[3]));
  context.reply().integer(1);
  context.add_dirty(1);
  context.notify(session::event_stream, "xgroup-destroy", context[2]);
  // Who waits for the group is to hear of its end.
  context.ready(context[2]);
}

void createconsumer(Context& context) {
  Found found;
  if (!find(context, GroupMust::exist, false, &found)) return;
  const bool exists = found.group->find_consumer(context[4]) != nullptr;
  if (!exists) create_consumer(context, context[2], *found.group, context[4]);
  context.reply().integer(exists ? 0 : 1);
}

void delconsumer(Context& context) {
  Found found;
  if (!find(context, GroupMust::exist, false, &found)) return;
  Consumer* const consumer = found.group->find_consumer(context[4]);
  if (!consumer) return context.reply().integer(0);
  const auto pending = static_cast<int64_t>(consumer->pending.size());
  context.database().let_go(found.stream->erase_consumer(*found.group, *consumer));
  context.add_dirty(1);
  context.notify(session::event_stream, "xgroup-delconsumer", context[2]);
  context.reply().integer(pending);
}

void help(Context& context) {
  session::reply_help(
      context,
      {"CREATE <key> <groupname> <id|$> [option]", "    Make a consumer group. Options are:", "    * MKSTREAM",
       "      Make an empty stream if there is none.", "    * ENTRIESREAD entries_read",
       "      Say how many entries the group has read (for replication and files).",
       "CREATECONSUMER <key> <groupname> <consumer>", "    Make a consumer in the group.",
       "DELCONSUMER <key> <groupname> <consumer>", "    Remove the consumer with what is pending for it.",
       "DESTROY <key> <groupname>", "    Remove the group.",
       "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
       "    Set the id up to which the group has read, and how many entries that were."});
}

// --- XSETID ---

struct StreamNumbers {
  ds::StreamId last_id;
  std::optional<int64_t> entries_added;
  ds::StreamId max_deleted_id;
};

bool parse_numbers(Context& context, StreamNumbers* numbers) {
  const auto id = stream_id_argument(context, 2);
  if (!id) return false;
  numbers->last_id = *id;
  for (size_t i = 3; i < context.size(); i += 2) {
    const bool has_value = i + 1 < context.size();
    if (has_value && session::equals_lower(context[i], "entriesadded")) {
      numbers->entries_added = context.integer(i + 1);
      if (!numbers->entries_added) return false;
      if (*numbers->entries_added < 0) return context.fail("ERR entries_added must be positive");
    } else if (has_value && session::equals_lower(context[i], "maxdeletedid")) {
      const auto max_deleted_id = stream_id_argument(context, i + 1);
      if (!max_deleted_id) return false;
      numbers->max_deleted_id = *max_deleted_id;
      if (numbers->last_id < *max_deleted_id) {
        return context.fail("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
      }
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

bool numbers_agree(Context& context, const Stream& stream, const StreamNumbers& numbers) {
  if (numbers.last_id < stream.max_deleted_id) {
    return context.fail("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  if (stream.length() == 0) return true;
  if (numbers.last_id < stream.last_live_id()) {
    return context.fail("ERR The ID specified in XSETID is smaller than the target stream top item");
  }
  if (numbers.entries_added && stream.length() > static_cast<uint64_t>(*numbers.entries_added)) {
    return context.fail("ERR The entries_added specified in XSETID is smaller than the target stream length");
  }
  return true;
}

void xsetid(Context& context) {
  StreamNumbers numbers;
  if (!parse_numbers(context, &numbers)) return;
  const store::Entry* const entry = context.write(context.key(1));
  if (!entry) {
    context.fail(session::errors::no_such_key);
    return;
  }
  if (!context.require_type(entry, store::Type::stream)) return;
  Stream& stream = stream_of(*entry);
  if (!numbers_agree(context, stream, numbers)) return;
  stream.set_last_id(numbers.last_id);
  if (numbers.entries_added) stream.entries_added = static_cast<uint64_t>(*numbers.entries_added);
  if (!numbers.max_deleted_id.is_zero()) stream.max_deleted_id = numbers.max_deleted_id;
  context.reply().ok();
  context.add_dirty(1);
  context.notify(session::event_stream, "xsetid", context[1]);
}

constexpr session::CommandRow rows[] = {
    {.name = "xgroup",
     .arity = -2,
     .group = "stream",
     .since = "5.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "Makes, changes and removes consumer groups."},
    {.name = "xgroup|create",
     .handler = create,
     .arity = -5,
     .flags = "write denyoom",
     .keys = "RW INSERT @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Makes a consumer group.",
     .arguments = "key:key group id-selector=(id|new-id=\"$\") [MKSTREAM] [ENTRIESREAD entries-read:integer]",
     .history = "7.0.0=Added the `entries_read` argument."},
    {.name = "xgroup|createconsumer",
     .handler = createconsumer,
     .arity = 5,
     .flags = "write denyoom",
     .keys = "RW INSERT @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Makes a consumer in a consumer group.",
     .arguments = "key:key group consumer"},
    {.name = "xgroup|delconsumer",
     .handler = delconsumer,
     .arity = 5,
     .flags = "write",
     .keys = "RW DELETE @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Removes a consumer from a consumer group.",
     .arguments = "key:key group consumer"},
    {.name = "xgroup|destroy",
     .handler = destroy,
     .arity = 4,
     .flags = "write",
     .keys = "RW DELETE @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(N) where N is the number of entries in the group's pending entries list (PEL).",
     .summary = "Removes a consumer group.",
     .arguments = "key:key group"},
    {.name = "xgroup|help",
     .handler = help,
     .arity = 2,
     .flags = "loading stale",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands."},
    {.name = "xgroup|setid",
     .handler = setid,
     .arity = -5,
     .flags = "write",
     .keys = "RW UPDATE @2 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Sets up to which id a consumer group has read.",
     .arguments = "key:key group id-selector=(id|new-id=\"$\") "
                  "entriesread=[ENTRIESREAD entries:integer/entries-read]",
     .history = "7.0.0=Added the optional `entries_read` argument."},
    {.name = "xsetid",
     .handler = xsetid,
     .arity = -3,
     .flags = "write denyoom fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Sets the last id of a stream and what else it counts.",
     .arguments = "key:key last-id [ENTRIESADDED entries-added:integer]@7.0.0 [MAXDELETEDID max-deleted-id]@7.0.0",
     .history = "7.0.0=Added the `entries_added` and `max_deleted_entry_id` arguments."},
};

}  // namespace

std::span<const session::CommandRow> stream_group_rows() { return rows; }

}  // namespace torc::cmd
