// INFO's frame: which sections come for which names, in which order; and the figures that are computed from others.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.h"
#include "stats/info_family.h"
#include "stats/instantaneous_rates.h"
#include "stats/resting_fields.h"
#include "stats/tick_statistics.h"

namespace torc::cmd {
namespace {

std::string text_of(const auto& part, auto write) {
  base::InfoWriter out;
  (part.*write)(out);
  return out.take();
}

struct InfoTest : testing::Test {
  InfoTest() {
    for (const char* section : {"server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules",
                                "commandstats", "errorstats", "latencystats", "cluster", "keyspace", "tick", "debug"}) {
      family.providers.push_back({section, [](base::InfoWriter&) {}});
    }
    harness.session().registry().add(stats::info_rows(), &family);
  }
  // The titles, by their first letters.
  std::string titles(std::string_view line) {
    const std::string text = harness.run(line);
    std::string letters;
    for (size_t at = text.find("# "); at != text.npos; at = text.find("# ", at + 1)) letters += text.substr(at + 2, 2);
    return letters;
  }
  Harness harness;
  stats::InfoFamily family;
};

TEST_F(InfoTest, SectionsByName) {
  const std::string by_default = "SeClMePeStReCPMoErClKe", all = "SeClMePeStReCPMoCoErLaClKeTi";
  EXPECT_EQ(titles("INFO"), by_default);
  EXPECT_EQ(titles("INFO default"), by_default);
  EXPECT_EQ(titles("INFO DEFAULT default"), by_default);
  EXPECT_EQ(titles("INFO all"), all);
  EXPECT_EQ(titles("INFO Everything"), all);
  EXPECT_EQ(titles("INFO everything debug"), all + "De");
  EXPECT_EQ(titles("INFO default commandstats"), "SeClMePeStReCPMoCoErClKe");
  EXPECT_EQ(titles("INFO keyspace SERVER keyspace"), "SeKe");
  EXPECT_EQ(titles("INFO module_list"), "Mo");
  EXPECT_EQ(harness.run("INFO foo"), "\"\"");
  EXPECT_EQ(harness.run("INFO cpu"), "\"# CPU\\x0d\\x0a\"");
  EXPECT_EQ(harness.run("INFO cpu cluster"), "\"# CPU\\x0d\\x0a\\x0d\\x0a# Cluster\\x0d\\x0a\"");
}

TEST(Rates, AreMeansOfSixteenSamples) {
  stats::InstantaneousRates rates;
  EXPECT_TRUE(rates.due(1'000'000));
  stats::RateCounters counters;
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
  EXPECT_EQ(text_of(rates, &stats::InstantaneousRates::write),
            "instantaneous_ops_per_sec:500\r\ninstantaneous_input_kbps:10.00\r\ninstantaneous_output_kbps:5.00\r\n"
            "instantaneous_eventloop_cycles_per_sec:20\r\ninstantaneous_eventloop_duration_usec:7\r\n");
  for (int i = 0; i < 8; ++i) rates.sample(now_ms += 100, counters);
  EXPECT_TRUE(text_of(rates, &stats::InstantaneousRates::write).starts_with("instantaneous_ops_per_sec:250\r\n"));
  rates.reset();
  rates.sample(now_ms += 100, {});
  EXPECT_TRUE(text_of(rates, &stats::InstantaneousRates::write).starts_with("instantaneous_ops_per_sec:0\r\n"));
}

TEST(TickStatistics, UnderRedisNames) {
  stats::TickStatistics ticks;
  ticks.record({.busy_ns = 5000, .execute_ns = 3000, .background_ns = 1000, .requests = 7});
  ticks.record({.busy_ns = 2000, .execute_ns = 1000, .background_ns = 0, .requests = 3});
  EXPECT_EQ(text_of(ticks, &stats::TickStatistics::write_event_loop),
            "eventloop_cycles:2\r\neventloop_duration_sum:7\r\neventloop_duration_cmd_sum:4\r\n");
  EXPECT_EQ(text_of(ticks, &stats::TickStatistics::write_debug),
            "eventloop_duration_cron_sum:1\r\neventloop_duration_max:5\r\neventloop_cmd_per_cycle_max:7\r\n");
  ticks.reset();
  EXPECT_EQ(ticks.ticks(), 0u);
}

TEST(RestingFields, EachSectionOnce) {
  std::vector<std::string> sections;
  for (const base::InfoRows& rows : stats::resting_fields()) {
    EXPECT_EQ(std::ranges::count(sections, rows.section), 0) << rows.section;
    sections.push_back(rows.section);
    base::InfoWriter out;
    rows.write(out);
    EXPECT_NE(out.lines(), "");
  }
}

// Who is to blame for an error: the command that was refused, or the one that ran; and under which code.
TEST(ErrorStatistics, CountEachErrorOnce) {
  Harness harness;
  harness.session().reset_statistics();
  const auto figures = [&harness](std::string_view name) {
    const session::Command* command = harness.session().registry().find(name);
    return std::vector<uint64_t>{command->calls, command->rejected_calls, command->failed_calls};
  };
  using Figures = std::vector<uint64_t>;
  harness.run("SET k");
  harness.run("SET k v EX 0");
  harness.run("SET k v");
  EXPECT_EQ(figures("set"), (Figures{2, 1, 1}));
  harness.run("MULTI");
  harness.run("INCR k");
  harness.run("SET k");
  harness.run("EXEC");
  EXPECT_EQ(figures("set"), (Figures{2, 2, 1}));
  EXPECT_EQ(figures("incr"), (Figures{0, 0, 0}));
  EXPECT_EQ(figures("exec"), (Figures{1, 0, 1}));
  harness.run("MULTI");
  harness.run("INCR k");
  harness.run("EXEC");
  EXPECT_EQ(figures("incr"), (Figures{1, 0, 1}));
  EXPECT_EQ(figures("exec"), (Figures{2, 0, 1}));
  harness.run("NOCOMMAND");
  EXPECT_EQ(harness.session().statistics().error_replies, 6u);
  EXPECT_EQ(harness.session().error_counts().at("ERR"), 5u);
  EXPECT_EQ(harness.session().error_counts().at("EXECABORT"), 1u);
}

}  // namespace
}  // namespace torc::cmd
