// INFO's sections about the process as a whole: server, memory, cpu, and what the parts below do not know of
// themselves.
#pragma once

#include <string>

#include "base/info.h"

namespace torc::server {

class Server;

[[nodiscard]] base::InfoProviders server_sections(Server* server);

}  // namespace torc::server
