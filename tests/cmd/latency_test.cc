// LATENCY's subcommands, and INFO's latencystats. Time stands still but for DEBUG SLEEP.
#include <gtest/gtest.h>

#include "harness.h"
#include "stats/call_recorder.h"
#include "stats/latency_family.h"
#include "stats/latency_tracking.h"

namespace torc::cmd {
namespace {

struct LatencyTest : testing::Test {
  LatencyTest() {
    harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
    harness.session().registry().add(stats::latency_rows(), &recorder);
    settings = recorder.settings();
    tracking_settings = tracking.settings();
    recorder.latency().threshold_ms = 200;
    recorder.apply();
  }
  std::string second(int64_t offset = 0) { return std::to_string(harness.now_ms() / 1000 + offset); }
  std::string latency_statistics() {
    base::InfoWriter out;
    for (const base::InfoRows& rows : tracking.info()) rows.write(out);
    return out.take();
  }

  Harness harness;
  stats::CallRecorder recorder{&harness.session()};
  stats::LatencyTracking tracking{&harness.session()};
  base::Settings settings, tracking_settings;
};

TEST_F(LatencyTest, KeepsTheWorstOfEachSecond) {
  EXPECT_EQ(harness.run("LATENCY LATEST"), "[]");
  EXPECT_EQ(harness.run("LATENCY GRAPH command"), "-ERR No samples available for event 'command'");
  harness.run("DEBUG SLEEP 0.199");
  EXPECT_EQ(harness.run("LATENCY LATEST"), "[]");
  harness.advance_ms(801);
  harness.run("DEBUG SLEEP 0.3");
  harness.run("DEBUG SLEEP 0.25");  // in the same second
  harness.advance_ms(1000);
  harness.run("DEBUG SLEEP 0.2");
  const std::string now = second(), before = second(-1);
  EXPECT_EQ(harness.run("LATENCY HISTORY command"), "[[:" + before + ", :300], [:" + now + ", :200]]");
  EXPECT_EQ(harness.run("LATENCY LATEST"), "[[\"command\", :" + now + ", :200, :300]]");
  EXPECT_TRUE(harness.run("LATENCY GRAPH command").starts_with("\"command - high 300 ms, low 200 ms (all time "));
  EXPECT_EQ(harness.run("LATENCY HISTORY fast-command"), "[]");
  EXPECT_EQ(harness.run("LATENCY RESET foo"), ":0");
  EXPECT_EQ(harness.run("LATENCY RESET foo Command"), ":1");
  EXPECT_EQ(harness.run("LATENCY RESET"), ":0");
}

TEST_F(LatencyTest, OtherWorkIsAnEventToo) {
  harness.session().note_work("expire-cycle", 199'000'000);
  EXPECT_EQ(harness.run("LATENCY LATEST"), "[]");
  harness.session().note_work("expire-cycle", 200'000'000);
  EXPECT_EQ(harness.run("LATENCY LATEST"), "[[\"expire-cycle\", :" + second() + ", :200, :200]]");
  recorder.latency().threshold_ms = 0;
  recorder.apply();
  harness.session().note_work("eviction-del", 900'000'000);
  EXPECT_EQ(harness.run("LATENCY RESET"), ":1");
}

TEST_F(LatencyTest, DoctorSaysWhatItKnows) {
  EXPECT_NE(harness.run("LATENCY DOCTOR").find("all is well"), std::string::npos);
  recorder.latency().threshold_ms = 0;
  EXPECT_NE(harness.run("LATENCY DOCTOR").find("latency-monitor-threshold"), std::string::npos);
  recorder.latency().threshold_ms = 200;
  harness.run("DEBUG SLEEP 0.3");
  const std::string report = harness.run("LATENCY DOCTOR");
  EXPECT_NE(report.find("1. command: 1 latency spikes (average 300ms, mean deviation 0ms, period 1.00 sec). "
                        "Worst all time event 300ms."),
            std::string::npos)
      << report;
  EXPECT_NE(report.find("SLOWLOG GET"), std::string::npos);
}

TEST_F(LatencyTest, HistogramsOfCommands) {
  harness.session().reset_statistics();
  harness.run("SET a b");
  harness.run("SET c d");
  harness.run("CLIENT ID");
  harness.run("DEBUG SLEEP 0.000005");
  harness.run("DEBUG SLEEP 0.001");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("LATENCY HISTOGRAM set foo"),
            "{\"set\": {\"calls\": :2, \"histogram_usec\": {:1: :2}}}");
  EXPECT_EQ(harness.run("LATENCY HISTOGRAM debug"),
            "{\"debug\": {\"calls\": :2, \"histogram_usec\": {:8: :1, :1056: :2}}}");
  EXPECT_EQ(harness.run("LATENCY HISTOGRAM client"),
            "{\"client|id\": {\"calls\": :1, \"histogram_usec\": {:1: :1}}}");
  EXPECT_EQ(harness.run("LATENCY HISTOGRAM CLIENT|ID"), harness.run("LATENCY HISTOGRAM client"));
  EXPECT_EQ(harness.run("LATENCY HISTOGRAM foo"), "{}");
  harness.session().reset_statistics();
  EXPECT_EQ(harness.run("LATENCY HISTOGRAM"), "{}");
}

TEST_F(LatencyTest, PercentilesInInfo) {
  harness.session().reset_statistics();
  EXPECT_EQ(latency_statistics(), "");
  harness.run("DEBUG SLEEP 0.00005");
  EXPECT_EQ(latency_statistics(),
            "latency_percentiles_usec_debug:p50=50.000,p99=50.000,p99.9=50.000\r\n");
  base::Setting& percentiles = tracking_settings[1];
  EXPECT_TRUE(percentiles.set("0.0 50.0 100.0"));
  EXPECT_EQ(percentiles.get(), "0 50 100");
  EXPECT_EQ(latency_statistics(), "latency_percentiles_usec_debug:p0=50.000,p50=50.000,p100=50.000\r\n");
  EXPECT_EQ(percentiles.set("10 a").error(), "Invalid latency-tracking-info-percentiles parameters");
  EXPECT_EQ(percentiles.set("10 101").error(),
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
  EXPECT_EQ(percentiles.get(), "0 50 100");
  EXPECT_TRUE(percentiles.set(""));
  EXPECT_EQ(latency_statistics(), "latency_percentiles_usec_debug:\r\n");
  harness.options().latency_tracking = false;
  EXPECT_EQ(latency_statistics(), "");
  harness.run("SET a b");
  harness.options().latency_tracking = true;
  EXPECT_EQ(latency_statistics().find("_set:"), std::string::npos);
}

}  // namespace
}  // namespace torc::cmd
