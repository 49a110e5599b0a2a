// Authentication by the default user's password (requirepass). It stands behind session::Authenticator, so that users
// and their permissions can take its place without the session noticing.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/setting.h"
#include "session/session.h"

namespace torc::acl {

class Authentication final : public session::Authenticator {
 public:
  [[nodiscard]] bool open_to_all() const override { return password_.empty(); }
  // The only user is "default"; without a password every password is right, as in Redis.
  bool authenticate(session::Client& client, std::string_view user, std::string_view password) override;
  // changed: called when who may connect without a password may have changed.
  [[nodiscard]] base::Settings settings(std::function<void()> changed);

 private:
  std::string password_;
};

}  // namespace torc::acl
