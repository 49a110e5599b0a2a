// INFO fields of parts that torc does not have yet: monitoring tools expect them, and what they say is true: there are
// no replicas, no scripts, no snapshots. Whoever builds a part takes its fields out of the table.
#pragma once

#include "base/info.h"

namespace torc::stats {

[[nodiscard]] base::InfoProviders resting_fields();

}  // namespace torc::stats
