// Consumer groups: XGROUP, XREADGROUP, XACK, XCLAIM, XAUTOCLAIM, XPENDING, XSETID, XINFO, XDELEX, XACKDEL: replies,
// events, and what is propagated.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* invalid_id = "-ERR Invalid stream ID specified as stream command argument";

class StreamGroup : public testing::Test {
 protected:
  // Entries 1-0 ... 5-0 and a group at the beginning.
  void SetUp() override {
    for (int i = 1; i <= 5; ++i) harness_.run("XADD k " + std::to_string(i) + "-0 f " + std::to_string(i));
    harness_.run("XGROUP CREATE k g 0");
  }
  Harness harness_;
};

std::string claim(const std::string& consumer, const std::string& id, int count, const std::string& last) {
  return "XCLAIM k g " + consumer + " 0 " + id + " TIME 1700000000000 RETRYCOUNT " + std::to_string(count) +
         " FORCE JUSTID LASTID " + last;
}

TEST_F(StreamGroup, GroupsComeAndGo) {
  harness_.play(
      {{"XGROUP CREATE k g 0", "-BUSYGROUP Consumer Group name already exists", "", ""},
       {"XGROUP CREATE k h $ ENTRIESREAD 5", "+OK", "xgroup-create k", "XGROUP CREATE k h $ ENTRIESREAD 5"},
       {"XGROUP CREATE k i x", invalid_id, "", ""},
       {"XGROUP CREATE k i 0 ENTRIESREAD -2", "-ERR value for ENTRIESREAD must be positive or -1", "", ""},
       {"XGROUP CREATE k i 0 FOO",
        "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.", "", ""},
       {"XGROUP CREATE new g $",
        "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM "
        "option to create an empty stream automatically.",
        "", ""},
       {"XGROUP CREATE new g $ MKSTREAM", "+OK", "new new; xgroup-create new", "XGROUP CREATE new g $ MKSTREAM"},
       {"XLEN new", ":0", "", ""},
       {"XGROUP SETID k h 3-0 ENTRIESREAD 3", "+OK", "xgroup-setid k", "XGROUP SETID k h 3-0 ENTRIESREAD 3"},
       {"XGROUP SETID k none 3-0", "-NOGROUP No such consumer group 'none' for key name 'k'", "", ""},
       {"XGROUP CREATECONSUMER k g c", ":1", "xgroup-createconsumer k", "XGROUP CREATECONSUMER k g c"},
       {"XGROUP CREATECONSUMER k g c", ":0", "", ""},
       {"XGROUP DELCONSUMER k g none", ":0", "", ""},
       {"XGROUP DELCONSUMER k g c", ":0", "xgroup-delconsumer k", "XGROUP DELCONSUMER k g c"},
       {"XGROUP DESTROY k h", ":1", "xgroup-destroy k", "XGROUP DESTROY k h"},
       {"XGROUP DESTROY k h", ":0", "", ""}});
}

TEST_F(StreamGroup, ReadingDeliversAndPropagatesClaims) {
  harness_.play(
      {{"XREADGROUP GROUP g c COUNT 2 STREAMS k >",
        "[[\"k\", [[\"1-0\", [\"f\", \"1\"]], [\"2-0\", [\"f\", \"2\"]]]]]", "xgroup-createconsumer k",
        "MULTI; " + claim("c", "1-0", 1, "1-0") + "; " + claim("c", "2-0", 1, "2-0") + "; EXEC"},
       {"XREADGROUP GROUP g d COUNT 1 NOACK STREAMS k >", "[[\"k\", [[\"3-0\", [\"f\", \"3\"]]]]]",
        "xgroup-createconsumer k",
        "MULTI; XGROUP CREATECONSUMER k g d; XGROUP SETID k g 3-0 ENTRIESREAD 3; EXEC"},
       {"XPENDING k g", "[:2, \"1-0\", \"2-0\", [[\"c\", \"2\"]]]", "", ""},
       // History: delivered again, and what was deleted has no fields.
       {"XDEL k 1-0", ":1", "xdel k", "XDEL k 1-0"},
       {"XREADGROUP GROUP g c STREAMS k 0", "[[\"k\", [[\"1-0\", nil*], [\"2-0\", [\"f\", \"2\"]]]]]", "", ""},
       {"XREADGROUP GROUP g d STREAMS k 0", "[[\"k\", []]]", "", ""},
       {"XPENDING k g - + 10", "[[\"1-0\", \"c\", :0, :1], [\"2-0\", \"c\", :0, :2]]", "", ""},
       {"XACK k g 1-0 2-0 3-0", ":2", "", "XACK k g 1-0 2-0 3-0"},
       {"XPENDING k g", "[:0, nil, nil, nil*]", "", ""}});
}

TEST_F(StreamGroup, AllThatIsWrongWithReading) {
  harness_.run("SET s v");
  harness_.play(
      {{"XREADGROUP GROUP none c STREAMS k >",
        "-NOGROUP No such key 'k' or consumer group 'none' in XREADGROUP with GROUP option", "", ""},
       {"XREADGROUP GROUP g c STREAMS missing >",
        "-NOGROUP No such key 'missing' or consumer group 'g' in XREADGROUP with GROUP option", "keymiss missing", ""},
       {"XREADGROUP GROUP g c STREAMS s >", wrong_type, "", ""},
       {"XREADGROUP GROUP g c STREAMS k k >",
        "-ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.", "", ""},
       {"XREADGROUP COUNT 1 NOACK NOACK STREAMS k >", "-ERR Missing GROUP option for XREADGROUP", "", ""},
       {"XREADGROUP GROUP g c COUNT 1 BLOCK 0", "-ERR syntax error", "", ""},
       {"XREADGROUP GROUP g c STREAMS k $",
        "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
        "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
        "", ""},
       {"XREADGROUP GROUP g c BLOCK -1 STREAMS k >", "-ERR timeout is negative", "", ""},
       {"XREADGROUP GROUP g c BLOCK x STREAMS k >", "-ERR timeout is not an integer or out of range", "", ""}});
}

TEST_F(StreamGroup, Claiming) {
  harness_.run("XREADGROUP GROUP g c COUNT 3 STREAMS k >");
  harness_.advance_ms(100);
  harness_.play({{"XCLAIM k g d 101 1-0", "[]", "xgroup-createconsumer k", ""},
                 {"XCLAIM k g d 100 1-0 JUSTID TIME 1700000000000", "[\"1-0\"]", "", claim("d", "1-0", 1, "3-0")},
                 {"XCLAIM k g d 0 2-0 RETRYCOUNT 9223372036854775807 IDLE 100", "[[\"2-0\", [\"f\", \"2\"]]]", "",
                  "XCLAIM k g d 0 2-0 TIME 1700000000000 RETRYCOUNT 9223372036854775807 FORCE JUSTID LASTID 3-0"},
                 {"XCLAIM k g d 0 5-0 5-1 FORCE TIME 1700000000000", "[[\"5-0\", [\"f\", \"5\"]]]", "",
                  claim("d", "5-0", 2, "3-0")},
                 {"XCLAIM k g d 0 4-0", "[]", "", ""},
                 {"XCLAIM k g d 0 4-0 LASTID 4-0", "[]", "", "XGROUP SETID k g 4-0 ENTRIESREAD 3"},
                 {"XPENDING k g - + 10 d",
                  "[[\"1-0\", \"d\", :100, :1], [\"2-0\", \"d\", :100, :9223372036854775807], [\"5-0\", \"d\", :100, "
                  ":2]]",
                  "", ""},
                 {"XPENDING k g IDLE 101 - + 10", "[]", "", ""},
                 {"XDEL k 3-0", ":1", "xdel k", "XDEL k 3-0"},
                 // It is gone, so it is no longer pending.
                 {"XCLAIM k g d 0 3-0", "[]", "", claim("c", "3-0", 1, "4-0")},
                 {"XPENDING k g - + 10 c", "[]", "", ""},
                 {"XCLAIM k none d 0 1-0", "-NOGROUP No such key 'k' or consumer group 'none'", "", ""},
                 {"XCLAIM k g d x 1-0", "-ERR Invalid min-idle-time argument for XCLAIM", "", ""},
                 {"XCLAIM k g d 0 1-0 FOO", "-ERR Unrecognized XCLAIM option 'FOO'", "", ""},
                 {"XCLAIM k g d 0 1-0 TIME x", "-ERR Invalid TIME option argument for XCLAIM", "", ""}});
}

TEST_F(StreamGroup, ClaimingAutomatically) {
  harness_.run("XREADGROUP GROUP g c COUNT 5 STREAMS k >");
  harness_.run("XDEL k 2-0");
  harness_.play({{"XAUTOCLAIM k g d 0 - COUNT 2 JUSTID", "[\"3-0\", [\"1-0\"], [\"2-0\"]]", "xgroup-createconsumer k",
                  "MULTI; " + claim("d", "1-0", 1, "5-0") + "; " + claim("c", "2-0", 1, "5-0") + "; EXEC"},
                 {"XAUTOCLAIM k g d 0 3-0 COUNT 1", "[\"4-0\", [[\"3-0\", [\"f\", \"3\"]]], []]", "",
                  claim("d", "3-0", 2, "5-0")},
                 {"XAUTOCLAIM k g d 1000 (4-0", "[\"0-0\", [], []]", "", ""},
                 {"XAUTOCLAIM k g d 0 0 COUNT 576460752303423487 JUSTID",
                  "[\"0-0\", [\"1-0\", \"3-0\", \"4-0\", \"5-0\"], []]", "",
                  "MULTI; " + claim("d", "1-0", 1, "5-0") + "; " + claim("d", "3-0", 2, "5-0") + "; " +
                      claim("d", "4-0", 1, "5-0") + "; " + claim("d", "5-0", 1, "5-0") + "; EXEC"}});
  // Counts whose product with what is looked at for each would overflow.
  for (const char* count : {"0", "-1", "x", "576460752303423488", "9223372036854775807", "922337203685477581"}) {
    EXPECT_EQ(harness_.run(std::string("XAUTOCLAIM k g d 0 0 COUNT ") + count), "-ERR COUNT must be > 0") << count;
  }
  EXPECT_EQ(harness_.run("XAUTOCLAIM k g d 0 0 FOO"), "-ERR syntax error");
  EXPECT_EQ(harness_.run("XAUTOCLAIM k none d 0 0"), "-NOGROUP No such key 'k' or consumer group 'none'");
}

TEST_F(StreamGroup, ALookAtTenForEachToBeClaimed) {
  for (int i = 6; i <= 30; ++i) harness_.run("XADD k " + std::to_string(i) + "-0 f v");
  harness_.run("XREADGROUP GROUP g c STREAMS k >");
  EXPECT_EQ(harness_.run("XAUTOCLAIM k g d 1000 0 COUNT 2"), "[\"21-0\", [], []]");
}

TEST_F(StreamGroup, LagAndEntriesRead) {
  const auto progress = [&](const std::string& read, const std::string& lag) {
    EXPECT_NE(harness_.run("XINFO GROUPS k").find("\"entries-read\", " + read + ", \"lag\", " + lag),
              std::string::npos)
        << harness_.run("XINFO GROUPS k");
  };
  progress("nil", ":5");
  harness_.run("XREADGROUP GROUP g c COUNT 2 STREAMS k >");
  progress(":2", ":3");
  harness_.run("XDEL k 4-0");
  progress(":2", "nil");
  harness_.run("XREADGROUP GROUP g c COUNT 1 STREAMS k >");
  progress("nil", "nil");
  harness_.run("XREADGROUP GROUP g c STREAMS k >");
  progress(":5", ":0");
  harness_.run("XTRIM k MAXLEN 0");
  progress(":5", ":0");
}

// Redis counts on beyond the greatest number.
TEST_F(StreamGroup, CountsOfDeliveriesAndReadsWrapAround) {
  const std::string greatest = "9223372036854775807", least = "-9223372036854775808";
  harness_.run("XREADGROUP GROUP g c COUNT 1 STREAMS k >");
  for (const char* again : {"XCLAIM k g c 0 1-0", "XAUTOCLAIM k g c 0 0", "XREADGROUP GROUP g c STREAMS k 0"}) {
    harness_.run("XCLAIM k g c 0 1-0 RETRYCOUNT " + greatest);
    harness_.run(again);
    EXPECT_EQ(harness_.run("XPENDING k g - + 10"), "[[\"1-0\", \"c\", :0, :" + least + "]]") << again;
  }
  const auto expect_progress = [&](const std::string& read, const std::string& lag) {
    EXPECT_TRUE(harness_.run("XINFO GROUPS k").ends_with("\"entries-read\", " + read + ", \"lag\", " + lag + "]]"))
        << harness_.run("XINFO GROUPS k");
  };
  harness_.run("XGROUP SETID k g 4-0 ENTRIESREAD " + greatest);
  expect_progress(":" + greatest, ":-9223372036854775802");
  EXPECT_EQ(harness_.run("XSETID k 5-0 ENTRIESADDED " + greatest), "+OK");
  harness_.run("XADD k 6-0 f v");
  expect_progress(":" + greatest, ":1");
  harness_.run("XREADGROUP GROUP g c COUNT 1 STREAMS k >");
  expect_progress(":" + least, ":0");
  harness_.run("XGROUP SETID k g 1-0");
  expect_progress("nil", ":5");
  harness_.run("XGROUP SETID k g 0-1");
  expect_progress("nil", ":6");
}

TEST_F(StreamGroup, InfoInBothProtocols) {
  harness_.run("XREADGROUP GROUP g c COUNT 1 STREAMS k >");
  harness_.advance_ms(7);
  EXPECT_EQ(harness_.run("XINFO STREAM k"),
            "[\"length\", :5, \"radix-tree-keys\", :1, \"radix-tree-nodes\", :2, \"last-generated-id\", \"5-0\", "
            "\"max-deleted-entry-id\", \"0-0\", \"entries-added\", :5, \"recorded-first-entry-id\", \"1-0\", "
            "\"groups\", :1, \"first-entry\", [\"1-0\", [\"f\", \"1\"]], \"last-entry\", [\"5-0\", [\"f\", \"5\"]]]");
  EXPECT_EQ(harness_.run("XINFO CONSUMERS k g"),
            "[[\"name\", \"c\", \"pending\", :1, \"idle\", :7, \"inactive\", :7]]");
  harness_.set_protocol(3);
  EXPECT_EQ(harness_.run("XINFO STREAM k FULL COUNT 1"),
            "{\"length\": :5, \"radix-tree-keys\": :1, \"radix-tree-nodes\": :2, \"last-generated-id\": \"5-0\", "
            "\"max-deleted-entry-id\": \"0-0\", \"entries-added\": :5, \"recorded-first-entry-id\": \"1-0\", "
            "\"entries\": [[\"1-0\", [\"f\", \"1\"]]], \"groups\": [{\"name\": \"g\", \"last-delivered-id\": \"1-0\", "
            "\"entries-read\": :1, \"lag\": :4, \"pel-count\": :1, \"pending\": [[\"1-0\", \"c\", :1700000000000, "
            ":1]], \"consumers\": [{\"name\": \"c\", \"seen-time\": :1700000000000, \"active-time\": :1700000000000, "
            "\"pel-count\": :1, \"pending\": [[\"1-0\", :1700000000000, :1]]}]}]}");
  EXPECT_EQ(harness_.run("XINFO STREAM missing"), "-ERR no such key");
  EXPECT_EQ(harness_.run("XINFO STREAM k FULL COUNT"),
            "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.");
}

TEST_F(StreamGroup, NumbersOfTheStream) {
  harness_.play({{"XSETID k 4-0", "-ERR The ID specified in XSETID is smaller than the target stream top item", "", ""},
                 {"XSETID k 9-0 ENTRIESADDED 4",
                  "-ERR The entries_added specified in XSETID is smaller than the target stream length", "", ""},
                 {"XSETID k 9-0 MAXDELETEDID 9-1",
                  "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id", "", ""},
                 {"XSETID k 9-0 ENTRIESADDED -1", "-ERR entries_added must be positive", "", ""},
                 {"XSETID missing 9-0", "-ERR no such key", "", ""},
                 {"XSETID k 9-0 ENTRIESADDED 50 MAXDELETEDID 7-0", "+OK", "xsetid k",
                  "XSETID k 9-0 ENTRIESADDED 50 MAXDELETEDID 7-0"},
                 {"XSETID k 6-0", "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id", "",
                  ""},
                 {"XADD k 9-* f v", "\"9-1\"", "xadd k", "XADD k 9-1 f v"}});
}

// Each policy; the replies are those of a Redis 8.4.
TEST_F(StreamGroup, DeletionWithReferences) {
  harness_.run("XGROUP CREATE k h 0");
  harness_.run("XREADGROUP GROUP g c STREAMS k >");
  harness_.run("XREADGROUP GROUP h c COUNT 3 STREAMS k >");
  harness_.play(
      {{"XDELEX k ACKED IDS 3 1-0 4-0 2-7", "[:2, :2, :-1]", "", ""},
       // What lies ahead of a group is not looked up: Redis 8.4 answers 2, although there is no such entry.
       {"XDELEX k ACKED IDS 1 9-9", "[:2]", "", ""},
       {"XACKDEL k g ACKED IDS 1 1-0", "[:2]", "", "XACKDEL k g ACKED IDS 1 1-0"},
       {"XACKDEL k h ACKED IDS 1 1-0", "[:1]", "xdel k", "XACKDEL k h ACKED IDS 1 1-0"},
       {"XACKDEL k h ACKED IDS 1 1-0", "[:-1]", "", ""},
       {"XDELEX k DELREF IDS 1 2-0", "[:1]", "xdel k", "XDELEX k DELREF IDS 1 2-0"},
       {"XPENDING k h", "[:1, \"3-0\", \"3-0\", [[\"c\", \"1\"]]]", "", ""},
       {"XDELEX k IDS 1 3-0", "[:1]", "xdel k", "XDELEX k IDS 1 3-0"},
       {"XPENDING k h", "[:1, \"3-0\", \"3-0\", [[\"c\", \"1\"]]]", "", ""},
       // No entry, but references to it.
       {"XDELEX k DELREF IDS 1 3-0", "[:-1]", "", "XDELEX k DELREF IDS 1 3-0"},
       {"XPENDING k h", "[:0, nil, nil, nil*]", "", ""},
       {"XACKDEL k g IDS 2 4-0 9-9 KEEPREF", "[:1, :-1]", "xdel k", "XACKDEL k g IDS 2 4-0 9-9 KEEPREF"},
       {"XRANGE k - +", "[[\"5-0\", [\"f\", \"5\"]]]", "", ""},
       {"XDELEX missing KEEPREF IDS 2 1-0 2-0", "[:-1, :-1]", "", ""},
       {"XACKDEL k none IDS 1 1-0", "[:-1]", "", ""}});
}

TEST_F(StreamGroup, DeletionRefusesWhatIsWrong) {
  for (const std::string command : {"XDELEX k", "XACKDEL k g"}) {
    EXPECT_EQ(harness_.run(command + " IDS 0 1-0"), "-ERR Number of IDs must be a positive integer");
    EXPECT_EQ(harness_.run(command + " IDS -1 1-0"), "-ERR Number of IDs must be a positive integer");
    EXPECT_EQ(harness_.run(command + " IDS 2 1-0"), "-ERR The `numids` parameter must match the number of arguments");
    EXPECT_EQ(harness_.run(command + " IDS 9223372036854775807 1-0"),
              "-ERR The `numids` parameter must match the number of arguments");
    EXPECT_EQ(harness_.run(command + " IDS 1 1-0 2-0"), "-ERR syntax error");
    EXPECT_EQ(harness_.run(command + " KEEPREF DELREF IDS 1 1-0"), "-ERR syntax error");
    EXPECT_EQ(harness_.run(command + " FOO IDS 1 1-0"), "-ERR syntax error");
    EXPECT_EQ(harness_.run(command + " IDS 1 x"), invalid_id);
  }
  EXPECT_EQ(harness_.run("XLEN k"), ":5");
  // In Redis's order: the type, the options, whether there is anything, and only then the ids.
  harness_.run("SET text x");
  harness_.play({{"XDELEX text FOO BAR BAZ", wrong_type, "", ""},
                 {"XACKDEL text g IDS 0 x", wrong_type, "", ""},
                 {"XDELEX missing FOO IDS 1 x", "-ERR syntax error", "", ""},
                 {"XDELEX missing IDS 2 x 1-0", "[:-1, :-1]", "", ""},
                 {"XACKDEL k none IDS 2 x 1-0", "[:-1, :-1]", "", ""},
                 {"XDELEX k IDS 1 x IDS 2 9-8 9-9", "[:-1, :-1]", "", ""},
                 {"XACKDEL k g ACKED IDS 1 x IDS 1 9-9", "[:-1]", "", ""}});
  // More ids than any table on a stack had room for (CVE-2025-62507).
  Harness::Arguments many = {"XACKDEL", "k", "g", "IDS", "20000"};
  for (int i = 0; i < 20000; ++i) many.push_back("7-" + std::to_string(i));
  EXPECT_EQ(harness_.run(many).substr(0, 10), "[:-1, :-1,");
}

TEST_F(StreamGroup, CopiesStandAlone) {
  harness_.run("XREADGROUP GROUP g c STREAMS k >");
  const std::string before = harness_.run("XINFO STREAM k FULL COUNT 0");
  EXPECT_EQ(harness_.run("COPY k copy"), ":1");
  harness_.run("XACK k g 1-0 2-0");
  harness_.run("XDEL k 3-0");
  EXPECT_EQ(harness_.run("XINFO STREAM copy FULL COUNT 0"), before);
  harness_.run("DEL k");
  EXPECT_EQ(harness_.run("XINFO STREAM copy FULL COUNT 0"), before);
}

}  // namespace
}  // namespace torc::cmd
