// DBSIZE, FLUSHALL, FLUSHDB and SWAPDB.
// DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

TEST(Keyspace, CountsOverdueKeysToo) {
  Harness harness;
  EXPECT_EQ(harness.run("DBSIZE"), ":0");
  harness.run("MSET a 1 b 2");
  harness.run("SET c 1 PX 10");
  harness.advance_ms(11);
  EXPECT_EQ(harness.run("DBSIZE"), ":3");
  EXPECT_EQ(harness.run("DBSIZE x"), "-ERR wrong number of arguments for 'dbsize' command");
}

TEST(Keyspace, FlushesOneDatabaseOrAll) {
  Harness harness;
  harness.run("MSET a 1 b 2");
  harness.run("COPY a a DB 4");
  harness.play({{"FLUSHDB", "+OK", "", "FLUSHDB"},
                {"DBSIZE", ":0", "", ""},
                {"SELECT 4", "+OK", "", ""},
                {"DBSIZE", ":1", "", ""},
                {"FLUSHALL", "+OK", "", "[4] FLUSHALL"},
                {"DBSIZE", ":0", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 2u + 1u + 2u + 1u);
}

TEST(Keyspace, FlushIsPropagatedEvenWhenThereWasNothing) {
  Harness harness;
  harness.play({{"FLUSHALL", "+OK", "", "FLUSHALL"},
                {"flushdb async", "+OK", "", "flushdb async"},
                {"FLUSHALL Sync", "+OK", "", "FLUSHALL Sync"},
                {"FLUSHALL FOO", "-ERR syntax error", "", ""},
                {"FLUSHDB ASYNC SYNC", "-ERR syntax error", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 0u);
}

TEST(Keyspace, SwapsDatabases) {
  Harness harness;
  harness.run("SET k zero PX 100");
  harness.run("COPY k k DB 4");
  harness.run("SET k changed");
  harness.play({{"SWAPDB 0 99", "-ERR DB index is out of range", "", ""},
                {"SWAPDB -1 0", "-ERR DB index is out of range", "", ""},
                {"SWAPDB a 0", "-ERR invalid first DB index", "", ""},
                {"SWAPDB 0 b", "-ERR invalid second DB index", "", ""},
                {"SWAPDB 0 9999999999", "-ERR invalid second DB index", "", ""},
                {"SWAPDB 0 4", "+OK", "", "SWAPDB 0 4"},
                {"GET k", "\"zero\"", "", ""},
                {"PTTL k", ":100", "", ""},
                {"SWAPDB 1 1", "+OK", "", "SWAPDB 1 1"},
                {"SELECT 4", "+OK", "", ""},
                {"GET k", "\"changed\"", "", ""}});
}

// A watched key that is there before or after is touched; one that is in neither is not.
TEST(Keyspace, WatchersSeeFlushesAndSwaps) {
  struct Case {
    const char *watched, *command;
    bool touched;
  };
  for (const Case& each :
       {Case{"here", "FLUSHDB", true}, Case{"nowhere", "FLUSHDB", false}, Case{"there", "FLUSHALL", false},
        Case{"here", "SWAPDB 0 1", true}, Case{"there", "SWAPDB 0 1", true}, Case{"nowhere", "SWAPDB 0 1", false},
        Case{"here", "SWAPDB 2 3", false}, Case{"here", "SWAPDB 0 0", false}}) {
    Harness harness;
    harness.run("MSET here 1 there 1");
    harness.run("MOVE there 1");
    const size_t other = harness.connect();
    harness.run(std::string("WATCH ") + each.watched, other);
    harness.run(each.command);
    harness.run("MULTI", other);
    EXPECT_EQ(harness.run("EXEC", other), each.touched ? "nil*" : "[]") << each.command << ", " << each.watched;
  }
}

}  // namespace
}  // namespace torc::cmd
