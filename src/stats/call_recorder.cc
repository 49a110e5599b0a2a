// The session's thresholds are the lowest that anyone here wants; what comes of them is compared again, exactly and in
// the unit of the setting.
#include "stats/call_recorder.h"

#include <algorithm>

#include "session/command.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::stats {

namespace {

using base::Setting;

constexpr int64_t us_per_ms = 1000;
constexpr int64_t us_per_s = 1'000'000;

uint64_t bytes_from(const CommandLog& log) {
  return log.threshold < 0 || log.length_max == 0 ? UINT64_MAX : static_cast<uint64_t>(log.threshold);
}

}  // namespace

CallRecorder::CallRecorder(session::Session* session) : session_(session) {}

CallRecorder::~CallRecorder() { session_->observe_calls(nullptr, {}); }

base::Settings CallRecorder::settings() {
  const auto changed = [this] {
    apply();
    return Setting::Result{};
  };
  CommandLog &slow = log(LogKind::slow), &request = log(LogKind::large_request), &reply = log(LogKind::large_reply);
  base::Settings rows;
  rows.push_back(base::integer_setting("slowlog-log-slower-than", &slow.threshold, -1, INT64_MAX, 10'000)
                     .named_also("commandlog-execution-slower-than"));
  rows.push_back(base::integer_setting("slowlog-max-len", &slow.length_max, 0, INT64_MAX, 128)
                     .named_also("commandlog-slow-execution-max-len"));
  rows.push_back(base::integer_setting("commandlog-request-larger-than", &request.threshold, -1, INT64_MAX, 1 << 20));
  rows.push_back(base::integer_setting("commandlog-large-request-max-len", &request.length_max, 0, INT64_MAX, 128));
  rows.push_back(base::integer_setting("commandlog-reply-larger-than", &reply.threshold, -1, INT64_MAX, 1 << 20));
  rows.push_back(base::integer_setting("commandlog-large-reply-max-len", &reply.length_max, 0, INT64_MAX, 128));
  rows.push_back(base::integer_setting("latency-monitor-threshold", &latency_.threshold_ms, 0, INT64_MAX, 0));
  for (Setting& row : rows) row.apply = changed;
  return rows;
}

// Rounded down: what is a little too early is compared again.
uint64_t CallRecorder::cycles_from(int64_t microseconds) const noexcept {
  const double cycles = static_cast<double>(microseconds) * session_->clock().cycles_per_us();
  constexpr double most = 9e18;
  return cycles < most ? static_cast<uint64_t>(cycles) : UINT64_MAX;
}

uint64_t CallRecorder::microseconds_of(uint64_t cycles) const noexcept {
  return static_cast<uint64_t>(static_cast<double>(cycles) / session_->clock().cycles_per_us());
}

void CallRecorder::apply() {
  for (CommandLog& one : logs_) one.trim();
  const CommandLog& slow = log(LogKind::slow);
  session::CallThresholds thresholds;
  if (latency_.threshold_ms > 0) {
    const int64_t most_ms = INT64_MAX / us_per_ms;
    thresholds.work_cycles = cycles_from(std::min(latency_.threshold_ms, most_ms) * us_per_ms);
  }
  thresholds.cycles = thresholds.work_cycles;
  if (slow.threshold >= 0 && slow.length_max > 0) {
    thresholds.cycles = std::min(thresholds.cycles, cycles_from(slow.threshold));
  }
  thresholds.request_bytes = bytes_from(log(LogKind::large_request));
  thresholds.reply_bytes = bytes_from(log(LogKind::large_reply));
  session_->observe_calls(this, thresholds);
}

void CallRecorder::called(const session::Context& context, const session::CallFigures& figures) {
  const session::Command& command = context.command();
  const uint64_t duration_us = microseconds_of(figures.cycles);
  latency_.sample(command.has(session::flag_fast) ? "fast-command" : "command", duration_us / us_per_ms,
                  session_->clock().wall_us() / us_per_s);
  if (command.has(session::flag_skip_slowlog)) return;
  const std::array<uint64_t, log_kinds> values = {duration_us, figures.request_bytes, figures.reply_bytes};
  for (size_t i = 0; i < log_kinds; ++i) {
    if (logs_[i].wants(values[i])) logs_[i].add(context, values[i]);
  }
}

void CallRecorder::worked(std::string_view event, uint64_t cycles) {
  latency_.sample(event, microseconds_of(cycles) / us_per_ms, session_->clock().wall_us() / us_per_s);
}

}  // namespace torc::stats
