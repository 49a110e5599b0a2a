// Commands that look into one set: SCARD SISMEMBER SMISMEMBER SMEMBERS SSCAN.
#include "cmd/collection_scan.h"
#include "cmd/set_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::SetMember;
using store::SetView;
using store::Type;

void scard(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::set)) return;
  context.reply().integer(entry ? static_cast<int64_t>(SetView(*entry).size()) : 0);
}

void sismember(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::set)) return;
  context.reply().integer(entry && SetView(*entry).contains(SetMember(context[2])));
}

void smismember(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::set)) return;
  context.reply().array(context.size() - 2);
  for (size_t i = 2; i < context.size(); ++i) {
    context.reply().integer(entry && SetView(*entry).contains(SetMember(context[i])));
  }
}

void smembers(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::set)) return;
  if (!entry) return context.reply().set(0);
  const SetView set(*entry);
  context.reply().set(set.size());
  set.for_each([&](const SetMember& member) { context.reply().bulk(member.text()); });
}

// A packed set is small, so it is told at once.
void sscan(Context& context) {
  CollectionScan scan;
  const Entry* entry = begin_collection_scan(context, Type::set, &scan);
  if (!entry) return;
  const SetView set(*entry);
  ScanReply reply(context);
  const auto visit = [&](std::string_view member) {
    if (scan.wants(member)) reply.add(member);
  };
  if (const ds::PackedTable* table = set.table()) {
    return reply.finish(scan_table(*table, scan, [&](const ds::PackedTable::Item& item) { visit(item.key); }));
  }
  set.for_each([&](const SetMember& member) { visit(member.text()); });
  reply.finish(0);
}

constexpr session::CommandRow rows[] = {
    set_row("scard", scard, 2, "readonly fast", "RO @1 range 0 1 0", "1.0.0", "O(1)",
            "Tells how many members a set has.", "key:key"),
    set_row("sismember", sismember, 3, "readonly fast", "RO @1 range 0 1 0", "1.0.0", "O(1)",
            "Tells whether a set has a member.", "key:key member"),
    set_row("smismember", smismember, -3, "readonly fast", "RO ACCESS @1 range 0 1 0", "6.2.0",
            "O(N) in the number of members that are given", "Tells for each of several members whether a set has it.",
            "key:key member..."),
    set_row("smembers", smembers, 2, "readonly", "RO ACCESS @1 range 0 1 0", "1.0.0",
            "O(N) in the number of members", "Returns all members of a set.", "key:key",
            "nondeterministic_output_order"),
    set_row("sscan", sscan, -3, "readonly", "RO ACCESS @1 range 0 1 0", "2.8.0",
            "O(1) for a call, O(N) for all calls until the cursor is 0 again",
            "Walks over the members of a set, some at a time.",
            "key:key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]", "nondeterministic_output"),
};

}  // namespace

std::span<const session::CommandRow> set_read_rows() { return rows; }

}  // namespace torc::cmd
