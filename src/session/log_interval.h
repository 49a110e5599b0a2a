// For lines of the log that anybody could cause again and again: one in a while.
#pragma once

#include <cstdint>
#include <optional>

namespace torc::session {

class LogInterval {
 public:
  explicit LogInterval(int64_t period_ms) noexcept : period_ms_(period_ms) {}
  // Whether to write now; then not again for the period, unless the clock is set back meanwhile.
  [[nodiscard]] bool due(int64_t now_ms) noexcept {
    const int64_t elapsed_ms = now_ms - last_ms_.value_or(0);
    if (last_ms_ && elapsed_ms >= 0 && elapsed_ms < period_ms_) return false;
    last_ms_ = now_ms;
    return true;
  }

 private:
  int64_t period_ms_;
  std::optional<int64_t> last_ms_;
};

}  // namespace torc::session
