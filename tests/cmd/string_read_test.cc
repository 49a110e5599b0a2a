// GET, GETRANGE, STRLEN, SUBSTR and DIGEST.
// GET MGET STRLEN GETRANGE SUBSTR.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(StringRead, Get) {
  Harness harness;
  harness.play({{"GET k", "nil", "keymiss k", ""},
                {"SET k 12345", "+OK", "new k; set k", "SET k 12345"},
                {"GET k", "\"12345\"", "", ""},
                {"GET", "-ERR wrong number of arguments for 'get' command", "", ""},
                {"GET a b", "-ERR wrong number of arguments for 'get' command", "", ""}});
  EXPECT_EQ(harness.session().statistics().hits, 1u);
  EXPECT_EQ(harness.session().statistics().misses, 1u);
  EXPECT_EQ(harness.raw("GET missing"), "$-1\r\n");
  harness.set_protocol(3);
  EXPECT_EQ(harness.raw("GET missing"), "_\r\n");
  EXPECT_EQ(harness.raw("GET k"), "$5\r\n12345\r\n");
  harness.make_list("k");
  EXPECT_EQ(harness.run("GET k"), wrong_type);
}

TEST(StringRead, GetOfEverySizeAroundTheEncodings) {
  Harness harness;
  for (size_t size : {0u, 1u, 43u, 44u, 45u, 255u, 1022u, 1023u, 1024u, 1025u, 16384u, 32767u, 32768u, 70000u}) {
    const std::string value(size, 'a');
    ASSERT_EQ(harness.run({"SET", "k", value}), "+OK");
    ASSERT_EQ(harness.raw("GET k"), "$" + std::to_string(size) + "\r\n" + value + "\r\n");
    ASSERT_EQ(harness.run("STRLEN k"), ":" + std::to_string(size));
    ASSERT_EQ(harness.run("GETRANGE k 0 -1"), "\"" + value + "\"");
  }
}

TEST(StringRead, MgetGivesNullForWhatIsNoString) {
  Harness harness;
  harness.run("MSET a 1 b two l x");
  harness.make_list("l");
  harness.play({{"MGET a missing l b a", "[\"1\", nil, nil, \"two\", \"1\"]", "keymiss missing", ""},
                {"MGET missing", "[nil]", "keymiss missing", ""},
                {"MGET a", "[\"1\"]", "", ""},
                {"MGET", "-ERR wrong number of arguments for 'mget' command", "", ""}});
  EXPECT_EQ(harness.session().statistics().hits, 5u);
  EXPECT_EQ(harness.session().statistics().misses, 2u);
  harness.set_protocol(3);
  EXPECT_EQ(harness.raw("MGET a missing"), "*2\r\n$1\r\n1\r\n_\r\n");
}

TEST(StringRead, MgetOfMoreKeysThanAWindow) {
  Harness harness;
  Harness::Arguments set{"MSET"}, get{"MGET"};
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    set.insert(set.end(), {"key" + std::to_string(i), "value" + std::to_string(i)});
    get.push_back("key" + std::to_string(i));
    expected += (i > 0 ? ", \"value" : "\"value") + std::to_string(i) + "\"";
  }
  EXPECT_EQ(harness.run(set), "+OK");
  EXPECT_EQ(harness.run(get), "[" + expected + "]");
}

TEST(StringRead, MgetDropsOverdueKeys) {
  Harness harness;
  harness.run("SET a 1 PX 10");
  harness.run("SET b 2");
  harness.advance_ms(11);
  harness.play({{"MGET a b", "[nil, \"2\"]", "expired a; keymiss a", "DEL a"}});
}

TEST(StringRead, Strlen) {
  Harness harness;
  harness.run("SET k hello");
  harness.run("SET n -12345");
  harness.play({{"STRLEN k", ":5", "", ""},
                {"STRLEN n", ":6", "", ""},
                {"STRLEN missing", ":0", "keymiss missing", ""},
                {"STRLEN", "-ERR wrong number of arguments for 'strlen' command", "", ""}});
  harness.make_list("k");
  EXPECT_EQ(harness.run("STRLEN k"), wrong_type);
}

TEST(StringRead, GetrangeAndSubstr) {
  Harness harness;
  harness.run("SET k 12345");
  harness.run("SET e ''");
  for (const char* command : {"GETRANGE", "SUBSTR"}) {
    const auto run = [&](const std::string& rest) { return harness.run(command + (" " + rest)); };
    EXPECT_EQ(run("k 1 -2"), "\"234\"");
    EXPECT_EQ(run("k 0 -1"), "\"12345\"");
    EXPECT_EQ(run("k 0 0"), "\"1\"");
    EXPECT_EQ(run("k -1 -1"), "\"5\"");
    EXPECT_EQ(run("k -100 100"), "\"12345\"");
    EXPECT_EQ(run("k -100 -100"), "\"1\"");
    EXPECT_EQ(run("k -100 -99"), "\"1\"");
    EXPECT_EQ(run("k -99 -100"), "\"\"");
    EXPECT_EQ(run("k 3 2"), "\"\"");
    EXPECT_EQ(run("k -1 -5"), "\"\"");
    EXPECT_EQ(run("k 4 -2"), "\"\"");
    EXPECT_EQ(run("k 10 20"), "\"\"");
    EXPECT_EQ(run("k -9223372036854775808 9223372036854775807"), "\"12345\"");
    EXPECT_EQ(run("k 9223372036854775807 9223372036854775807"), "\"\"");
    EXPECT_EQ(run("e 0 -1"), "\"\"");
    EXPECT_EQ(run("missing 0 1"), "\"\"");
    EXPECT_EQ(harness.events(), "keymiss missing");
    EXPECT_EQ(run("missing 0 x"), "-ERR value is not an integer or out of range");
    EXPECT_EQ(run("k a 1"), "-ERR value is not an integer or out of range");
    EXPECT_EQ(run("k 1"), "-ERR wrong number of arguments for '" +
                              std::string(command[0] == 'G' ? "getrange" : "substr") + "' command");
  }
  harness.make_list("k");
  EXPECT_EQ(harness.run("GETRANGE k 0 1"), wrong_type);
  EXPECT_EQ(harness.run("SUBSTR k 0 1"), wrong_type);
}

TEST(StringRead, GetrangeOfALargeStringOutlivesIt) {
  Harness harness;
  std::string large(200'000, 'x');
  large[1000] = 'a';
  large[51000] = 'b';
  harness.run({"SET", "k", large});
  const auto replies = harness.pipeline({"GETRANGE k 1000 51000", "DELEX k", "SET k other", "GETRANGE k 1 2"});
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies[0], "\"" + large.substr(1000, 50001) + "\"");
  EXPECT_EQ(replies[3], "\"th\"");
}

}  // namespace
}  // namespace torc::cmd
