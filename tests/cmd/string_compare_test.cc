// Compare-and-set: SET's IFEQ IFNE IFDEQ IFDNE, DIGEST and DELEX as in Redis 8.4, DELIFEQ as in Valkey 9. What is
// propagated is what a server from before them understands.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* bad_digest = "-ERR must be exactly 16 hexadecimal characters";
constexpr const char* hello_digest = "9555e8555c62dcfd";
const std::string no_digest(16, 'z');

TEST(StringDigest, GivesXxh3InSixteenDigits) {
  Harness harness;
  harness.run("MSET hello hello empty '' number 123 zero v8");
  harness.play({{"DIGEST hello", "\"9555e8555c62dcfd\"", "", ""},
                {"DIGEST empty", "\"2d06800538d394c2\"", "", ""},
                {"DIGEST number", "\"404a763b3f4c8c9a\"", "", ""},
                {"DIGEST zero", "\"0cc76dbb41381419\"", "", ""},  // a leading zero is kept
                {"DIGEST missing", "nil", "keymiss missing", ""},
                {"DIGEST", "-ERR wrong number of arguments for 'digest' command", "", ""},
                {"DIGEST a b", "-ERR wrong number of arguments for 'digest' command", "", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("DIGEST missing"), "null");
  harness.make_list("hello");
  EXPECT_EQ(harness.run("DIGEST hello"), wrong_type);
}

TEST(StringDigest, IsTheSameForEveryFormOfTheValue) {
  Harness harness;
  const std::string large(70'000, 'q');
  harness.run({"SET", "whole", large});
  harness.run({"SET", "pieces", large.substr(0, 100)});
  harness.run({"APPEND", "pieces", large.substr(100)});
  EXPECT_EQ(harness.run("DIGEST whole"), harness.run("DIGEST pieces"));
  harness.run("SET text 12");
  harness.run("APPEND text 3");
  EXPECT_EQ(harness.run("DIGEST text"), "\"404a763b3f4c8c9a\"");
}

TEST(StringSetIf, Ifeq) {
  Harness harness;
  harness.play({{"SET k v IFEQ x", "nil", "", ""},  // what is missing equals nothing
                {"SET k v", "+OK", "new k; set k", "SET k v"},
                {"SET k w IFEQ x", "nil", "", ""},
                {"SET k w IFEQ V", "nil", "", ""},
                {"SET k w ifeq v", "+OK", "set k", "SET k w"},
                {"SET k 12 IFEQ w", "+OK", "set k", "SET k 12"},
                {"SET k x IFEQ 012", "nil", "", ""},
                {"SET k x IFEQ 12", "+OK", "set k", "SET k x"},
                {"GET k", "\"x\"", "", ""}});
}

TEST(StringSetIf, Ifne) {
  Harness harness;
  harness.play({{"SET k v IFNE x", "+OK", "new k; set k", "SET k v"},
                {"SET k w IFNE v", "nil", "", ""},
                {"SET k w IFNE x", "+OK", "set k", "SET k w"}});
}

TEST(StringSetIf, Ifdeq) {
  Harness harness;
  harness.play({{"SET k v IFDEQ 9555e8555c62dcfd", "nil", "", ""},
                {"SET k v IFDEQ bad", "nil", "", ""},  // nothing to compare with: the digest is not looked at
                {"SET k hello", "+OK", "new k; set k", "SET k hello"},
                {"SET k v IFDEQ 0555e8555c62dcfd", "nil", "", ""},
                {"SET k v IFDEQ bad", bad_digest, "", ""},
                {"SET k v IFDEQ 9555E8555c62DCFD", "+OK", "set k", "SET k v"},
                {"SET k v IFDEQ zzzzzzzzzzzzzzzz", "nil", "", ""}});
}

TEST(StringSetIf, Ifdne) {
  Harness harness;
  harness.play({{"SET k hello IFDNE 9555e8555c62dcfd", "+OK", "new k; set k", "SET k hello"},
                {"SET k v IFDNE 9555e8555c62dcfd", "nil", "", ""},
                {"SET k v IFDNE 9555e8555c62dcf", bad_digest, "", ""},
                {"SET k v IFDNE 9555e8555c62dcfda", bad_digest, "", ""},
                {"SET k v IFDNE zzzzzzzzzzzzzzzz", "+OK", "set k", "SET k v"}});
}

TEST(StringSetIf, WithGetTheOldValueIsRepliedEitherWay) {
  Harness harness;
  harness.play({{"SET k v IFEQ x GET", "nil", "keymiss k", ""},
                {"SET k v IFNE x GET", "nil", "keymiss k; new k; set k", "SET k v"},
                {"SET k w IFEQ x GET", "\"v\"", "", ""},
                {"SET k w GET IFEQ v", "\"v\"", "set k", "SET k w"},
                {"SET k x IFDEQ bad GET", bad_digest, "", ""}});
}

TEST(StringSetIf, WithTimesAndKeepttl) {
  Harness harness;
  harness.run("SET k v EX 100");
  harness.play({{"SET k w IFEQ v KEEPTTL", "+OK", "set k", "SET k w KEEPTTL"},
                {"SET k w IFEQ v EX 10", "nil", "", ""},
                {"SET k w EX 10 IFEQ w", "+OK", "set k; expire k", "SET k w PXAT 1700000010000"},
                {"SET k x IFNE v PXAT 1800000000000", "+OK", "set k; expire k", "SET k x PXAT 1800000000000"},
                {"SET k y IFEQ x EX 0", "-ERR invalid expire time in 'set' command", "", ""},
                {"SET k y IFEQ x", "+OK", "set k", "SET k y"}});
  EXPECT_FALSE(harness.entry("k")->can_expire());
}

TEST(StringSetIf, ConditionsExcludeEachOther) {
  Harness harness;
  harness.run("SET k v");
  for (const char* options : {"NX IFEQ v", "IFEQ v NX", "XX IFNE v", "IFNE v XX", "IFEQ v IFNE w", "IFNE w IFEQ v",
                              "IFEQ v IFDEQ 9555e8555c62dcfd", "IFDEQ 9555e8555c62dcfd IFDNE 9555e8555c62dcfd",
                              "IFDNE 9555e8555c62dcfd NX", "IFEQ", "IFNE", "IFDEQ", "IFDNE"}) {
    EXPECT_EQ(harness.run(std::string("SET k w ") + options), "-ERR syntax error") << options;
  }
  EXPECT_EQ(harness.run("SET k w IFEQ w IFEQ v"), "+OK");  // the last of the same kind counts
}

TEST(StringSetIf, AnotherTypeIsRefused) {
  Harness harness;
  harness.run("SET l v");
  harness.make_list("l");
  for (const char* options : {"IFEQ v", "IFNE w", "IFDEQ 9555e8555c62dcfd", "IFDNE bad", "IFEQ v GET"}) {
    EXPECT_EQ(harness.run(std::string("SET l w ") + options), wrong_type) << options;
  }
}

TEST(StringSetIf, LargeValues) {
  Harness harness;
  const std::string first(100'000, 'a'), second(100'000, 'b');
  harness.run({"SET", "k", first});
  EXPECT_EQ(harness.run({"SET", "k", second, "IFEQ", second}), "nil");
  EXPECT_EQ(harness.run({"SET", "k", second, "IFEQ", first}), "+OK");
  EXPECT_EQ(harness.propagated(), "SET k " + second);
  EXPECT_EQ(harness.run({"DELEX", "k", "IFEQ", first}), ":0");
  EXPECT_EQ(harness.run({"DELIFEQ", "k", second}), ":1");
}

TEST(StringDelex, WithoutAConditionDeletesWhateverItIs) {
  Harness harness;
  harness.run("SET k v");
  harness.play({{"DELEX k", ":1", "del k", "DEL k"},
                {"DELEX k", ":0", "", ""},
                {"DELEX", "-ERR wrong number of arguments for 'delex' command", "", ""}});
}

TEST(StringDelex, Conditions) {
  Harness harness;
  harness.run("SET k hello");
  harness.play({{"DELEX k IFEQ other", ":0", "", ""},
                {"DELEX k IFNE hello", ":0", "", ""},
                {"DELEX k IFDEQ 0000000000000000", ":0", "", ""},
                {"DELEX k IFDNE 9555E8555C62DCFD", ":0", "", ""},
                {"DELEX k ifeq hello", ":1", "del k", "DEL k"}});
  for (const std::string& condition :
       {std::string("IfNe other"), std::string("IFDEQ ") + hello_digest, "IFDNE " + no_digest}) {
    harness.run("SET k hello");
    EXPECT_EQ(harness.run("DELEX k " + condition), ":1") << condition;
    EXPECT_EQ(harness.propagated(), "DEL k");
  }
}

TEST(StringDelex, RefusesInTheOrderOfRedis) {
  Harness harness;
  harness.play({{"DELEX k IFEQ", "-ERR wrong number of arguments for 'delex' command", "", ""},
                {"DELEX k IFEQ a b", "-ERR wrong number of arguments for 'delex' command", "", ""},
                {"DELEX k FOO a", ":0", "keymiss k", ""},
                {"DELEX k IFDEQ bad", ":0", "keymiss k", ""}});
  harness.run("SET k hello");
  harness.play({{"DELEX k FOO a", "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE", "", ""},
                {"DELEX k IFDEQ bad", bad_digest, "", ""},
                {"DELEX k IFDNE ''", bad_digest, "", ""}});
  harness.make_list("k");
  harness.play({{"DELEX k FOO a", "-ERR Key should be of string type if conditions are specified", "", ""},
                {"DELEX k IFEQ a", "-ERR Key should be of string type if conditions are specified", "", ""}});
}

TEST(StringDelifeq, DeletesWhatEquals) {
  Harness harness;
  harness.run("SET k v");
  harness.play({{"DELIFEQ k w", ":0", "", ""},
                {"DELIFEQ k v", ":1", "del k", "DEL k"},
                {"DELIFEQ k v", ":0", "", ""},
                {"DELIFEQ k", "-ERR wrong number of arguments for 'delifeq' command", "", ""}});
  harness.run("SET l v");
  harness.make_list("l");
  EXPECT_EQ(harness.run("DELIFEQ l v"), wrong_type);
}

}  // namespace
}  // namespace torc::cmd
