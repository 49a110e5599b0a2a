// MODULE of a server that has no modules: LIST is empty, and whoever wants to load one learns in redis-server's words
// that it cannot be done.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "session/command.h"

namespace torc::server {

// What the handlers work on.
struct ModuleControl {
  std::function<void(std::string_view)> log_warning;
};

[[nodiscard]] std::span<const session::CommandRow> module_rows();

}  // namespace torc::server
