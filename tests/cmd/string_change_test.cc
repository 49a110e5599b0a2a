// APPEND and SETRANGE, with what they do to encodings.
// APPEND and SETRANGE.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* too_large = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";

TEST(StringChange, Append) {
  Harness harness;
  harness.play({{"APPEND k 12", ":2", "new k; append k", "APPEND k 12"},
                {"APPEND k ''", ":2", "append k", "APPEND k "},
                {"APPEND k abc", ":5", "append k", "APPEND k abc"},
                {"GET k", "\"12abc\"", "", ""},
                {"APPEND e ''", ":0", "new e; append e", "APPEND e "},
                {"APPEND k", "-ERR wrong number of arguments for 'append' command", "", ""}});
  EXPECT_EQ(harness.entry("k")->encoding(), store::Encoding::raw);
  harness.run("APPEND n 12");
  EXPECT_EQ(harness.entry("n")->encoding(), store::Encoding::integer);
  harness.make_list("k");
  EXPECT_EQ(harness.run("APPEND k x"), wrong_type);
}

TEST(StringChange, AppendKeepsTheDeadline) {
  Harness harness;
  harness.run("SET k v EX 100");
  harness.run("APPEND k w");
  EXPECT_EQ(harness.entry("k")->deadline_ms(), 1700000100000);
}

TEST(StringChange, AppendGrowsThroughAllForms) {
  Harness harness;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(i, static_cast<char>('a' + i % 26));
    expected += piece;
    ASSERT_EQ(harness.run({"APPEND", "k", piece}), ":" + std::to_string(expected.size()));
  }
  EXPECT_EQ(harness.run("GET k"), "\"" + expected + "\"");
}

TEST(StringChange, AReplyUnderWayKeepsItsBytes) {
  Harness harness;
  const std::string large(50'000, 'x');
  harness.run({"SET", "k", large});
  const auto replies = harness.pipeline({"GET k", "APPEND k y", "SETRANGE k 0 zz", "GET k"});
  EXPECT_EQ(replies[0], "\"" + large + "\"");
  EXPECT_EQ(replies[3], "\"zz" + large.substr(2) + "y\"");
}

TEST(StringChange, AppendRespectsTheBound) {
  Harness harness;
  harness.options().proto_max_bulk_bytes = 10;
  harness.run("SET k 12345");
  harness.play({{"APPEND k 123456", too_large, "", ""},
                {"APPEND k 67890", ":10", "append k", "APPEND k 67890"},
                {"APPEND k x", too_large, "", ""},
                {"APPEND k ''", ":10", "append k", "APPEND k "}});
}

TEST(StringChange, Setrange) {
  Harness harness;
  harness.play({{"SETRANGE k 3 abc", ":6", "new k; setrange k", "SETRANGE k 3 abc"},
                {"GET k", "\"\\x00\\x00\\x00abc\"", "", ""},
                {"SETRANGE k 0 xyz", ":6", "setrange k", "SETRANGE k 0 xyz"},
                {"SETRANGE k 5 12", ":7", "setrange k", "SETRANGE k 5 12"},
                {"GET k", "\"xyzab12\"", "", ""},
                {"SETRANGE k 9 !", ":10", "setrange k", "SETRANGE k 9 !"},
                {"GET k", "\"xyzab12\\x00\\x00!\"", "", ""},
                {"SETRANGE k 0", "-ERR wrong number of arguments for 'setrange' command", "", ""}});
  harness.run("SET i 12345 EX 100");
  EXPECT_EQ(harness.run("SETRANGE i 1 x"), ":5");
  EXPECT_EQ(harness.run("GET i"), "\"1x345\"");
  EXPECT_EQ(harness.entry("i")->encoding(), store::Encoding::raw);
  EXPECT_EQ(harness.entry("i")->deadline_ms(), 1700000100000);
}

TEST(StringChange, SetrangeOfNothingChangesNothing) {
  Harness harness;
  harness.run("SET k abc");
  harness.play({{"SETRANGE k 0 ''", ":3", "", ""},
                {"SETRANGE k 100 ''", ":3", "", ""},
                {"SETRANGE missing 5 ''", ":0", "", ""},
                {"SETRANGE missing 9223372036854775807 ''", ":0", "", ""}});
  EXPECT_EQ(harness.entry("missing"), nullptr);
}

TEST(StringChange, SetrangeRefusesBadOffsets) {
  Harness harness;
  harness.run("SET k abc");
  for (const char* key : {"k", "missing"}) {
    const auto run = [&](const std::string& rest) { return harness.run(std::string("SETRANGE ") + key + " " + rest); };
    EXPECT_EQ(run("-1 a"), "-ERR offset is out of range");
    EXPECT_EQ(run("-1 ''"), "-ERR offset is out of range");
    EXPECT_EQ(run("x a"), "-ERR value is not an integer or out of range");
    EXPECT_EQ(run("536870910 abc"), too_large);
    EXPECT_EQ(run("9223372036854775807 abc"), too_large);
    EXPECT_EQ(run("9223372036854775805 abc"), too_large);
  }
  EXPECT_EQ(harness.entry("missing"), nullptr);
  harness.options().proto_max_bulk_bytes = 10;
  EXPECT_EQ(harness.run("SETRANGE k 8 abc"), too_large);
  EXPECT_EQ(harness.run("SETRANGE k 7 abc"), ":10");
  harness.make_list("k");
  EXPECT_EQ(harness.run("SETRANGE k 0 a"), wrong_type);
  EXPECT_EQ(harness.run("SETRANGE k 0 ''"), wrong_type);
}

}  // namespace
}  // namespace torc::cmd
