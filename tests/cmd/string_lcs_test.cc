// LCS. The runs themselves are tested with ds/common_subsequence.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

TEST(StringLcs, ThreeShapesOfTheReply) {
  Harness harness;
  harness.run("MSET a ohmytext b mynewtext");
  harness.play({{"LCS a b", "\"mytext\"", "", ""},
                {"LCS a b LEN", ":6", "", ""},
                {"LCS a b IDX", "[\"matches\", [[[:4, :7], [:5, :8]], [[:2, :3], [:0, :1]]], \"len\", :6]", "", ""},
                {"LCS a b idx WithMatchLen",
                 "[\"matches\", [[[:4, :7], [:5, :8], :4], [[:2, :3], [:0, :1], :2]], \"len\", :6]", "", ""},
                {"LCS a b IDX MINMATCHLEN 4", "[\"matches\", [[[:4, :7], [:5, :8]]], \"len\", :6]", "", ""},
                {"LCS a b MINMATCHLEN 5 IDX WITHMATCHLEN", "[\"matches\", [], \"len\", :6]", "", ""},
                {"LCS a b MINMATCHLEN -1 IDX",
                 "[\"matches\", [[[:4, :7], [:5, :8]], [[:2, :3], [:0, :1]]], \"len\", :6]", "", ""},
                {"LCS a b MINMATCHLEN 100 WITHMATCHLEN", "\"mytext\"", "", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("LCS a b IDX MINMATCHLEN 4"), "{\"matches\": [[[:4, :7], [:5, :8]]], \"len\": :6}");
}

TEST(StringLcs, MissingKeysAreEmpty) {
  Harness harness;
  harness.run("SET a 12345");
  harness.run("SET b 1x3y5");
  harness.play({{"LCS a b", "\"135\"", "", ""},
                {"LCS a missing", "\"\"", "keymiss missing", ""},
                {"LCS missing a IDX", "[\"matches\", [], \"len\", :0]", "keymiss missing", ""},
                {"LCS missing other LEN", ":0", "keymiss missing; keymiss other", ""},
                {"LCS a a", "\"12345\"", "", ""}});
}

TEST(StringLcs, RefusesBadOptions) {
  Harness harness;
  harness.run("MSET a 1 b 2");
  harness.play({{"LCS a b FOO", "-ERR syntax error", "", ""},
                {"LCS a b MINMATCHLEN", "-ERR syntax error", "", ""},
                {"LCS a b MINMATCHLEN x", "-ERR value is not an integer or out of range", "", ""},
                {"LCS a b LEN IDX", "-ERR If you want both the length and indexes, please just use IDX.", "", ""},
                {"LCS a b LEN IDX FOO", "-ERR syntax error", "", ""},
                {"LCS a", "-ERR wrong number of arguments for 'lcs' command", "", ""}});
  harness.make_list("a");
  harness.play({{"LCS a b", "-ERR The specified keys must contain string values", "", ""},
                {"LCS b a FOO", "-ERR The specified keys must contain string values", "", ""},
                {"LCS a missing", "-ERR The specified keys must contain string values", "keymiss missing", ""}});
}

TEST(StringLcs, RefusesWhatWouldTakeTooLong) {
  Harness harness;
  harness.options().proto_max_bulk_bytes = 4 * 11 * 11;
  harness.run("MSET a 1234567890 b abcdefghij");
  EXPECT_EQ(harness.run("LCS a b LEN"), ":0");
  harness.run("APPEND b k");
  EXPECT_EQ(harness.run("LCS a b LEN"),
            "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  EXPECT_EQ(harness.run("LCS b missing"), "\"\"");
}

TEST(StringLcs, TheSecondKeyMayExpireMeanwhile) {
  Harness harness;
  harness.run("SET a abc");
  harness.run("SET b abd PX 10");
  EXPECT_EQ(harness.run("LCS a b"), "\"ab\"");
  harness.advance_ms(11);
  harness.play({{"LCS a b", "\"\"", "expired b; keymiss b", "DEL b"}});
  harness.run("SET b abd PX 10");
  harness.advance_ms(11);
  harness.play({{"LCS b a", "\"\"", "expired b; keymiss b", "DEL b"}});
}

TEST(StringLcs, LargeStrings) {
  Harness harness;
  const std::string a(5000, 'x'), b(6000, 'x');
  harness.run({"SET", "a", a + "end"});
  harness.run({"SET", "b", "begin" + b});
  EXPECT_EQ(harness.run("LCS a b"), "\"" + a + "\"");
  EXPECT_EQ(harness.run("LCS a b LEN"), ":5000");
}

}  // namespace
}  // namespace torc::cmd
