// XDEL and XACK, and what Redis 8.2 made of both: XDELEX and XACKDEL, which also say what becomes of the entry's places
// in the lists of what is pending: they stay (KEEPREF), they go (DELREF), or the entry stays as long as a group has not
// acknowledged it (ACKED).
#include "cmd/stream_parts.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::ConsumerGroup;
using store::Stream;

// What follows when entries were deleted.
void entries_deleted(Context& context, Stream& stream, int64_t deleted) {
  if (deleted == 0) return;
  stream.refresh_first_id();
  context.touched(context[1]);
  context.notify(session::event_stream, "xdel", context[1]);
}

void xdel(Context& context) {
  const store::Entry* const entry = context.write(context.key(1));
  if (!entry) return context.reply().integer(0);
  if (!context.require_type(entry, store::Type::stream)) return;
  const auto ids = stream_id_arguments(context, 2, context.size());
  if (!ids) return;
  Stream& stream = stream_of(*entry);
  int64_t deleted = 0;
  for (const ds::StreamId& id : *ids) deleted += stream.erase(id) ? 1 : 0;
  entries_deleted(context, stream, deleted);
  context.add_dirty(deleted);
  context.reply().integer(deleted);
}

// The group named by argument 2 of the stream under argument 1; null: there is none. False: the error was replied.
bool find_group(Context& context, Stream** stream, ConsumerGroup** group) {
  const store::Entry* const entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::stream)) return false;
  *stream = entry ? &stream_of(*entry) : nullptr;
  *group = entry ? (*stream)->find_group(context[2]) : nullptr;
  return true;
}

void xack(Context& context) {
  Stream* stream;
  ConsumerGroup* group;
  if (!find_group(context, &stream, &group)) return;
  if (!group) return context.reply().integer(0);
  const auto ids = stream_id_arguments(context, 3, context.size());
  if (!ids) return;
  int64_t acknowledged = 0;
  for (const ds::StreamId& id : *ids) acknowledged += group->acknowledge(id) ? 1 : 0;
  context.add_dirty(acknowledged);
  context.reply().integer(acknowledged);
}

// --- of Redis 8.2 ---

enum class References : uint8_t { keep, remove, acknowledged };

// Of several IDS the last one counts; the ids themselves are looked at only when there is something to delete from.
struct DeleteOptions {
  References references = References::keep;
  bool references_given = false;
  size_t first_id = 0, end_of_ids = 0;

  [[nodiscard]] size_t ids() const noexcept { return end_of_ids - first_id; }
};

// IDS at *i, which moves to its last argument.
bool find_ids(Context& context, size_t* i, DeleteOptions* options) {
  constexpr std::string_view not_positive = "ERR Number of IDs must be a positive integer";
  const auto count = context.integer(*i + 1, not_positive);
  if (!count) return false;
  if (*count < 1) return context.fail(not_positive);
  const size_t first = *i + 2;
  if (static_cast<uint64_t>(*count) > context.size() - first) {
    return context.fail("ERR The `numids` parameter must match the number of arguments");
  }
  options->first_id = first;
  options->end_of_ids = first + static_cast<size_t>(*count);
  *i = options->end_of_ids - 1;
  return true;
}

bool parse_options(Context& context, size_t first, DeleteOptions* options) {
  for (size_t i = first; i < context.size(); ++i) {
    const std::string_view option = context[i];
    if (session::equals_lower(option, "ids") && i + 1 < context.size()) {
      if (!find_ids(context, &i, options)) return false;
      continue;
    }
    if (options->references_given) return context.fail(session::errors::syntax);
    if (session::equals_lower(option, "delref")) {
      options->references = References::remove;
    } else if (session::equals_lower(option, "acked")) {
      options->references = References::acknowledged;
    } else if (!session::equals_lower(option, "keepref")) {
      return context.fail(session::errors::syntax);
    }
    options->references_given = true;
  }
  return options->ids() != 0 || context.fail("ERR IDS option is required");
}

constexpr int64_t no_such_id = -1, deleted_now = 1, still_referenced = 2;

void reply_no_such_ids(Context& context, size_t count) {
  context.reply().array(count);
  for (size_t i = 0; i < count; ++i) context.reply().integer(no_such_id);
}

// Deletes from all lists of what is pending, and counts.
int64_t remove_references(Stream& stream, const ds::StreamId& id) {
  int64_t removed = 0;
  for (auto& [name, group] : stream.groups()) removed += group.acknowledge(id) ? 1 : 0;
  return removed;
}

// Whether the references allow the entry to go; counts what is removed for that.
bool may_delete(Stream& stream, const ds::StreamId& id, References references, int64_t* removed) {
  if (references == References::remove) *removed += remove_references(stream, id);
  return references != References::acknowledged || !stream.is_referenced(id);
}

// As in Redis, ACKED answers still_referenced for whatever lies ahead of a group, be it there or not.
void xdelex(Context& context) {
  const store::Entry* const entry = context.write(context.key(1));
  DeleteOptions options;
  if (!context.require_type(entry, store::Type::stream) || !parse_options(context, 2, &options)) return;
  if (!entry) return reply_no_such_ids(context, options.ids());
  const auto ids = stream_id_arguments(context, options.first_id, options.end_of_ids);
  if (!ids) return;
  Stream& stream = stream_of(*entry);
  int64_t deleted = 0, removed = 0;
  context.reply().array(ids->size());
  for (const ds::StreamId& id : *ids) {
    int64_t result = still_referenced;
    if (may_delete(stream, id, options.references, &removed)) {
      result = stream.erase(id) ? deleted_now : no_such_id;
    }
    if (result == deleted_now) ++deleted;
    context.reply().integer(result);
  }
  entries_deleted(context, stream, deleted);
  // As in Redis, references count only where no entry went, so that it is propagated.
  context.add_dirty(deleted != 0 ? deleted : removed);
}

void xackdel(Context& context) {
  DeleteOptions options;
  Stream* stream;
  ConsumerGroup* group;
  if (!find_group(context, &stream, &group) || !parse_options(context, 3, &options)) return;
  if (!group) return reply_no_such_ids(context, options.ids());
  const auto ids = stream_id_arguments(context, options.first_id, options.end_of_ids);
  if (!ids) return;
  int64_t deleted = 0, acknowledged = 0, removed = 0;
  context.reply().array(ids->size());
  for (const ds::StreamId& id : *ids) {
    int64_t result = no_such_id;
    if (group->acknowledge(id)) {
      ++acknowledged;
      const bool may = may_delete(*stream, id, options.references, &removed);
      if (may && stream->erase(id)) ++deleted;
      result = may ? deleted_now : still_referenced;
    }
    context.reply().integer(result);
  }
  entries_deleted(context, *stream, deleted);
  context.add_dirty(acknowledged);
}

constexpr session::CommandRow rows[] = {
    {.name = "xdel",
     .handler = xdel,
     .arity = -3,
     .flags = "write fast",
     .keys = "RW DELETE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1) for each single item to delete in the stream, regardless of the stream size.",
     .summary = "Deletes entries of a stream by their ids.",
     .arguments = "key:key id..."},
    {.name = "xdelex",
     .handler = xdelex,
     .arity = -5,
     .flags = "write fast",
     .keys = "RW DELETE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "8.2.0",
     .complexity = "O(1) for each single item to delete in the stream, regardless of the stream size.",
     .summary = "Deletes entries of a stream, and says what becomes of them where they are pending.",
     .arguments = "key:key [condition=(KEEPREF|DELREF|ACKED)] ids=(IDS numids:integer id...)"},
    {.name = "xack",
     .handler = xack,
     .arity = -4,
     .flags = "write fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1) for each message ID processed.",
     .summary = "Acknowledges entries that are pending in a consumer group.",
     .arguments = "key:key group id..."},
    {.name = "xackdel",
     .handler = xackdel,
     .arity = -6,
     .flags = "write fast",
     .keys = "RW UPDATE DELETE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "8.2.0",
     .complexity = "O(1) for each message ID processed.",
     .summary = "Acknowledges entries that are pending in a consumer group, and deletes them from the stream.",
     .arguments = "key:key group [condition=(KEEPREF|DELREF|ACKED)] ids=(IDS numids:integer id...)"},
};

}  // namespace

std::span<const session::CommandRow> stream_delete_rows() { return rows; }

}  // namespace torc::cmd
