// Commands that look into a hash: HGET HMGET HEXISTS HLEN HSTRLEN HGETALL HKEYS HVALS HSCAN.
#include "cmd/collection_scan.h"
#include "cmd/hash_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::HashView;
using store::Type;

// What the field of the entry (null: no hash) holds.
std::optional<HashView::Value> find(const Context& context, const Entry* entry, std::string_view field) {
  return entry ? hash_view(context, *entry).find(field) : std::nullopt;
}

// Reading an overdue field removes it. All arguments behind the key are fields.
const Entry* without_overdue(Context& context, const Entry* entry) {
  return drop_overdue_on_read(context, context.key(1), entry, context.arguments().subspan(2));
}

void reply_value_or_null(Context& context, const std::optional<HashView::Value>& value) {
  value ? reply_value(context, *value) : context.reply().null();
}

void hget(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = without_overdue(context, entry);
  reply_value_or_null(context, find(context, entry, context[2]));
}

void hmget(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = without_overdue(context, entry);
  context.reply().array(context.size() - 2);
  for (size_t i = 2; i < context.size(); ++i) reply_value_or_null(context, find(context, entry, context[i]));
}

void hexists(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = without_overdue(context, entry);
  context.reply().integer(find(context, entry, context[2]).has_value());
}

// As in Redis, overdue fields count as long as they are not removed.
void hlen(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  context.reply().integer(
      entry ? static_cast<int64_t>(HashView(*entry, HashView::before_all_deadlines).size()) : 0);
}

void hstrlen(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = without_overdue(context, entry);
  const auto value = find(context, entry, context[2]);
  char digits[24];
  context.reply().integer(value ? static_cast<int64_t>(value->string(digits).size()) : 0);
}

// --- the whole ---

enum class Part { fields, values, both };

template <Part part>
void reply_all(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  const size_t size = entry ? hash_view(context, *entry).size() : 0;
  part == Part::both ? context.reply().map(size) : context.reply().array(size);
  if (!entry) return;
  hash_view(context, *entry).for_each([&](std::string_view field, std::string_view value) {
    if (part != Part::values) context.reply().bulk(field);
    if (part != Part::fields) context.reply().bulk(value);
  });
}

// A packed hash is small, so it is told at once.
void hscan(Context& context) {
  CollectionScan scan;
  const Entry* entry = begin_collection_scan(context, Type::hash, &scan, true);
  if (!entry) return;
  const HashView hash = hash_view(context, *entry);
  ScanReply reply(context);
  const auto visit = [&](std::string_view field, std::string_view value) {
    if (!scan.wants(field)) return;
    reply.add(field);
    if (!scan.no_values) reply.add(value);
  };
  if (!hash.object() || hash.object()->is_small()) {
    hash.for_each(visit);
    return reply.finish(0);
  }
  reply.finish(scan_table(hash.object()->table(), scan, [&](const ds::PackedTable::Item& item) {
    if (hash.shows(item.key)) visit(item.key, item.value);
  }));
}

constexpr std::string_view no_order = "nondeterministic_output_order";
constexpr std::string_view all_complexity = "O(N) in the number of fields";
constexpr std::string_view looking = "RO @1 range 0 1 0", reading = "RO ACCESS @1 range 0 1 0";

constexpr session::CommandRow rows[] = {
    hash_row("hget", hget, 3, "readonly fast", reading, "2.0.0", "O(1)", "Returns the value of a field.",
             "key:key field"),
    hash_row("hmget", hmget, -3, "readonly fast", reading, "2.0.0", "O(N) in the number of fields that are given",
             "Returns the values of several fields.", "key:key field..."),
    hash_row("hexists", hexists, 3, "readonly fast", looking, "2.0.0", "O(1)", "Tells whether a hash has a field.",
             "key:key field"),
    hash_row("hlen", hlen, 2, "readonly fast", looking, "2.0.0", "O(1)", "Tells how many fields a hash has.",
             "key:key"),
    hash_row("hstrlen", hstrlen, 3, "readonly fast", looking, "3.2.0", "O(1)",
             "Tells how long the value of a field is.", "key:key field"),
    hash_row("hgetall", reply_all<Part::both>, 2, "readonly", reading, "2.0.0", all_complexity,
             "Returns all fields of a hash with their values.", "key:key", no_order),
    hash_row("hkeys", reply_all<Part::fields>, 2, "readonly", reading, "2.0.0", all_complexity,
             "Returns all fields of a hash.", "key:key", no_order),
    hash_row("hvals", reply_all<Part::values>, 2, "readonly", reading, "2.0.0", all_complexity,
             "Returns all values of a hash.", "key:key", no_order),
    hash_row("hscan", hscan, -3, "readonly", reading, "2.8.0",
             "O(1) for a call, O(N) for all calls until the cursor is 0 again",
             "Walks over the fields of a hash, some at a time.",
             "key:key cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [NOVALUES]@7.4.0",
             "nondeterministic_output"),
};

}  // namespace

std::span<const session::CommandRow> hash_read_rows() { return rows; }

}  // namespace torc::cmd
