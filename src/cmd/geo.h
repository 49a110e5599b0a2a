// The geo commands: sorted sets whose scores are places (ds/geohash.h), and searching them by distance
// (store/geo_search.h).
#pragma once

#include <span>

#include "session/command.h"

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> geo_rows();

}  // namespace torc::cmd
