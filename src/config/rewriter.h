// CONFIG REWRITE's text: the old file with its comments and its order, in which the lines of settings have their
// present values. A setting's first line is reused, its further lines go; what is not at its default and had no line
// stands at the end, under a comment that says so.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"

namespace torc::config {

class Configuration;

class Rewriter {
 public:
  // all: write what is at its default, too. The configuration is only asked for names.
  Rewriter(Configuration& configuration, std::string_view old_text, bool all);
  void rewrite(base::Setting& setting);
  // The new text; clusters of empty lines are one empty line.
  [[nodiscard]] std::string text() const;

 private:
  void read_line(Configuration& configuration, std::string_view line);
  void put(const std::string& name, std::string line, bool needed);

  std::vector<std::string> lines_;
  std::map<std::string, std::deque<size_t>, std::less<>> lines_of_;  // by the setting's name
  bool all_;
  bool signed_ = false;  // the comment is there
};

}  // namespace torc::config
