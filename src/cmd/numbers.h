// Arguments that must be numbers within a range; the error that Redis gives is replied when they are not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "session/context.h"

namespace torc::cmd {

// A C int. error: the text for whatever is wrong; empty: Redis's own, which tells no number from one out of range.
[[nodiscard]] std::optional<int> int_argument(const session::Context& context, size_t i, std::string_view error = {});
// 0 or above.
[[nodiscard]] std::optional<int64_t> positive_argument(const session::Context& context, size_t i);
// The number of a database that exists.
[[nodiscard]] std::optional<size_t> database_argument(const session::Context& context, size_t i);

}  // namespace torc::cmd
