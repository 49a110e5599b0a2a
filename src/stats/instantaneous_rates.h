// InstantaneousRates: INFO's instantaneous_* fields: means of the last 16 differences, taken about ten times a second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/info.h"

namespace torc::stats {

// Totals since the server started or the statistics were reset.
struct RateCounters {
  uint64_t commands = 0, input_bytes = 0, output_bytes = 0, ticks = 0, busy_us = 0;
};

class InstantaneousRates {
 public:
  static constexpr int64_t period_ms = 100;
  static constexpr size_t samples_max = 16;

  // Whether the next sample is due; also when the clock was set back.
  [[nodiscard]] bool due(int64_t now_ms) const noexcept {
    return now_ms - last_ms_ >= period_ms || now_ms < last_ms_;
  }
  void sample(int64_t now_ms, const RateCounters& counters) noexcept;
  // The counters begin at zero again.
  void reset() noexcept { *this = {}; }
  void write(base::InfoWriter& out) const;

 private:
  enum Rate : size_t { commands, input, output, ticks, tick_us, rates };
  [[nodiscard]] uint64_t mean(Rate rate) const noexcept;
  void record(Rate rate, uint64_t difference, uint64_t per, uint64_t factor) noexcept;

  std::array<std::array<uint64_t, samples_max>, rates> samples_{};
  RateCounters last_;
  int64_t last_ms_ = 0;  // 0: nothing was sampled yet
  size_t next_ = 0;
};

}  // namespace torc::stats
