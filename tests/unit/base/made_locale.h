// A locale that does not order by bytes: en_US.UTF-8, compiled into a directory of its own out of the sources in the
// package locales, because a system need not have any.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

// The C library's newlocale() keeps its list of the directories in LOCPATH for good, 40 bytes: what the leak check of
// the builds with sanitizers asks for.
extern "C" [[gnu::used]] inline const char* __lsan_default_suppressions() { return "leak:argz_add_sep"; }

namespace torc::base {

class MadeLocale {
 public:
  static constexpr const char* name = "en_US.UTF-8";

  MadeLocale() {
    std::string pattern = std::filesystem::temp_directory_path() / "torc-locale-XXXXXX";
    if (!::mkdtemp(pattern.data())) return;
    directory_ = pattern;
    const std::string command = "localedef -i en_US -f UTF-8 " + (directory_ / name).string() + " >/dev/null 2>&1";
    made_ = std::system(command.c_str()) == 0;
    ::setenv("LOCPATH", directory_.c_str(), 1);
  }
  MadeLocale(const MadeLocale&) = delete;
  MadeLocale& operator=(const MadeLocale&) = delete;
  ~MadeLocale() {
    ::unsetenv("LOCPATH");
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] bool made() const noexcept { return made_; }

 private:
  std::filesystem::path directory_;
  bool made_ = false;
};

}  // namespace torc::base
