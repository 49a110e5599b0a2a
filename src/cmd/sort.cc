// SORT and SORT_RO: the elements of a list, set or sorted set in an order of their own or by other keys.
//
// The elements are copied first: patterns read further keys, which may be overdue and go, and then nothing in the
// database is where it was. Then each gets its weight, the part that LIMIT asks for is put in order (cmd/sort_order.h),
// and the result is replied or stored as a list. Equal numbers are ordered as texts, so that a replica stores the same;
// what is still equal keeps its order.
#include "cmd/sort.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "cmd/destination.h"
#include "cmd/sort_order.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"
#include "store/hash_value.h"
#include "store/list_value.h"
#include "store/set_value.h"
#include "store/zset_view.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::KeyRef;
using store::Type;

struct Request {
  std::optional<std::string_view> by;
  std::vector<std::string_view> gets;
  std::optional<size_t> store;  // argument
  int64_t limit_start = 0, limit_count = -1;
  bool descending = false, alpha = false, unsorted = false;
};

// Elements [begin, end) are asked for.
struct Part {
  size_t begin, end;
};

// --- parsing ---

bool parse_limit(Context& context, size_t i, Request* request) {
  const auto start = context.integer(i), count = start ? context.integer(i + 1) : std::nullopt;
  if (!count) return false;
  request->limit_start = *start;
  request->limit_count = *count;
  return true;
}

bool parse(Context& context, bool may_store, Request* request) {
  for (size_t i = 2; i < context.size(); ++i) {
    const std::string_view word = context[i];
    const size_t behind = context.size() - i - 1;
    if (session::equals_lower(word, "asc")) {
      request->descending = false;
    } else if (session::equals_lower(word, "desc")) {
      request->descending = true;
    } else if (session::equals_lower(word, "alpha")) {
      request->alpha = true;
    } else if (session::equals_lower(word, "limit") && behind >= 2) {
      if (!parse_limit(context, i + 1, request)) return false;
      i += 2;
    } else if (may_store && session::equals_lower(word, "store") && behind >= 1) {
      request->store = ++i;
    } else if (session::equals_lower(word, "by") && behind >= 1) {
      request->by = context[++i];
      // A pattern that names one key for all elements orders nothing.
      if (!base::c_text(*request->by).contains('*')) request->unsorted = true;
    } else if (session::equals_lower(word, "get") && behind >= 1) {
      request->gets.push_back(context[++i]);
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

// --- elements ---

Part part_of(const Request& request, size_t size) noexcept {
  const auto most = static_cast<int64_t>(size);
  const int64_t start = std::clamp<int64_t>(request.limit_start, 0, most);
  const int64_t count = std::clamp<int64_t>(request.limit_count, -1, most);
  const int64_t end = count < 0 ? most : std::min(start + count, most);
  return {static_cast<size_t>(start), static_cast<size_t>(end)};
}

void add_list(const Entry& entry, Part part, bool backward, SortTexts* texts) {
  const uint64_t size = store::list_size(entry);
  char digits[24];
  store::ListWalker walker(entry, backward ? size - 1 - part.begin : part.begin, !backward);
  for (size_t i = part.begin; i < part.end; ++i, walker.step()) {
    texts->append(walker.get()->string(digits));
  }
}

void add_zset(const Entry& entry, Part part, bool backward, SortTexts* texts) {
  const store::ZsetView view(entry);
  store::ZsetCursor cursor = view.at(backward ? view.size() - 1 - part.begin : part.begin);
  for (size_t i = part.begin; i < part.end; ++i, backward ? cursor.previous() : cursor.next()) {
    texts->append(cursor.member());
  }
}

size_t size_of(const Entry* entry) {
  if (!entry) return 0;
  switch (entry->type()) {
    case Type::list:
      return store::list_size(*entry);
    case Type::set:
      return store::SetView(*entry).size();
    default:
      return store::ZsetView(*entry).size();
  }
}

// Of a set always all.
void add_elements(const Entry& entry, Part part, bool backward, SortTexts* texts) {
  if (part.begin == part.end) return;  // nothing begins there
  switch (entry.type()) {
    case Type::list:
      return add_list(entry, part, backward, texts);
    case Type::zset:
      return add_zset(entry, part, backward, texts);
    default:
      store::SetView(entry).for_each([texts](const store::SetMember& member) { texts->append(member.text()); });
  }
}

// The elements; of an unsorted list or sorted set only those that are asked for, in the order that is asked for.
SortTexts elements_of(const Entry* entry, const Request& request, Part* part) {
  SortTexts texts;
  if (!entry) return texts;
  const bool direct = request.unsorted && entry->type() != Type::set;
  const Part wanted = direct ? *part : Part{0, size_of(entry)};
  texts.reserve(wanted.end - wanted.begin);
  add_elements(*entry, wanted, direct && request.descending, &texts);
  if (direct) *part = {0, texts.size()};
  return texts;
}

// --- patterns ---

SortText field_of(Context& context, const Entry& entry, std::string_view field) {
  if (entry.type() != Type::hash) return {};
  const auto value = store::HashView(entry, context.now_ms()).find(field);
  char digits[24];
  return value ? SortText(std::string(value->string(digits))) : SortText();
}

SortText string_of(const Entry& entry) {
  if (entry.type() != Type::string) return {};
  if (entry.is_blob()) return SortText(entry.blob());
  store::IntegerScratch scratch;
  return SortText(std::string(entry.string(scratch)));
}

// What the pattern means for the element: "#" the element itself, otherwise the string under the key, or the field of a
// hash (key->field), that it names with the element in place of the first '*'.
SortText look_up(Context& context, std::string_view pattern, std::string_view element) {
  const std::string_view seen = base::c_text(pattern);
  if (seen == "#") return SortText(element);
  const size_t star = seen.find('*');
  if (star == seen.npos) return {};
  const size_t arrow = seen.find("->", star + 1);
  const bool has_field = arrow != seen.npos && arrow + 2 < seen.size();
  std::string name(pattern.substr(0, star));
  name += element;
  name += pattern.substr(star + 1, has_field ? arrow - star - 1 : pattern.npos);
  const Entry* entry = context.read(context.make_key(name));
  if (!entry) return {};
  return has_field ? field_of(context, *entry, pattern.substr(arrow + 2)) : string_of(*entry);
}

// As strtod() reads it, wholly.
std::optional<double> terminated_number(const char* text) {
  char* end;
  errno = 0;
  const double number = std::strtod(text, &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
  return number;
}

// Of a text without a NUL behind it: only what can be part of a number is copied, which large values seldom are.
std::optional<double> long_number(std::string_view text) {
  constexpr std::string_view possible = "0123456789.+-abcdefinptxyABCDEFINPTXY \t\n\v\f\r";
  const std::string_view number = text.substr(0, text.find_first_not_of(possible));
  const bool ends = number.size() == text.size() || text[number.size()] == '\0';
  return ends ? terminated_number(std::string(number).c_str()) : std::nullopt;
}

std::optional<double> as_number(const SortText& text) {
  if (const auto integer = base::parse_integer(text.view())) return static_cast<double>(*integer);
  return text.blob() ? long_number(text.view()) : terminated_number(text.view().data());
}

// --- order ---

// All elements in their own order.
std::vector<SortRanked> unranked(size_t size) {
  std::vector<SortRanked> all(size);
  for (size_t i = 0; i < size; ++i) all[i].place = i;
  return all;
}

// False: the error was replied.
bool rank_by_numbers(Context& context, const Request& request, const SortTexts& elements,
                     std::vector<SortRanked>* all) {
  bool numbers = true;
  for (SortRanked& one : *all) {
    const std::string_view element = elements[one.place];
    const SortText weight = request.by ? look_up(context, *request.by, element) : SortText(element);
    const std::optional<double> number = weight ? as_number(weight) : 0;
    numbers = numbers && number;
    one.rank = rank_of_number(number.value_or(0));
  }
  return numbers || context.fail("ERR One or more scores can't be converted into double");
}

std::vector<SortText> weights_of(Context& context, std::string_view pattern, const SortTexts& elements) {
  std::vector<SortText> weights(elements.size());
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = look_up(context, pattern, elements[i]);
  return weights;
}

// The elements that are asked for, in order; nothing: the error was replied.
std::optional<std::vector<SortRanked>> in_order(Context& context, const Request& request, const SortTexts& elements,
                                                Part part) {
  std::vector<SortRanked> all = unranked(elements.size());
  if (request.unsorted) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(part.begin);
    return std::vector<SortRanked>(first, first + static_cast<std::ptrdiff_t>(part.end - part.begin));
  }
  std::vector<SortText> weights;
  SortRules rules{.by = SortBy::numbers, .descending = request.descending};
  // A replica has perhaps another locale, so what is stored follows the bytes.
  if (!request.store) rules.collation = &context.session().options().collation;
  if (!request.alpha) {
    if (!rank_by_numbers(context, request, elements, &all)) return std::nullopt;
  } else if (request.by) {
    rules.by = SortBy::weight_texts;
    weights = weights_of(context, *request.by, elements);
  } else {
    rules.by = SortBy::element_texts;
  }
  return sorted_part(std::move(all), part.begin, part.end, elements, weights, rules);
}

// --- the result ---

void reply_text(resp::Reply& reply, const SortText& text) {
  if (!text) return reply.null();
  text.blob() ? reply.bulk(*text.blob()) : reply.bulk(text.view());
}

void reply_result(Context& context, const Request& request, const SortTexts& elements,
                  const std::vector<SortRanked>& result) {
  context.reply().array(result.size() * std::max<size_t>(request.gets.size(), 1));
  for (const SortRanked& one : result) {
    const std::string_view element = elements[one.place];
    if (request.gets.empty()) context.reply().bulk(element);
    for (const std::string_view pattern : request.gets) {
      reply_text(context.reply(), look_up(context, pattern, element));
    }
  }
}

void store_result(Context& context, const Request& request, const SortTexts& elements,
                  const std::vector<SortRanked>& result) {
  const session::SessionOptions& options = context.session().options();
  store::ListBuilder list(&options.encodings, options.debug.packed_bytes_max);
  for (const SortRanked& one : result) {
    const std::string_view element = elements[one.place];
    if (request.gets.empty()) list.append(element);
    for (const std::string_view pattern : request.gets) {
      list.append(look_up(context, pattern, element).view());
    }
  }
  const KeyRef key = context.key(*request.store);
  const auto size = static_cast<int64_t>(list.size());
  context.reply().integer(size);
  if (size == 0) return erase_destination(context, key);
  Entry* const old = context.write(key);
  if (old) context.database().erase(key, old);
  list.store(context.database(), key, nullptr);
  if (!old) context.added(key.bytes);
  context.touched(key.bytes);
  context.notify(session::event_list, "sortstore", key.bytes);
  context.add_dirty(size);
}

void sort_command(Context& context, bool may_store) {
  Request request;
  if (!parse(context, may_store, &request)) return;
  const Entry* entry = context.read(context.key(1));
  const bool sortable = !entry || entry->type() == Type::list || entry->type() == Type::set ||
                        entry->type() == Type::zset;
  if (!sortable) return context.reply().error(session::errors::wrong_type);
  // A set has no order, and what is stored must be the same everywhere.
  if (request.unsorted && entry && entry->type() == Type::set && request.store) {
    request.unsorted = false;
    request.alpha = true;
    request.by.reset();
  }
  Part part = part_of(request, size_of(entry));
  const SortTexts elements = elements_of(entry, request, &part);
  const auto result = in_order(context, request, elements, part);
  if (!result) return;
  request.store ? store_result(context, request, elements, *result)
                : reply_result(context, request, elements, *result);
}

void sort(Context& context) { sort_command(context, true); }
void sort_ro(Context& context) { sort_command(context, false); }

// The key, and the last destination that is named: options have arguments that may look like options.
void find_sort_keys(std::span<const std::string_view> arguments, std::vector<session::KeyPosition>* keys) {
  keys->push_back({1, nullptr, session::key_ro | session::key_access});
  int store = 0;
  for (size_t i = 2; i < arguments.size(); ++i) {
    if (session::equals_lower(arguments[i], "limit")) {
      i += 2;
    } else if (session::equals_lower(arguments[i], "get") || session::equals_lower(arguments[i], "by")) {
      ++i;
    } else if (session::equals_lower(arguments[i], "store") && i + 1 < arguments.size()) {
      store = static_cast<int>(++i);
    }
  }
  if (store != 0) keys->push_back({store, nullptr, session::key_ow | session::key_update});
}

void find_sort_ro_keys(std::span<const std::string_view>, std::vector<session::KeyPosition>* keys) {
  keys->push_back({1, nullptr, session::key_ro | session::key_access});
}

constexpr std::string_view complexity =
    "O(N+M*log(M)) where N is the number of elements and M the number of those that are returned; O(N) if they are not "
    "sorted";

constexpr session::CommandRow rows[] = {
    {.name = "sort",
     .handler = sort,
     .arity = -2,
     .flags = "write denyoom",
     .keys = "RO ACCESS @1 range 0 1 0;"
             "RO ACCESS @? unknown #For the optional BY/GET keyword. It is marked 'unknown' because the key names "
             "derive from the content of the key we sort;"
             "OW UPDATE @? unknown #For the optional STORE keyword. It is marked 'unknown' because the keyword can "
             "appear anywhere in the argument array",
     .acl = "set sortedset list dangerous",
     .group = "generic",
     .since = "1.0.0",
     .complexity = complexity,
     .summary = "Sorts the elements of a list, set or sorted set; may store the result as a list.",
     .arguments = "key:key [BY by-pattern:pattern#1/pattern] [LIMIT offset:integer count:integer] "
                  "[GET get-pattern:pattern#1/pattern]+... order=[(ASC|DESC)] sorting=[ALPHA] "
                  "[STORE destination:key#2]",
     .key_finder = find_sort_keys},
    {.name = "sort_ro",
     .handler = sort_ro,
     .arity = -2,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0;"
             "RO ACCESS @? unknown #For the optional BY/GET keyword. It is marked 'unknown' because the key names "
             "derive from the content of the key we sort",
     .acl = "set sortedset list dangerous",
     .group = "generic",
     .since = "7.0.0",
     .complexity = complexity,
     .summary = "Sorts the elements of a list, set or sorted set.",
     .arguments = "key:key [BY by-pattern:pattern#1/pattern] [LIMIT offset:integer count:integer] "
                  "[GET get-pattern:pattern#1/pattern]+... order=[(ASC|DESC)] sorting=[ALPHA]",
     .key_finder = find_sort_ro_keys},
};

}  // namespace

std::span<const session::CommandRow> sort_rows() { return rows; }

}  // namespace torc::cmd
