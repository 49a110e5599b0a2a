// The simulated world: one seed, one clock, one list of events. Networks, disks and rings of a simulation share it, so
// that a run is a function of its seed and of what the test does, and any failure can be run again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

#include "base/clock.h"
#include "base/random.h"

namespace torc::io {

// How rough the world is. Times are drawn uniformly from 0 to the maximum; chances are in thousandths.
struct SimOptions {
  int64_t operation_us_max = 20;
  int64_t network_us_max = 200;
  int64_t sync_us_max = 3000;
  uint32_t short_read_permille = 0;       // reads and receives give less than is there
  uint32_t short_write_permille = 0;      // writes and sends take less than they were given
  uint32_t buffer_shortage_permille = 0;  // receives end with -ENOBUFS though there are buffers
  uint32_t multishot_end_permille = 0;    // accepts and receives end after a success
  uint32_t reset_permille = 0;            // a send finds the connection reset
  uint32_t would_block_permille = 0;      // RWF_NOWAIT gives -EAGAIN
  uint32_t write_error_permille = 0;      // -EIO, nothing written
  uint32_t sync_error_permille = 0;       // -EIO, and what was dirty counts as clean
  uint32_t receive_buffers = 256;
  uint32_t receive_buffer_bytes = 16384;
  uint32_t socket_buffer_bytes = 65536;  // sent and not yet read by the peer
  // enter() lets time pass while it waits. With several rings in one test the test moves time instead.
  bool time_passes_in_enter = true;

  static SimOptions calm() noexcept { return {}; }
  static SimOptions rough() noexcept;
};

class SimWorld {
 public:
  // The clock must outlive the world, which moves it.
  SimWorld(uint64_t seed, base::ManualClock* clock, const SimOptions& options = {}) noexcept
      : random_(seed), clock_(*clock), options_(options) {}

  // May be changed at any time.
  [[nodiscard]] SimOptions& options() noexcept { return options_; }
  [[nodiscard]] base::Random& random() noexcept { return random_; }
  [[nodiscard]] int64_t now_us() const noexcept { return clock_.monotonic_us(); }
  [[nodiscard]] bool chance(uint32_t permille) noexcept { return permille > 0 && random_.below(1000) < permille; }
  // Uniform from 0 to the maximum, both included.
  [[nodiscard]] int64_t delay_us(int64_t max_us) noexcept;
  // Uniform from 1 to the maximum, both included; 0 of 0.
  [[nodiscard]] size_t part_of(size_t max) noexcept;

  // Events at the same time run in an order that the seed decides.
  void after(int64_t delay_us, std::function<void()> event);
  // Runs what is due.
  void run_due();
  // Moves the clock to the next event and runs what is due then. When there is none up to limit_us (by now_us()), moves
  // the clock there, unless it is INT64_MAX, and returns false.
  bool advance(int64_t limit_us = INT64_MAX);
  // Lets a span of time pass.
  void pass(int64_t span_us);

 private:
  using When = std::tuple<int64_t, uint64_t, uint64_t>;  // time, lot, number
  base::Random random_;
  base::ManualClock& clock_;
  SimOptions options_;
  std::map<When, std::function<void()>> events_;
  uint64_t events_made_ = 0;
};

}  // namespace torc::io
