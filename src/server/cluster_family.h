// CLUSTER, READONLY, READWRITE and ASKING of a server that is not part of a cluster: they exist, with all their facts,
// and refuse as redis-server does without cluster-enabled.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::server {

[[nodiscard]] std::span<const session::CommandRow> cluster_rows();

}  // namespace torc::server
