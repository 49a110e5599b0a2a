// INFO's frame: which sections come for which names, in which order; and who is counted for an error.
#include <gtest/gtest.h>

#include "harness.h"
#include "stats/info_family.h"

namespace torc::cmd {
namespace {

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

// Redis keeps this one over CONFIG RESETSTAT.
TEST(LoginStatistics, CountsRefusals) {
  Harness harness;
  harness.run("AUTH nobody x");
  harness.run("HELLO 3 AUTH nobody x");
  harness.run("AUTH default x");
  harness.session().reset_statistics();
  EXPECT_EQ(harness.session().statistics().denied_logins, 2u);
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
