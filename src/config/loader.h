// Reads redis.conf's syntax into a Configuration: directives, quotes, comments, `include` with globs. Settings are
// stored, not applied: the parts read them when they start. The first error stops.
//
// One loader reads all sources of one start in turn, because some directives add up over lines (save). Files are read
// whole and bounded: in size, in the length of a line, in number and in depth; a file that includes itself is an error.
#pragma once

#include <expected>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"

namespace torc::config {

class Loader {
 public:
  explicit Loader(Configuration* configuration);

  // file: its name for errors; empty: command line, standard input.
  [[nodiscard]] std::expected<void, LoadError> load_text(std::string_view text, const std::string& file);
  [[nodiscard]] std::expected<void, LoadError> load_file(const std::string& path);
  // After the last source: whether all that was said can be kept to (see Configuration).
  [[nodiscard]] std::expected<void, LoadError> finish() const;

 private:
  using Result = std::expected<void, std::string>;
  using Words = std::span<const std::string>;
  Result load_line(std::string_view line);
  Result load_setting(base::Setting& setting, Words words);
  Result load_directive(const std::string& name, Words words);
  Result include(const std::string& pattern);
  Result include_file(const std::string& path);
  Result refuse(const std::string& name, std::string_view at_stake);

  Configuration* configuration_;
  std::map<std::string, Location> set_at_;  // settings by name: where they were last set
  std::vector<LoadError> refused_;          // lines of missing parts that are no settings
  std::vector<std::string> open_files_;     // from the outermost to the one being read
  Location here_;
  LoadError nested_;  // line != 0: the error of an included file
  size_t files_ = 0;
  size_t bytes_ = 0;
};

// Without the white space around it.
[[nodiscard]] std::string_view trim_line(std::string_view line);
// What a file may say that is no setting and no part's directive: include, user, loadmodule, sentinel.
[[nodiscard]] bool is_file_directive(std::string_view name);

}  // namespace torc::config
