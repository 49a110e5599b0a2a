// Rows are kept behind pointers because names and aliases refer to them. CONFIG SET remembers the old texts of all it
// is about to change, and sets them again when one change or its application fails.
#include "config/configuration.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/c_text.h"
#include "config/kept_directives.h"
#include "config/rewriter.h"
#include "ds/glob.h"
#include "io/file.h"

namespace torc::config {

using base::Setting;

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::unexpected<std::string> set_failed(std::string_view name, std::string_view why) {
  return std::unexpected(fmt::format("ERR CONFIG SET failed (possibly related to argument '{}') - {}", name, why));
}

// The names are checked when they are used: what is not a directive's name is no harm.
Setting accepted_setting(std::string* storage) {
  Setting row = base::text_setting("torc-accept-without-effect", storage, "").immutable().unlist();
  row.multi_argument = true;
  row.form = base::SettingForm::plain;
  row.add = [storage](std::string_view more) {
    storage->append(storage->empty() ? "" : " ").append(more);
    return Setting::Result{};
  };
  return row;
}

}  // namespace

std::string refusal(std::string_view name, std::string_view at_stake) {
  return fmt::format(
      "'{}' has no effect in this version, and ignoring it would cost {}. To go on without, remove it, or name it in "
      "torc-accept-without-effect",
      name, at_stake);
}

// One pair of a CONFIG SET.
struct Configuration::Change {
  Setting* setting;
  std::string name;  // as it was given, in lower case: perhaps the alias
  std::string_view value;
  std::string old_value;
  bool changed = false;
};

Configuration::Configuration() {
  for (const KeptDirective& directive : kept_directives()) {
    auto value = std::make_unique<KeptValue>();
    add_one(kept_setting(directive, value.get()));
    kept_.emplace(directive.name, std::move(value));
  }
  add({accepted_setting(&accepted_)});
}

Configuration::~Configuration() = default;

void Configuration::add(base::Settings settings) {
  for (Setting& setting : settings) add_one(std::move(setting));
}

void Configuration::add_one(Setting setting) {
  const auto known = by_name_.find(setting.name);
  if (known != by_name_.end()) {
    // The part is built now: its row takes over, the stand-in goes.
    const size_t kept = kept_.erase(setting.name);
    TORC_ASSERT(kept == 1);
    Setting* const old = known->second;
    std::erase_if(by_name_, [old](const auto& entry) { return entry.second == old; });
    std::erase_if(settings_, [old](const auto& one) { return one.get() == old; });
  }
  auto owned = std::make_unique<Setting>(std::move(setting));
  by_name_.emplace(owned->name, owned.get());
  if (!owned->alias.empty()) by_name_.emplace(owned->alias, owned.get());
  settings_.push_back(std::move(owned));
}

void Configuration::add_directive(std::string_view name, Directive directive) {
  directives_[std::string(name)] = std::move(directive);
}

Setting* Configuration::find(std::string_view name) {
  const auto found = by_name_.find(lower(name));
  return found == by_name_.end() ? nullptr : found->second;
}

const Configuration::Directive* Configuration::find_directive(std::string_view name) const {
  const auto found = directives_.find(lower(name));
  return found == directives_.end() ? nullptr : &found->second;
}

std::vector<Setting*> Configuration::settings() {
  std::vector<Setting*> sorted;
  for (const auto& [name, setting] : by_name_) {
    if (name == setting->name) sorted.push_back(setting);
  }
  return sorted;
}

std::vector<std::pair<std::string, std::string>> Configuration::get(std::span<const std::string_view> patterns) {
  std::map<std::string, std::pair<std::string, std::string>> matches;
  for (const std::string_view pattern : patterns) {
    if (pattern.find_first_of("[*?") == std::string_view::npos) {
      if (Setting* setting = find(pattern)) matches.try_emplace(lower(pattern), pattern, setting->get());
      continue;
    }
    for (const auto& [name, setting] : by_name_) {
      if (setting->unlisted || matches.contains(name)) continue;
      if (ds::glob_match(pattern, name, ds::GlobCase::insensitive)) matches.try_emplace(name, name, setting->get());
    }
  }
  std::vector<std::pair<std::string, std::string>> rows;
  for (auto& [name, row] : matches) rows.push_back(std::move(row));
  return rows;
}

const KeptValue* Configuration::kept(const Setting& setting) const {
  const auto found = kept_.find(setting.name);
  return found == kept_.end() ? nullptr : found->second.get();
}

bool Configuration::accepted(std::string_view name) const {
  const auto names = base::setting_words(accepted_);
  return std::ranges::find(names, name) != names.end();
}

Configuration::Result Configuration::find_changes(Changes changes, bool allow_protected, std::vector<Change>* found) {
  for (const auto& [name, value] : changes) {
    Setting* setting = find(name);
    if (!setting) {
      return std::unexpected(fmt::format("ERR Unknown option or number of arguments for CONFIG SET - '{}'",
                                         base::c_text(name)));
    }
    if (setting->kind == base::SettingKind::immutable) return set_failed(name, "can't set immutable config");
    if (setting->kind == base::SettingKind::protected_ && !allow_protected) {
      return set_failed(name, "can't set protected config");
    }
    std::string known_name = lower(name);
    if (std::ranges::find(*found, known_name, &Change::name) != found->end()) {
      return set_failed(name, "duplicate parameter");
    }
    found->push_back({setting, std::move(known_name), value, setting->get()});
  }
  return {};
}

void Configuration::roll_back(std::span<const Change> changes, bool apply) {
  for (const Change& change : changes) (void)change.setting->set(change.old_value);
  if (!apply) return;
  for (const Change& change : changes) {
    if (change.changed && change.setting->apply) (void)change.setting->apply();
  }
}

Configuration::Result Configuration::store(std::vector<Change>& changes) {
  for (Change& change : changes) {
    Result result = change.setting->set(change.value);
    const std::string now = change.setting->get();
    change.changed = now != change.old_value;
    const KeptValue* value = kept(*change.setting);
    if (result && value && change.changed && !may_ignore(*value->directive, now) && !accepted(change.setting->name)) {
      result = std::unexpected(refusal(change.setting->name, value->directive->at_stake));
    }
    if (result) continue;
    roll_back(std::span(changes.data(), static_cast<size_t>(&change - changes.data()) + 1), false);
    return set_failed(change.name, result.error());
  }
  return {};
}

Configuration::Result Configuration::apply(std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (!change.changed || !change.setting->apply) continue;
    if (auto result = change.setting->apply(); !result) {
      roll_back(changes, true);
      return set_failed(change.name, result.error());
    }
  }
  return {};
}

Configuration::Result Configuration::set(Changes changes, bool allow_protected) {
  std::vector<Change> found;
  if (auto result = find_changes(changes, allow_protected, &found); !result) return result;
  if (auto result = store(found); !result) return result;
  return apply(found);
}

std::expected<void, int> Configuration::rewrite(bool all) {
  const auto old_text = io::read_file(file_);
  if (!old_text && old_text.error() != ENOENT) return std::unexpected(old_text.error());
  Rewriter rewriter(*this, old_text.value_or(""), all);
  for (Setting* setting : settings()) rewriter.rewrite(*setting);
  constexpr mode_t new_file_mode = 0644;
  return io::replace_file(file_, rewriter.text(), io::file_mode(file_).value_or(new_file_mode));
}

std::vector<std::string> Configuration::without_effect() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : kept_) {
    const Setting* setting = by_name_.find(name)->second;
    if (value->was_set && setting->get() != setting->default_value) names.push_back(name);
  }
  return names;
}

std::vector<Configuration::Unavailable> Configuration::unavailable() const {
  std::vector<Unavailable> found;
  for (const auto& [name, value] : kept_) {
    if (may_ignore(*value->directive, by_name_.find(name)->second->get()) || accepted(name)) continue;
    found.push_back({name, refusal(name, value->directive->at_stake)});
  }
  return found;
}

}  // namespace torc::config
