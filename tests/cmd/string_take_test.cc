// Commands that read a string and change something: GETDEL GETEX GETSET.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(StringTake, Getdel) {
  Harness harness;
  harness.run("SET k v");
  harness.play({{"GETDEL k", "\"v\"", "del k", "DEL k"},
                {"GETDEL k", "nil", "keymiss k", ""},
                {"GETDEL", "-ERR wrong number of arguments for 'getdel' command", "", ""}});
  EXPECT_EQ(harness.entry("k"), nullptr);
  EXPECT_EQ(harness.session().statistics().hits, 1u);
  EXPECT_EQ(harness.session().statistics().misses, 1u);
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("GETDEL k"), "null");
}

TEST(StringTake, Getset) {
  Harness harness;
  harness.play({{"GETSET k v", "nil", "keymiss k; new k; set k", "SET k v"},
                {"getset k 12", "\"v\"", "set k", "SET k 12"},
                {"GETSET k x", "\"12\"", "set k", "SET k x"},
                {"GETSET k", "-ERR wrong number of arguments for 'getset' command", "", ""}});
  harness.run("SET k v EX 100");
  harness.run("GETSET k w");
  EXPECT_FALSE(harness.entry("k")->can_expire());
}

TEST(StringTake, GetexWithoutOptionsOnlyReads) {
  Harness harness;
  harness.run("SET k v EX 100");
  harness.play({{"GETEX k", "\"v\"", "", ""}, {"GETEX missing", "nil", "keymiss missing", ""}});
  EXPECT_EQ(harness.entry("k")->deadline_ms(), 1700000100000);
}

TEST(StringTake, GetexSetsAndRemovesTheDeadline) {
  Harness harness;
  harness.run("SET k v");
  harness.play({{"GETEX k PERSIST", "\"v\"", "", ""},
                {"GETEX k EX 100", "\"v\"", "expire k", "PEXPIREAT k 1700000100000"},
                {"GETEX k px 100", "\"v\"", "expire k", "PEXPIREAT k 1700000000100"},
                {"GETEX k EXAT 1800000000", "\"v\"", "expire k", "PEXPIREAT k 1800000000000"},
                {"GETEX k PXAT 1800000000001", "\"v\"", "expire k", "PEXPIREAT k 1800000000001"}});
  EXPECT_EQ(harness.entry("k")->deadline_ms(), 1800000000001);
  harness.play({{"GETEX k persist PERSIST", "\"v\"", "persist k", "PERSIST k"}});
  EXPECT_FALSE(harness.entry("k")->can_expire());
}

TEST(StringTake, GetexWithAPassedTimeDeletes) {
  Harness harness;
  for (const char* options : {"EXAT 5", "PXAT 5", "EXAT 1700000000", "PXAT 1700000000000"}) {
    harness.run("SET k v");
    EXPECT_EQ(harness.run(std::string("GETEX k ") + options), "\"v\"");
    EXPECT_EQ(harness.events(), "del k");
    EXPECT_EQ(harness.propagated(), "DEL k");
    EXPECT_EQ(harness.entry("k"), nullptr) << options;
  }
  harness.options().lazy_expire = true;
  harness.run("SET k v");
  harness.play({{"GETEX k PXAT 5", "\"v\"", "del k", "UNLINK k"}});
}

TEST(StringTake, GetexRefusesBadOptions) {
  Harness harness;
  harness.run("SET k v");
  for (const char* options : {"KEEPTTL", "PERSIST EX 10", "EX 10 PERSIST", "EX", "NX", "GET", "IFEQ v", "EX 1 PX 1"}) {
    EXPECT_EQ(harness.run(std::string("GETEX k ") + options), "-ERR syntax error") << options;
    EXPECT_EQ(harness.run(std::string("GETEX missing ") + options), "-ERR syntax error") << options;
  }
  EXPECT_EQ(harness.run("GETEX k EX 0"), "-ERR invalid expire time in 'getex' command");
  EXPECT_EQ(harness.run("GETEX k EX abc"), "-ERR value is not an integer or out of range");
  // The time is looked at only once there is a string.
  EXPECT_EQ(harness.run("GETEX missing EX 0"), "nil");
  EXPECT_EQ(harness.session().statistics().dirty, 1u);
}

TEST(StringTake, AnotherTypeIsRefused) {
  Harness harness;
  harness.run("SET l v");
  harness.make_list("l");
  harness.play({{"GETDEL l", wrong_type, "", ""},
                {"GETSET l v", wrong_type, "", ""},
                {"GETEX l EX 0", wrong_type, "", ""},
                {"GETEX l", wrong_type, "", ""}});
}

TEST(StringTake, AnOverdueKeyIsMissing) {
  Harness harness;
  for (const char* command : {"GETDEL k", "GETEX k PERSIST"}) {
    harness.run("SET k v PX 10");
    harness.advance_ms(11);
    EXPECT_EQ(harness.run(command), "nil");
    EXPECT_EQ(harness.events(), "expired k; keymiss k");
    EXPECT_EQ(harness.propagated(), "DEL k");
  }
  harness.run("SET k v PX 10");
  harness.advance_ms(11);
  harness.play({{"GETSET k w", "nil", "expired k; keymiss k; new k; set k", "MULTI; DEL k; SET k w; EXEC"}});
}

}  // namespace
}  // namespace torc::cmd
