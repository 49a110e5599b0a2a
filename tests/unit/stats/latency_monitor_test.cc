// Series of latencies, their figures and their drawing.
#include <gtest/gtest.h>

#include "stats/latency_monitor.h"

namespace torc::stats {
namespace {

TEST(LatencySeries, SeriesForgetTheOldest) {
  LatencySeries series;
  for (int64_t i = 0; i < 200; ++i) series.add({1000 + i, static_cast<uint64_t>(i)});
  EXPECT_EQ(series.samples().size(), 160u);
  EXPECT_EQ(series.samples().front().time_s, 1040);
  EXPECT_EQ(series.samples().back().time_s, 1199);
  EXPECT_EQ(series.latest().latency_ms, 199u);
}

TEST(LatencyGraph, HasBarsAndAges) {
  LatencySeries series;
  series.add({1000, 100});
  series.add({1050, 200});
  series.add({1060, 150});
  EXPECT_EQ(latency_graph("command", series, 1065),
            "command - high 200 ms, low 100 ms (all time high 200 ms)\n" + std::string(80, '-') +
                "\n"
                " # \n"
                " |_\n"
                " ||\n"
                "_||\n"
                "   \n"
                "115\n"
                "m5s\n"
                " s \n");
}

TEST(LatencyFigures, OfAFewSamples) {
  LatencySeries series;
  series.add({1000, 100});
  series.add({1010, 200});
  series.add({1020, 300});
  const LatencyFigures figures = latency_figures(series, 1030);
  EXPECT_EQ(figures.samples, 3u);
  EXPECT_EQ(figures.average_ms, 200u);
  EXPECT_EQ(figures.mean_deviation_ms, 66u);
  EXPECT_EQ(figures.max_ms, 300u);
  EXPECT_DOUBLE_EQ(figures.period_s, 10);
}

// More samples than a line of the graph holds.
TEST(LatencyGraph, HasSeveralLines) {
  LatencySeries series;
  for (int64_t i = 0; i < 100; ++i) series.add({1000 + i, 7});
  const std::string graph = latency_graph("x", series, 2000);
  EXPECT_NE(graph.find("\n" + std::string(80, '_') + "\n"), std::string::npos);
  EXPECT_NE(graph.find("\n" + std::string(20, '_') + "\n"), std::string::npos);
}

}  // namespace
}  // namespace torc::stats
