// Configuration: all settings of one server by name, whoever owns them, and the ways in which they change: the
// configuration file, the command line, CONFIG SET.
//
// A directive of a part that is not built yet is kept: CONFIG GET shows it, CONFIG SET and the file may change it, and
// those that were set are named in the log once, as being without effect.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/setting.h"

namespace torc::config {

// Where a configuration text is wrong; as Redis reports it.
struct LoadError {
  std::string file;  // empty: command line or standard input
  int line = 0;
  std::string text;  // the line
  std::string reason;
};

class Configuration {
 public:
  Configuration();
  ~Configuration();

  // Rows of a part; their storage must outlive the configuration. Names are unique: asserted. A row takes the place of
  // the kept directive of the same name.
  void add(base::Settings settings);

  // Reads a configuration text (redis.conf's syntax, `include` too). Settings are stored, not applied: parts read them
  // when they start. The first error stops.
  [[nodiscard]] std::expected<void, LoadError> load_text(std::string_view text, const std::string& file);
  [[nodiscard]] std::expected<void, LoadError> load_file(const std::string& path);

  // By name or alias, in any case; null when there is none.
  [[nodiscard]] base::Setting* find(std::string_view name);

  // Names and values that match one of the patterns (a pattern without *?[ is a name), aliases under the name that
  // matched.
  [[nodiscard]] std::map<std::string, std::string> get(std::span<const std::string_view> patterns);

  // CONFIG SET: all or nothing. allow_protected: protected settings may be changed. The error is a complete error
  // reply.
  [[nodiscard]] std::expected<void, std::string> set(
      std::span<const std::pair<std::string_view, std::string_view>> changes, bool allow_protected);

  // Kept directives that were set to something else than their default, for the log.
  [[nodiscard]] std::vector<std::string> without_effect() const;

 private:
  struct Kept;
  struct Change;
  using Result = std::expected<void, std::string>;
  void add_one(base::Setting setting);
  Result load_line(std::string_view line, const std::string& file, int depth, LoadError* nested);
  Result include(const std::string& path, int depth, LoadError* nested);
  std::expected<void, LoadError> load_lines(std::string_view text, const std::string& file, int depth);
  Result set_words(base::Setting& setting, std::span<const std::string> words);
  Result find_changes(std::span<const std::pair<std::string_view, std::string_view>> changes, bool allow_protected,
                      std::vector<Change>* found);
  static void roll_back(std::span<const Change> changes, bool apply);

  std::vector<std::unique_ptr<base::Setting>> settings_;
  std::map<std::string, base::Setting*, std::less<>> by_name_;  // names and aliases
  std::vector<std::unique_ptr<Kept>> kept_;
};

}  // namespace torc::config
