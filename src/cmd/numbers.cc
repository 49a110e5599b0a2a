// Number arguments with the error texts of the commands that read them.
#include "cmd/numbers.h"

#include <limits>

#include "session/session.h"

namespace torc::cmd {

namespace errors = session::errors;

std::optional<int> int_argument(const session::Context& context, size_t i, std::string_view error) {
  const auto value = context.integer(i, error.empty() ? errors::not_integer : error);
  if (!value) return std::nullopt;
  if (*value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
    context.fail(error.empty() ? "ERR value is out of range, value must between -2147483648 and 2147483647" : error);
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

std::optional<int64_t> positive_argument(const session::Context& context, size_t i) {
  const auto value = context.integer(i, errors::not_positive);
  if (value && *value >= 0) return value;
  if (value) context.fail(errors::not_positive);
  return std::nullopt;
}

std::optional<size_t> database_argument(const session::Context& context, size_t i) {
  const auto value = int_argument(context, i);
  if (!value) return std::nullopt;
  if (*value >= 0 && static_cast<size_t>(*value) < context.session().keyspace().databases()) {
    return static_cast<size_t>(*value);
  }
  context.fail("ERR DB index is out of range");
  return std::nullopt;
}

}  // namespace torc::cmd
