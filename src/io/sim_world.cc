// What the parts of the simulation share: the time, the seed, the events that are still to come.
#include "io/sim_world.h"

#include <algorithm>
#include <utility>

namespace torc::io {

SimOptions SimOptions::rough() noexcept {
  SimOptions options;
  options.operation_us_max = 300;
  options.network_us_max = 2000;
  options.sync_us_max = 20'000;
  options.short_read_permille = 200;
  options.short_write_permille = 100;
  options.buffer_shortage_permille = 20;
  options.multishot_end_permille = 50;
  options.reset_permille = 1;
  options.would_block_permille = 100;
  options.write_error_permille = 1;
  options.sync_error_permille = 1;
  options.receive_buffers = 16;
  options.receive_buffer_bytes = 512;
  options.socket_buffer_bytes = 4096;
  return options;
}

int64_t SimWorld::delay_us(int64_t max_us) noexcept {
  return static_cast<int64_t>(random_.below(static_cast<uint64_t>(std::max<int64_t>(max_us, 0)) + 1));
}

size_t SimWorld::part_of(size_t max) noexcept { return max == 0 ? 0 : 1 + random_.below(max); }

void SimWorld::after(int64_t delay_us, std::function<void()> event) {
  const int64_t time = now_us() + std::max<int64_t>(delay_us, 0);
  events_.emplace(When{time, random_.next(), events_made_++}, std::move(event));
}

void SimWorld::run_due() {
  // An event may add events that are due at once.
  while (!events_.empty() && std::get<0>(events_.begin()->first) <= now_us()) {
    const auto event = std::move(events_.extract(events_.begin()).mapped());
    event();
  }
}

bool SimWorld::advance(int64_t limit_us) {
  const bool found = !events_.empty() && std::get<0>(events_.begin()->first) <= limit_us;
  const int64_t target_us = found ? std::get<0>(events_.begin()->first) : limit_us;
  if (target_us != INT64_MAX && target_us > now_us()) clock_.advance_us(target_us - now_us());
  if (found) run_due();
  return found;
}

void SimWorld::pass(int64_t span_us) {
  const int64_t end_us = now_us() + span_us;
  while (advance(end_us)) {
  }
}

}  // namespace torc::io
