// An included file is loaded in the middle of the including one, so what follows the include prevails.
#include "config/loader.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/c_text.h"
#include "base/split_arguments.h"
#include "io/file.h"

namespace torc::config {

using base::Setting;

namespace {

constexpr size_t include_depth_max = 16;
constexpr size_t files_max = 1000;
constexpr size_t bytes_max = 64 << 20;  // of all files together
constexpr size_t line_bytes_max = 1 << 20;
constexpr size_t reported_bytes_max = 1024;  // of a bad line

constexpr const char* bad_directive = "Bad directive or wrong number of arguments";
constexpr const char* wrong_number = "wrong number of arguments";
constexpr const char* unbalanced = "Unbalanced quotes in configuration line";

// Redis knows these no more, but old files have them.
constexpr std::string_view forgotten[] = {"list-max-ziplist-entries", "list-max-ziplist-value",
                                          "lua-replicate-commands"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::string join(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::string open_error(const std::string& path, int error) {
  return fmt::format("Fatal error, can't open config file '{}': {}", path, io::error_text(error));
}

// The user that every server has: CONFIG REWRITE of redis-server writes this line into every file.
bool is_open_default_user(std::span<const std::string> words) {
  constexpr std::string_view open[] = {"on",    "nopass",  "sanitize-payload", "~*",         "&*",
                                       "+@all", "allkeys", "allchannels",      "allcommands"};
  const auto is_open = [&](const std::string& word) { return std::ranges::find(open, word) != std::end(open); };
  return words.size() > 1 && words[0] == "default" && std::ranges::all_of(words.subspan(1), is_open);
}

}  // namespace

std::string_view trim_line(std::string_view line) {
  constexpr std::string_view space = " \t\r\n";
  const size_t begin = line.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(space) - begin + 1);
}

bool is_file_directive(std::string_view name) {
  const std::string known = lower(name);
  return known == "include" || known == "user" || known == "loadmodule" || known == "sentinel";
}

Loader::Loader(Configuration* configuration) : configuration_(configuration) {}

Loader::Result Loader::load_setting(Setting& setting, Words words) {
  const bool further = set_at_.contains(setting.name) && setting.add;
  set_at_[setting.name] = here_;
  const auto& set = further ? setting.add : setting.set;
  if (!setting.multi_argument) return words.size() == 1 ? set(words[0]) : Result(std::unexpected(wrong_number));
  // A single word may hold all of them.
  if (words.size() != 1 || words[0].empty()) return set(join(words));
  const auto inner = base::split_arguments(words[0]);
  if (!inner) return std::unexpected(unbalanced);
  return set(join(*inner));
}

Loader::Result Loader::refuse(const std::string& name, std::string_view at_stake) {
  refused_.push_back({here_, refusal(name, at_stake)});
  return {};
}

Loader::Result Loader::load_directive(const std::string& name, Words words) {
  if (const auto* directive = configuration_->find_directive(name)) return (*directive)(words);
  if (words.size() == 1 && std::ranges::find(forgotten, name) != std::end(forgotten)) return {};
  if (name == "include" && words.size() == 1) return include(words[0]);
  if (name == "user" && !words.empty()) {
    return is_open_default_user(words) ? Result() : refuse(name, "security");
  }
  if (name == "loadmodule" && !words.empty()) return refuse(name, "what the module does");
  if (name == "sentinel") {
    // Without words, as --sentinel is read: the server would hold data where it is to watch over servers.
    return words.empty() ? refuse(name, "topology")
                         : std::unexpected("sentinel directive while not in sentinel mode");
  }
  if (name.find('.') == std::string::npos) return std::unexpected(bad_directive);
  if (words.empty()) return std::unexpected("Module config specified without value");
  return refuse(name, "what the module does");
}

Loader::Result Loader::load_line(std::string_view line) {
  if (line.size() > line_bytes_max) {
    return std::unexpected(fmt::format("The line is longer than {} bytes", line_bytes_max));
  }
  const auto words = base::split_arguments(line);
  if (!words) return std::unexpected(unbalanced);
  if (words->empty()) return {};
  const auto rest = std::span(*words).subspan(1);
  if (Setting* setting = configuration_->find(words->front())) return load_setting(*setting, rest);
  return load_directive(lower(words->front()), rest);
}

Loader::Result Loader::include_file(const std::string& path) {
  auto loaded = load_file(path);
  if (loaded) return {};
  if (nested_.line == 0) nested_ = loaded.error();
  return std::unexpected(loaded.error().reason);
}

Loader::Result Loader::include(const std::string& pattern) {
  if (open_files_.size() >= include_depth_max) return std::unexpected("include is nested too deeply");
  const Setting* directory = configuration_->find("dir");
  const bool absolute = pattern.starts_with('/') || !directory;
  const std::string path = absolute ? pattern : directory->get() + "/" + pattern;
  if (!is_pattern(path)) return include_file(path);
  for (const std::string& match : io::matching_paths(path)) {
    if (auto result = include_file(match); !result) return result;
  }
  return {};
}

std::expected<void, LoadError> Loader::load_file(const std::string& path) {
  const auto failed = [&](std::string reason) { return std::unexpected(LoadError{{path, 0, ""}, std::move(reason)}); };
  const std::string real_path = io::absolute_path(path).value_or(path);
  if (std::ranges::find(open_files_, real_path) != open_files_.end()) {
    return failed(fmt::format("'{}' includes itself", path));
  }
  if (++files_ > files_max) return failed(fmt::format("More than {} configuration files", files_max));
  const auto content = io::read_file(path, bytes_max - bytes_);
  if (!content) return failed(open_error(path, content.error()));
  bytes_ += content->size();
  open_files_.push_back(real_path);
  auto loaded = load_text(*content, path);
  open_files_.pop_back();
  return loaded;
}

std::expected<void, LoadError> Loader::load_text(std::string_view text, const std::string& file) {
  const Location outer = here_;
  text = base::c_text(text);
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    here_ = {file, number, std::string(line.substr(0, reported_bytes_max))};
    if (auto result = load_line(line); !result) {
      if (nested_.line != 0) return std::unexpected(nested_);
      return std::unexpected(LoadError{here_, result.error()});
    }
  }
  here_ = outer;
  return {};
}

std::expected<void, LoadError> Loader::finish() const {
  for (const LoadError& refused : refused_) {
    const std::string name = lower(refused.text.substr(0, refused.text.find_first_of(" \t")));
    if (!configuration_->accepted(name)) return std::unexpected(refused);
  }
  for (const auto& [name, reason] : configuration_->unavailable()) {
    const auto at = set_at_.find(name);
    return std::unexpected(LoadError{at == set_at_.end() ? Location{} : at->second, reason});
  }
  return {};
}

}  // namespace torc::config
