// DEBUG POPULATE: many small string keys for tests. Nothing is said to replicas and no event is emitted but "new". What
// cannot fit into the machine is refused before the first key, and what turns out not to fit stops on the way.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/c_text.h"
#include "base/machine.h"
#include "base/memory.h"
#include "cmd/debug_parts.h"
#include "cmd/numbers.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;

constexpr size_t name_bytes_max = 127;  // Redis builds names in a buffer of this size
constexpr int64_t key_bytes_min = 24;   // what the smallest key takes, table included
constexpr int64_t keys_between_checks = 4096;

void set_if_absent(Context& context, std::string_view name, std::string_view value) {
  const store::KeyRef key = context.make_key(name);
  if (context.write(key)) return;
  context.database().set_string(key, nullptr, {value, nullptr}, store::no_deadline);
  context.added(name);
  context.touched(name);
}

bool plausible(Context& context, int64_t count, int64_t value_bytes) {
  const auto memory = static_cast<int64_t>(base::physical_memory_bytes());
  if (count > memory / key_bytes_min) return context.fail("ERR OOM in dictTryExpand");
  if (value_bytes > context.session().options().proto_max_bulk_bytes) {
    return context.fail("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  }
  return true;
}

}  // namespace

void debug_populate(Context& context) {
  const auto count = positive_argument(context, 2);
  if (!count) return;
  const auto value_bytes = context.size() == 5 ? positive_argument(context, 4) : std::optional<int64_t>(0);
  if (!value_bytes || !plausible(context, *count, *value_bytes)) return;
  const std::string_view prefix = context.size() > 3 ? base::c_text(context[3]) : "key";
  const uint64_t memory = base::physical_memory_bytes();
  const int64_t check_every = std::max<int64_t>(keys_between_checks / (1 + *value_bytes / 1024), 1);
  for (int64_t i = 0; i < *count; ++i) {
    if (i % check_every == 0 && base::used_bytes() + static_cast<uint64_t>(*value_bytes) > memory) {
      context.fail("ERR OOM: out of memory");
      return;
    }
    std::string name = fmt::format("{}:{}", prefix, i);
    name.resize(std::min(name.size(), name_bytes_max));
    std::string value = fmt::format("value:{}", i);
    if (*value_bytes > 0) value.resize(static_cast<size_t>(*value_bytes));  // cut, or filled with NULs
    set_if_absent(context, name, value);
  }
  context.reply().ok();
}

}  // namespace torc::cmd
