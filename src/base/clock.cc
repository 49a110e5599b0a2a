// The cycle counter of x86-64 runs at a constant rate on every machine that can run io_uring, but at a rate that
// only a measurement tells. Elsewhere a "cycle" is a nanosecond of the monotonic clock.
#include "base/clock.h"

#include <fmt/format.h>

#include <cerrno>
#include <ctime>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace torc::base {

namespace {

int64_t read_clock_ns(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

#if defined(__x86_64__)

struct ClockPair {
  int64_t nanoseconds;
  uint64_t cycles;
};

// Both clocks at nearly the same time: of several tries the one that was interrupted least.
ClockPair read_pair() noexcept {
  ClockPair best{};
  uint64_t best_gap = UINT64_MAX;
  for (int attempt = 0; attempt < 8; ++attempt) {
    uint64_t before = __rdtsc();
    int64_t nanoseconds = read_clock_ns(CLOCK_MONOTONIC);
    uint64_t gap = __rdtsc() - before;
    if (gap >= best_gap) continue;
    best_gap = gap;
    best = {nanoseconds, before + gap / 2};
  }
  return best;
}

double measure_cycles_per_us() noexcept {
  constexpr int64_t span_ns = 1'000'000;
  ClockPair start = read_pair();
  while (read_clock_ns(CLOCK_MONOTONIC) - start.nanoseconds < span_ns) {
  }
  ClockPair end = read_pair();
  double microseconds = static_cast<double>(end.nanoseconds - start.nanoseconds) / 1000;
  return static_cast<double>(end.cycles - start.cycles) / microseconds;
}

#endif

}  // namespace

#if defined(__x86_64__)
SystemClock::SystemClock() noexcept : cycles_per_us_(measure_cycles_per_us()) {}

uint64_t SystemClock::cycles() const noexcept { return __rdtsc(); }
#else
SystemClock::SystemClock() noexcept : cycles_per_us_(1000) {}

uint64_t SystemClock::cycles() const noexcept { return static_cast<uint64_t>(read_clock_ns(CLOCK_MONOTONIC)); }
#endif

int64_t SystemClock::monotonic_us() const noexcept { return read_clock_ns(CLOCK_MONOTONIC) / 1000; }

int64_t SystemClock::wall_us() const noexcept { return read_clock_ns(CLOCK_REALTIME) / 1000; }

void SystemClock::sleep_us(int64_t microseconds) const noexcept {
  if (microseconds < 1) return;
  timespec span{};
  span.tv_sec = microseconds / 1'000'000;
  span.tv_nsec = microseconds % 1'000'000 * 1000;
  // A signal, such as the watchdog's, does not end it.
  while (nanosleep(&span, &span) != 0 && errno == EINTR) {
  }
}

std::string format_local_time(int64_t wall_us) {
  const std::time_t seconds = wall_us / 1'000'000;
  std::tm calendar = {};
  localtime_r(&seconds, &calendar);
  char date[64];
  const size_t size = std::strftime(date, sizeof date, "%d %b %Y %H:%M:%S", &calendar);
  return fmt::format("{}.{:03}", std::string_view(date, size), wall_us / 1000 % 1000);
}

}  // namespace torc::base
