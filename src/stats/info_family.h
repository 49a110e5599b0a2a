// INFO. The text of each section belongs to the part that owns the figures (base/info.h); this puts the sections into
// Redis's order and frames them.
#pragma once

#include <span>
#include <string>

#include "base/info.h"
#include "session/command.h"

namespace torc::stats {

// The module of info_rows().
struct InfoFamily {
  base::InfoProviders providers;
};

[[nodiscard]] std::span<const session::CommandRow> info_rows();
// The text for these section names (lower case or not); none: the default sections.
[[nodiscard]] std::string info_text(const base::InfoProviders& providers, std::span<const std::string_view> sections);

}  // namespace torc::stats
