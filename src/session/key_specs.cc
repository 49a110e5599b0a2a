// Finding keys by specification. A specification says where to begin (an argument's number, or behind a keyword) and
// how to go on (a range, or as many as a number among the arguments says); what clients send is checked against both.
#include "base/c_text.h"
#include "base/parse_number.h"
#include "session/registry.h"

namespace torc::session {

namespace {

using Arguments = std::span<const std::string_view>;

bool same_word(std::string_view text, std::string_view word) noexcept {
  if (text.size() != word.size()) return false;
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != lower(word[i])) return false;
  return true;
}

// The argument behind the keyword; 0: it is not there. A negative begin searches backwards from the end.
int64_t behind_keyword(const KeySpec& spec, Arguments arguments) noexcept {
  const auto count = static_cast<int64_t>(arguments.size());
  const int64_t step = spec.begin_index > 0 ? 1 : -1;
  int64_t i = spec.begin_index > 0 ? spec.begin_index : count + spec.begin_index;
  // The last argument has nothing behind it, and the first is the command's name.
  const int64_t end = step > 0 ? count - 1 : 1;
  for (; (end - i) * step > 0 && i >= 1 && i < count; i += step)
    if (same_word(arguments[i], spec.keyword)) return i + 1;
  return 0;
}

int64_t last_of_range(const KeySpec& spec, int64_t first, int64_t count) noexcept {
  if (spec.a >= 0) return first + spec.a;
  if (spec.c == 0) return count + spec.a;
  return first + (count - first) / spec.c + spec.a;
}

// Adds the keys of one specification; false: the arguments do not fit.
bool add_keys(const KeySpec& spec, Arguments arguments, uint32_t flags, std::vector<KeyPosition>* keys) {
  if (spec.begin == KeySpec::Begin::unknown || spec.find == KeySpec::Find::unknown) return false;
  const auto count = static_cast<int64_t>(arguments.size());
  int64_t first = spec.begin == KeySpec::Begin::index ? spec.begin_index : behind_keyword(spec, arguments);
  if (first == 0) return true;
  int64_t last, step = spec.b;
  if (spec.find == KeySpec::Find::range) {
    last = last_of_range(spec, first, count);
  } else {
    if (first + spec.a >= count) return false;
    // Redis has a function for each of these commands beside its specification, which reads the number as C does.
    const std::string_view text = arguments[first + spec.a];
    const auto integer = base::parse_integer(text);
    const int64_t number = integer && *integer >= 0 && *integer <= count ? *integer : base::c_integer(text);
    if (number < 0 || number > count) return false;
    first += spec.b;
    step = spec.c;
    last = first + (number - 1) * step;
  }
  if (last >= count || last < first || first >= count) return false;
  for (int64_t i = first; i <= last; i += step) keys->push_back({static_cast<int>(i), &spec, flags});
  return !(spec.flags & key_incomplete);
}

}  // namespace

bool find_keys(const Command& command, std::span<const std::string_view> arguments, std::vector<KeyPosition>* keys) {
  keys->clear();
  if (command.row->key_finder) {
    command.row->key_finder(arguments, keys);
    return true;
  }
  for (const KeySpec& spec : command.key_specs) {
    if (spec.flags & key_not_key) continue;
    const bool variable = (spec.flags & key_variable_flags) && command.row->variable_key_flags != nullptr;
    const uint32_t flags = variable ? command.row->variable_key_flags(arguments) : spec.flags;
    if (!add_keys(spec, arguments, flags, keys)) return false;
  }
  return true;
}

}  // namespace torc::session
