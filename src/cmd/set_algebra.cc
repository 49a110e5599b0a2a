// SINTER, SUNION, SDIFF, what they store, and SINTERCARD.
#include <optional>
#include <string>
#include <vector>

#include "base/parse_number.h"
#include "cmd/destination.h"
#include "cmd/set_parts.h"
#include "session/context.h"
#include "session/registry.h"
#include "store/set_algebra.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;
using store::SetBuilder;
using store::SetMember;
using store::SetView;
using store::Type;

using Sets = std::vector<std::optional<SetView>>;

// The sets of arguments first to last, nullopt where there is no key; no vector: WRONGTYPE was replied. Reading a key
// may remove an overdue one, so views are made when all are read.
std::optional<Sets> read_sets(Context& context, size_t first, size_t last) {
  std::vector<bool> present;
  for (size_t i = first; i <= last; ++i) {
    const Entry* entry = context.read(context.key(i));
    if (!context.require_type(entry, Type::set)) return std::nullopt;
    present.push_back(entry != nullptr);
  }
  Sets sets(present.size());
  for (size_t i = 0; i < present.size(); ++i) {
    if (present[i]) sets[i].emplace(*context.database().find(context.key(first + i)));
  }
  return sets;
}

std::vector<SetView> existing(std::span<const std::optional<SetView>> sets) {
  std::vector<SetView> found;
  for (const auto& set : sets)
    if (set) found.push_back(*set);
  return found;
}

void reply_set(Context& context, const SetView& set) {
  context.reply().set(set.size());
  set.for_each([&](const SetMember& member) { context.reply().bulk(member.text()); });
}

// --- results that are stored ---

void store_nothing(Context& context) {
  erase_destination(context, context.key(1));
  context.reply().integer(0);
}

// What the key held before, and its deadline, are gone.
void store_result(Context& context, SetBuilder result, std::string_view event) {
  const KeyRef key = context.key(1);
  if (result.size() == 0) return store_nothing(context);
  Entry* old = context.write(key);
  const bool is_new = !old;
  if (old && old->can_expire()) old = context.database().set_deadline(key, old, store::no_deadline);
  const auto size = static_cast<int64_t>(result.size());
  std::move(result).move_to(context.database(), key, old);
  if (is_new) context.added(key.bytes);
  context.changed(key.bytes, session::event_set, event);
  context.reply().integer(size);
}

// --- intersection ---

void sinter(Context& context) {
  const auto sets = read_sets(context, 1, context.size() - 1);
  if (!sets) return;
  const std::vector<SetView> found = existing(*sets);
  if (found.size() < sets->size()) return context.reply().set(0);
  const resp::Output::Mark mark = context.reply().defer();
  size_t count = 0;
  store::intersect(found, [&](const SetMember& member) {
    context.reply().bulk(member.text());
    ++count;
    return true;
  });
  context.reply().end_set(mark, count);
}

void sinterstore(Context& context) {
  const auto sets = read_sets(context, 2, context.size() - 1);
  if (!sets) return;
  const std::vector<SetView> found = existing(*sets);
  if (found.size() < sets->size()) return store_nothing(context);
  store_result(context, store::intersection(value_rules(context), found), "sinterstore");
}

// The number that the argument must be; nullopt: the error was replied.
std::optional<int64_t> bounded_argument(const Context& context, size_t i, int64_t least, std::string_view error) {
  const auto value = context.integer(i, error);
  if (!value || *value >= least) return value;
  context.fail(error);
  return std::nullopt;
}

bool parse_limit(const Context& context, size_t first, int64_t* limit) {
  for (size_t i = first; i < context.size(); ++i) {
    if (!session::equals_lower(context[i], "limit") || i + 1 == context.size()) {
      return context.fail(session::errors::syntax);
    }
    const auto value = bounded_argument(context, ++i, 0, "ERR LIMIT can't be negative");
    if (!value) return false;
    *limit = *value;
  }
  return true;
}

void sintercard(Context& context) {
  const auto keys = bounded_argument(context, 1, 1, "ERR numkeys should be greater than 0");
  if (!keys) return;
  if (static_cast<uint64_t>(*keys) > context.size() - 2) {
    return context.reply().error("ERR Number of keys can't be greater than number of args");
  }
  const auto last = static_cast<size_t>(*keys) + 1;
  int64_t limit = 0;
  if (!parse_limit(context, last + 1, &limit)) return;
  const auto sets = read_sets(context, 2, last);
  if (!sets) return;
  const std::vector<SetView> found = existing(*sets);
  int64_t count = 0;
  if (found.size() == sets->size()) {
    store::intersect(found, [&](const SetMember&) { return ++count != limit; });
  }
  context.reply().integer(count);
}

// --- union and difference ---

std::optional<SetBuilder> union_of(Context& context, size_t first) {
  const auto sets = read_sets(context, first, context.size() - 1);
  if (!sets) return std::nullopt;
  return store::united(value_rules(context), existing(*sets));
}

std::optional<SetBuilder> difference_of(Context& context, size_t first) {
  const auto sets = read_sets(context, first, context.size() - 1);
  if (!sets) return std::nullopt;
  const store::ValueRules rules = value_rules(context);
  if (!sets->front()) return SetBuilder(rules, store::Encoding::intset);
  return store::difference(rules, *sets->front(), existing(std::span(*sets).subspan(1)));
}

void sunion(Context& context) {
  if (const auto result = union_of(context, 1)) reply_set(context, result->view());
}

void sdiff(Context& context) {
  if (const auto result = difference_of(context, 1)) reply_set(context, result->view());
}

void sunionstore(Context& context) {
  if (auto result = union_of(context, 2)) store_result(context, std::move(*result), "sunionstore");
}

void sdiffstore(Context& context) {
  if (auto result = difference_of(context, 2)) store_result(context, std::move(*result), "sdiffstore");
}

constexpr std::string_view read_keys = "RO ACCESS @1 range -1 1 0";
constexpr std::string_view store_keys = "OW UPDATE @1 range 0 1 0;RO ACCESS @2 range -1 1 0";
constexpr std::string_view inter_complexity =
    "O(N*M) at worst, N being the number of members of the smallest set and M the number of sets";
constexpr std::string_view all_complexity = "O(N) in the number of members of all sets";
constexpr std::string_view no_order = "nondeterministic_output_order";

constexpr session::CommandRow rows[] = {
    set_row("sinter", sinter, -2, "readonly", read_keys, "1.0.0", inter_complexity,
            "Returns the members that all sets have.", "key:key...", no_order),
    set_row("sintercard", sintercard, -3, "readonly", "RO ACCESS @1 keynum 0 1 1", "7.0.0", inter_complexity,
            "Tells how many members all sets have in common.", "numkeys:integer key:key... [LIMIT limit:integer]"),
    set_row("sinterstore", sinterstore, -3, "write denyoom",
            "RW UPDATE @1 range 0 1 0;RO ACCESS @2 range -1 1 0", "1.0.0", inter_complexity,
            "Stores the members that all sets have.", "destination:key key:key..."),
    set_row("sunion", sunion, -2, "readonly", read_keys, "1.0.0", all_complexity,
            "Returns the members that any of the sets has.", "key:key...", no_order),
    set_row("sunionstore", sunionstore, -3, "write denyoom", store_keys, "1.0.0", all_complexity,
            "Stores the members that any of the sets has.", "destination:key key:key..."),
    set_row("sdiff", sdiff, -2, "readonly", read_keys, "1.0.0", all_complexity,
            "Returns the members of the first set that none of the others has.", "key:key...", no_order),
    set_row("sdiffstore", sdiffstore, -3, "write denyoom", store_keys, "1.0.0", all_complexity,
            "Stores the members of the first set that none of the others has.", "destination:key key:key..."),
};

}  // namespace

std::span<const session::CommandRow> set_algebra_rows() { return rows; }

}  // namespace torc::cmd
