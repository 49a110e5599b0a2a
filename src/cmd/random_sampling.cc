// Counts of random elements, with Redis's bounds and error texts.
#include "cmd/random_sampling.h"

#include <limits>
#include <string_view>

#include "session/session.h"

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

namespace {

// Whether so many elements are more than the client may ever be sent (client-output-buffer-limit): then it is closed,
// as in Redis, and not told that there are too many.
bool over_output_limit(session::Context& context, uint64_t elements) {
  constexpr uint64_t element_bytes_min = std::string_view("$0\r\n\r\n").size();
  const session::OutputLimit& limit = context.session().options().output_limits[0];
  return context.client().type == session::ClientType::normal && limit.hard_bytes != 0 &&
         elements > limit.hard_bytes / element_bytes_min;
}

}  // namespace

bool check_repeated(session::Context& context, const RandomCount& count) {
  if (count.distinct || count.elements <= repeated_elements_max) return true;
  if (!over_output_limit(context, count.elements)) return context.fail("ERR value is out of range");
  const session::Client& client = context.client();
  if (!client.is_silent() && !client.closing()) context.session().close_for_output_limit(context.client());
  return false;
}

}  // namespace torc::cmd
