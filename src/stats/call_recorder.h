// CallRecorder: the session's CallObserver. It keeps the command logs and the latency monitor, and turns their
// settings, in microseconds, milliseconds and bytes, into the thresholds that the session compares with.
#pragma once

#include <array>
#include <cstdint>

#include "base/setting.h"
#include "session/call_observer.h"
#include "stats/command_log.h"
#include "stats/latency_monitor.h"

namespace torc::session {
class Session;
}

namespace torc::stats {

enum class LogKind : uint8_t { slow, large_request, large_reply };
inline constexpr size_t log_kinds = 3;

class CallRecorder final : public session::CallObserver {
 public:
  // The session must outlive it.
  explicit CallRecorder(session::Session* session);
  ~CallRecorder() override;
  CallRecorder(const CallRecorder&) = delete;
  CallRecorder& operator=(const CallRecorder&) = delete;

  [[nodiscard]] base::Settings settings();
  // Makes the session compare with what is set now: at start, and after every change.
  void apply();

  [[nodiscard]] CommandLog& log(LogKind kind) noexcept { return logs_[static_cast<size_t>(kind)]; }
  [[nodiscard]] const CommandLog& log(LogKind kind) const noexcept { return logs_[static_cast<size_t>(kind)]; }
  [[nodiscard]] LatencyMonitor& latency() noexcept { return latency_; }
  [[nodiscard]] session::Session& session() noexcept { return *session_; }

  void called(const session::Context& context, const session::CallFigures& figures) override;
  void worked(std::string_view event, uint64_t cycles) override;

 private:
  [[nodiscard]] uint64_t cycles_from(int64_t microseconds) const noexcept;
  [[nodiscard]] uint64_t microseconds_of(uint64_t cycles) const noexcept;

  session::Session* session_;
  std::array<CommandLog, log_kinds> logs_;
  LatencyMonitor latency_;
};

}  // namespace torc::stats
