// The event loop's figures under Redis's names.
#include <gtest/gtest.h>

#include "stats/tick_statistics.h"

namespace torc::stats {
namespace {

std::string text_of(const TickStatistics& ticks, void (TickStatistics::*write)(base::InfoWriter&) const) {
  base::InfoWriter out;
  (ticks.*write)(out);
  return out.take();
}

TEST(TickStatistics, UnderRedisNames) {
  TickStatistics ticks;
  ticks.record({.busy_ns = 5000, .execute_ns = 3000, .background_ns = 1000, .requests = 7});
  ticks.record({.busy_ns = 2000, .execute_ns = 1000, .background_ns = 0, .requests = 3});
  EXPECT_EQ(text_of(ticks, &TickStatistics::write_event_loop),
            "eventloop_cycles:2\r\neventloop_duration_sum:7\r\neventloop_duration_cmd_sum:4\r\n");
  EXPECT_EQ(text_of(ticks, &TickStatistics::write_debug),
            "eventloop_duration_cron_sum:1\r\neventloop_duration_max:5\r\neventloop_cmd_per_cycle_max:7\r\n");
  ticks.reset();
  EXPECT_EQ(ticks.ticks(), 0u);
}

}  // namespace
}  // namespace torc::stats
