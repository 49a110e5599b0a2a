// Each factory captures its storage and limits in two closures. Parsing happens in full before anything is stored.
#include "base/setting.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/assert.h"
#include "base/c_text.h"
#include "base/parse_number.h"

namespace torc::base {

namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string octal_text(uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + (value & 7)));
    value >>= 3;
  } while (value != 0);
  return digits;
}

std::unexpected<std::string> outside(const std::string& minimum, const std::string& maximum) {
  return std::unexpected("argument must be between " + minimum + " and " + maximum + " inclusive");
}

std::string percent_text(int64_t value) { return value < 0 ? std::to_string(-value) + "%" : std::to_string(value); }

// "5%" is -5, anything else bytes.
std::expected<int64_t, std::string> parse_percent_or_memory(std::string_view text) {
  if (auto bytes = parse_memory(c_text(text))) return static_cast<int64_t>(*bytes);
  if (text.ends_with('%')) {
    auto percent = parse_integer(text.substr(0, text.size() - 1));
    if (percent && *percent >= 0) return -*percent;
  }
  return std::unexpected("argument must be a memory or percent value");
}

// As strtoll with base 8 reads it: leading space and a sign are allowed, and no digits at all are 0.
std::expected<int64_t, std::string> parse_octal(std::string_view text) {
  std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  int64_t value = std::strtoll(terminated.c_str(), &end, 8);
  if (errno == 0 && *end == '\0') return value;
  return std::unexpected("argument couldn't be parsed as an octal number");
}

std::string enum_name(const EnumNames& names, int value) {
  auto row = std::ranges::find(names, value, &EnumNames::value_type::second);
  return row == names.end() ? "unknown" : std::string(row->first);
}

// The name that fits exactly, or those of all bits.
std::string flag_names(const EnumNames& names, int value) {
  std::string text;
  int left = value;
  for (const auto& [name, bits] : names) {
    if (bits == value) return std::string(name);
    if (bits == 0 || (left & bits) != bits) continue;
    text.append(text.empty() ? "" : " ").append(name);
    left &= ~bits;
  }
  return text.empty() || left != 0 ? "unknown" : text;
}

std::string enum_error(const EnumNames& names) {
  std::string text = "argument(s) must be one of the following: ";
  for (const auto& row : names) text.append(&row == &names.front() ? "" : ", ").append(row.first);
  return text;
}

}  // namespace

Setting&& Setting::immutable() && {
  kind = SettingKind::immutable;
  return std::move(*this);
}

Setting&& Setting::protect() && {
  kind = SettingKind::protected_;
  return std::move(*this);
}

Setting&& Setting::named_also(std::string_view second_name) && {
  alias = second_name;
  return std::move(*this);
}

Setting&& Setting::hide_value() && {
  sensitive = true;
  return std::move(*this);
}

Setting&& Setting::unlist() && {
  unlisted = true;
  return std::move(*this);
}

Setting&& Setting::when_changed(std::function<Result()> apply_change) && {
  apply = std::move(apply_change);
  return std::move(*this);
}

Setting boolean_setting(std::string_view name, bool* storage, bool default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.get = [storage] { return std::string(*storage ? "yes" : "no"); };
  row.set = [storage](std::string_view value) -> Setting::Result {
    const std::string_view text = c_text(value);
    bool yes = equals_ignoring_case(text, "yes");
    if (!yes && !equals_ignoring_case(text, "no")) return std::unexpected("argument must be 'yes' or 'no'");
    *storage = yes;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting integer_setting(std::string_view name, int64_t* storage, int64_t minimum, int64_t maximum,
                        int64_t default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.get = [storage] { return std::to_string(*storage); };
  row.set = [=](std::string_view text) -> Setting::Result {
    auto value = parse_integer(text);
    if (!value) return std::unexpected("argument couldn't be parsed into an integer");
    if (*value < minimum || *value > maximum) return outside(std::to_string(minimum), std::to_string(maximum));
    *storage = *value;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting memory_setting(std::string_view name, uint64_t* storage, uint64_t minimum, uint64_t maximum,
                       uint64_t default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.form = SettingForm::bytes;
  row.get = [storage] { return std::to_string(*storage); };
  row.set = [=](std::string_view text) -> Setting::Result {
    auto value = parse_memory(c_text(text));
    if (!value) return std::unexpected("argument must be a memory value");
    if (*value < minimum || *value > maximum) return outside(std::to_string(minimum), std::to_string(maximum));
    *storage = *value;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting percent_or_memory_setting(std::string_view name, int64_t* storage, int64_t minimum, int64_t maximum,
                                  int64_t default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.form = SettingForm::bytes;
  row.get = [storage] { return percent_text(*storage); };
  row.set = [=](std::string_view text) -> Setting::Result {
    auto value = parse_percent_or_memory(text);
    if (!value) return std::unexpected(value.error());
    if (*value < 0 && *value < minimum) {
      return std::unexpected("percentage argument must be less or equal to " + std::to_string(-minimum));
    }
    if (*value > maximum) return outside(std::to_string(minimum), std::to_string(maximum));
    *storage = *value;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting enum_setting(std::string_view name, int* storage, EnumNames names, int default_value) {
  TORC_ASSERT(!names.empty());
  *storage = default_value;
  Setting row;
  row.name = name;
  row.get = [storage, names] { return enum_name(names, *storage); };
  row.set = [storage, names](std::string_view text) -> Setting::Result {
    auto same_name = [text = c_text(text)](const auto& candidate) {
      return equals_ignoring_case(candidate.first, text);
    };
    auto match = std::ranges::find_if(names, same_name);
    if (match == names.end()) return std::unexpected(enum_error(names));
    *storage = match->second;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting flags_setting(std::string_view name, int* storage, EnumNames names, int default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.multi_argument = true;
  row.get = [storage, names] { return flag_names(names, *storage); };
  row.set = [storage, names](std::string_view text) -> Setting::Result {
    int value = 0;
    const auto words = setting_words(text);
    for (const std::string_view word : words) {
      auto same_name = [word = c_text(word)](const auto& candidate) {
        return equals_ignoring_case(candidate.first, word);
      };
      auto match = std::ranges::find_if(names, same_name);
      if (match == names.end()) return std::unexpected(enum_error(names));
      value |= match->second;
    }
    if (words.empty()) return std::unexpected(enum_error(names));
    *storage = value;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting text_setting(std::string_view name, std::string* storage, std::string_view default_value) {
  Setting row = bytes_setting(name, storage, default_value);
  row.set = [storage](std::string_view text) -> Setting::Result {
    *storage = c_text(text);
    return {};
  };
  return row;
}

Setting bytes_setting(std::string_view name, std::string* storage, std::string_view default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.form = SettingForm::quoted;
  row.get = [storage] { return *storage; };
  row.set = [storage](std::string_view text) -> Setting::Result {
    *storage = text;
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting octal_setting(std::string_view name, int64_t* storage, int64_t maximum, int64_t default_value) {
  *storage = default_value;
  Setting row;
  row.name = name;
  row.get = [storage] { return octal_text(static_cast<uint64_t>(*storage)); };
  row.set = [=](std::string_view text) -> Setting::Result {
    auto value = parse_octal(text);
    if (!value) return std::unexpected(value.error());
    if (*value < 0 || *value > maximum) return outside("0", octal_text(static_cast<uint64_t>(maximum)));
    *storage = *value;
    return {};
  };
  row.default_value = row.get();
  return row;
}

std::vector<std::string_view> setting_words(std::string_view value) {
  std::vector<std::string_view> words;
  while (true) {
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (value.empty()) return words;
    words.push_back(value.substr(0, value.find(' ')));
    value.remove_prefix(words.back().size());
  }
}

}  // namespace torc::base
