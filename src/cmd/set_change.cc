// SADD, SREM, SMOVE. A set that gets its first members is built before it gets its key, so that its entry is made once,
// in the right size.
#include "cmd/set_parts.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;
using store::SetBuilder;
using store::SetEditor;
using store::SetMember;
using store::Type;

template <class Change>
int64_t add_arguments(const Context& context, Change& set) {
  int64_t added = 0;
  for (size_t i = 2; i < context.size(); ++i) added += set.add(SetMember(context[i]));
  return added;
}

int64_t add_to_new(Context& context, const KeyRef& key) {
  SetBuilder set(value_rules(context), SetMember(context[2]), context.size() - 2);
  const int64_t added = add_arguments(context, set);
  std::move(set).move_to(context.database(), key, nullptr);
  context.added(key.bytes);
  return added;
}

int64_t add_to(Context& context, const KeyRef& key, Entry* entry) {
  SetEditor set(value_rules(context), &context.database(), key, entry);
  set.expect(context.size() - 2);
  return add_arguments(context, set);
}

void sadd(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!context.require_type(entry, Type::set)) return;
  const int64_t added = entry ? add_to(context, key, entry) : add_to_new(context, key);
  if (added != 0) {
    context.touched(key.bytes);
    context.notify(session::event_set, "sadd", key.bytes);
    context.add_dirty(added);
  }
  context.reply().integer(added);
}

// Removes the key when its set is empty; true then.
bool erase_if_empty(Context& context, const KeyRef& key, const SetEditor& set) {
  if (set.size() != 0) return false;
  context.database().erase(key, set.home().entry());
  return true;
}

void srem(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!entry) return context.reply().integer(0);
  if (!context.require_type(entry, Type::set)) return;
  SetEditor set(value_rules(context), &context.database(), key, entry);
  int64_t removed = 0;
  bool erased = false;
  for (size_t i = 2; i < context.size() && !erased; ++i) {
    if (!set.remove(SetMember(context[i]))) continue;
    ++removed;
    erased = erase_if_empty(context, key, set);
  }
  if (removed != 0) {
    context.touched(key.bytes);
    context.notify(session::event_set, "srem", key.bytes);
    if (erased) context.notify(session::event_generic, "del", key.bytes);
    context.add_dirty(removed);
  }
  context.reply().integer(removed);
}

// Takes the member out of the source; false: it is not in it.
bool move_out(Context& context, const KeyRef& from, const SetMember& member) {
  SetEditor source(value_rules(context), &context.database(), from, context.database().find(from));
  if (!source.remove(member)) return false;
  context.notify(session::event_set, "srem", from.bytes);
  if (erase_if_empty(context, from, source)) context.notify(session::event_generic, "del", from.bytes);
  context.touched(from.bytes);
  context.add_dirty(1);
  return true;
}

void move_in(Context& context, const KeyRef& to, const SetMember& member) {
  if (Entry* entry = context.database().find(to)) {
    if (!SetEditor(value_rules(context), &context.database(), to, entry).add(member)) return;
  } else {
    SetBuilder set(value_rules(context), member, 1);
    set.add(member);
    std::move(set).move_to(context.database(), to, nullptr);
    context.added(to.bytes);
  }
  context.changed(to.bytes, session::event_set, "sadd");
}

void smove(Context& context) {
  const KeyRef from = context.key(1), to = context.key(2);
  const SetMember member(context[3]);
  const bool has_source = context.write(from) != nullptr;
  const Entry* target = context.write(to);
  if (!has_source) return context.reply().integer(0);
  const Entry* source = context.database().find(from);
  if (!context.require_type(source, Type::set) || !context.require_type(target, Type::set)) return;
  if (source == target) return context.reply().integer(store::SetView(*source).contains(member));
  const bool moved = move_out(context, from, member);
  if (moved) move_in(context, to, member);
  context.reply().integer(moved);
}

constexpr session::CommandRow rows[] = {
    set_row("sadd", sadd, -3, "write denyoom fast", "RW INSERT @1 range 0 1 0", "1.0.0",
            "O(N) in the number of members that are given", "Adds members to a set.", "key:key member...", "",
            "2.4.0=Takes several members."),
    set_row("srem", srem, -3, "write fast", "RW DELETE @1 range 0 1 0", "1.0.0",
            "O(N) in the number of members that are given", "Removes members from a set.", "key:key member...", "",
            "2.4.0=Takes several members."),
    set_row("smove", smove, 4, "write fast", "RW ACCESS DELETE @1 range 0 1 0;RW INSERT @2 range 0 1 0", "1.0.0",
            "O(1)", "Moves a member from one set to another.", "source:key destination:key member"),
};

}  // namespace

std::span<const session::CommandRow> set_change_rows() { return rows; }

}  // namespace torc::cmd
