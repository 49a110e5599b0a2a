// Collation: the order of texts that a locale prescribes (locale-collate), without the process's own locale, which all
// servers in it would share.
#pragma once

#include <locale.h>

#include <string>

namespace torc::base {

class Collation {
 public:
  // The order of bytes, until choose() says otherwise.
  Collation() noexcept = default;
  Collation(const Collation&) = delete;
  Collation& operator=(const Collation&) = delete;
  ~Collation();

  // A locale of the system by its name; "": what the environment says, or bytes if the system has no such locale.
  // False, and nothing changed, if there is no locale of that name.
  bool choose(const std::string& name) noexcept;
  // Below, equal to or above 0.
  [[nodiscard]] int compare(const char* first, const char* second) const noexcept;
  // compare() is strcmp().
  [[nodiscard]] bool is_bytes() const noexcept { return !locale_; }

 private:
  locale_t locale_ = nullptr;
};

}  // namespace torc::base
