// The texts of a row are read once, when the server starts, so the code here prefers to be plain and to stop at the
// first thing that it does not know.
#include "session/command_facts.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/assert.h"
#include "base/parse_number.h"

namespace torc::session {

namespace {

constexpr FlagName command_flags[] = {
    {flag_write, "write"},
    {flag_readonly, "readonly"},
    {flag_denyoom, "denyoom"},
    {flag_admin, "admin"},
    {flag_pubsub, "pubsub"},
    {flag_noscript, "noscript"},
    {flag_blocking, "blocking"},
    {flag_loading, "loading"},
    {flag_stale, "stale"},
    {flag_skip_monitor, "skip_monitor"},
    {flag_skip_slowlog, "skip_slowlog"},
    {flag_asking, "asking"},
    {flag_fast, "fast"},
    {flag_no_auth, "no_auth"},
    {flag_may_replicate, "may_replicate", false},
    {flag_sentinel, "sentinel", false},
    {flag_only_sentinel, "only_sentinel", false},
    {flag_no_mandatory_keys, "no_mandatory_keys"},
    {flag_protected, "protected", false},
    {flag_no_async_loading, "no_async_loading"},
    {flag_no_multi, "no_multi"},
    {flag_movablekeys, "movablekeys"},
    {flag_allow_busy, "allow_busy"},
    {flag_touches_arbitrary_keys, "touches_arbitrary_keys", false},
    {flag_in_transaction, "in_transaction", false},
    {flag_syscmd, "syscmd", false},
};

constexpr FlagName key_flags[] = {
    {key_ro, "RO"},
    {key_rw, "RW"},
    {key_ow, "OW"},
    {key_rm, "RM"},
    {key_access, "access"},
    {key_update, "update"},
    {key_insert, "insert"},
    {key_delete, "delete"},
    {key_not_key, "not_key"},
    {key_incomplete, "incomplete"},
    {key_variable_flags, "variable_flags"},
};

constexpr std::string_view acl_categories[] = {
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting"};

bool same_letters(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

uint32_t flag_named(std::span<const FlagName> names, std::string_view name) {
  auto found = std::ranges::find_if(names, [&](const FlagName& flag) { return same_letters(flag.name, name); });
  TORC_ASSERT(found != names.end());
  return found->flag;
}

int number(std::string_view text) {
  auto value = base::parse_integer(text);
  TORC_ASSERT(value && *value >= std::numeric_limits<int>::min() && *value <= std::numeric_limits<int>::max());
  return static_cast<int>(*value);
}

// "@N", "@WORD:N", "@?"
void parse_begin(std::string_view text, KeySpec* spec) {
  text.remove_prefix(1);
  if (text == "?") return;
  size_t colon = text.find(':');
  if (colon == text.npos) {
    spec->begin = KeySpec::Begin::index;
    spec->begin_index = number(text);
    return;
  }
  spec->begin = KeySpec::Begin::keyword;
  spec->keyword = text.substr(0, colon);
  spec->begin_index = number(text.substr(colon + 1));
}

void parse_find(std::span<const std::string_view> words, KeySpec* spec) {
  TORC_ASSERT(!words.empty());
  if (words[0] == "unknown") {
    TORC_ASSERT(words.size() == 1);
    return;
  }
  TORC_ASSERT(words.size() == 4 && (words[0] == "range" || words[0] == "keynum"));
  spec->find = words[0] == "range" ? KeySpec::Find::range : KeySpec::Find::keynum;
  spec->a = number(words[1]);
  spec->b = number(words[2]);
  spec->c = number(words[3]);
  TORC_ASSERT((spec->find == KeySpec::Find::range ? spec->b : spec->c) > 0);  // a step forward
}

KeySpec parse_key_spec(std::string_view text) {
  KeySpec spec;
  if (size_t notes = text.find(" #"); notes != text.npos) {
    spec.notes = text.substr(notes + 2);
    text = text.substr(0, notes);
  }
  std::vector<std::string_view> words = split(text, ' ');
  size_t i = 0;
  for (; i < words.size() && words[i][0] != '@'; ++i) spec.flags |= flag_named(key_flags, words[i]);
  TORC_ASSERT(i < words.size());
  parse_begin(words[i], &spec);
  parse_find(std::span(words).subspan(i + 1), &spec);
  return spec;
}

bool plain_range(const KeySpec& spec) {
  return spec.begin == KeySpec::Begin::index && spec.find == KeySpec::Find::range;
}

}  // namespace

std::span<const FlagName> command_flag_names() noexcept { return command_flags; }
std::span<const FlagName> key_flag_names() noexcept { return key_flags; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

uint32_t parse_command_flags(std::string_view text) {
  uint32_t flags = 0;
  for (std::string_view word : split(text, ' ')) flags |= flag_named(command_flags, word);
  return flags;
}

std::vector<KeySpec> parse_key_specs(std::string_view text) {
  std::vector<KeySpec> specs;
  for (std::string_view part : split(text, ';')) specs.push_back(parse_key_spec(part));
  return specs;
}

std::vector<std::string> derive_acl_categories(std::string_view text, uint32_t flags) {
  std::vector<std::string_view> named = split(text, ' ');
  auto names = [&](std::string_view category) { return std::ranges::find(named, category) != named.end(); };
  for (std::string_view category : named)
    TORC_ASSERT(std::ranges::find(acl_categories, category) != std::end(acl_categories));
  const bool scripting = names("scripting");
  auto implied = [&](std::string_view category) {
    if (category == "write") return (flags & flag_write) != 0;
    if (category == "read") return (flags & flag_readonly) && !scripting;
    if (category == "admin" || category == "dangerous") return (flags & flag_admin) != 0;
    if (category == "pubsub") return (flags & flag_pubsub) != 0;
    if (category == "fast") return (flags & flag_fast) != 0;
    if (category == "blocking") return (flags & flag_blocking) != 0;
    if (category == "slow") return !(flags & flag_fast) && !names("fast");
    return false;
  };
  std::vector<std::string> categories;
  for (std::string_view category : acl_categories)
    if (names(category) || implied(category)) categories.emplace_back(category);
  return categories;
}

// One range with any step is told exactly. Several are told when they follow each other with step 1; all else makes
// clients ask COMMAND GETKEYS, which is what flag_movablekeys says.
void derive_legacy_key_range(Command* command) {
  const std::vector<KeySpec>& specs = command->key_specs;
  for (const KeySpec& spec : specs)
    if (spec.flags & key_incomplete || !plain_range(spec)) command->flags |= flag_movablekeys;
  if (specs.size() == 1 && plain_range(specs[0])) {
    command->first_key = specs[0].begin_index;
    command->last_key = specs[0].a >= 0 ? specs[0].a + specs[0].begin_index : specs[0].a;
    command->key_step = specs[0].b;
    return;
  }
  int first = std::numeric_limits<int>::max(), last = 0;
  for (const KeySpec& spec : specs) {
    if (!plain_range(spec)) continue;
    if (spec.b != 1 || (last != 0 && last != spec.begin_index - 1)) {
      command->flags |= flag_movablekeys;
      continue;
    }
    first = std::min(first, spec.begin_index);
    const int end = spec.a >= 0 ? spec.a + spec.begin_index : spec.a;
    // A negative end counts from the last argument, so it lies behind every other: compared unsigned.
    if (static_cast<unsigned>(end) > static_cast<unsigned>(last)) last = end;
  }
  if (first == std::numeric_limits<int>::max()) return;
  command->first_key = first;
  command->last_key = last;
  command->key_step = 1;
}

}  // namespace torc::session
