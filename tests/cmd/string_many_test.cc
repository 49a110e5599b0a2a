// MGET, MSET, MSETNX and MSETEX.
// MSET MSETNX MSETEX.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

TEST(StringMany, Mset) {
  Harness harness;
  harness.play({{"MSET a 1 b 2 a 3", "+OK", "new a; set a; new b; set b; set a", "MSET a 1 b 2 a 3"},
                {"MGET a b", "[\"3\", \"2\"]", "", ""},
                {"MSET a 1 b", "-ERR wrong number of arguments for 'mset' command", "", ""},
                {"MSET a", "-ERR wrong number of arguments for 'mset' command", "", ""},
                {"GET a", "\"3\"", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 3u);
  harness.run("SET a 1 EX 100");
  harness.run("MSET a 2");
  EXPECT_FALSE(harness.entry("a")->can_expire());
}

TEST(StringMany, MsetPropagatesLargeValuesThatItOverwritesItself) {
  Harness harness;
  const std::string first(40'000, 'a'), second(50'000, 'b');
  EXPECT_EQ(harness.run({"MSET", "k", first, "k", second}), "+OK");
  EXPECT_EQ(harness.propagated(), "MSET k " + first + " k " + second);
  EXPECT_EQ(harness.run("GET k"), "\"" + second + "\"");
}

TEST(StringMany, MsetOfAnOverdueKey) {
  Harness harness;
  harness.run("SET x 1 PX 10");
  harness.advance_ms(11);
  harness.play({{"MSET x 1 y 2", "+OK", "expired x; new x; set x; new y; set y", "MULTI; DEL x; MSET x 1 y 2; EXEC"}});
}

TEST(StringMany, Msetnx) {
  Harness harness;
  harness.play({{"MSETNX a 1 b 2", ":1", "new a; set a; new b; set b", "MSETNX a 1 b 2"},
                {"MSETNX c 1 a 2", ":0", "", ""},
                {"MSETNX y 1 y 2", ":1", "new y; set y; set y", "MSETNX y 1 y 2"},
                {"MSETNX c 1 d", "-ERR wrong number of arguments for 'msetnx' command", "", ""},
                {"MGET a b c y", "[\"1\", \"2\", nil, \"2\"]", "keymiss c", ""}});
}

TEST(StringMany, TheSameKeyTwiceWithLargeValues) {
  Harness harness;
  const std::string first(100'000, 'a'), second(200'000, 'b');
  EXPECT_EQ(harness.run({"MSET", "k", first, "k", second}), "+OK");
  EXPECT_EQ(harness.propagated(), "MSET k " + first + " k " + second);
  EXPECT_EQ(harness.run("GET k"), "\"" + second + "\"");
  EXPECT_EQ(harness.run({"MSETEX", "2", "k", second, "k", first, "PX", "5"}), ":1");
  EXPECT_EQ(harness.propagated(),
            "MULTI; SET k " + second + " PXAT 1700000000005; SET k " + first + " PXAT 1700000000005; EXEC");
  EXPECT_EQ(harness.run({"MSETNX", "n", first, "n", second}), ":1");
  EXPECT_EQ(harness.propagated(), "MSETNX n " + first + " n " + second);
}

TEST(StringMany, MsetexWithoutOptionsIsMset) {
  Harness harness;
  harness.run("SET b 1 EX 100");
  harness.play({{"MSETEX 2 a 1 b 2", ":1", "new a; set a; set b", "MSET a 1 b 2"}});
  EXPECT_FALSE(harness.entry("b")->can_expire());
  EXPECT_EQ(harness.session().statistics().dirty, 3u);
}

TEST(StringMany, MsetexTimes) {
  Harness harness;
  harness.play(
      {{"MSETEX 2 a 1 b 2 EX 10", ":1", "new a; expire a; set a; new b; expire b; set b",
        "MULTI; SET a 1 PXAT 1700000010000; SET b 2 PXAT 1700000010000; EXEC"},
       {"MSETEX 1 a 1 px 10", ":1", "expire a; set a", "SET a 1 PXAT 1700000000010"},
       {"MSETEX 1 a 1 EXAT 1800000000", ":1", "expire a; set a", "SET a 1 PXAT 1800000000000"},
       {"MSETEX 1 a 1 PXAT 1800000000001", ":1", "expire a; set a", "SET a 1 PXAT 1800000000001"},
       {"MSETEX 2 a 2 c 3 KEEPTTL", ":1", "set a; new c; set c", "MULTI; SET a 2 KEEPTTL; SET c 3 KEEPTTL; EXEC"}});
  EXPECT_EQ(harness.entry("a")->deadline_ms(), 1800000000001);
  EXPECT_FALSE(harness.entry("c")->can_expire());
}

TEST(StringMany, MsetexConditions) {
  Harness harness;
  harness.run("SET a 1");
  harness.play({{"MSETEX 2 a 2 b 2 NX", ":0", "", ""},
                {"MSETEX 2 b 2 a 2 NX EX 10", ":0", "", ""},
                {"MSETEX 2 a 2 b 2 XX", ":0", "", ""},
                {"MSETEX 2 b 2 c 3 NX", ":1", "new b; set b; new c; set c", "MSET b 2 c 3"},
                {"MSETEX 2 a 7 b 8 xx ex 10", ":1", "expire a; set a; expire b; set b",
                 "MULTI; SET a 7 PXAT 1700000010000; SET b 8 PXAT 1700000010000; EXEC"},
                {"MSETEX 2 a 7 b 8 EX 20 XX", ":1", "expire a; set a; expire b; set b",
                 "MULTI; SET a 7 PXAT 1700000020000; SET b 8 PXAT 1700000020000; EXEC"}});
}

TEST(StringMany, MsetexRefusesBadArguments) {
  Harness harness;
  for (const char* arguments : {"0 a 1", "-1 a 1", "x a 1", "2147483648 a 1", "1.5 a 1", "9223372036854775808 a 1"}) {
    EXPECT_EQ(harness.run(std::string("MSETEX ") + arguments), "-ERR invalid numkeys value") << arguments;
  }
  for (const char* arguments : {"2 a 1", "2 a 1 b", "2147483647 a 1", "3 a 1 b 2 EX"}) {
    EXPECT_EQ(harness.run(std::string("MSETEX ") + arguments), "-ERR wrong number of key-value pairs") << arguments;
  }
  for (const char* options :
       {"FOO", "EX", "NX XX", "XX NX", "GET", "PERSIST", "IFEQ 1", "EX 1 PX 1", "EX 1 KEEPTTL", "b 2"}) {
    EXPECT_EQ(harness.run(std::string("MSETEX 1 a 1 ") + options), "-ERR syntax error") << options;
  }
  EXPECT_EQ(harness.run("MSETEX 1 a 1 EX 0"), "-ERR invalid expire time in 'msetex' command");
  EXPECT_EQ(harness.run("MSETEX 1 a 1 EX x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(harness.run("MSETEX 1 a"), "-ERR wrong number of arguments for 'msetex' command");
  EXPECT_EQ(harness.entry("a"), nullptr);
}

}  // namespace
}  // namespace torc::cmd
