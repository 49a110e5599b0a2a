// The configuration rows of the network half, and what must fit together before it starts.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "base/setting.h"
#include "net/options.h"

namespace torc::net {

// What happens after CONFIG SET changed something; each may be empty.
struct SettingHooks {
  // bind or port: Network::listen_again().
  std::function<std::expected<void, std::string>()> listen_again;
  // proto-max-bulk-len or client-query-buffer-limit.
  std::function<void()> limits_changed;
  LogFunction log;
};

// Stores the defaults into *options, which must outlive the rows.
[[nodiscard]] base::Settings network_settings(NetworkOptions* options, SettingHooks hooks);

// Raises the process's limit of open files so that maxclients fit; where that is refused, lowers clients_max to what
// does, and logs it. The error: not even one client would fit.
[[nodiscard]] std::expected<void, std::string> fit_clients_to_descriptors(NetworkOptions* options,
                                                                          const LogFunction& log);

}  // namespace torc::net
