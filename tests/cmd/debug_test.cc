// DEBUG. The checksums are those of redis-server 7.2 for the same data.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

// A harness whose clients may use DEBUG.
struct DebugHarness : testing::Test {
  DebugHarness() { harness.options().enable_debug_command = static_cast<int>(session::Permission::yes); }
  Harness harness;
};

TEST(Debug, IsForThoseWhoMay) {
  Harness harness;
  EXPECT_TRUE(harness.run("DEBUG SLEEP 0").starts_with("-ERR DEBUG command not allowed."));
  harness.options().enable_debug_command = static_cast<int>(session::Permission::local);
  EXPECT_EQ(harness.run("DEBUG SLEEP 0"), "+OK");
}

TEST_F(DebugHarness, KnowsItsSubcommands) {
  auto unknown = [](std::string_view name) {
    return "-ERR unknown subcommand or wrong number of arguments for '" + std::string(name) + "'. Try DEBUG HELP.";
  };
  EXPECT_EQ(harness.run("DEBUG FOO"), unknown("FOO"));
  EXPECT_EQ(harness.run("DEBUG SLEEP"), unknown("SLEEP"));
  EXPECT_EQ(harness.run("DEBUG digest x"), unknown("digest"));
  EXPECT_EQ(harness.run({"DEBUG", std::string(200, 'x')}), unknown(std::string(128, 'x')));
  EXPECT_EQ(harness.run("DEBUG"), "-ERR wrong number of arguments for 'debug' command");
  EXPECT_TRUE(harness.run("debug help").starts_with("[+DEBUG <subcommand>"));
  EXPECT_EQ(harness.run("DEBUG ERROR \"FOO b\\r\\nr\""), "-FOO b  r");
  EXPECT_EQ(harness.run("DEBUG LOG x"), "+OK");
}

TEST_F(DebugHarness, Switches) {
  const session::DebugOptions& debug = harness.options().debug;
  const std::string packed_error = "-ERR argument must be a memory value bigger than 1 and smaller than 4gb";
  EXPECT_EQ(harness.run("DEBUG QUICKLIST-PACKED-THRESHOLD 10kb"), "+OK");
  EXPECT_EQ(debug.packed_bytes_max, 10u << 10);
  EXPECT_EQ(harness.run("DEBUG QUICKLIST-PACKED-THRESHOLD 4gb"), packed_error);
  EXPECT_EQ(harness.run("DEBUG QUICKLIST-PACKED-THRESHOLD x"), packed_error);
  EXPECT_EQ(harness.run("DEBUG QUICKLIST-PACKED-THRESHOLD 0"), "+OK");
  EXPECT_EQ(debug.packed_bytes_max, 1u << 30);
  EXPECT_EQ(harness.run("DEBUG SET-DISABLE-DENY-SCRIPTS 1"), "+OK");
  EXPECT_TRUE(debug.disable_deny_scripts);
  EXPECT_EQ(harness.run("DEBUG SET-SKIP-CHECKSUM-VALIDATION 1"), "+OK");
  EXPECT_TRUE(debug.skip_checksums);
  EXPECT_EQ(harness.run("DEBUG REPLYBUFFER PEAK-RESET-TIME never"), "+OK");
  EXPECT_EQ(harness.run("DEBUG REPLYBUFFER PEAK-RESET-TIME 100"), "+OK");
  EXPECT_EQ(harness.run("DEBUG REPLYBUFFER PEAK-RESET-TIME x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(harness.run("DEBUG REPLYBUFFER RESIZING 0"), "+OK");
  EXPECT_EQ(harness.run("DEBUG REPLYBUFFER FOO 0"),
            "-ERR unknown subcommand or wrong number of arguments for 'REPLYBUFFER'. Try DEBUG HELP.");
}

TEST_F(DebugHarness, LetsTheCronRest) {
  harness.run("DEBUG PAUSE-CRON 1");
  harness.run("SET k v PX 10");
  harness.advance_ms(1000);
  harness.background();
  EXPECT_EQ(harness.events(), "");
  harness.run("DEBUG PAUSE-CRON 0");
  harness.background();
  EXPECT_EQ(harness.events(), "expired k");
}

TEST_F(DebugHarness, ChangesTheReplicationId) {
  int changes = 0;
  EXPECT_EQ(harness.run("DEBUG CHANGE-REPL-ID"), "+OK");
  harness.options().debug.change_replication_id = [&changes] { ++changes; };
  EXPECT_EQ(harness.run("DEBUG CHANGE-REPL-ID"), "+OK");
  EXPECT_EQ(changes, 1);
}

TEST_F(DebugHarness, RefusesWhatCannotBeDone) {
  EXPECT_EQ(harness.run("DEBUG RELOAD FOO"),
            "-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
  EXPECT_EQ(harness.run("DEBUG RELOAD nosave"), "-ERR DEBUG RELOAD is not possible: this version has no snapshots");
  EXPECT_EQ(harness.run("DEBUG LOADAOF"), "-ERR DEBUG LOADAOF is not possible: this version has no append-only file");
  EXPECT_EQ(harness.run("DEBUG CLIENT-EVICTION"), "-ERR maxmemory-clients is disabled.");
  harness.options().maxmemory_clients = 1 << 30;
  harness.run("PING");
  EXPECT_TRUE(harness.run("DEBUG CLIENT-EVICTION").starts_with("\"bucket          0 -      32767: tot-mem: "));
  EXPECT_EQ(harness.run("DEBUG CLUSTERLINK KILL all id"),
            "-ERR Debug option only available for cluster mode enabled setup!");
}

TEST_F(DebugHarness, Replicates) { harness.play({{"DEBUG REPLICATE set a b", "+OK", "", "set a b"}}); }

// What it is for: a leak finder must not pass it.
#ifndef __SANITIZE_ADDRESS__
TEST_F(DebugHarness, Leaks) { harness.play({{"DEBUG LEAK string", "+OK", "", ""}}); }
#endif

TEST_F(DebugHarness, LooksIntoValues) {
  harness.run("MSET n 1 s hello");
  EXPECT_EQ(harness.run("DEBUG HTSTATS-KEY s"),
            "-ERR The value stored at the specified key is not represented using an hash table");
  EXPECT_EQ(harness.run("DEBUG LISTPACK s"), "-ERR Not a listpack encoded object.");
  EXPECT_EQ(harness.run("DEBUG QUICKLIST s 1"), "-ERR Not a quicklist encoded object.");
  EXPECT_EQ(harness.run("DEBUG SDSLEN n"), "-ERR Not an sds encoded string.");
  EXPECT_TRUE(harness.run("DEBUG SDSLEN s").starts_with("+key_sds_len:1, key_sds_avail:0, key_zmalloc: "));
  for (const char* name : {"HTSTATS-KEY", "LISTPACK", "QUICKLIST", "SDSLEN"}) {
    EXPECT_EQ(harness.run({"DEBUG", name, "nokey"}), "-ERR no such key");
  }
  EXPECT_TRUE(harness.run("DEBUG STRUCTSIZE").starts_with("\"bits:64 entry:8 "));
}

TEST_F(DebugHarness, MatchesStrings) {
  EXPECT_EQ(harness.run("DEBUG STRINGMATCH-LEN h*o hello"), ":1");
  EXPECT_EQ(harness.run("DEBUG STRINGMATCH-LEN h*x hello"), ":0");
  EXPECT_EQ(harness.run("DEBUG STRINGMATCH-TEST"), "+Apparently Redis did not crash: test passed");
}

TEST_F(DebugHarness, SleepsOnTheClock) {
  const int64_t before = harness.now_ms();
  EXPECT_EQ(harness.run("DEBUG SLEEP 1.5"), "+OK");
  EXPECT_EQ(harness.now_ms() - before, 1500);
  for (const char* line : {"DEBUG SLEEP abc", "DEBUG SLEEP -1", "DEBUG SLEEP nan", "DEBUG SLEEP -inf"}) {
    EXPECT_EQ(harness.run(line), "+OK");
  }
  EXPECT_EQ(harness.now_ms() - before, 1500);
}

TEST_F(DebugHarness, StopsActiveExpiry) {
  harness.run("DEBUG SET-ACTIVE-EXPIRE 0");
  harness.run("SET k v PX 10");
  harness.advance_ms(11);
  harness.background();
  EXPECT_EQ(harness.run("DBSIZE"), ":1");
  harness.run("DEBUG SET-ACTIVE-EXPIRE 1");
  harness.background();
  EXPECT_EQ(harness.events(), "expired k");
  EXPECT_EQ(harness.run("DBSIZE"), ":0");
}

TEST_F(DebugHarness, Populates) {
  harness.play({{"DEBUG POPULATE -1", "-ERR value is out of range, must be positive", "", ""},
                {"DEBUG POPULATE x", "-ERR value is out of range, must be positive", "", ""},
                {"DEBUG POPULATE 1 p -1", "-ERR value is out of range, must be positive", "", ""},
                {"SET key:1 mine", "+OK", "new key:1; set key:1", "SET key:1 mine"},
                {"DEBUG POPULATE 3", "+OK", "new key:0; new key:2", ""},
                {"GET key:1", "\"mine\"", "", ""},
                {"GET key:2", "\"value:2\"", "", ""},
                {"DEBUG POPULATE 2 foo 3", "+OK", "new foo:0; new foo:1", ""},
                {"GET foo:1", "\"val\"", "", ""},
                {"DEBUG POPULATE 1 nul 10", "+OK", "new nul:0", ""},
                {"GET nul:0", "\"value:0\\x00\\x00\\x00\"", "", ""},
                {"DBSIZE", ":6", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 1u);
  // Names are cut as by Redis's buffer.
  harness.run({"DEBUG", "POPULATE", "1", std::string(300, 'n')});
  EXPECT_EQ(harness.run({"EXISTS", std::string(127, 'n')}), ":1");
}

TEST_F(DebugHarness, RefusesToPopulateMoreThanTheMachineHolds) {
  EXPECT_EQ(harness.run("DEBUG POPULATE 9223372036854775807"), "-ERR OOM in dictTryExpand");
  EXPECT_EQ(harness.run("DEBUG POPULATE 1 p 9223372036854775807"),
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  EXPECT_EQ(harness.run("DBSIZE"), ":0");
}

TEST_F(DebugHarness, ShowsAnObject) {
  harness.run("MSET n 1 m 100000 s hello");
  harness.run({"SET", "r", std::string(100, 'x')});
  auto facts = [this](std::string_view key) {
    const std::string reply = harness.run({"DEBUG", "OBJECT", std::string(key)});
    EXPECT_TRUE(reply.starts_with("+Value at:0x")) << reply;
    return reply.substr(reply.find(' ', 8) + 1);
  };
  const std::string tail = " lru:" + std::to_string(harness.now_ms() / 1000 & 0xffffff) + " lru_seconds_idle:7";
  harness.advance_ms(7000);
  EXPECT_EQ(facts("n"), "refcount:2147483647 encoding:int serializedlength:2" + tail);
  EXPECT_EQ(facts("m"), "refcount:1 encoding:int serializedlength:5" + tail);
  EXPECT_EQ(facts("s"), "refcount:1 encoding:embstr serializedlength:6" + tail);
  EXPECT_EQ(facts("r"), "refcount:1 encoding:raw serializedlength:13" + tail);
  harness.options().compresses_values = false;
  EXPECT_EQ(facts("r"), "refcount:1 encoding:raw serializedlength:102" + tail);
  EXPECT_EQ(harness.run("DEBUG OBJECT nokey"), "-ERR no such key");
  EXPECT_EQ(harness.events(), "");
}

TEST_F(DebugHarness, DigestsLikeRedis) {
  const std::string nothing(40, '0');
  EXPECT_EQ(harness.run("DEBUG DIGEST"), "+" + nothing);
  harness.run("MSET foo 1 baz 1 foo2 1");
  EXPECT_EQ(harness.run("DEBUG DIGEST"), "+63cd66d4d750fd9f1b4a4b788898e1568d2e513a");
  const std::string one = "b4fc66738120fba0b5aa500ab5c2bf89cea1c5da";
  EXPECT_EQ(harness.run("DEBUG DIGEST-VALUE foo nokey baz"), "[+" + one + ", +" + nothing + ", +" + one + "]");
  EXPECT_EQ(harness.run("DEBUG DIGEST-VALUE"), "[]");
  harness.run("DEBUG POPULATE 3");
  harness.run("DEBUG POPULATE 3 foo 3");
  EXPECT_EQ(harness.run("DEBUG DIGEST"), "+b3f52485f0fd1d95b5e04f4b9ac15bbbf23444b3");
}

TEST_F(DebugHarness, DigestsTellDatabasesAndDeadlinesApart) {
  harness.run("SET k v");
  const std::string before = harness.run("DEBUG DIGEST"), value = harness.run("DEBUG DIGEST-VALUE k");
  harness.run("EXPIRE k 100");
  const std::string with_deadline = harness.run("DEBUG DIGEST");
  EXPECT_NE(with_deadline, before);
  EXPECT_NE(harness.run("DEBUG DIGEST-VALUE k"), value);
  harness.run("EXPIRE k 200");
  EXPECT_EQ(harness.run("DEBUG DIGEST"), with_deadline);
  harness.run("PERSIST k");
  EXPECT_EQ(harness.run("DEBUG DIGEST"), before);
  harness.run("MOVE k 1");
  EXPECT_NE(harness.run("DEBUG DIGEST"), before);
}

TEST_F(DebugHarness, TellsTheFiguresOfTheTables) {
  harness.run("MSET a 1 b 2");
  const std::string reply = harness.run("DEBUG HTSTATS 0");
  EXPECT_TRUE(reply.starts_with("\"[Dictionary HT]")) << reply;
  EXPECT_NE(reply.find("[Expires HT]"), reply.npos) << reply;
  EXPECT_EQ(reply.rfind("[Dictionary HT]"), 1u) << reply;
  harness.set_protocol(3);
  EXPECT_TRUE(harness.run("DEBUG HTSTATS 0 full").starts_with("=txt:[Dictionary HT]"));
  EXPECT_EQ(harness.run("DEBUG HTSTATS x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(harness.run("DEBUG HTSTATS 16"), "-ERR Out of range database");
  EXPECT_EQ(harness.run("DEBUG HTSTATS -1"), "-ERR Out of range database");
}

TEST_F(DebugHarness, ShowsEveryProtocolType) {
  struct Case {
    const char *type, *resp2, *resp3;
  };
  constexpr Case cases[] = {
      {"string", "\"Hello World\"", "\"Hello World\""},
      {"integer", ":12345", ":12345"},
      {"double", "\"3.141\"", ",3.141"},
      {"bignum", "\"1234567999999999999999999999999999999\"", "(1234567999999999999999999999999999999"},
      {"null", "nil", "null"},
      {"array", "[:0, :1, :2]", "[:0, :1, :2]"},
      {"set", "[:0, :1, :2]", "~[:0, :1, :2]"},
      {"map", "[:0, :0, :1, :1, :2, :0]", "{:0: #f, :1: #t, :2: #f}"},
      {"verbatim", "\"This is a verbatim\\x0astring\"", "=txt:This is a verbatim\\x0astring"},
      {"true", ":1", "#t"},
      {"false", ":0", "#f"},
  };
  for (const Case& each : cases) {
    const std::string line = std::string("DEBUG PROTOCOL ") + each.type;
    harness.set_protocol(2);
    EXPECT_EQ(harness.run(line), each.resp2);
    harness.set_protocol(3);
    EXPECT_EQ(harness.run(line), each.resp3);
  }
  EXPECT_EQ(harness.raw("DEBUG PROTOCOL attrib"),
            "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the "
            "attribute\r\n");
  EXPECT_EQ(harness.run("DEBUG PROTOCOL push"),
            "\"Some real reply following the push reply\"; >[\"server-cpu-usage\", :42]");
  harness.set_protocol(2);
  EXPECT_EQ(harness.run("DEBUG PROTOCOL attrib"), "\"Some real reply following the attribute\"");
  EXPECT_EQ(harness.run("DEBUG PROTOCOL push"), "-ERR RESP2 is not supported by this command");
  EXPECT_TRUE(harness.run("DEBUG PROTOCOL x").starts_with("-ERR Wrong protocol type name."));
}

}  // namespace
}  // namespace torc::cmd
