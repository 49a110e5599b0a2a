// Time enters the server here and nowhere else. Handlers see the time that the execution unit sampled; the tick
// samples it. ManualClock makes tests and the simulator deterministic.
#pragma once

#include <cstdint>
#include <string>

namespace torc::base {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual int64_t monotonic_us() const noexcept = 0;
  // Microseconds since 1970 (UTC).
  [[nodiscard]] virtual int64_t wall_us() const noexcept = 0;
  // A cheap counter for measuring spans; cycles_per_us() turns it into time.
  [[nodiscard]] virtual uint64_t cycles() const noexcept = 0;
  [[nodiscard]] virtual double cycles_per_us() const noexcept = 0;
  // Stops this thread, or less when a signal comes; nothing at all below 1. Only for commands that are asked to stop
  // the server (DEBUG SLEEP).
  virtual void sleep_us(int64_t microseconds) const noexcept = 0;
};

// How long work that is done in pieces may go on, from now; one that is not given a time never ends it.
class TimeLimit {
 public:
  TimeLimit() noexcept = default;
  // clock outlives it.
  TimeLimit(const Clock& clock, int64_t limit_us) noexcept
      : clock_(&clock),
        begin_cycles_(clock.cycles()),
        limit_cycles_(static_cast<uint64_t>(static_cast<double>(limit_us) * clock.cycles_per_us())) {}
  [[nodiscard]] bool over() const noexcept { return clock_ && clock_->cycles() - begin_cycles_ >= limit_cycles_; }
  // The same time so many times over.
  [[nodiscard]] TimeLimit times(uint64_t factor) const noexcept {
    TimeLimit longer = *this;
    longer.limit_cycles_ *= factor;
    return longer;
  }

 private:
  const Clock* clock_ = nullptr;
  uint64_t begin_cycles_ = 0;
  uint64_t limit_cycles_ = 0;
};

// The machine's clocks; calibrates the cycle counter in its constructor (about a millisecond).
class SystemClock final : public Clock {
 public:
  SystemClock() noexcept;
  [[nodiscard]] int64_t monotonic_us() const noexcept override;
  [[nodiscard]] int64_t wall_us() const noexcept override;
  [[nodiscard]] uint64_t cycles() const noexcept override;
  [[nodiscard]] double cycles_per_us() const noexcept override { return cycles_per_us_; }
  void sleep_us(int64_t microseconds) const noexcept override;

 private:
  double cycles_per_us_;
};

// "22 Nov 2026 14:00:00.123" in the time zone of the process's environment, for the log.
[[nodiscard]] std::string format_local_time(int64_t wall_us);

// Stands still until it is told. A cycle is a nanosecond.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t wall_us = 1'700'000'000'000'000) noexcept : wall_us_(wall_us) {}
  void advance_us(int64_t microseconds) const noexcept {
    monotonic_us_ += microseconds;
    wall_us_ += microseconds;
  }
  void set_wall_us(int64_t wall_us) noexcept { wall_us_ = wall_us; }
  [[nodiscard]] int64_t monotonic_us() const noexcept override { return monotonic_us_; }
  [[nodiscard]] int64_t wall_us() const noexcept override { return wall_us_; }
  [[nodiscard]] uint64_t cycles() const noexcept override { return static_cast<uint64_t>(monotonic_us_) * 1000; }
  [[nodiscard]] double cycles_per_us() const noexcept override { return 1000; }
  void sleep_us(int64_t microseconds) const noexcept override {
    if (microseconds > 0) advance_us(microseconds);
  }

 private:
  mutable int64_t monotonic_us_ = 0;   // who sleeps holds a const Clock like everybody else
  mutable int64_t wall_us_;
};

}  // namespace torc::base
