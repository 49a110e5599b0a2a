// LATENCY DOCTOR: the events with their figures, then advice, each piece once. The sentences are our own, and so is the
// advice: what hurts an event loop on io_uring that frees large values in slices is not what hurts Redis.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "session/session.h"
#include "stats/call_recorder.h"
#include "stats/latency_family.h"

namespace torc::stats {

namespace {

using Advice = std::vector<std::string>;

void advise(Advice& advice, std::string text) {
  if (std::ranges::find(advice, text) == advice.end()) advice.push_back(std::move(text));
}

void advise_on_slow_commands(CallRecorder& recorder, Advice& advice) {
  const int64_t threshold_us = recorder.log(LogKind::slow).threshold;
  const int64_t monitored_us = std::min(recorder.latency().threshold_ms, INT64_MAX / 1000) * 1000;
  if (threshold_us < 0) {
    advise(advice, fmt::format("The slow log is off, so that nobody can see which commands took so long. "
                               "\"CONFIG SET slowlog-log-slower-than {}\" turns it on.", monitored_us));
  } else if (threshold_us > monitored_us && monitored_us > 0) {
    advise(advice, fmt::format("The slow log begins above the latencies seen here. "
                               "\"CONFIG SET slowlog-log-slower-than {}\" makes it show them.", monitored_us));
  }
  advise(advice, "See SLOWLOG GET for the commands that took long, and COMMANDLOG GET for large requests and replies. "
                 "Commands over all keys (KEYS, FLUSHALL, SORT) have siblings that work in portions (SCAN).");
}

void advise_on(std::string_view event, CallRecorder& recorder, Advice& advice) {
  if (event == "command") return advise_on_slow_commands(recorder, advice);
  if (event == "fast-command") {
    advise(advice, "A command that only takes microseconds was late: the process did not get the processor. Look for "
                   "other busy processes, for a virtual machine that shares its processors, for swapping, and measure "
                   "with \"redis-cli --intrinsic-latency 100\".");
  } else if (event.starts_with("expire")) {
    advise(advice, "Many keys become overdue at the same moment. Spread the deadlines, or lower "
                   "active-expire-effort so that each tick deletes fewer of them.");
  } else if (event.starts_with("eviction")) {
    advise(advice, "Much had to be evicted at once: maxmemory was lowered, or large values were written quickly. Lower "
                   "maxmemory in steps, or lower maxmemory-eviction-tenacity.");
  }
}

std::string event_line(size_t number, std::string_view event, const LatencyFigures& figures) {
  return fmt::format("{}. {}: {} latency spikes (average {}ms, mean deviation {}ms, period {:.2f} sec). "
                     "Worst all time event {}ms.\n",
                     number, event, figures.samples, figures.average_ms, figures.mean_deviation_ms, figures.period_s,
                     figures.max_ms);
}

}  // namespace

std::string latency_report(CallRecorder& recorder) {
  const LatencyMonitor& monitor = recorder.latency();
  if (monitor.events().empty()) {
    if (monitor.threshold_ms > 0) return "Nothing took as long as latency-monitor-threshold so far: all is well.\n";
    return "The latency monitor is off, so nothing is known. \"CONFIG SET latency-monitor-threshold <milliseconds>\" "
           "turns it on.\n";
  }
  const int64_t now_s = recorder.session().clock().wall_us() / 1'000'000;
  std::string text = "Latency spikes were observed:\n\n";
  Advice advice;
  size_t number = 0;
  for (const auto& [event, series] : monitor.events()) {
    text += event_line(++number, event, latency_figures(series, now_s));
    advise_on(event, recorder, advice);
  }
  text += advice.empty() ? "\nThere is no simple advice for these events.\n" : "\nWhat may help:\n\n";
  for (const std::string& one : advice) text += "- " + one + "\n";
  return text;
}

}  // namespace torc::stats
