// SPOP and SRANDMEMBER. What SPOP removed is propagated as SREM, at most some members at a time, or as DEL when it was
// all. How it removes depends on how much: members chosen from the set, as long as enough remain; otherwise the
// remaining ones are chosen, and become a new set in a form for their number.
#include <algorithm>
#include <vector>

#include "cmd/numbers.h"
#include "cmd/random_sampling.h"
#include "cmd/set_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Encoding;
using store::Entry;
using store::KeyRef;
using store::SetBuilder;
using store::SetEditor;
using store::SetMember;
using store::SetView;
using store::Type;

// The SREMs of one SPOP.
class Removals {
 public:
  Removals(Context& context, const KeyRef& key) : context_(context), key_(key) { context.propagate_nothing(); }
  void add(std::string_view member) {
    if (!context_.session().effects().propagating()) return;
    members_.emplace_back(member);
    if (members_.size() == members_max) flush();
  }
  void flush() {
    if (members_.empty()) return;
    std::vector<std::string_view> arguments = {"SREM", key_.bytes};
    arguments.insert(arguments.end(), members_.begin(), members_.end());
    context_.propagate_as(arguments);
    members_.clear();
  }

 private:
  static constexpr size_t members_max = 1024;
  Context& context_;
  const KeyRef& key_;
  std::vector<std::string> members_;
};

// Null unless the set is a hashtable.
ds::PackedTable* table_of(Entry* entry) {
  if (SetView(*entry).encoding() != Encoding::hashtable) return nullptr;
  return &static_cast<store::SetObject*>(entry->object())->table();
}

// --- SPOP key ---

void pop_one(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!entry) return context.reply().null();
  if (!context.require_type(entry, Type::set)) return;
  base::Random& random = context.session().random();
  ds::PackedTable* const table = table_of(entry);
  const auto position = table ? table->random(random) : ds::PackedTable::Position();
  const SetMember member = table ? SetMember(table->item(position).key) : SetView(*entry).random(random);
  context.reply().bulk(member.text());
  context.notify(session::event_set, "spop", key.bytes);
  context.propagate_as({"SREM", key.bytes, member.text()});
  SetEditor set(value_rules(context), &context.database(), key, entry);
  table ? table->erase(position) : static_cast<void>(set.remove(member));
  // In a pipeline the next SPOP is close, and nearly all that it waits for is its member.
  if (table) table->prefetch_random(random);
  if (set.size() == 0) {
    context.database().erase(key, set.home().entry());
    context.notify(session::event_generic, "del", key.bytes);
  }
  context.touched(key.bytes);
  context.add_dirty(1);
}

// --- SPOP key count ---

void pop_all(Context& context, const KeyRef& key, Entry* entry) {
  const SetView set(*entry);
  context.reply().set(set.size());
  set.for_each([&](const SetMember& member) { context.reply().bulk(member.text()); });
  ++context.session().statistics().hits;  // Redis reads the set through its read gate here
  context.database().erase(key, entry);
  context.notify(session::event_generic, "del", key.bytes);
  context.propagate_as({context.session().options().lazy_server_del ? "UNLINK" : "DEL", key.bytes});
}

// Members of a packed set: those that stay are written anew, in their order. The set keeps its form, whatever the
// limits are by now, unless nearly all go: then it is made anew by the limits.
void pop_packed(Context& context, const KeyRef& key, Entry* entry, uint64_t count, bool nearly_all) {
  const SetView set(*entry);
  Removals removals(context, key);
  SetBuilder rest(value_rules(context), set.encoding());
  Sampler sampler(&context.session().random(), count, set.size());
  set.for_each([&](const SetMember& member) {
    if (!sampler.take()) return nearly_all ? rest.add_new(member) : rest.add_to_block(member);
    context.reply().bulk(member.text());
    removals.add(member.text());
  });
  removals.flush();
  std::move(rest).move_to(context.database(), key, entry);
}

void pop_from_table(Context& context, const KeyRef& key, Entry* entry, uint64_t count) {
  ds::PackedTable& table = *table_of(entry);
  Removals removals(context, key);
  for (; count != 0; --count) {
    const ds::PackedTable::Position position = table.random(context.session().random());
    const std::string_view member = table.item(position).key;
    context.reply().bulk(member);
    removals.add(member);
    table.erase(position);
  }
  removals.flush();
}

// Nearly all members of a table: those that stay move to a new set.
void pop_most_of_table(Context& context, const KeyRef& key, Entry* entry, uint64_t remaining) {
  ds::PackedTable& table = *table_of(entry);
  Removals removals(context, key);
  SetBuilder rest(value_rules(context), Encoding::listpack);
  for (; remaining != 0; --remaining) {
    const ds::PackedTable::Position position = table.random(context.session().random());
    rest.add_new(SetMember(table.item(position).key));
    table.erase(position);
  }
  table.for_each([&](const ds::PackedTable::Item& item) {
    context.reply().bulk(item.key);
    removals.add(item.key);
  });
  removals.flush();
  std::move(rest).move_to(context.database(), key, entry);
}

void pop_some(Context& context, const KeyRef& key, Entry* entry, uint64_t count, uint64_t size) {
  constexpr uint64_t rebuilding_factor = 5;
  const uint64_t remaining = size - count;
  const bool nearly_all = remaining * rebuilding_factor <= count;
  context.reply().set(count);
  if (!entry->is_object()) return pop_packed(context, key, entry, count, nearly_all);
  if (!nearly_all) return pop_from_table(context, key, entry, count);
  pop_most_of_table(context, key, entry, remaining);
}

void pop_count(Context& context) {
  const auto count = positive_argument(context, 2);
  if (!count) return;
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::set)) return;
  if (!entry || *count == 0) return context.reply().set(0);
  const uint64_t size = SetView(*entry).size(), popped = std::min(static_cast<uint64_t>(*count), size);
  context.notify(session::event_set, "spop", key.bytes);
  popped == size ? pop_all(context, key, entry) : pop_some(context, key, entry, popped, size);
  context.touched(key.bytes);
  context.add_dirty(static_cast<int64_t>(popped));
}

void spop(Context& context) {
  if (context.size() > 3) return context.reply().error(session::errors::syntax);
  context.size() == 3 ? pop_count(context) : pop_one(context);
}

// --- SRANDMEMBER ---

void reply_member(Context& context, const SetMember& member) { context.reply().bulk(member.text()); }

// The same member may come several times. Members of a packed set are found once, not by counting each time.
void reply_repeated(Context& context, const SetView& set, uint64_t count) {
  base::Random& random = context.session().random();
  context.reply().array(count);
  if (set.encoding() != Encoding::listpack) {
    for (; count != 0 && !context.reply().overflown(); --count) reply_member(context, set.random(random));
    return;
  }
  std::vector<SetMember> members;
  set.for_each([&members](const SetMember& member) { members.push_back(member); });
  for (; count != 0 && !context.reply().overflown(); --count) {
    reply_member(context, members[random.below(members.size())]);
  }
}

void reply_distinct(Context& context, const SetView& set, uint64_t count) {
  base::Random& random = context.session().random();
  count = std::min(count, set.size());
  context.reply().array(count);
  if (const ds::PackedTable* table = set.table()) {
    return sample_table(*table, count, random,
                        [&](const ds::PackedTable::Item& item) { context.reply().bulk(item.key); });
  }
  Sampler sampler(&random, count, set.size());
  set.for_each([&](const SetMember& member) {
    if (sampler.take()) reply_member(context, member);
  });
}

void random_members(Context& context) {
  const auto count = random_count_argument(context, 2);
  if (!count) return;
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::set)) return;
  if (!entry || count->elements == 0) return context.reply().array(0);
  if (!check_repeated(context, *count)) return;
  const SetView set(*entry);
  if (!count->distinct || count->elements == 1) return reply_repeated(context, set, count->elements);
  reply_distinct(context, set, count->elements);
}

void srandmember(Context& context) {
  if (context.size() > 3) return context.reply().error(session::errors::syntax);
  if (context.size() == 3) return random_members(context);
  const Entry* entry = context.read(context.key(1));
  if (!entry) return context.reply().null();
  if (!context.require_type(entry, Type::set)) return;
  reply_member(context, SetView(*entry).random(context.session().random()));
}

constexpr std::string_view complexity = "O(1) without a count, otherwise O(N), N being the count";

constexpr session::CommandRow rows[] = {
    set_row("spop", spop, -2, "write fast", "RW ACCESS DELETE @1 range 0 1 0", "1.0.0", complexity,
            "Removes random members from a set and returns them.", "key:key [count:integer]@3.2.0",
            "nondeterministic_output", "3.2.0=Takes a count."),
    set_row("srandmember", srandmember, -2, "readonly", "RO ACCESS @1 range 0 1 0", "1.0.0", complexity,
            "Returns random members of a set.", "key:key [count:integer]@2.6.0", "nondeterministic_output",
            "2.6.0=Takes a count."),
};

}  // namespace

std::span<const session::CommandRow> set_random_rows() { return rows; }

}  // namespace torc::cmd
