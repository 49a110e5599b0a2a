// Configuration: all settings of one server by name, whoever owns them, and how they change at run time: CONFIG SET and
// CONFIG REWRITE. The loader (loader.h) reads them from files and the command line.
//
// A directive of a part that is not built yet is kept: CONFIG GET shows it, CONFIG SET and the file may change it, and
// those that were set are named in the log once, as being without effect. Where that would cost the user durability,
// security or the topology, it is refused, at start and by CONFIG SET, unless torc-accept-without-effect names it.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/setting.h"

namespace torc::config {

struct KeptValue;

// A line of a configuration text.
struct Location {
  std::string file;  // empty: command line or standard input
  int line = 0;      // from 1; 0: none
  std::string text;
};

// Where a configuration text is wrong; as Redis reports it.
struct LoadError : Location {
  std::string reason;
};

class Configuration {
 public:
  using Result = std::expected<void, std::string>;
  // Words behind the directive's name. The error is the reason.
  using Directive = std::function<Result(std::span<const std::string> words)>;
  using Changes = std::span<const std::pair<std::string_view, std::string_view>>;

  Configuration();
  ~Configuration();

  // Rows of a part; their storage must outlive the configuration. Names are unique: asserted. A row takes the place of
  // the kept directive of the same name.
  void add(base::Settings settings);
  // What stands in files and on the command line only (rename-command). The name is lower case; a later one replaces
  // it.
  void add_directive(std::string_view name, Directive directive);

  // By name or alias, in any case; null when there is none.
  [[nodiscard]] base::Setting* find(std::string_view name);
  [[nodiscard]] const Directive* find_directive(std::string_view name) const;
  // In alphabetical order of their names, without aliases.
  [[nodiscard]] std::vector<base::Setting*> settings();

  // Names and values that match one of the patterns, aliases under the name that matched, in alphabetical order. A
  // pattern without *?[ is a name, and comes back as it was written.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> get(std::span<const std::string_view> patterns);

  // CONFIG SET: all or nothing. allow_protected: protected settings may be changed. The error is a complete error
  // reply.
  [[nodiscard]] Result set(Changes changes, bool allow_protected);

  // The file that CONFIG REWRITE writes; empty: none.
  void set_file(std::string path) { file_ = std::move(path); }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  // CONFIG REWRITE: everything that is not at its default, or, with all, everything. The error is an errno.
  [[nodiscard]] std::expected<void, int> rewrite(bool all);

  // Kept directives that were set to something else than their default, for the log.
  [[nodiscard]] std::vector<std::string> without_effect() const;
  // Of these, the first that must not be ignored, and why not.
  struct Unavailable {
    std::string name;
    std::string reason;
  };
  [[nodiscard]] std::vector<Unavailable> unavailable() const;
  // Whether it is one of these kept ones, set or not.
  [[nodiscard]] bool is_kept(const base::Setting& setting) const { return kept(setting) != nullptr; }
  // Whether torc-accept-without-effect names it.
  [[nodiscard]] bool accepted(std::string_view name) const;

 private:
  struct Change;
  void add_one(base::Setting setting);
  Result find_changes(Changes changes, bool allow_protected, std::vector<Change>* found);
  [[nodiscard]] Result store(std::vector<Change>& changes);
  [[nodiscard]] Result apply(std::vector<Change>& changes);
  [[nodiscard]] const KeptValue* kept(const base::Setting& setting) const;
  static void roll_back(std::span<const Change> changes, bool apply);

  std::vector<std::unique_ptr<base::Setting>> settings_;
  std::map<std::string, base::Setting*, std::less<>> by_name_;  // names and aliases
  std::map<std::string, Directive, std::less<>> directives_;
  std::map<std::string, std::unique_ptr<KeptValue>, std::less<>> kept_;
  std::string accepted_;  // torc-accept-without-effect
  std::string file_;
};

// Why a directive that stakes something ("durability") is refused.
[[nodiscard]] std::string refusal(std::string_view name, std::string_view at_stake);

}  // namespace torc::config
