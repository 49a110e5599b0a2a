// The common shapes come from base's factories, so a directive keeps its checks and errors when its part arrives.
#include <array>
#include <utility>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "config/kept_directives.h"

namespace torc::config {

namespace {

using base::Setting;
using Shape = KeptDirective::Shape;

base::EnumNames enum_names(std::string_view choices) {
  base::EnumNames names;
  for (const std::string_view name : base::setting_words(choices)) {
    names.emplace_back(name, static_cast<int>(names.size()));
  }
  return names;
}

Setting choice_setting(const KeptDirective& directive, KeptValue* value) {
  Setting row = base::enum_setting(directive.name, &value->choice, enum_names(directive.choices), 0);
  (void)row.set(directive.default_value);
  return row;
}

Setting checked_text_setting(const KeptDirective& directive, KeptValue* value) {
  Setting row = base::text_setting(directive.name, &value->text, directive.default_value);
  row.set = [&directive, value](std::string_view given) -> Setting::Result {
    if (const char* wrong = directive.check ? directive.check(given) : nullptr) return std::unexpected(wrong);
    value->text = base::c_text(given);
    return {};
  };
  return row;
}

std::string join(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

// "900 1 300 10": after so many seconds if so many keys changed.
Setting::Result check_save_points(const std::vector<std::string_view>& words) {
  bool fits = words.size() % 2 == 0;
  for (size_t i = 0; i < words.size() && fits; ++i) {
    const auto number = base::parse_integer(words[i]);
    fits = number && *number >= (i % 2 == 0 ? 1 : 0);
  }
  if (!fits) return std::unexpected("Invalid save parameters");
  return {};
}

Setting::Result set_save_points(KeptValue* value, std::string_view given, bool further) {
  const auto words = base::setting_words(given);
  if (auto result = check_save_points(words); !result) return result;
  const bool keep = further && !words.empty() && !value->text.empty();
  value->text = (keep ? value->text + " " : "") + join(words);
  return {};
}

std::vector<base::SettingLine> save_lines(const KeptDirective& directive, const KeptValue& value) {
  const auto words = base::setting_words(value.text);
  if (words.empty()) return {{"\"\"", false}};
  std::vector<base::SettingLine> lines;
  for (size_t i = 0; i < words.size(); i += 2) {
    lines.push_back({join({words[i], words[i + 1]}), value.text == directive.default_value});
  }
  return lines;
}

Setting save_setting(const KeptDirective& directive, KeptValue* value) {
  Setting row = base::text_setting(directive.name, &value->text, directive.default_value);
  row.multi_argument = true;
  row.form = base::SettingForm::plain;
  row.set = [value](std::string_view given) { return set_save_points(value, given, false); };
  row.add = [value](std::string_view given) { return set_save_points(value, given, true); };
  row.lines = [&directive, value] { return save_lines(directive, *value); };
  return row;
}

Setting primary_setting(const KeptDirective& directive, KeptValue* value) {
  Setting row = base::text_setting(directive.name, &value->text, directive.default_value);
  row.multi_argument = true;
  row.set = [value](std::string_view given) -> Setting::Result {
    const auto words = base::setting_words(given);
    if (words.size() != 2) return std::unexpected("wrong number of arguments");
    const auto port = base::parse_integer(words[1]);
    const bool nobody = (words[0] == "no" || words[0] == "NO") && (words[1] == "one" || words[1] == "ONE");
    if (!nobody && (!port || *port < 0 || *port > 65535)) return std::unexpected("Invalid master port");
    value->text = nobody ? "" : join(words);
    return {};
  };
  row.lines = [value] {
    return value->text.empty() ? std::vector<base::SettingLine>{}
                               : std::vector<base::SettingLine>{{value->text, false}};
  };
  return row;
}

Setting number_setting(const KeptDirective& directive, KeptValue* value) {
  const int64_t number = base::parse_integer(directive.default_value).value_or(0);
  if (directive.shape == Shape::memory) {
    return base::memory_setting(directive.name, &value->bytes, static_cast<uint64_t>(directive.minimum),
                                directive.maximum, static_cast<uint64_t>(number));
  }
  return base::integer_setting(directive.name, &value->number, directive.minimum,
                               static_cast<int64_t>(directive.maximum), number);
}

Setting setting_of_shape(const KeptDirective& directive, KeptValue* value) {
  switch (directive.shape) {
    case Shape::boolean:
      return base::boolean_setting(directive.name, &value->yes, directive.default_value == "yes");
    case Shape::integer:
    case Shape::memory:
      return number_setting(directive, value);
    case Shape::choice:
      return choice_setting(directive, value);
    case Shape::text:
      return checked_text_setting(directive, value);
    case Shape::bytes:
      return base::bytes_setting(directive.name, &value->text, directive.default_value);
    case Shape::save_points:
      return save_setting(directive, value);
    case Shape::primary:
      return primary_setting(directive, value);
  }
  std::unreachable();
}

// Notes that somebody set it.
std::function<Setting::Result(std::string_view)> noting(std::function<Setting::Result(std::string_view)> set,
                                                        KeptValue* value) {
  if (!set) return set;
  return [set = std::move(set), value](std::string_view given) {
    auto result = set(given);
    value->was_set |= result.has_value();
    return result;
  };
}

}  // namespace

Setting kept_setting(const KeptDirective& directive, KeptValue* value) {
  value->directive = &directive;
  Setting row = setting_of_shape(directive, value);
  row.default_value = directive.default_value;
  row.alias = directive.alias;
  row.unlisted = directive.unlisted;
  row.sensitive = directive.sensitive;
  if (directive.immutable) row.kind = base::SettingKind::immutable;
  if (directive.restricted) row.kind = base::SettingKind::protected_;
  row.set = noting(std::move(row.set), value);
  row.add = noting(std::move(row.add), value);
  return row;
}

bool may_ignore(const KeptDirective& directive, std::string_view value) {
  return directive.at_stake.empty() || value == directive.default_value || value.empty();
}

}  // namespace torc::config
