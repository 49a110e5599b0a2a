// CallObserver: who hears of what stood out: commands that took long, requests and replies that were large, work
// between the commands that took long. call() compares what it measured anyway with the thresholds, in one branch that
// is hardly ever taken; all that follows (slow log, command log, latency monitor) is the observer's affair. src/stats
// implements it.
#pragma once

#include <cstdint>
#include <string_view>

namespace torc::session {

class Context;

// What was measured of one command.
struct CallFigures {
  uint64_t cycles;  // base::Clock::cycles()
  uint64_t request_bytes;
  uint64_t reply_bytes;
};

// A command is reported from any of these values on, work from work_cycles on; UINT64_MAX: never.
struct CallThresholds {
  uint64_t cycles = UINT64_MAX;
  uint64_t request_bytes = UINT64_MAX;
  uint64_t reply_bytes = UINT64_MAX;
  uint64_t work_cycles = UINT64_MAX;

  [[nodiscard]] bool reached(const CallFigures& figures) const noexcept {
    return (figures.cycles >= cycles) | (figures.request_bytes >= request_bytes) | (figures.reply_bytes >= reply_bytes);
  }
};

class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Called when the command's handler has returned, before its replies leave.
  virtual void called(const Context& context, const CallFigures& figures) = 0;
  // The event's name as LATENCY knows it: "expire-cycle", "eviction-del" ...; static text.
  virtual void worked(std::string_view event, uint64_t cycles) = 0;
};

}  // namespace torc::session
