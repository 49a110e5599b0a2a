// XADD, XTRIM, XDEL, XLEN, XRANGE, XREVRANGE: ids, ranges, trims, what is propagated, and what is refused.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* invalid_id = "-ERR Invalid stream ID specified as stream command argument";
constexpr const char* too_small =
    "-ERR The ID specified in XADD is equal or smaller than the target stream top item";
constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(StreamAdd, IdsAreMadeFromTheClock) {
  Harness harness;
  harness.play({{"XADD k * a 1", "\"1700000000000-0\"", "new k; xadd k", "XADD k 1700000000000-0 a 1"},
                {"XADD k * a 1", "\"1700000000000-1\"", "xadd k", "XADD k 1700000000000-1 a 1"},
                {"XADD k 1800000000000-7 a 1", "\"1800000000000-7\"", "xadd k", "XADD k 1800000000000-7 a 1"},
                // The clock is behind.
                {"XADD k * a 1", "\"1800000000000-8\"", "xadd k", "XADD k 1800000000000-8 a 1"},
                {"XADD k 1800000000000-* a 1", "\"1800000000000-9\"", "xadd k", "XADD k 1800000000000-9 a 1"},
                {"XADD k 1800000000001-* a 1", "\"1800000000001-0\"", "xadd k", "XADD k 1800000000001-0 a 1"},
                {"XLEN k", ":6", "", ""},
                {"TYPE k", "+stream", "", ""},
                {"OBJECT ENCODING k", "\"stream\"", "", ""}});
}

TEST(StreamAdd, IdsMustAscend) {
  Harness harness;
  harness.play({{"XADD k 0-0 a 1", "-ERR The ID specified in XADD must be greater than 0-0", "", ""},
                {"XADD k 0-* a 1", "\"0-1\"", "new k; xadd k", "XADD k 0-1 a 1"},
                {"XADD k 0-1 a 1", too_small, "", ""},
                {"XADD k 5 a 1", "\"5-0\"", "xadd k", "XADD k 5 a 1"},
                {"XADD k 4-9 a 1", too_small, "", ""},
                {"XADD k 4-* a 1", too_small, "", ""},
                {"XADD k 6-18446744073709551615 a 1", "\"6-18446744073709551615\"", "xadd k",
                 "XADD k 6-18446744073709551615 a 1"},
                {"XADD k 6-* a 1", too_small, "", ""},
                {"XADD k 18446744073709551615-18446744073709551615 a 1",
                 "\"18446744073709551615-18446744073709551615\"", "xadd k",
                 "XADD k 18446744073709551615-18446744073709551615 a 1"},
                {"XADD k * a 1", "-ERR The stream has exhausted the last possible ID, unable to add more items", "",
                 ""}});
}

TEST(StreamAdd, BadInputChangesNothing) {
  Harness harness;
  harness.run("SET s v");
  harness.play(
      {{"XADD k x a 1", invalid_id, "", ""},
       {"XADD k - a 1", invalid_id, "", ""},
       {"XADD k 18446744073709551616 a 1", invalid_id, "", ""},
       {"XADD k 1-1 a", "-ERR wrong number of arguments for 'xadd' command", "", ""},
       {"XADD k 1-1 a 1 b", "-ERR wrong number of arguments for 'xadd' command", "", ""},
       {"XADD k NOMKSTREAM NOMKSTREAM NOMKSTREAM", "-ERR wrong number of arguments for 'xadd' command", "", ""},
       {"XADD k MAXLEN -1 * a 1", "-ERR The MAXLEN argument must be >= 0.", "", ""},
       {"XADD k MAXLEN 9223372036854775808 * a 1", "-ERR value is not an integer or out of range", "", ""},
       {"XADD k MAXLEN 1 MINID 1 * a 1",
        "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible", "", ""},
       {"XADD k LIMIT 5 * a 1", "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy", "",
        ""},
       {"XADD k LIMIT 0 * a 1", "-ERR syntax error, LIMIT cannot be used without the special ~ option", "", ""},
       {"XADD k MAXLEN 1 LIMIT 5 * a 1", "-ERR syntax error, LIMIT cannot be used without the special ~ option", "",
        ""},
       {"XADD k MAXLEN ~ 1 LIMIT -1 * a 1", "-ERR The LIMIT argument must be >= 0.", "", ""},
       {"XADD k NOMKSTREAM * a 1", "nil", "", ""},
       {"XADD s * a 1", wrong_type, "", ""},
       {"XTRIM s MAXLEN 0", wrong_type, "", ""},
       {"XDEL s 1-1", wrong_type, "", ""},
       {"XLEN s", wrong_type, "", ""},
       {"XRANGE s - +", wrong_type, "", ""},
       {"EXISTS k", ":0", "keymiss k", ""}});
}

void add(Harness& harness, int count) {
  for (int i = 1; i <= count; ++i) harness.run("XADD k " + std::to_string(i) + "-0 f " + std::to_string(i));
}

TEST(StreamAdd, Ranges) {
  Harness harness;
  harness.run("XADD k 1-1 a 1 b x");
  harness.run("XADD k 1-2 a 2 b y");
  harness.run("XADD k 3-0 c -17");
  const std::string first = "[\"1-1\", [\"a\", \"1\", \"b\", \"x\"]]",
                    second = "[\"1-2\", [\"a\", \"2\", \"b\", \"y\"]]", third = "[\"3-0\", [\"c\", \"-17\"]]";
  for (const int protocol : {2, 3}) {
    harness.set_protocol(protocol);
    EXPECT_EQ(harness.run("XRANGE k - +"), "[" + first + ", " + second + ", " + third + "]");
    EXPECT_EQ(harness.run("XREVRANGE k + -"), "[" + third + ", " + second + ", " + first + "]");
    EXPECT_EQ(harness.run("XRANGE k 1 1"), "[" + first + ", " + second + "]");
    EXPECT_EQ(harness.run("XRANGE k (1-1 (3-0"), "[" + second + "]");
    EXPECT_EQ(harness.run("XREVRANGE k (3-0 (1-1"), "[" + second + "]");
    EXPECT_EQ(harness.run("XRANGE k - + COUNT 1"), "[" + first + "]");
    EXPECT_EQ(harness.run("XREVRANGE k + - COUNT 5 COUNT 1"), "[" + third + "]");
    EXPECT_EQ(harness.run("XRANGE k 4 +"), "[]");
    EXPECT_EQ(harness.run("XRANGE missing - + COUNT 0"), "[]");
    EXPECT_EQ(harness.run("XRANGE k - + COUNT -3"), protocol == 2 ? "nil*" : "null");
    EXPECT_EQ(harness.run("XRANGE k ( +"), invalid_id);
    EXPECT_EQ(harness.run("XRANGE k (- +"), invalid_id);
    EXPECT_EQ(harness.run("XRANGE k (18446744073709551615-18446744073709551615 +"),
              "-ERR invalid start ID for the interval");
    EXPECT_EQ(harness.run("XRANGE k - (0-0"), "-ERR invalid end ID for the interval");
    EXPECT_EQ(harness.run("XRANGE k - + COUNT"), "-ERR syntax error");
    EXPECT_EQ(harness.run("XRANGE k - + COUNT x"), "-ERR value is not an integer or out of range");
  }
}

TEST(StreamAdd, TrimsAreExactForReplicas) {
  Harness harness;
  harness.run("CONFIG SET stream-node-max-entries 10");
  harness.options().encodings.stream_node_entries = 10;
  add(harness, 25);
  harness.play({{"XTRIM k MAXLEN ~ 30", ":0", "", ""},
                {"XTRIM k MAXLEN ~ 12", ":10", "xtrim k", "XTRIM k MAXLEN = 15"},
                {"XTRIM k MAXLEN ~ 0 LIMIT 9", ":0", "", ""},
                {"XTRIM k MINID ~ 22 LIMIT 10", ":10", "xtrim k", "XTRIM k MINID = 21-0 LIMIT 10"},
                {"XTRIM k MAXLEN 4", ":1", "xtrim k", "XTRIM k MAXLEN 4"},
                {"XADD k MAXLEN ~ 2 26-0 f v", "\"26-0\"", "xadd k", "XADD k MAXLEN = 5 26-0 f v"},
                {"XADD k MINID = 24 * f v", "\"1700000000000-0\"", "xadd k; xtrim k",
                 "XADD k MINID = 24 1700000000000-0 f v"},
                {"XADD k MAXLEN 0 1800000000000-0 f v", "\"1800000000000-0\"", "xadd k; xtrim k",
                 "XADD k MAXLEN 0 1800000000000-0 f v"},
                {"XLEN k", ":0", "", ""},
                {"EXISTS k", ":1", "", ""},
                {"XTRIM missing MAXLEN 0", ":0", "", ""},
                {"XTRIM k MAXLEN 1 2", "-ERR syntax error", "", ""},
                {"XTRIM k LIMIT 1 LIMIT 1",
                 "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy", "", ""},
                {"XTRIM k LIMIT 0 LIMIT 0", "-ERR syntax error, XTRIM must be called with a trimming strategy", "",
                 ""}});
  EXPECT_EQ(harness.run("XADD k 1800000000000-0 f v"), too_small);
}

TEST(StreamAdd, AMasterHasTrimmedAlready) {
  Harness harness;
  add(harness, 5);
  harness.client(0).type = session::ClientType::master;
  harness.play({{"XTRIM k MAXLEN = 2 LIMIT 1", ":3", "xtrim k", "XTRIM k MAXLEN = 2 LIMIT 1"}});
}

TEST(StreamAdd, Deletion) {
  Harness harness;
  add(harness, 3);
  harness.play({{"XDEL k 2-0 2-0 9-9", ":1", "xdel k", "XDEL k 2-0 2-0 9-9"},
                {"XDEL k 2-0", ":0", "", ""},
                {"XDEL k 1-0 x", invalid_id, "", ""},
                {"XDEL missing x", ":0", "", ""},
                {"XRANGE k - +", "[[\"1-0\", [\"f\", \"1\"]], [\"3-0\", [\"f\", \"3\"]]]", "", ""},
                {"XDEL k 1-0 3-0", ":2", "xdel k", "XDEL k 1-0 3-0"},
                {"XLEN k", ":0", "", ""},
                {"XADD k 3-0 f v", too_small, "", ""}});
}

TEST(StreamAdd, WatchedStreams) {
  Harness harness;
  harness.connect();
  add(harness, 2);
  for (const char* command : {"XADD k * a 1", "XTRIM k MAXLEN 2", "XDEL k 2-0"}) {
    harness.run("WATCH k");
    harness.run("MULTI");
    harness.run("PING");
    harness.run(command, 1);
    EXPECT_EQ(harness.run("EXEC"), "nil*") << command;
  }
}

TEST(StreamAdd, ManyFieldsAndLargeValues) {
  Harness harness;
  Harness::Arguments arguments = {"XADD", "k", "1-1"};
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    arguments.push_back("f" + std::to_string(i));
    arguments.push_back(std::string(100, 'v'));
    expected += (i ? ", " : "") + ("\"f" + std::to_string(i)) + "\", \"" + std::string(100, 'v') + "\"";
  }
  EXPECT_EQ(harness.run(arguments), "\"1-1\"");
  EXPECT_EQ(harness.run("XRANGE k - +"), "[[\"1-1\", [" + expected + "]]]");
  const std::string large(200'000, 'x');
  EXPECT_EQ(harness.run({"XADD", "k", "2-1", "f", large}), "\"2-1\"");
  EXPECT_EQ(harness.run("XREVRANGE k + - COUNT 1"), "[[\"2-1\", [\"f\", \"" + large + "\"]]]");
}

}  // namespace
}  // namespace torc::cmd
