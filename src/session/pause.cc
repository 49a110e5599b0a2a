// The rule of redis-server: a new pause never makes an earlier one shorter or weaker.
#include "session/pause.h"

#include <algorithm>

namespace torc::session {

void Pause::begin(PauseMode mode, int64_t end_ms) noexcept {
  mode_ = std::max(mode_, mode);
  end_ms_ = std::max(end_ms_, end_ms);
}

bool Pause::end_if_over(int64_t now_ms) noexcept {
  if (!active() || now_ms < end_ms_) return false;
  end();
  return true;
}

}  // namespace torc::session
