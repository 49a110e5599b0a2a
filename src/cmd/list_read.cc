// LLEN, LINDEX, LRANGE, LPOS: looking at lists.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cmd/list_parts.h"
#include "cmd/numbers.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using store::Entry;

void llen(Context& context) {
  const Entry* entry;
  if (!read_list(context, context.key(1), &entry)) return;
  context.reply().integer(entry ? static_cast<int64_t>(store::list_size(*entry)) : 0);
}

void lindex(Context& context) {
  const Entry* entry;
  if (!read_list(context, context.key(1), &entry)) return;
  if (!entry) return context.reply().null();
  const auto given = context.integer(2);
  if (!given) return;
  const auto size = static_cast<int64_t>(store::list_size(*entry));
  const int64_t index = *given < 0 ? size + *given : *given;
  if (index < 0 || index >= size) return context.reply().null();
  const store::ListWalker walker(*entry, static_cast<uint64_t>(index), true);
  reply_element(context, *walker.get());
}

void lrange(Context& context) {
  const auto first = context.integer(2);
  if (!first) return;
  const auto last = context.integer(3);
  if (!last) return;
  const Entry* entry;
  if (!read_list(context, context.key(1), &entry)) return;
  const int64_t size = entry ? static_cast<int64_t>(store::list_size(*entry)) : 0;
  const int64_t begin = std::max<int64_t>(*first < 0 ? size + *first : *first, 0);
  const int64_t end = std::min(*last < 0 ? size + *last : *last, size - 1) + 1;
  if (begin >= end) return context.reply().empty_array();
  reply_elements(context, *entry, static_cast<uint64_t>(begin), static_cast<uint64_t>(end - begin), false);
}

// --- LPOS ---

struct Search {
  uint64_t rank = 1;  // which match is the first that counts
  bool from_back = false;
  std::optional<uint64_t> count;  // of matches to be told, 0: all; not given: one, not in an array
  uint64_t compared_max = 0;      // elements; 0: all
};

bool parse_rank(Context& context, size_t i, Search* search) {
  const auto rank = context.integer(i);
  if (!rank) return false;
  if (*rank == 0) {
    return context.fail(
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start "
        "from the end of the list");
  }
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  if (*rank < -most) {
    return context.fail(fmt::format("ERR value is out of range, value must between {} and {}", -most, most));
  }
  search->from_back = *rank < 0;
  search->rank = static_cast<uint64_t>(*rank < 0 ? -*rank : *rank);
  return true;
}

std::optional<uint64_t> parse_count(Context& context, size_t i, std::string_view error) {
  const auto count = context.integer(i, error);
  if (!count) return std::nullopt;
  if (*count >= 0) return static_cast<uint64_t>(*count);
  context.fail(error);
  return std::nullopt;
}

bool parse_search(Context& context, Search* search) {
  for (size_t i = 3; i < context.size(); i += 2) {
    if (i + 1 == context.size()) return context.fail(session::errors::syntax);
    if (session::equals_lower(context[i], "rank")) {
      if (!parse_rank(context, i + 1, search)) return false;
    } else if (session::equals_lower(context[i], "count")) {
      search->count = parse_count(context, i + 1, "ERR COUNT can't be negative");
      if (!search->count) return false;
    } else if (session::equals_lower(context[i], "maxlen")) {
      const auto most = parse_count(context, i + 1, "ERR MAXLEN can't be negative");
      if (!most) return false;
      search->compared_max = *most;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

// Calls found(index) for the matches that count, until it returns false.
template <class Found>
void search_list(const Entry& entry, const ds::ListpackItem& item, const Search& search, Found found) {
  const uint64_t size = store::list_size(entry);
  const uint64_t compared_max = search.compared_max == 0 ? size : std::min(search.compared_max, size);
  store::ListWalker walker(entry, search.from_back ? size - 1 : 0, !search.from_back);
  uint64_t matches = 0;
  for (uint64_t i = 0; i < compared_max; ++i, walker.step()) {
    if (!walker.equals(item) || ++matches < search.rank) continue;
    if (!found(static_cast<int64_t>(search.from_back ? size - 1 - i : i))) return;
  }
}

void lpos(Context& context) {
  Search search;
  if (!parse_search(context, &search)) return;
  const Entry* entry;
  if (!read_list(context, context.key(1), &entry)) return;
  const ds::ListpackItem item(context[2]);
  if (search.count) {
    const auto mark = context.reply().defer();
    uint64_t told = 0;
    const auto tell = [&](int64_t index) {
      context.reply().integer(index);
      return ++told != *search.count;
    };
    if (entry) search_list(*entry, item, search, tell);
    return context.reply().end_array(mark, told);
  }
  std::optional<int64_t> first;
  const auto remember = [&first](int64_t index) {
    first = index;
    return false;
  };
  if (entry) search_list(*entry, item, search, remember);
  first ? context.reply().integer(*first) : context.reply().null();
}

constexpr CommandRow rows[] = {
    list_row("llen", llen, 2, "readonly fast", "RO @1 range 0 1 0", "1.0.0", "O(1)", "How many elements a list has.",
        "key:key"),
    list_row("lindex", lindex, 3, "readonly", "RO ACCESS @1 range 0 1 0", "1.0.0",
        "O(N) in the nodes between the element and the nearer end; O(1) for the first and the last",
        "The element at an index; from the end if it is negative.", "key:key index:integer"),
    list_row("lrange", lrange, 4, "readonly", "RO ACCESS @1 range 0 1 0", "1.0.0",
        "O(S+N): S for the way to the first element from the nearer end, N in the elements of the range",
        "The elements of a range.", "key:key start:integer stop:integer"),
    list_row("lpos", lpos, -3, "readonly", "RO ACCESS @1 range 0 1 0", "6.0.6",
        "O(N) in the elements that are compared: all in the worst case, MAXLEN at the most",
        "Where elements stand that equal a given one.",
        "key:key element [RANK rank:integer] [COUNT num-matches:integer] [MAXLEN len:integer]"),
};

}  // namespace

std::span<const CommandRow> list_read_rows() { return rows; }

}  // namespace torc::cmd
