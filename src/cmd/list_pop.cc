// LPOP, RPOP, LMPOP and their relatives that wait for an element: BLPOP, BRPOP, BLMPOP. Those with several keys take
// from the first that has something, and are propagated as the plain LPOP or RPOP that did it.
#include <algorithm>

#include "base/parse_number.h"
#include "cmd/list_parts.h"
#include "cmd/numbers.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using store::Entry;
using store::KeyRef;
using Keys = std::span<const std::string_view>;

std::string_view pop_command(ListEnd end) { return end == ListEnd::left ? "LPOP" : "RPOP"; }

// `count` of the elements at an end, from the end on.
void reply_end(Context& context, const Entry& entry, ListEnd end, uint64_t count) {
  const uint64_t size = store::list_size(entry);
  reply_elements(context, entry, end == ListEnd::left ? 0 : size - count, count, end == ListEnd::right);
}

void reply_last(Context& context, const Entry& entry, ListEnd end) {
  const store::ListWalker walker(entry, end == ListEnd::left ? 0 : store::list_size(entry) - 1, true);
  reply_element(context, *walker.get());
}

template <ListEnd end>
void pop(Context& context) {
  if (context.size() > 3) {
    context.fail(end == ListEnd::left ? "ERR wrong number of arguments for 'lpop' command"
                                      : "ERR wrong number of arguments for 'rpop' command");
    return;
  }
  std::optional<int64_t> count;
  if (context.size() == 3 && !(count = positive_argument(context, 2))) return;
  const KeyRef key = context.key(1);
  Entry* entry;
  if (!find_list(context, key, &entry)) return;
  if (!entry) return count ? context.reply().null_array() : context.reply().null();
  if (!count) {
    reply_last(context, *entry, end);
    return pop_from_list(context, key, entry, end, 1);
  }
  if (*count == 0) return context.reply().empty_array();
  const uint64_t popped = std::min(static_cast<uint64_t>(*count), store::list_size(*entry));
  reply_end(context, *entry, end, popped);
  pop_from_list(context, key, entry, end, popped);
}

// --- several keys ---

// The first key that is there; nullopt: an error was replied. entry is null when none is.
struct Found {
  KeyRef key{};
  Entry* entry = nullptr;
};
std::optional<Found> find_first(Context& context, Keys keys) {
  for (const std::string_view bytes : keys) {
    const KeyRef key = context.make_key(bytes);
    Entry* entry;
    if (!find_list(context, key, &entry)) return std::nullopt;
    if (entry) return Found{key, entry};
  }
  return Found{};
}

void pop_one_of(Context& context, const Found& found, ListEnd end) {
  context.reply().array(2);
  context.reply().bulk(found.key.bytes);
  reply_last(context, *found.entry, end);
  pop_from_list(context, found.key, found.entry, end, 1);
  context.propagate_as({pop_command(end), found.key.bytes});
}

void pop_some_of(Context& context, const Found& found, ListEnd end, uint64_t count) {
  const uint64_t popped = std::min(count, store::list_size(*found.entry));
  context.reply().array(2);
  context.reply().bulk(found.key.bytes);
  reply_end(context, *found.entry, end, popped);
  pop_from_list(context, found.key, found.entry, end, popped);
  char digits[base::integer_digits_max];
  const size_t size = base::format_integer(digits, static_cast<int64_t>(popped));
  context.propagate_as({pop_command(end), found.key.bytes, {digits, size}});
}

void wait_for_one(Context& context, Keys keys, int64_t deadline_ms) {
  if (!context.wait(keys, {.type = store::Type::list, .deadline_ms = deadline_ms})) context.reply().null_array();
}

template <ListEnd end>
void blocking_pop(Context& context) {
  const auto deadline_ms = context.timeout(context.size() - 1);
  if (!deadline_ms) return;
  const Keys keys = context.arguments().subspan(1, context.size() - 2);
  const auto found = find_first(context, keys);
  if (!found) return;
  found->entry ? pop_one_of(context, *found, end) : wait_for_one(context, keys, *deadline_ms);
}

// numkeys key [key ...] LEFT|RIGHT [COUNT count]
struct ManyPop {
  Keys keys;
  ListEnd end = ListEnd::left;
  uint64_t count = 1;
};

bool parse_many_pop(Context& context, size_t at, ManyPop* parsed) {
  constexpr std::string_view too_few = "ERR numkeys should be greater than 0";
  const auto keys = context.integer(at, too_few);
  if (!keys) return false;
  if (*keys < 1) return context.fail(too_few);
  const size_t left = context.size() - at - 1;
  if (static_cast<uint64_t>(*keys) >= left) return context.fail(session::errors::syntax);
  parsed->keys = context.arguments().subspan(at + 1, static_cast<size_t>(*keys));
  size_t i = at + 1 + parsed->keys.size();
  const auto end = list_end_argument(context, i++);
  if (!end) return false;
  parsed->end = *end;
  if (i == context.size()) return true;
  if (i + 1 == context.size() || !session::equals_lower(context[i], "count")) {
    return context.fail(session::errors::syntax);
  }
  constexpr std::string_view too_small = "ERR count should be greater than 0";
  const auto count = context.integer(i + 1, too_small);
  if (!count) return false;
  if (*count < 1) return context.fail(too_small);
  parsed->count = static_cast<uint64_t>(*count);
  return i + 2 == context.size() || context.fail(session::errors::syntax);
}

void lmpop(Context& context) {
  ManyPop parsed;
  if (!parse_many_pop(context, 1, &parsed)) return;
  const auto found = find_first(context, parsed.keys);
  if (!found) return;
  found->entry ? pop_some_of(context, *found, parsed.end, parsed.count) : context.reply().null_array();
}

void blmpop(Context& context) {
  ManyPop parsed;
  if (!parse_many_pop(context, 2, &parsed)) return;
  const auto deadline_ms = context.timeout(1);
  if (!deadline_ms) return;
  const auto found = find_first(context, parsed.keys);
  if (!found) return;
  found->entry ? pop_some_of(context, *found, parsed.end, parsed.count)
               : wait_for_one(context, parsed.keys, *deadline_ms);
}

constexpr std::string_view one_key = "RW ACCESS DELETE @1 range 0 1 0";
constexpr std::string_view all_but_last = "RW ACCESS DELETE @1 range -2 1 0";
constexpr std::string_view decimals = "6.0.0=The timeout may have decimals.";

constexpr CommandRow rows[] = {
    list_row("lpop", pop<ListEnd::left>, -2, "write fast", one_key, "1.0.0", "O(N) in the elements that are returned",
        "Takes elements from the front of a list.", "key:key [count:integer]@6.2.0", "6.2.0=Several elements at once."),
    list_row("rpop", pop<ListEnd::right>, -2, "write fast", one_key, "1.0.0", "O(N) in the elements that are returned",
        "Takes elements from the back of a list.", "key:key [count:integer]@6.2.0", "6.2.0=Several elements at once."),
    list_row("lmpop", lmpop, -4, "write", "RW ACCESS DELETE @1 keynum 0 1 1", "7.0.0",
        "O(N+M) in the keys that are given and the elements that are returned",
        "Takes elements from the first of several lists that has any.",
        "numkeys:integer key:key... where=(LEFT|RIGHT) [COUNT count:integer]"),
    list_row("blpop", blocking_pop<ListEnd::left>, -3, "write blocking", all_but_last, "2.0.0",
        "O(N) in the keys that are given", "Takes an element from the front of one of several lists; waits for one.",
        "key:key... timeout:double", decimals),
    list_row("brpop", blocking_pop<ListEnd::right>, -3, "write blocking", all_but_last, "2.0.0",
        "O(N) in the keys that are given", "Takes an element from the back of one of several lists; waits for one.",
        "key:key... timeout:double", decimals),
    list_row("blmpop", blmpop, -5, "write blocking", "RW ACCESS DELETE @2 keynum 0 1 1", "7.0.0",
        "O(N+M) in the keys that are given and the elements that are returned",
        "Takes elements from the first of several lists that has any; waits for one.",
        "timeout:double numkeys:integer key:key... where=(LEFT|RIGHT) [COUNT count:integer]"),
};

}  // namespace

std::span<const CommandRow> list_pop_rows() { return rows; }

}  // namespace torc::cmd
