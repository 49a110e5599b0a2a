// Counts of random elements, with Redis's bounds and error texts.
#include "cmd/random_sampling.h"

#include <limits>

namespace torc::cmd {

std::optional<RandomCount> random_count_argument(const session::Context& context, size_t i) {
  const auto count = context.integer(i);
  if (!count) return std::nullopt;
  if (*count == std::numeric_limits<int64_t>::min()) {
    context.fail(
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
    return std::nullopt;
  }
  return RandomCount{static_cast<uint64_t>(*count < 0 ? -*count : *count), *count >= 0};
}

bool check_repeated(const session::Context& context, const RandomCount& count) {
  return count.distinct || count.elements <= repeated_elements_max || context.fail("ERR value is out of range");
}

}  // namespace torc::cmd
