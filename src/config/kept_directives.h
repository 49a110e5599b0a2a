// The directives of Redis 7.2's configuration whose parts torc does not have (yet): name, default, shape. They are
// accepted and shown, so that an existing redis.conf starts the server; configuration.h says what becomes of them.
#pragma once

#include <span>
#include <string_view>

namespace torc::config {

struct KeptDirective {
  std::string_view name;
  std::string_view default_value;
  std::string_view alias = {};
  bool multi_argument = false;
};

[[nodiscard]] std::span<const KeptDirective> kept_directives();

}  // namespace torc::config
