// LINSERT, LSET, LTRIM, LREM: changes between the ends.
#include <algorithm>

#include "cmd/list_parts.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using store::Entry;
using store::KeyRef;

// The first element that equals the pivot, or nothing.
bool find_pivot(store::ListWalker* walker, std::string_view pivot) {
  const ds::ListpackItem item(pivot);
  while (walker->get() && !walker->equals(item)) walker->step();
  return walker->get() != nullptr;
}

void linsert(Context& context) {
  const bool after = session::equals_lower(context[2], "after");
  if (!after && !session::equals_lower(context[2], "before")) {
    context.fail(session::errors::syntax);
    return;
  }
  const KeyRef key = context.key(1);
  Entry* entry;
  if (!find_list(context, key, &entry)) return;
  if (!entry) return context.reply().integer(0);
  const store::ListKey at = list_key(context, key);
  const std::string_view text = context[4];
  entry = store::list_prepare(at, entry, text.size(), 1);
  store::ListWalker walker(*entry, 0, true);
  if (!find_pivot(&walker, context[3])) return context.reply().integer(-1);
  entry = store::list_insert(at, entry, walker, text, after);
  context.changed(key.bytes, session::event_list, "linsert");
  context.reply().integer(static_cast<int64_t>(store::list_size(*entry)));
}

void lset(Context& context) {
  const KeyRef key = context.key(1);
  Entry* entry = context.write(key);
  if (!entry) {
    context.fail(session::errors::no_such_key);
    return;
  }
  if (!context.require_type(entry, store::Type::list)) return;
  const auto given = context.integer(2);
  if (!given) return;
  const store::ListKey at = list_key(context, key);
  const std::string_view text = context[3];
  entry = store::list_prepare(at, entry, text.size(), 1);
  const auto size = static_cast<int64_t>(store::list_size(*entry));
  const int64_t index = *given < 0 ? size + *given : *given;
  if (index < 0 || index >= size) {
    context.fail(session::errors::out_of_range);
    return;
  }
  entry = store::list_set(at, entry, static_cast<uint64_t>(index), text);
  context.reply().ok();
  context.changed(key.bytes, session::event_list, "lset");
  store::list_shrink(at, entry);
}

void ltrim(Context& context) {
  const auto first = context.integer(2);
  if (!first) return;
  const auto last = context.integer(3);
  if (!last) return;
  const KeyRef key = context.key(1);
  Entry* entry;
  if (!find_list(context, key, &entry)) return;
  if (!entry) return context.reply().ok();
  const auto size = static_cast<int64_t>(store::list_size(*entry));
  const int64_t begin = std::max<int64_t>(*first < 0 ? size + *first : *first, 0);
  const int64_t end = std::min(*last < 0 ? size + *last : *last, size - 1) + 1;
  const int64_t left = begin < end ? end - begin : 0;
  if (left != 0) {
    const store::ListKey at = list_key(context, key);
    entry = store::list_erase(at, entry, static_cast<uint64_t>(end), static_cast<uint64_t>(size - end));
    entry = store::list_erase(at, entry, 0, static_cast<uint64_t>(begin));
  }
  finish_removal(context, key, entry, static_cast<uint64_t>(left), "ltrim", static_cast<uint64_t>(size - left));
  context.reply().ok();
}

void lrem(Context& context) {
  const auto count = context.integer(2);
  if (!count) return;
  const KeyRef key = context.key(1);
  Entry* entry;
  if (!find_list(context, key, &entry)) return;
  if (!entry) return context.reply().integer(0);
  const uint64_t most = *count < 0 ? 0 - static_cast<uint64_t>(*count) : static_cast<uint64_t>(*count);
  const auto removed =
      store::list_remove(list_key(context, key), entry, ds::ListpackItem(context[3]), most, *count < 0);
  if (removed.count != 0) {
    const uint64_t left = store::list_size(*removed.entry);
    finish_removal(context, key, removed.entry, left, "lrem", removed.count);
  }
  context.reply().integer(static_cast<int64_t>(removed.count));
}

constexpr CommandRow rows[] = {
    list_row("linsert", linsert, 5, "write denyoom", "RW INSERT @1 range 0 1 0", "2.2.0",
        "O(N) in the elements before the pivot", "Puts an element before or behind one that is in a list.",
        "key:key where=(BEFORE|AFTER) pivot element"),
    list_row("lset", lset, 4, "write denyoom", "RW UPDATE @1 range 0 1 0", "1.0.0",
        "O(N) in the nodes between the element and the nearer end; O(1) for the first and the last",
        "Replaces the element at an index.", "key:key index:integer element"),
    list_row("ltrim", ltrim, 4, "write", "RW DELETE @1 range 0 1 0", "1.0.0",
        "O(N) in the nodes that are removed, which are freed in the background",
        "Removes all elements but those of a range.", "key:key start:integer stop:integer"),
    list_row("lrem", lrem, 4, "write", "RW DELETE @1 range 0 1 0", "1.0.0",
        "O(N+M) in the elements of the list and those that are removed",
        "Removes elements that equal a given one.", "key:key count:integer element"),
};

}  // namespace

std::span<const CommandRow> list_change_rows() { return rows; }

}  // namespace torc::cmd
