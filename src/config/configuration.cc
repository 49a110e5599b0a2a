// Rows are kept behind pointers because names and aliases refer to them. CONFIG SET remembers the old texts of all it
// is about to change, and sets them again when one change or its application fails.
#include "config/configuration.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/split_arguments.h"
#include "config/kept_directives.h"
#include "ds/glob.h"
#include "io/file.h"

namespace torc::config {

using base::Setting;

namespace {

constexpr int include_depth_max = 16;
constexpr size_t file_bytes_max = 64 << 20;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string join(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

// Storage of a directive that no part owns yet.
struct Configuration::Kept {
  std::string value;
  bool was_set = false;
  std::string name;
};

// One pair of a CONFIG SET.
struct Configuration::Change {
  Setting* setting;
  std::string_view value;
  std::string old_value;
};

Configuration::Configuration() {
  for (const KeptDirective& directive : kept_directives()) {
    auto kept = std::make_unique<Kept>(Kept{std::string(directive.default_value), false, std::string(directive.name)});
    Setting setting;
    setting.name = directive.name;
    setting.alias = directive.alias;
    setting.multi_argument = directive.multi_argument;
    setting.default_value = directive.default_value;
    setting.get = [stored = kept.get()] { return stored->value; };
    setting.set = [stored = kept.get()](std::string_view value) {
      stored->value = value;
      stored->was_set = true;
      return Setting::Result{};
    };
    kept_.push_back(std::move(kept));
    add_one(std::move(setting));
  }
}

Configuration::~Configuration() = default;

void Configuration::add(base::Settings settings) {
  for (Setting& setting : settings) add_one(std::move(setting));
}

void Configuration::add_one(Setting setting) {
  const auto kept = std::ranges::find(kept_, setting.name, [](const auto& one) { return one->name; });
  const auto known = by_name_.find(setting.name);
  if (known != by_name_.end()) {
    TORC_ASSERT(kept != kept_.end());
    // The part is built now: its row takes over, the stand-in goes.
    std::erase_if(settings_, [&](const auto& one) { return one.get() == known->second; });
    std::erase_if(by_name_, [old = known->second](const auto& entry) { return entry.second == old; });
    kept_.erase(kept);
  }
  auto owned = std::make_unique<Setting>(std::move(setting));
  by_name_.emplace(owned->name, owned.get());
  if (!owned->alias.empty()) by_name_.emplace(owned->alias, owned.get());
  settings_.push_back(std::move(owned));
}

Setting* Configuration::find(std::string_view name) {
  const auto found = by_name_.find(lower(name));
  return found == by_name_.end() ? nullptr : found->second;
}

Configuration::Result Configuration::set_words(Setting& setting, std::span<const std::string> words) {
  if (!setting.multi_argument && words.size() != 1) return std::unexpected("wrong number of arguments");
  // A single word of a multi-argument setting may hold all of them.
  if (setting.multi_argument && words.size() == 1 && !words[0].empty()) {
    const auto inner = base::split_arguments(words[0]);
    if (!inner) return std::unexpected("Unbalanced quotes in configuration line");
    return setting.set(join(*inner));
  }
  return setting.set(join(words));
}

Configuration::Result Configuration::include(const std::string& path, int depth, LoadError* nested) {
  if (depth >= include_depth_max) return std::unexpected("include is nested too deeply (is it a loop?)");
  const auto content = io::read_file(path, file_bytes_max);
  if (!content) {
    return std::unexpected(
        fmt::format("Fatal error, can't open config file '{}': {}", path, io::error_text(content.error())));
  }
  if (auto loaded = load_lines(*content, path, depth + 1); !loaded) {
    *nested = loaded.error();
    return std::unexpected(nested->reason);
  }
  return {};
}

Configuration::Result Configuration::load_line(std::string_view line, const std::string& file, int depth,
                                               LoadError* nested) {
  (void)file;
  const auto words = base::split_arguments(line);
  if (!words) return std::unexpected("Unbalanced quotes in configuration line");
  if (words->empty()) return {};
  const auto rest = std::span(*words).subspan(1);
  if (Setting* setting = find(words->front())) {
    if (rest.empty() && !setting->multi_argument) return std::unexpected("wrong number of arguments");
    return set_words(*setting, rest);
  }
  if (lower(words->front()) == "include" && rest.size() == 1) return include(rest[0], depth, nested);
  return std::unexpected("Bad directive or wrong number of arguments");
}

std::expected<void, LoadError> Configuration::load_lines(std::string_view text, const std::string& file, int depth) {
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    LoadError nested;
    if (auto result = load_line(line, file, depth, &nested); !result) {
      if (nested.line != 0) return std::unexpected(nested);
      return std::unexpected(LoadError{file, number, std::string(line), result.error()});
    }
  }
  return {};
}

std::expected<void, LoadError> Configuration::load_text(std::string_view text, const std::string& file) {
  return load_lines(text, file, 0);
}

std::expected<void, LoadError> Configuration::load_file(const std::string& path) {
  const auto content = io::read_file(path, file_bytes_max);
  if (!content) {
    return std::unexpected(
        LoadError{path, 0, "",
                  fmt::format("Fatal error, can't open config file '{}': {}", path, io::error_text(content.error()))});
  }
  return load_text(*content, path);
}

std::map<std::string, std::string> Configuration::get(std::span<const std::string_view> patterns) {
  std::map<std::string, std::string> matches;
  for (const std::string_view pattern : patterns) {
    if (pattern.find_first_of("[*?") == std::string_view::npos) {
      if (Setting* setting = find(pattern)) matches.emplace(lower(pattern), setting->get());
      continue;
    }
    for (const auto& [name, setting] : by_name_) {
      if (ds::glob_match(pattern, name, ds::GlobCase::insensitive)) matches.emplace(name, setting->get());
    }
  }
  return matches;
}

Configuration::Result Configuration::find_changes(
    std::span<const std::pair<std::string_view, std::string_view>> changes, bool allow_protected,
    std::vector<Change>* found) {
  const auto failed = [](std::string_view name, std::string_view why) {
    return std::unexpected(fmt::format("ERR CONFIG SET failed (possibly related to argument '{}') - {}", name, why));
  };
  for (const auto& [name, value] : changes) {
    Setting* setting = find(name);
    if (!setting) {
      return std::unexpected(fmt::format("ERR Unknown option or number of arguments for CONFIG SET - '{}'", name));
    }
    if (setting->kind == base::SettingKind::immutable) return failed(name, "can't set immutable config");
    if (setting->kind == base::SettingKind::protected_ && !allow_protected) {
      return failed(name, "can't set protected config");
    }
    if (std::ranges::find(*found, setting, &Change::setting) != found->end())
      return failed(name, "duplicate parameter");
    found->push_back({setting, value, setting->get()});
  }
  return {};
}

void Configuration::roll_back(std::span<const Change> changes, bool apply) {
  for (const Change& change : changes) (void)change.setting->set(change.old_value);
  if (!apply) return;
  for (const Change& change : changes) {
    if (change.setting->apply) (void)change.setting->apply();
  }
}

std::expected<void, std::string> Configuration::set(
    std::span<const std::pair<std::string_view, std::string_view>> changes, bool allow_protected) {
  std::vector<Change> found;
  if (auto result = find_changes(changes, allow_protected, &found); !result) return result;
  const auto failed = [](const Change& change, const std::string& why) {
    return std::unexpected(
        fmt::format("ERR CONFIG SET failed (possibly related to argument '{}') - {}", change.setting->name, why));
  };
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string words[] = {std::string(found[i].value)};
    if (auto result = set_words(*found[i].setting, words); !result) {
      roll_back(std::span(found).first(i + 1), false);
      return failed(found[i], result.error());
    }
  }
  for (const Change& change : found) {
    if (!change.setting->apply) continue;
    if (auto result = change.setting->apply(); !result) {
      roll_back(found, true);
      return failed(change, result.error());
    }
  }
  return {};
}

std::vector<std::string> Configuration::without_effect() const {
  std::vector<std::string> names;
  for (const auto& kept : kept_) {
    const auto setting = by_name_.find(kept->name);
    if (kept->was_set && kept->value != setting->second->default_value) names.push_back(kept->name);
  }
  return names;
}

}  // namespace torc::config
