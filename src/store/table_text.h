// A table's figures as text for people: DEBUG HTSTATS and HTSTATS-KEY.
#pragma once

#include <string>

#include "ds/table_core.h"

namespace torc::store {

[[nodiscard]] std::string table_text(const ds::TableStats& stats);

}  // namespace torc::store
