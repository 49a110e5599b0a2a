// Pause: the time during which clients may not write, or may do nothing (CLIENT PAUSE). Nothing expires and nothing is
// evicted meanwhile, so the data set stands still for whoever wants to copy it.
#pragma once

#include <cstdint>

namespace torc::session {

// In the order of what they forbid.
enum class PauseMode : uint8_t { none, write, all };

class Pause {
 public:
  // Several pauses add up to the longest time and to what forbids most.
  void begin(PauseMode mode, int64_t end_ms) noexcept;
  void end() noexcept { *this = {}; }
  // Ends a pause whose time is over; true if it did.
  bool end_if_over(int64_t now_ms) noexcept;

  [[nodiscard]] PauseMode mode() const noexcept { return mode_; }
  [[nodiscard]] bool active() const noexcept { return mode_ != PauseMode::none; }
  [[nodiscard]] int64_t end_ms() const noexcept { return end_ms_; }  // wall clock

 private:
  PauseMode mode_ = PauseMode::none;
  int64_t end_ms_ = 0;
};

}  // namespace torc::session
