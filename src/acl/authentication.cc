// One user, one password. The comparison takes the same time for every wrong password, so that guessing learns nothing.
#include "acl/authentication.h"

namespace torc::acl {

namespace {

// Takes the same time wherever the first difference is, so that the time tells nothing about the password.
bool equal_in_constant_time(std::string_view expected, std::string_view given) noexcept {
  unsigned char difference = expected.size() != given.size();
  for (size_t i = 0; i < given.size(); ++i) {
    const char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

}  // namespace

bool Authentication::authenticate(session::Client& client, std::string_view user, std::string_view password) {
  if (user != "default") return false;
  if (!password_.empty() && !equal_in_constant_time(password_, password)) return false;
  client.user = "default";
  return true;
}

base::Settings Authentication::settings(std::function<void()> changed) {
  base::Settings rows;
  rows.push_back(base::bytes_setting("requirepass", &password_, "").hide_value().when_changed([changed] {
    changed();
    return base::Setting::Result{};
  }));
  return rows;
}

}  // namespace torc::acl
