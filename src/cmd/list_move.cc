// LMOVE and RPOPLPUSH: an element from an end of a list to an end of another one or of the same; BLMOVE and BRPOPLPUSH
// wait for it, and are propagated as the form that does not wait.
#include <string>

#include "cmd/list_parts.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using store::Entry;
using store::KeyRef;

struct Ends {
  ListEnd from, to;
};

std::optional<Ends> ends_arguments(const Context& context) {
  const auto from = list_end_argument(context, 3);
  if (!from) return std::nullopt;
  const auto to = list_end_argument(context, 4);
  if (!to) return std::nullopt;
  return Ends{*from, *to};
}

// Entries move with every change, so each is looked up again. Between taking and giving a list may be empty. False: the
// target is no list, which was replied.
bool move_element(Context& context, Entry* source, const Ends& ends) {
  const KeyRef from = context.key(1), to = context.key(2);
  store::Database& database = context.database();
  Entry* target;
  if (!find_list(context, to, &target)) return false;
  source = database.find(from);  // looking for the target may have expired it
  const uint64_t index = ends.from == ListEnd::left ? 0 : store::list_size(*source) - 1;
  char digits[24];
  const store::ListElement element = *store::ListWalker(*source, index, true).get();
  const std::string text(element.string(digits));
  // As in Redis, whose quicklists give integers back as such: they count as nothing then.
  const uint64_t text_bytes = source->is_object() && element.is_integer ? 0 : text.size();
  const bool target_exists = target != nullptr;
  store::list_erase(list_key(context, from), source, index, 1);
  const std::string_view texts[] = {text};
  push_to_list(context, to, target_exists ? database.find(to) : nullptr, texts, text_bytes, ends.to);
  context.reply().bulk(text);
  source = database.find(from);
  finish_removal(context, from, source, store::list_size(*source), ends.from == ListEnd::left ? "lpop" : "rpop", 1);
  return true;
}

void lmove(Context& context) {
  const auto ends = ends_arguments(context);
  Entry* source;
  if (!ends || !find_list(context, context.key(1), &source)) return;
  if (!source) return context.reply().null();
  move_element(context, source, *ends);
}

void rpoplpush(Context& context) {
  Entry* source;
  if (!find_list(context, context.key(1), &source)) return;
  if (!source) return context.reply().null();
  move_element(context, source, {ListEnd::right, ListEnd::left});
}

// Moves and returns true, or waits, or replies why not.
bool move_or_wait(Context& context, const Ends& ends, int64_t deadline_ms) {
  Entry* source;
  if (!find_list(context, context.key(1), &source)) return false;
  if (source) return move_element(context, source, ends);
  const auto key = context.arguments().subspan(1, 1);
  if (!context.wait(key, {.type = store::Type::list, .deadline_ms = deadline_ms})) context.reply().null();
  return false;
}

void blmove(Context& context) {
  const auto ends = ends_arguments(context);
  if (!ends) return;
  const auto deadline_ms = context.timeout(5);
  if (!deadline_ms || !move_or_wait(context, *ends, *deadline_ms)) return;
  context.propagate_as({"LMOVE", context[1], context[2], context[3], context[4]});
}

void brpoplpush(Context& context) {
  const auto deadline_ms = context.timeout(3);
  if (!deadline_ms || !move_or_wait(context, {ListEnd::right, ListEnd::left}, *deadline_ms)) return;
  context.propagate_as({"RPOPLPUSH", context[1], context[2]});
}

constexpr CommandRow row(std::string_view name, session::Handler handler, int arity, std::string_view flags,
                         std::string_view since, std::string_view summary, std::string_view arguments,
                         std::string_view history = {}, std::string_view deprecated = {}) {
  return list_row(name, handler, arity, flags, "RW ACCESS DELETE @1 range 0 1 0;RW INSERT @2 range 0 1 0", since,
                  "O(1)", summary, arguments, history, deprecated);
}

constexpr CommandRow rows[] = {
    row("lmove", lmove, 5, "write denyoom", "6.2.0", "Moves an element from list to list.",
        "source:key destination:key wherefrom=(LEFT|RIGHT) whereto=(LEFT|RIGHT)"),
    row("rpoplpush", rpoplpush, 3, "write denyoom", "1.2.0",
        "Moves an element from the back of a list to the front of another one.", "source:key destination:key", {},
        "6.2.0=`LMOVE` with the `RIGHT` and `LEFT` arguments"),
    row("blmove", blmove, 6, "write denyoom blocking", "6.2.0", "Moves an element from list to list; waits for one.",
        "source:key destination:key wherefrom=(LEFT|RIGHT) whereto=(LEFT|RIGHT) timeout:double"),
    row("brpoplpush", brpoplpush, 4, "write denyoom blocking", "2.2.0",
        "Moves an element from the back of a list to the front of another one; waits for one.",
        "source:key destination:key timeout:double", "6.0.0=The timeout may have decimals.",
        "6.2.0=`BLMOVE` with the `RIGHT` and `LEFT` arguments"),
};

}  // namespace

std::span<const CommandRow> list_move_rows() { return rows; }

}  // namespace torc::cmd
