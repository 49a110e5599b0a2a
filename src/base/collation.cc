// A thin owner of the C library's locale object.
#include "base/collation.h"

#include <cstring>

namespace torc::base {

Collation::~Collation() {
  if (locale_) ::freelocale(locale_);
}

bool Collation::choose(const std::string& name) noexcept {
  const locale_t chosen = ::newlocale(LC_COLLATE_MASK, name.c_str(), nullptr);
  if (!chosen && !name.empty()) return false;
  if (locale_) ::freelocale(locale_);
  locale_ = chosen;
  return true;
}

int Collation::compare(const std::string& first, const std::string& second) const noexcept {
  if (!locale_) return std::strcmp(first.c_str(), second.c_str());
  return ::strcoll_l(first.c_str(), second.c_str(), locale_);
}

}  // namespace torc::base
