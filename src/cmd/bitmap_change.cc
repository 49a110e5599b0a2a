// Changing one bit, and combining strings: SETBIT BITOP.
#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/blob.h"
#include "cmd/bitmap_parts.h"
#include "cmd/destination.h"
#include "ds/bits.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using ds::BitOperation;
using session::Context;
using store::Entry;
using store::KeyRef;

void setbit(Context& context) {
  constexpr std::string_view not_a_bit = "ERR bit is not an integer or out of range";
  const auto offset = parse_bit_offset(context, 2);
  if (!offset) return;
  const auto bit = context.integer(3, not_a_bit);
  if (!bit) return;
  if (*bit != 0 && *bit != 1) return context.reply().error(not_a_bit);
  const KeyRef key = context.key(1);
  const auto room = make_room(context, key, *offset);
  if (!room) return;
  store::IntegerScratch scratch;
  char byte = room->entry->string(scratch)[*offset / 8];
  const uint64_t before = ds::read_bits({&byte, 1}, *offset % 8, 1);
  if (room->grown || before != static_cast<uint64_t>(*bit)) {
    ds::write_bits({&byte, 1}, *offset % 8, 1, static_cast<uint64_t>(*bit));
    context.database().set_range(key, room->entry, *offset / 8, {&byte, 1});
    context.changed(key.bytes, session::event_string, "setbit");
  }
  context.reply().integer(static_cast<int64_t>(before));
}

struct NamedOperation {
  std::string_view name;
  BitOperation operation;
  std::string_view error_name = {};  // of those that need two sources
};
constexpr std::array<NamedOperation, 8> operations = {{{"and", BitOperation::and_},
                                                       {"or", BitOperation::or_},
                                                       {"xor", BitOperation::xor_},
                                                       {"not", BitOperation::not_},
                                                       {"diff", BitOperation::diff, "DIFF"},
                                                       {"diff1", BitOperation::diff1, "DIFF1"},
                                                       {"andor", BitOperation::andor, "ANDOR"},
                                                       {"one", BitOperation::one}}};

constexpr size_t first_source = 3;

std::optional<BitOperation> parse_operation(Context& context) {
  const auto found = std::ranges::find_if(
      operations, [&](const NamedOperation& one) { return session::equals_lower(context[1], one.name); });
  if (found == operations.end()) {
    context.fail(session::errors::syntax);
    return std::nullopt;
  }
  const size_t sources = context.size() - first_source;
  if (found->operation == BitOperation::not_ && sources != 1) {
    context.fail("ERR BITOP NOT must be called with a single source key.");
    return std::nullopt;
  }
  if (!found->error_name.empty() && sources < 2) {
    context.fail(fmt::format("ERR BITOP {} must be called with at least two source keys.", found->error_name));
    return std::nullopt;
  }
  return found->operation;
}

// The sources' bytes, good until the next change; nullopt: one is no string, and the error was replied. All are read
// through the gate first, because that may remove entries that are overdue; those that stay, during a pause, are not
// there all the same.
std::optional<std::vector<std::string_view>> read_sources(Context& context, std::deque<std::string>* digits) {
  std::vector<bool> present(context.size());
  for (size_t i = first_source; i < context.size(); ++i) {
    const Entry* entry = context.read(context.key(i));
    if (!context.require_type(entry, store::Type::string)) return std::nullopt;
    present[i] = entry != nullptr;
  }
  std::vector<std::string_view> sources;
  for (size_t i = first_source; i < context.size(); ++i) {
    const Entry* entry = present[i] ? context.database().find(context.key(i)) : nullptr;
    store::IntegerScratch scratch;
    const std::string_view bytes = entry ? entry->string(scratch) : std::string_view();
    const bool is_integer = entry && entry->is_integer();
    sources.push_back(is_integer ? std::string_view(digits->emplace_back(bytes)) : bytes);
  }
  return sources;
}

// A raw string, however short, with the effects of SET.
void put_raw(Context& context, const KeyRef& key, store::StringInput value) {
  Entry* const old = context.write(key);
  value.keep_text = true;
  const bool is_short = value.bytes.size() <= store::embstr_bytes_max;
  Entry* const made = context.database().set_string(key, old, value, store::no_deadline);
  if (is_short) context.database().append(key, made, "");
  if (!old) context.added(key.bytes);
  context.changed(key.bytes, session::event_string, "set");
}

void put_combination(Context& context, BitOperation operation, std::span<const std::string_view> sources, size_t size) {
  const KeyRef target = context.key(2);
  if (size <= store::inline_value_bytes_max) {
    std::array<char, store::inline_value_bytes_max> result;
    ds::combine_bits(operation, sources, std::span(result).first(size));
    return put_raw(context, target, {{result.data(), size}});
  }
  base::BlobRef result = base::BlobRef::make(size);
  result.set_size(size);
  ds::combine_bits(operation, sources, {result.mutable_bytes(), size});
  put_raw(context, target, {result.view(), &result});
}

void bitop(Context& context) {
  const auto operation = parse_operation(context);
  if (!operation) return;
  std::deque<std::string> digits;
  const auto sources = read_sources(context, &digits);
  if (!sources) return;
  const size_t size = std::ranges::max(*sources, {}, &std::string_view::size).size();
  if (size != 0) {
    put_combination(context, *operation, *sources, size);
  } else {
    erase_destination(context, context.key(2));
  }
  context.reply().integer(static_cast<int64_t>(size));
}

constexpr session::CommandRow rows[] = {
    {.name = "setbit",
     .handler = setbit,
     .arity = 4,
     .flags = "write denyoom",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "bitmap",
     .group = "bitmap",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Sets or clears one bit of a string, which grows if need be; a missing key is created.",
     .arguments = "key:key offset:integer value:integer"},
    {.name = "bitop",
     .handler = bitop,
     .arity = -4,
     .flags = "write denyoom",
     .keys = "OW UPDATE @2 range 0 1 0;RO ACCESS @3 range -1 1 0",
     .acl = "bitmap",
     .group = "bitmap",
     .since = "2.6.0",
     .complexity = "O(N)",
     .summary = "Combines strings bit by bit and keeps the result under another key.",
     .arguments = "operation=(AND|OR|XOR|NOT|DIFF@8.2.0|DIFF1@8.2.0|ANDOR@8.2.0|ONE@8.2.0) destkey:key key:key ...",
     .history = "8.2.0=Added the `DIFF`, `DIFF1`, `ANDOR` and `ONE` operations."},
};

}  // namespace

std::span<const session::CommandRow> bitmap_change_rows() { return rows; }

}  // namespace torc::cmd
