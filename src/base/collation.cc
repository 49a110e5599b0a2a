// A thin owner of the C library's locale object.
#include "base/collation.h"

#include <langinfo.h>

#include <cstring>
#include <string_view>

namespace torc::base {

namespace {

// C, POSIX (which is called C) and the C locale of any charset.
bool orders_bytes(locale_t locale) noexcept {
  const std::string_view name = ::nl_langinfo_l(_NL_LOCALE_NAME(LC_COLLATE), locale);
  return name == "C" || name.starts_with("C.");
}

}  // namespace

Collation::~Collation() {
  if (locale_) ::freelocale(locale_);
}

bool Collation::choose(const std::string& name) noexcept {
  locale_t chosen = ::newlocale(LC_COLLATE_MASK, name.c_str(), nullptr);
  if (!chosen && !name.empty()) return false;
  if (chosen && orders_bytes(chosen)) {
    ::freelocale(chosen);
    chosen = nullptr;
  }
  if (locale_) ::freelocale(locale_);
  locale_ = chosen;
  return true;
}

int Collation::compare(const char* first, const char* second) const noexcept {
  return locale_ ? ::strcoll_l(first, second, locale_) : std::strcmp(first, second);
}

}  // namespace torc::base
