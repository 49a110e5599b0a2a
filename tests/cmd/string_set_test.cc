// SET and its kin. Replies, events and what is propagated are those of redis-server 7.2 (the conditions of 8.4: see
// string_compare_test.cc).
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(StringSet, SetsAndPropagatesItself) {
  Harness harness;
  harness.play({{"SET k v", "+OK", "new k; set k", "SET k v"},
                {"set k v", "+OK", "set k", "set k v"},
                {"GET k", "\"v\"", "", ""},
                {"SET", "-ERR wrong number of arguments for 'set' command", "", ""},
                {"SET k", "-ERR wrong number of arguments for 'set' command", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 2u);
}

TEST(StringSet, SetsUnderNxAndXx) {
  Harness harness;
  harness.play({{"SET k v XX", "nil", "", ""},
                {"SET k v NX", "+OK", "new k; set k", "SET k v NX"},
                {"SET k w nx", "nil", "", ""},
                {"SET k w xX", "+OK", "set k", "SET k w xX"},
                {"SET k v NX XX", "-ERR syntax error", "", ""},
                {"SET k v XX NX", "-ERR syntax error", "", ""},
                {"SET k v XX XX", "+OK", "set k", "SET k v XX XX"}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.raw("SET k v NX"), "_\r\n");
  harness.set_protocol(2);
  EXPECT_EQ(harness.raw("SET k v NX"), "$-1\r\n");
}

TEST(StringSet, GetReturnsTheOldValueAndIsNotPropagated) {
  Harness harness;
  harness.play({{"SET k v GET", "nil", "keymiss k; new k; set k", "SET k v"},
                {"SET k w get", "\"v\"", "set k", "SET k w"},
                {"SET k w Get GET XX GET", "\"w\"", "set k", "SET k w XX"},
                {"SET k x NX GET", "\"w\"", "", ""},
                {"SET n v NX GET", "nil", "keymiss n; new n; set n", "SET n v NX"},
                {"SET m v XX GET", "nil", "keymiss m", ""},
                {"SET k x KEEPTTL GET", "\"w\"", "set k", "SET k x KEEPTTL"},
                {"SET k get GET", "\"x\"", "set k", "SET k get"}});
  EXPECT_EQ(harness.session().statistics().hits, 5u);
  EXPECT_EQ(harness.session().statistics().misses, 3u);
}

TEST(StringSet, GetOfAnotherTypeSetsNothing) {
  Harness harness;
  harness.run("SET l v");
  harness.make_list("l");
  harness.play(
      {{"SET l v GET", wrong_type, "", ""}, {"SET l v NX GET", wrong_type, "", ""}, {"SET l v NX", "nil", "", ""}});
}

TEST(StringSet, TimesArePropagatedAsPxat) {
  Harness harness;
  harness.play({{"SET k v EX 100", "+OK", "new k; set k; expire k", "SET k v PXAT 1700000100000"},
                {"SET k v px 1500", "+OK", "set k; expire k", "SET k v PXAT 1700000001500"},
                {"SET k v EXAT 1800000000", "+OK", "set k; expire k", "SET k v PXAT 1800000000000"},
                {"SET k v PXAT 1800000000001", "+OK", "set k; expire k", "SET k v PXAT 1800000000001"},
                {"SET k w PXAT 1800000000001 GET", "\"v\"", "set k; expire k", "SET k w PXAT 1800000000001 GET"},
                {"SET k w EX 1 NX GET", "\"w\"", "", ""},
                {"SET k w XX EX 1 GET", "\"w\"", "set k; expire k", "SET k w PXAT 1700000001000"},
                {"SET k w EX 10 EX 20", "+OK", "set k; expire k", "SET k w PXAT 1700000020000"}});
  EXPECT_EQ(harness.entry("k")->deadline_ms(), 1700000020000);
}

TEST(StringSet, PlainSetRemovesTheDeadlineAndKeepttlKeepsIt) {
  Harness harness;
  harness.run("SET k v EX 100");
  harness.play({{"SET k w KEEPTTL", "+OK", "set k", "SET k w KEEPTTL"}});
  EXPECT_EQ(harness.entry("k")->deadline_ms(), 1700000100000);
  harness.run("SET k w");
  EXPECT_FALSE(harness.entry("k")->can_expire());
  harness.play({{"SET n v KEEPTTL KEEPTTL", "+OK", "new n; set n", "SET n v KEEPTTL KEEPTTL"}});
  EXPECT_FALSE(harness.entry("n")->can_expire());
}

TEST(StringSet, RefusesBadOptions) {
  Harness harness;
  for (const char* options : {"EX", "PX", "EXAT", "PXAT", "EX 10 PX 10", "EX 10 KEEPTTL", "KEEPTTL EX 10", "PERSIST",
                              "EXAT 1 PXAT 1", "FOO", "NXX", "EXPIRES 10", "E", "\"\"", "KEEPTTLS", "IFEQ", "IFDNE"}) {
    EXPECT_EQ(harness.run(std::string("SET k v ") + options), "-ERR syntax error") << options;
  }
  for (const char* options : {"EX 0", "EX -1", "PX 0", "EXAT 0", "PXAT -5", "EX 9223372036854775",
                              "EX 9223372036854776", "PX 9223372036854775807", "EXAT 9223372036854776"}) {
    EXPECT_EQ(harness.run(std::string("SET k v ") + options), "-ERR invalid expire time in 'set' command") << options;
  }
  for (const char* options : {"EX abc", "PX 1.5", "EX \"\"", "PXAT 9223372036854775808", "EX ' 1'", "EX NX"}) {
    EXPECT_EQ(harness.run(std::string("SET k v ") + options), "-ERR value is not an integer or out of range")
        << options;
  }
  EXPECT_EQ(harness.entry("k"), nullptr);
  EXPECT_EQ(harness.session().statistics().dirty, 0u);
}

TEST(StringSet, ADeadlineInThePastExpiresAtTheNextLook) {
  Harness harness;
  harness.play({{"SET k v PXAT 5", "+OK", "new k; set k; expire k", "SET k v PXAT 5"},
                {"GET k", "nil", "expired k; keymiss k", "DEL k"},
                {"SET k v EXAT 5", "+OK", "new k; set k; expire k", "SET k v PXAT 5000"},
                {"SET k w", "+OK", "expired k; new k; set k", "MULTI; DEL k; SET k w; EXEC"}});
}

TEST(StringSet, AnOverdueKeyIsAbsent) {
  Harness harness;
  harness.run("SET k v PX 30");
  harness.advance_ms(30);
  EXPECT_EQ(harness.run("GET k"), "\"v\"");  // a key lives through its last millisecond
  harness.advance_ms(1);
  harness.play({{"SET k w NX", "+OK", "expired k; new k; set k", "MULTI; DEL k; SET k w NX; EXEC"}});
  harness.run("SET k v PX 30");
  harness.advance_ms(31);
  harness.play({{"SET k w XX", "nil", "expired k", "DEL k"}});
}

TEST(StringSet, EncodesAsRedisDoes) {
  Harness harness;
  const std::string short_text(44, 'a'), long_text(45, 'a');
  for (const auto& [value, encoding] : std::initializer_list<std::pair<std::string, store::Encoding>>{
           {"12345", store::Encoding::integer},
           {"-9223372036854775808", store::Encoding::integer},
           {"9223372036854775808", store::Encoding::embstr},
           {"007", store::Encoding::embstr},
           {"", store::Encoding::embstr},
           {short_text, store::Encoding::embstr},
           {long_text, store::Encoding::raw},
           {std::string(2000, 'b'), store::Encoding::raw}}) {
    EXPECT_EQ(harness.run({"SET", "k", value}), "+OK");
    EXPECT_EQ(harness.entry("k")->encoding(), encoding) << value;
    EXPECT_EQ(harness.run("GET k"), "\"" + value + "\"");
  }
}

TEST(StringSet, LargeValuesArriveAndLeaveInBlobs) {
  Harness harness;
  const std::string large(100'000, 'x'), larger(300'000, 'y');
  EXPECT_EQ(harness.run({"SET", "k", large}), "+OK");
  EXPECT_EQ(harness.propagated(), "SET k " + large);
  EXPECT_TRUE(harness.entry("k")->is_blob());
  EXPECT_EQ(harness.raw("GET k"), "$100000\r\n" + large + "\r\n");
  EXPECT_EQ(harness.raw({"SET", "k", larger, "GET"}), "$100000\r\n" + large + "\r\n");
  EXPECT_EQ(harness.propagated(), "SET k " + larger);
  EXPECT_EQ(harness.raw({"GETSET", "k", large}), "$300000\r\n" + larger + "\r\n");
  EXPECT_EQ(harness.propagated(), "SET k " + large);
  EXPECT_EQ(harness.raw({"SETEX", "k", "10", larger}), "+OK\r\n");
  EXPECT_EQ(harness.propagated(), "SET k " + larger + " PXAT 1700000010000");
  EXPECT_EQ(harness.raw("GETDEL k"), "$300000\r\n" + larger + "\r\n");
}

TEST(StringSet, LargeValuesArePropagatedFromWhereTheyAre) {
  Harness harness;
  const std::string a(50'000, 'a'), b(60'000, 'b'), c(70'000, 'c');
  EXPECT_EQ(harness.run({"MSET", "x", a, "y", "small", "x", b, "z", c}), "+OK");
  EXPECT_EQ(harness.propagated(), "MSET x " + a + " y small x " + b + " z " + c);
  EXPECT_EQ(harness.raw("MGET x y z"), "*3\r\n$60000\r\n" + b + "\r\n$5\r\nsmall\r\n$70000\r\n" + c + "\r\n");
  EXPECT_EQ(harness.run("MULTI"), "+OK");
  EXPECT_EQ(harness.run({"SET", "x", c}), "+QUEUED");
  EXPECT_EQ(harness.run({"APPEND", "x", a}), "+QUEUED");
  EXPECT_EQ(harness.run({"SET", "x", b}), "+QUEUED");
  EXPECT_EQ(harness.run("EXEC"), "[+OK, :120000, +OK]");
  EXPECT_EQ(harness.propagated(), "MULTI; SET x " + c + "; APPEND x " + a + "; SET x " + b + "; EXEC");
}

TEST(StringSet, BinaryKeysAndValuesAreKept) {
  Harness harness;
  const std::string key("k\0\r\n", 4), value("\0\xff\r\n", 4);
  EXPECT_EQ(harness.run({"SET", key, value}), "+OK");
  EXPECT_EQ(harness.raw({"GET", key}), "$4\r\n" + value + "\r\n");
  EXPECT_EQ(harness.run({"GET", "k"}), "nil");
  EXPECT_EQ(harness.run({"SET", "", ""}), "+OK");
  EXPECT_EQ(harness.run({"GET", ""}), "\"\"");
}

TEST(StringSet, Setnx) {
  Harness harness;
  harness.play({{"SETNX k v", ":1", "new k; set k", "SETNX k v"},
                {"SETNX k w", ":0", "", ""},
                {"GET k", "\"v\"", "", ""},
                {"SETNX k", "-ERR wrong number of arguments for 'setnx' command", "", ""}});
  harness.make_list("k");
  harness.play({{"SETNX k w", ":0", "", ""}});
}

TEST(StringSet, SetexAndPsetex) {
  Harness harness;
  harness.play({{"SETEX k 10 v", "+OK", "new k; set k; expire k", "SET k v PXAT 1700000010000"},
                {"PSETEX k 10 w", "+OK", "set k; expire k", "SET k w PXAT 1700000000010"},
                {"SETEX n 10 007", "+OK", "new n; set n; expire n", "SET n 007 PXAT 1700000010000"},
                {"SETEX k 0 v", "-ERR invalid expire time in 'setex' command", "", ""},
                {"SETEX k abc v", "-ERR value is not an integer or out of range", "", ""},
                {"SETEX k 9223372036854776 v", "-ERR invalid expire time in 'setex' command", "", ""},
                {"PSETEX k -1 v", "-ERR invalid expire time in 'psetex' command", "", ""},
                {"PSETEX k 9223372036854775807 v", "-ERR invalid expire time in 'psetex' command", "", ""},
                {"GET k", "\"w\"", "", ""}});
}

TEST(StringSet, ChangesFailAWatchedTransaction) {
  Harness harness;
  const size_t other = harness.connect();
  harness.run("SET k v");
  for (const char* change : {"SET k w", "APPEND k x", "SETRANGE k 0 y", "GETSET k 1", "INCR k", "INCRBYFLOAT k 1",
                             "GETEX k EX 100", "GETEX k PERSIST", "MSET a 1 k 2", "DELEX k", "SETNX k v", "GETDEL k"}) {
    harness.run("WATCH k");
    harness.run(change, other);
    EXPECT_EQ(harness.run("MULTI"), "+OK");
    EXPECT_EQ(harness.run("GET k"), "+QUEUED");
    EXPECT_EQ(harness.run("EXEC"), "nil*") << change;
  }
  for (const char* no_change : {"SETNX a v", "SET a w NX", "MSETNX a 1 k 2", "GETEX a", "GETEX a PERSIST", "STRLEN a",
                                "DELEX a IFEQ other", "SETRANGE a 0 ''", "GETDEL missing"}) {
    harness.run("WATCH a k");
    harness.run(no_change, other);
    harness.run("MULTI");
    EXPECT_EQ(harness.run("EXEC"), "[]") << no_change;
  }
}

TEST(StringSet, OtherDatabases) {
  Harness harness;
  const size_t other = harness.connect();
  EXPECT_EQ(harness.run("SELECT 3", other), "+OK");
  harness.play({{"SET k v EX 10", "+OK", "[3] new k; [3] set k; [3] expire k", "[3] SET k v PXAT 1700000010000"},
                {"INCRBYFLOAT f 1.5", "\"1.5\"", "[3] new f; [3] incrbyfloat f", "[3] SET f 1.5 KEEPTTL"}},
               other);
  EXPECT_EQ(harness.run("GET k"), "nil");
  EXPECT_EQ(harness.run("GET k", other), "\"v\"");
}

}  // namespace
}  // namespace torc::cmd
