// CommandLog: the last commands that reached a threshold, newest first: SLOWLOG's log of slow ones, and COMMANDLOG's
// logs of large requests and large replies. An entry is a shortened copy, so a log is small whatever the commands were.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace torc::session {
class Context;
}

namespace torc::stats {

struct LoggedCommand {
  uint64_t id;  // ascending from 0, never given twice
  int64_t time_s;
  uint64_t value;                      // microseconds or bytes
  std::vector<std::string> arguments;  // shortened
  std::string address, client_name;
};

class CommandLog {
 public:
  // With more arguments than this the last entry says how many there are; longer arguments are cut.
  static constexpr size_t arguments_max = 32;
  static constexpr size_t argument_bytes_max = 128;

  int64_t threshold = -1;    // values from here on are logged; negative: none
  int64_t length_max = 128;  // entries kept; 0: none

  [[nodiscard]] bool wants(uint64_t value) const noexcept {
    return threshold >= 0 && length_max > 0 && value >= static_cast<uint64_t>(threshold);
  }
  void add(const session::Context& context, uint64_t value);
  // Drops what length_max no longer allows.
  void trim();
  void clear() noexcept { entries_.clear(); }
  [[nodiscard]] const std::deque<LoggedCommand>& entries() const noexcept { return entries_; }

 private:
  std::deque<LoggedCommand> entries_;
  uint64_t next_id_ = 0;
};

}  // namespace torc::stats
