// Reading strings: GET MGET STRLEN GETRANGE SUBSTR DIGEST. None of them copies a large value: the reply refers to the
// blob that the entry holds.
#include <algorithm>

#include "cmd/key_window.h"
#include "cmd/string_compare.h"
#include "cmd/string_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::Type;

void get(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!entry) return context.reply().null();
  if (!context.require_type(entry, Type::string)) return;
  reply_string(context, *entry);
}

void mget(Context& context) {
  context.reply().array(context.size() - 1);
  for_each_key(context, 1, [&context](const store::KeyRef& key) {
    const Entry* entry = context.read(key);
    reply_string_or_null(context, entry && entry->type() == Type::string ? entry : nullptr);
  });
}

void strlen(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::string)) return;
  context.reply().integer(entry ? static_cast<int64_t>(entry->string_size()) : 0);
}

struct Part {
  size_t begin, size;
};

// What GETRANGE's two inclusive indices, negative ones counted from the end, mean in `size` bytes.
Part part_of(int64_t first, int64_t last, size_t size) {
  // Two indices from the end in the wrong order stay so, even where both lie before the beginning.
  if (size == 0 || (first < 0 && last < 0 && first > last)) return {0, 0};
  const auto bytes = static_cast<int64_t>(size);
  if (first < 0) first = std::max<int64_t>(first + bytes, 0);
  if (last < 0) last = std::max<int64_t>(last + bytes, 0);
  last = std::min(last, bytes - 1);
  if (first > last) return {0, 0};
  return {static_cast<size_t>(first), static_cast<size_t>(last - first + 1)};
}

void getrange(Context& context) {
  const auto first = context.integer(2);
  if (!first) return;
  const auto last = context.integer(3);
  if (!last) return;
  const Entry* entry = context.read(context.key(1));
  if (!entry) return context.reply().bulk(std::string_view());
  if (!context.require_type(entry, Type::string)) return;
  store::IntegerScratch scratch;
  const std::string_view bytes = entry->string(scratch);
  const Part part = part_of(*first, *last, bytes.size());
  const std::string_view wanted = bytes.substr(part.begin, part.size);
  if (entry->is_blob()) return context.reply().bulk(entry->blob(), wanted);
  context.reply().bulk(wanted);
}

void digest(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!entry) return context.reply().null();
  if (!context.require_type(entry, Type::string)) return;
  const Digest digits = string_digest(*entry);
  context.reply().bulk({digits.data(), digits.size()});
}

constexpr session::CommandRow rows[] = {
    {.name = "get",
     .handler = get,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Returns a key's string.",
     .arguments = "key:key"},
    {.name = "mget",
     .handler = mget,
     .arity = -2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range -1 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(N), N being the number of keys.",
     .summary = "Returns the strings of several keys at one moment.",
     .arguments = "key:key ...",
     .tips = "request_policy:multi_shard"},
    {.name = "strlen",
     .handler = strlen,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Returns how many bytes a string has.",
     .arguments = "key:key"},
    {.name = "getrange",
     .handler = getrange,
     .arity = 4,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "2.4.0",
     .complexity =
         "O(N), N being the number of bytes returned; O(1) for a part of a large string, which is not copied.",
     .summary = "Returns a part of a string.",
     .arguments = "key:key start:integer end:integer"},
    {.name = "substr",
     .handler = getrange,
     .arity = 4,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "1.0.0",
     .complexity =
         "O(N), N being the number of bytes returned; O(1) for a part of a large string, which is not copied.",
     .summary = "Returns a part of a string.",
     .arguments = "key:key start:integer end:integer",
     .deprecated = "2.0.0=`GETRANGE`"},
    {.name = "digest",
     .handler = digest,
     .arity = 2,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "string",
     .group = "string",
     .since = "8.4.0",
     .complexity = "O(N), N being the number of bytes of the string.",
     .summary = "Returns the XXH3 hash of a string as 16 hexadecimal digits.",
     .arguments = "key:key"},
};

}  // namespace

std::span<const session::CommandRow> string_read_rows() { return rows; }

}  // namespace torc::cmd
