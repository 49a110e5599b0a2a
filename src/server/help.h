// What --help prints. A text of its own would go out of date, so it is made from what the parts say of their settings.
#pragma once

#include <string>

namespace torc::config {
class Configuration;
}

namespace torc::server {

// The usage, and every directive with its default, from the rows themselves.
[[nodiscard]] std::string help_text(config::Configuration& configuration);

}  // namespace torc::server
