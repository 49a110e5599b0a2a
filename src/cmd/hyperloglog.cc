// Adding, counting and merging. A sparse value is short: when a register rises it is copied, changed and put back. Of a
// dense one only the bytes of the registers that rise are written, where they are.
#include "cmd/hyperloglog.h"

#include <memory>
#include <string>
#include <vector>

#include "cmd/hyperloglog_parts.h"
#include "ds/hyperloglog.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

bool require_hyperloglog(session::Context& context, const store::Entry* entry) {
  if (!entry) return true;
  if (!context.require_type(entry, store::Type::string)) return false;
  store::IntegerScratch scratch;
  if (!entry->is_integer() && ds::HyperLogLog::valid(entry->string(scratch))) return true;
  return context.fail("WRONGTYPE Key is not a valid HyperLogLog string value.");
}

namespace {

using ds::HyperLogLog;
using session::Context;
using store::Entry;
using store::KeyRef;

size_t sparse_bytes_max(const Context& context) {
  return context.session().options().encodings.hll_sparse_bytes;
}

// Raises a register of a value in whichever form; it may become dense. Outcome::too_large does not come out.
HyperLogLog::Outcome raise(std::string& value, HyperLogLog::Mark mark, size_t bytes_max, HyperLogLog::Spot* spot) {
  if (!HyperLogLog::is_dense(value)) {
    const auto outcome = HyperLogLog::raise_sparse(value, mark, bytes_max, spot);
    if (outcome != HyperLogLog::Outcome::too_large) return outcome;
    auto registers = std::make_unique<HyperLogLog::Registers>();
    if (!HyperLogLog::merge(value, *registers)) return HyperLogLog::Outcome::corrupt;
    value = HyperLogLog::dense(value, *registers);
  }
  if (HyperLogLog::dense_register(value, mark.index) >= mark.value) return HyperLogLog::Outcome::unchanged;
  const auto patch = HyperLogLog::dense_patch(value, mark);
  value.replace(patch.offset, patch.bytes, patch.data, patch.bytes);
  HyperLogLog::invalidate_cache(value);
  return HyperLogLog::Outcome::changed;
}

// The registers that the arguments from the second on raise in a dense value; returns how many.
int64_t add_dense(Context& context, const KeyRef& key, Entry* entry) {
  int64_t raised = 0;
  store::IntegerScratch scratch;
  for (size_t i = 2; i < context.size(); ++i) {
    const auto mark = HyperLogLog::mark(context[i]);
    const std::string_view value = entry->string(scratch);
    if (HyperLogLog::dense_register(value, mark.index) >= mark.value) continue;
    const auto patch = HyperLogLog::dense_patch(value, mark);
    entry = context.database().set_range(key, entry, patch.offset, {patch.data, patch.bytes});
    ++raised;
  }
  if (raised == 0) return 0;
  const uint8_t flag = static_cast<uint8_t>(entry->string(scratch)[HyperLogLog::cache_flag_offset]);
  const char invalid = static_cast<char>(flag | HyperLogLog::cache_invalid);
  context.database().set_range(key, entry, HyperLogLog::cache_flag_offset, {&invalid, 1});
  return raised;
}

// Raises a register of a sparse value that is copied when it first changes: before that, *value is empty.
HyperLogLog::Outcome raise_copy(std::string_view before, std::string* value, HyperLogLog::Mark mark, size_t bytes_max) {
  const std::string_view now = value->empty() ? before : *value;
  if (HyperLogLog::is_dense(now)) return raise(*value, mark, bytes_max, nullptr);
  HyperLogLog::Spot spot;
  const auto known = HyperLogLog::sparse_register(now, mark.index, &spot);
  if (!known) return HyperLogLog::Outcome::corrupt;
  if (*known >= mark.value) return HyperLogLog::Outcome::unchanged;
  if (value->empty()) value->assign(before);
  return raise(*value, mark, bytes_max, &spot);
}

// The same in a sparse or new value; -1: it is corrupt, and the error was replied.
int64_t add_sparse(Context& context, const KeyRef& key, Entry* entry) {
  store::IntegerScratch scratch;
  const std::string_view before = entry ? entry->string(scratch) : std::string_view();
  std::string value = entry ? std::string() : HyperLogLog::empty();
  int64_t raised = entry ? 0 : 1;
  for (size_t i = 2; i < context.size(); ++i) {
    const auto outcome = raise_copy(before, &value, HyperLogLog::mark(context[i]), sparse_bytes_max(context));
    if (outcome == HyperLogLog::Outcome::corrupt) {
      context.fail(corrupt_hyperloglog);
      return -1;
    }
    raised += outcome == HyperLogLog::Outcome::changed;
  }
  if (raised == 0) return 0;
  HyperLogLog::invalidate_cache(value);
  context.database().set_raw(key, entry, value);
  if (!entry) context.added(key.bytes);
  return raised;
}

void pfadd(Context& context) {
  const KeyRef key = context.key(1);
  Entry* const entry = context.write(key);
  if (!require_hyperloglog(context, entry)) return;
  store::IntegerScratch scratch;
  const bool dense = entry && HyperLogLog::is_dense(entry->string(scratch));
  const int64_t raised = dense ? add_dense(context, key, entry) : add_sparse(context, key, entry);
  if (raised < 0) return;
  if (raised > 0) {
    context.touched(key.bytes);
    context.notify(session::event_string, "pfadd", key.bytes);
    context.add_dirty(raised);
  }
  context.reply().integer(raised > 0);
}

// The maximum of the values under the arguments from `first` on; false: an error was replied. *dense: one of them is.
bool merge_arguments(Context& context, HyperLogLog::Registers* registers, bool* dense = nullptr) {
  for (size_t i = 1; i < context.size(); ++i) {
    const Entry* entry = context.read(context.key(i));
    if (!require_hyperloglog(context, entry)) return false;
    if (!entry) continue;
    store::IntegerScratch scratch;
    const std::string_view value = entry->string(scratch);
    if (dense && HyperLogLog::is_dense(value)) *dense = true;
    if (!HyperLogLog::merge(value, *registers)) return context.fail(corrupt_hyperloglog);
  }
  return true;
}

// The estimate is kept in the value, which is a change, for replicas too.
void count_one(Context& context) {
  const KeyRef key = context.key(1);
  const Entry* entry = context.read(key);
  if (!require_hyperloglog(context, entry)) return;
  if (!entry) return context.reply().integer(0);
  store::IntegerScratch scratch;
  const std::string_view value = entry->string(scratch);
  if (const auto cached = HyperLogLog::cached_count(value)) {
    return context.reply().integer(static_cast<int64_t>(*cached));
  }
  const auto count = HyperLogLog::count(value);
  if (!count) return context.reply().error(corrupt_hyperloglog);
  // It was looked up already: a second look would count as an access.
  if (Entry* changed = context.database().find(key)) {
    context.database().set_range(key, changed, HyperLogLog::cache_offset, HyperLogLog::cache_of(*count));
    context.touched(key.bytes);
    context.add_dirty(1);
  }
  context.reply().integer(static_cast<int64_t>(*count));
}

void pfcount(Context& context) {
  if (context.size() == 2) return count_one(context);
  auto registers = std::make_unique<HyperLogLog::Registers>();
  if (!merge_arguments(context, registers.get())) return;
  context.reply().integer(static_cast<int64_t>(HyperLogLog::count(*registers)));
}

// Register by register, in their order, so that the runs become the same as Redis's. Each is looked for from the last
// one on: from the beginning it would take quadratic time.
std::string merged_sparse(std::string value, const HyperLogLog::Registers& registers, size_t bytes_max) {
  HyperLogLog::Spot spot;
  for (uint32_t i = HyperLogLog::next_raised(registers, 0); i < registers.size();
       i = HyperLogLog::next_raised(registers, i + 1)) {
    if (HyperLogLog::is_dense(value)) return HyperLogLog::dense(value, registers);
    raise(value, {i, registers[i]}, bytes_max, &spot);
  }
  return value;
}

void pfmerge(Context& context) {
  auto registers = std::make_unique<HyperLogLog::Registers>();
  bool dense = false;
  if (!merge_arguments(context, registers.get(), &dense)) return;
  const KeyRef key = context.key(1);
  Entry* const entry = context.write(key);
  store::IntegerScratch scratch;
  std::string before = entry ? std::string(entry->string(scratch)) : HyperLogLog::empty();
  std::string value = dense ? HyperLogLog::dense(before, *registers)
                            : merged_sparse(std::move(before), *registers, sparse_bytes_max(context));
  HyperLogLog::invalidate_cache(value);
  context.database().set_raw(key, entry, value);
  if (!entry) context.added(key.bytes);
  context.changed(key.bytes, session::event_string, "pfadd");
  context.reply().ok();
}

constexpr session::CommandRow rows[] = {
    {.name = "pfadd",
     .handler = pfadd,
     .arity = -2,
     .flags = "write denyoom fast",
     .keys = "RW INSERT @1 range 0 1 0",
     .acl = "hyperloglog",
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "O(1) per element",
     .summary = "Lets a HyperLogLog see elements; creates it if it does not exist.",
     .arguments = "key:key [element]..."},
    {.name = "pfcount",
     .handler = pfcount,
     .arity = -2,
     .flags = "readonly may_replicate",
     .keys = "RW ACCESS @1 range -1 1 0 #RW because it may change the internal representation of the key, and "
             "propagate to replicas",
     .acl = "hyperloglog",
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "O(1) for one key, O(N) for N of them, with a much larger constant",
     .summary = "Estimates how many different elements HyperLogLogs have seen together.",
     .arguments = "key:key..."},
    {.name = "pfmerge",
     .handler = pfmerge,
     .arity = -2,
     .flags = "write denyoom",
     .keys = "RW ACCESS INSERT @1 range 0 1 0;RO ACCESS @2 range -1 1 0",
     .acl = "hyperloglog",
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "O(N) in the number of HyperLogLogs",
     .summary = "Makes one HyperLogLog that has seen what several have.",
     .arguments = "destkey:key [sourcekey:key]..."},
};

}  // namespace

std::span<const session::CommandRow> hyperloglog_rows() {
  static const std::vector<session::CommandRow> all = [] {
    std::vector<session::CommandRow> joined(std::begin(rows), std::end(rows));
    const auto debug = hyperloglog_debug_rows();
    joined.insert(joined.end(), debug.begin(), debug.end());
    return joined;
  }();
  return all;
}

}  // namespace torc::cmd
