// Rates: means of the last sixteen samples, whatever the clock and the counters do.
#include <gtest/gtest.h>

#include "stats/instantaneous_rates.h"

namespace torc::stats {
namespace {

std::string text_of(const InstantaneousRates& rates) {
  base::InfoWriter out;
  rates.write(out);
  return out.take();
}

TEST(Rates, AreMeansOfSixteenSamples) {
  InstantaneousRates rates;
  EXPECT_TRUE(rates.due(1'000'000));
  RateCounters counters;
  int64_t now_ms = 1'000'000;
  rates.sample(now_ms, counters);
  EXPECT_FALSE(rates.due(now_ms + 99));
  EXPECT_TRUE(rates.due(now_ms + 100));
  EXPECT_TRUE(rates.due(now_ms - 1));  // the clock was set back
  for (int i = 0; i < 16; ++i) {
    counters.commands += 50;  // 500 a second
    counters.input_bytes += 1024;
    counters.output_bytes += 512;
    counters.ticks += 2;
    counters.busy_us += 14;
    rates.sample(now_ms += 100, counters);
  }
  EXPECT_EQ(text_of(rates),
            "instantaneous_ops_per_sec:500\r\ninstantaneous_input_kbps:10.00\r\ninstantaneous_output_kbps:5.00\r\n"
            "instantaneous_eventloop_cycles_per_sec:20\r\ninstantaneous_eventloop_duration_usec:7\r\n");
  for (int i = 0; i < 8; ++i) rates.sample(now_ms += 100, counters);
  EXPECT_TRUE(text_of(rates).starts_with("instantaneous_ops_per_sec:250\r\n"));
  rates.reset();
  rates.sample(now_ms += 100, {});
  EXPECT_TRUE(text_of(rates).starts_with("instantaneous_ops_per_sec:0\r\n"));
}

}  // namespace
}  // namespace torc::stats
