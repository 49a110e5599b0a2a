// XREAD, and waiting in it and in XREADGROUP: several streams, "$" and "+", being served, ends of the waiting.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(StreamRead, SeveralStreams) {
  Harness harness;
  harness.run("XADD a 1-0 f 1");
  harness.run("XADD a 2-0 f 2");
  harness.run("XADD b 1-0 g 1");
  harness.play({{"XREAD STREAMS a b 0 0",
                 "[[\"a\", [[\"1-0\", [\"f\", \"1\"]], [\"2-0\", [\"f\", \"2\"]]]], [\"b\", [[\"1-0\", [\"g\", "
                 "\"1\"]]]]]",
                 "", ""},
                {"XREAD COUNT 1 STREAMS a b 1 1", "[[\"a\", [[\"2-0\", [\"f\", \"2\"]]]]]", "", ""},
                {"XREAD STREAMS a b 2 1", "nil*", "", ""},
                {"XREAD STREAMS a b $ $", "nil*", "", ""},
                {"XREAD STREAMS a b missing + + +",
                 "[[\"a\", [[\"2-0\", [\"f\", \"2\"]]]], [\"b\", [[\"1-0\", [\"g\", \"1\"]]]]]",
                 "keymiss missing; keymiss missing", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("XREAD COUNT 1 STREAMS a b 0 0"),
            "{\"a\": [[\"1-0\", [\"f\", \"1\"]]], \"b\": [[\"1-0\", [\"g\", \"1\"]]]}");
  EXPECT_EQ(harness.run("XREAD STREAMS a 5"), "null");
}

TEST(StreamRead, WhatIsWrong) {
  Harness harness;
  harness.run("XADD a 1-0 f 1");
  harness.run("SET s v");
  harness.play({{"XREAD STREAMS a b 0",
                 "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.", "",
                 ""},
                {"XREAD COUNT 1 BLOCK 0", "-ERR syntax error", "", ""},
                {"XREAD COUNT x STREAMS a 0", "-ERR value is not an integer or out of range", "", ""},
                {"XREAD GROUP g c STREAMS a 0",
                 "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.", "", ""},
                {"XREAD NOACK STREAMS a 0",
                 "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.", "", ""},
                {"XREAD STREAMS a >",
                 "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> "
                 "option.",
                 "", ""},
                {"XREAD STREAMS a -", "-ERR Invalid stream ID specified as stream command argument", "", ""},
                {"XREAD STREAMS a s 0 0", wrong_type, "", ""}});
}

// Redis looks at the length before it looks at the text, which goes up to a NUL.
TEST(StreamRead, AnEndWithMuchBehindItsNul) {
  Harness harness;
  harness.run("XADD s 1-1 a b");
  for (const char end : {'-', '+'}) {
    std::string text(1, end);
    text += '\0';
    text.resize(127, 'x');
    EXPECT_EQ(harness.run({"XRANGE", "s", end == '-' ? text : "-", end == '-' ? "+" : text}),
              R"([["1-1", ["a", "b"]]])");
    text += 'x';
    EXPECT_EQ(harness.run({"XRANGE", "s", end == '-' ? text : "-", end == '-' ? "+" : text}),
              "-ERR Invalid stream ID specified as stream command argument");
  }
}

TEST(StreamRead, ThoseThatWaitGetWhatComes) {
  Harness harness;
  const size_t first = harness.connect(), second = harness.connect();
  harness.run("XADD a 1-0 f 1");
  EXPECT_EQ(harness.run("XREAD BLOCK 0 STREAMS a b $ $", first), "");
  EXPECT_EQ(harness.run("XREAD BLOCK 0 COUNT 1 STREAMS b 0", second), "");
  harness.run("XADD a 2-0 f 2");
  EXPECT_EQ(harness.later(first), "[[\"a\", [[\"2-0\", [\"f\", \"2\"]]]]]");
  harness.run("XADD b 1-0 f 3");
  EXPECT_EQ(harness.later(second), "[[\"b\", [[\"1-0\", [\"f\", \"3\"]]]]]");
  EXPECT_EQ(harness.later(first), "");
}

// "$" is what it was when the command came, however often it is run again.
TEST(StreamRead, TheEndStaysWhereItWas) {
  Harness harness;
  const size_t reader = harness.connect();
  harness.run("XADD a 1-0 f 1");
  EXPECT_EQ(harness.run("XREAD BLOCK 0 STREAMS other a $ $", reader), "");
  harness.run("XADD a 2-0 f 2");
  EXPECT_EQ(harness.later(reader), "[[\"a\", [[\"2-0\", [\"f\", \"2\"]]]]]");
  EXPECT_EQ(harness.run("XREAD BLOCK 0 STREAMS other a $ $", reader), "");
  // Served in one unit that added and removed: nothing is there when the command is run again, and it goes on waiting.
  harness.pipeline({"MULTI", "XADD a 3-0 f 3", "XDEL a 3-0", "EXEC"});
  EXPECT_EQ(harness.later(reader), "");
  harness.pipeline({"MULTI", "XADD a 4-0 f 4", "XADD other 1-0 f 5", "EXEC"});
  EXPECT_EQ(harness.later(reader),
            "[[\"other\", [[\"1-0\", [\"f\", \"5\"]]]], [\"a\", [[\"4-0\", [\"f\", \"4\"]]]]]");
}

TEST(StreamRead, TheLastEntryOfAnEmptyStream) {
  Harness harness;
  const size_t reader = harness.connect();
  EXPECT_EQ(harness.run("XREAD BLOCK 0 STREAMS a +", reader), "");
  harness.run("XADD a 1-0 f 1");
  EXPECT_EQ(harness.later(reader), "[[\"a\", [[\"1-0\", [\"f\", \"1\"]]]]]");
}

TEST(StreamRead, TheTimeIsOver) {
  Harness harness;
  const size_t reader = harness.connect();
  EXPECT_EQ(harness.run("XREAD BLOCK 50 STREAMS a $", reader), "");
  harness.advance_ms(51);
  EXPECT_EQ(harness.later(reader), "nil*");
  EXPECT_EQ(harness.run("XREAD BLOCK -1 STREAMS a $", reader), "-ERR timeout is negative");
  harness.run("MULTI", reader);
  harness.run("XREAD BLOCK 0 STREAMS a $", reader);
  EXPECT_EQ(harness.run("EXEC", reader), "[nil*]");
}

TEST(StreamRead, AConsumerThatWaits) {
  Harness harness;
  const size_t first = harness.connect(), second = harness.connect();
  harness.run("XGROUP CREATE k g $ MKSTREAM");
  EXPECT_EQ(harness.run("XREADGROUP GROUP g c BLOCK 0 STREAMS k >", first), "");
  EXPECT_EQ(harness.run("XREADGROUP GROUP g d BLOCK 0 STREAMS k >", second), "");
  harness.run("XADD k 1-0 f 1");
  EXPECT_EQ(harness.propagated(),
            "XADD k 1-0 f 1; XCLAIM k g c 0 1-0 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-0");
  EXPECT_EQ(harness.later(first), "[[\"k\", [[\"1-0\", [\"f\", \"1\"]]]]]");
  EXPECT_EQ(harness.later(second), "");
  harness.run("XADD k 2-0 f 2");
  EXPECT_EQ(harness.later(second), "[[\"k\", [[\"2-0\", [\"f\", \"2\"]]]]]");
}

TEST(StreamRead, TheEndOfTheGroupEndsTheWaiting) {
  Harness harness;
  const size_t reader = harness.connect();
  const std::string no_group = "-NOGROUP No such key 'k' or consumer group 'g' in XREADGROUP with GROUP option";
  for (const char* end : {"XGROUP DESTROY k g", "DEL k", "FLUSHALL"}) {
    harness.run("XGROUP CREATE k g $ MKSTREAM");
    EXPECT_EQ(harness.run("XREADGROUP GROUP g c BLOCK 0 STREAMS k >", reader), "");
    harness.run(end);
    EXPECT_EQ(harness.later(reader), no_group) << end;
  }
  harness.run("XGROUP CREATE k g $ MKSTREAM");
  EXPECT_EQ(harness.run("XREADGROUP GROUP g c BLOCK 0 STREAMS k >", reader), "");
  harness.run("SET k v");
  EXPECT_EQ(harness.later(reader), wrong_type);
}

// XREAD goes on waiting when the stream goes.
TEST(StreamRead, TheEndOfTheStreamDoesNot) {
  Harness harness;
  const size_t reader = harness.connect();
  harness.run("XADD k 5-0 f 1");
  EXPECT_EQ(harness.run("XREAD BLOCK 0 STREAMS k $", reader), "");
  harness.run("DEL k");
  EXPECT_EQ(harness.later(reader), "");
  harness.run("XADD k 1-0 f 1");
  EXPECT_EQ(harness.later(reader), "");
  harness.run("XADD k 6-0 f 1");
  EXPECT_EQ(harness.later(reader), "[[\"k\", [[\"6-0\", [\"f\", \"1\"]]]]]");
}

}  // namespace
}  // namespace torc::cmd
