// CONFIG GET, SET, RESETSTAT, REWRITE, HELP. The rows' module is a ConfigFamily.
#pragma once

#include <functional>
#include <span>

#include "session/command.h"

namespace torc::config {

class Configuration;

struct ConfigFamily {
  Configuration* configuration;
  std::function<void()> reset_statistics;                         // all parts' counters
  std::function<bool(const session::Context&)> allows_protected;  // enable-protected-configs for this client
};

[[nodiscard]] std::span<const session::CommandRow> config_rows();

}  // namespace torc::config
