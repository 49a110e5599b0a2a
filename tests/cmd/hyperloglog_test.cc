// Tests of src/cmd/hyperloglog*: PFADD PFCOUNT PFMERGE PFDEBUG PFSELFTEST. Replies, events and bytes as redis-server
// 7.2.6 gives them.
#include <gtest/gtest.h>

#include "ds/hyperloglog.h"
#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr std::string_view not_valid = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
constexpr std::string_view corrupt = "-INVALIDOBJ Corrupted HLL object detected";

TEST(HyperLogLogCommands, pfadd_creates_raises_and_says_whether_it_did) {
  Harness harness;
  harness.play({{"PFADD h", ":1", "new h; pfadd h", "PFADD h"},
                {"PFADD h", ":0", "", ""},
                {"PFADD h a b c", ":1", "pfadd h", "PFADD h a b c"},
                {"PFADD h a c", ":0", "", ""},
                {"OBJECT ENCODING h", "\"raw\"", "", ""},
                {"STRLEN h", ":27", "", ""},
                {"PFCOUNT h", ":3", "", "PFCOUNT h"},
                {"PFCOUNT h", ":3", "", ""},
                {"PFCOUNT missing", ":0", "keymiss missing", ""}});
}

TEST(HyperLogLogCommands, a_large_one_becomes_dense) {
  Harness harness;
  harness.run("CONFIG SET hll-sparse-max-bytes 3000");
  for (int i = 0; i < 5000; ++i) harness.run("PFADD h " + std::to_string(i));
  EXPECT_EQ(harness.run("PFDEBUG ENCODING h"), "+dense");
  EXPECT_EQ(harness.run("STRLEN h"), ":12304");
  EXPECT_EQ(harness.run("PFCOUNT h"), ":4985");
  EXPECT_EQ(harness.run("PFADD h 17"), ":0");
  EXPECT_EQ(harness.run("PFADD h new elements that there were not before"), ":1");
  EXPECT_EQ(harness.run("PFDEBUG DECODE h"), "-ERR HLL encoding is not sparse");
}

TEST(HyperLogLogCommands, pfmerge_and_pfcount_of_several) {
  Harness harness;
  harness.play({{"PFADD one a b c", ":1", "new one; pfadd one", "PFADD one a b c"},
                {"PFADD two c d", ":1", "new two; pfadd two", "PFADD two c d"},
                {"PFCOUNT one two missing", ":4", "keymiss missing", ""},
                {"PFMERGE all one two", "+OK", "keymiss all; new all; pfadd all", "PFMERGE all one two"},
                {"PFCOUNT all", ":4", "", "PFCOUNT all"},
                {"PFDEBUG ENCODING all", "+sparse", "", ""},
                {"PFDEBUG TODENSE two", ":1", "", "PFDEBUG TODENSE two"},
                {"PFDEBUG TODENSE two", ":0", "", ""},
                {"PFMERGE one two", "+OK", "pfadd one", "PFMERGE one two"},
                {"PFDEBUG ENCODING one", "+dense", "", ""},
                {"PFCOUNT one", ":4", "", "PFCOUNT one"},
                {"PFMERGE empty", "+OK", "keymiss empty; new empty; pfadd empty", "PFMERGE empty"},
                {"PFCOUNT empty", ":0", "", "PFCOUNT empty"}});
}

TEST(HyperLogLogCommands, what_is_none_is_refused) {
  Harness harness;
  harness.run("SET text hello");
  harness.run("SET number 12345678901234567");
  harness.run("SET list x");
  harness.make_list("list");
  for (const char* command : {"PFADD {} x", "PFCOUNT {}", "PFCOUNT missing {}", "PFMERGE {} missing",
                              "PFMERGE missing {}", "PFDEBUG ENCODING {}"}) {
    for (const auto& [key, error] : {std::pair{"text", not_valid}, {"number", not_valid}, {"list", wrong_type}}) {
      std::string line = command;
      line.replace(line.find("{}"), 2, key);
      EXPECT_EQ(harness.run(line), error) << line;
    }
  }
  EXPECT_EQ(harness.run("EXISTS missing"), ":0");
}

TEST(HyperLogLogCommands, corrupt_runs_are_refused_and_change_nothing) {
  Harness harness;
  harness.run("PFADD h a b c");
  harness.run("APPEND h hello");
  EXPECT_EQ(harness.run("PFCOUNT h"), corrupt);
  EXPECT_EQ(harness.run("PFMERGE other h"), corrupt);
  EXPECT_EQ(harness.run("PFCOUNT h h"), corrupt);
  EXPECT_EQ(harness.run("PFDEBUG GETREG h"), corrupt);
  EXPECT_EQ(harness.run("PFDEBUG TODENSE h"), corrupt);
  EXPECT_EQ(harness.run("EXISTS other"), ":0");
}

TEST(HyperLogLogCommands, values_behind_the_last_register_end_a_merge) {
  Harness harness;
  const std::string zeros("HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff", 18);
  harness.run({"SET", "h", zeros + "\xff"});
  EXPECT_EQ(harness.run("PFCOUNT h"), corrupt);
  EXPECT_EQ(harness.run("PFCOUNT h h"), ":0");
  EXPECT_EQ(harness.run("PFMERGE d h"), "+OK");
  EXPECT_EQ(harness.run("PFDEBUG DECODE d"), "\"Z:16384\"");
  EXPECT_EQ(harness.run("PFDEBUG TODENSE h"), ":1");
  harness.run({"SET", "h", zeros + std::string("\0", 1)});
  EXPECT_EQ(harness.run("PFCOUNT h h"), corrupt);
}

TEST(HyperLogLogCommands, pfdebug) {
  Harness harness;
  harness.run("PFADD h a");
  EXPECT_EQ(harness.run("PFDEBUG DECODE h"), "\"Z:12711 v:2,1 Z:3672\"");
  EXPECT_EQ(harness.run("PFDEBUG NONE h"), "-ERR Unknown PFDEBUG subcommand 'NONE'");
  EXPECT_EQ(harness.run("PFDEBUG ENCODING missing"), "-ERR The specified key does not exist");
  EXPECT_TRUE(harness.run("PFDEBUG GETREG h").find(":2") != std::string::npos);
  EXPECT_EQ(harness.run("PFDEBUG ENCODING h"), "+dense");
  EXPECT_EQ(harness.run("PFSELFTEST"), "+OK");
}

}  // namespace
}  // namespace torc::cmd
