// Changing a part of a string: APPEND SETRANGE. They are what makes strings grow without a request of the same size, so
// the bound on a bulk's length is theirs too.
#include "cmd/string_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;
using store::Type;

// Whether a string may have `bytes` and `more` bytes; replies the error if not.
bool check_size(Context& context, uint64_t bytes, uint64_t more) {
  uint64_t total;
  const auto most = static_cast<uint64_t>(context.session().options().proto_max_bulk_bytes);
  if (!__builtin_add_overflow(bytes, more, &total) && total <= most) return true;
  return context.fail("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
}

void append(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::string)) return;
  const size_t old_bytes = entry ? entry->string_size() : 0;
  const size_t bytes = old_bytes + context[2].size();
  if (entry) {
    if (!check_size(context, old_bytes, context[2].size())) return;
    context.database().append(key, entry, context[2]);
  } else {
    context.database().set_string(key, nullptr, context.value(2), store::no_deadline);
    context.added(key.bytes);
  }
  context.changed(key.bytes, session::event_string, "append");
  context.reply().integer(static_cast<int64_t>(bytes));
}

void setrange(Context& context) {
  const auto offset = context.integer(2);
  if (!offset) return;
  if (*offset < 0) return context.reply().error("ERR offset is out of range");
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::string)) return;
  const std::string_view bytes = context[3];
  if (bytes.empty()) return context.reply().integer(entry ? static_cast<int64_t>(entry->string_size()) : 0);
  if (!check_size(context, static_cast<uint64_t>(*offset), bytes.size())) return;
  const Entry* changed = context.database().set_range(key, entry, static_cast<size_t>(*offset), bytes);
  const size_t size = changed->string_size();
  if (!entry) context.added(key.bytes);
  context.changed(key.bytes, session::event_string, "setrange");
  context.reply().integer(static_cast<int64_t>(size));
}

constexpr session::CommandRow rows[] = {
    {.name = "append",
     .handler = append,
     .arity = 3,
     .flags = "write denyoom fast",
     .keys = "RW INSERT @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.0.0",
     .complexity = "O(1) for each byte appended, because a string grows by more than is asked for.",
     .summary = "Appends to a string; a missing key is created.",
     .arguments = "key:key value"},
    {.name = "setrange",
     .handler = setrange,
     .arity = 4,
     .flags = "write denyoom",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.2.0",
     .complexity = "O(N), N being the number of bytes given and of those that the string grows by.",
     .summary = "Overwrites a part of a string from an offset on; a missing key is created.",
     .arguments = "key:key offset:integer value"},
};

}  // namespace

std::span<const session::CommandRow> string_change_rows() { return rows; }

}  // namespace torc::cmd
