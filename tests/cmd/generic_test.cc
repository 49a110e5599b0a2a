// DEL, EXISTS, EXPIRE, RENAME, COPY, SCAN, OBJECT and their kin. Replies, events and what is propagated are those of
// redis-server 7.2.
#include <gtest/gtest.h>

#include <set>

#include "base/parse_number.h"
#include "harness.h"

namespace torc::cmd {
namespace {

std::string deadline(int64_t milliseconds) { return std::to_string(Harness::start_ms + milliseconds); }

TEST(GenericKeys, DeletesAndCountsWhatWasThere) {
  Harness harness;
  harness.run("MSET a 1 b 2");
  harness.play({{"DEL a b c a", ":2", "del a; del b", "DEL a b c a"},
                {"DEL a", ":0", "", ""},
                {"del", "-ERR wrong number of arguments for 'del' command", "", ""},
                {"EXISTS a", ":0", "keymiss a", ""},
                {"SET a 1", "+OK", "new a; set a", "SET a 1"},
                {"EXISTS a a x", ":2", "keymiss x", ""},
                {"UNLINK a x", ":1", "del a", "UNLINK a x"}});
  EXPECT_EQ(harness.session().statistics().dirty, 2u + 2u + 1u + 1u);
}

// More keys than one window of prefetches holds, some twice, some not there.
TEST(GenericKeys, ManyKeysAtOnce) {
  Harness harness;
  Harness::Arguments set{"MSET"}, all{"EXISTS"};
  for (int i = 0; i < 200; ++i) {
    set.insert(set.end(), {"k" + std::to_string(i), "v"});
    all.push_back("k" + std::to_string(2 * i));
  }
  harness.run(set);
  EXPECT_EQ(harness.run(all), ":100");
  all[0] = "DEL";
  all.push_back("k0");
  EXPECT_EQ(harness.run(all), ":100");
  EXPECT_EQ(harness.run("DBSIZE"), ":100");
}

TEST(GenericKeys, AnOverdueKeyIsNoKey) {
  Harness harness;
  auto overdue = [&harness] {
    harness.run("SET k v PX 10");
    harness.advance_ms(11);
  };
  for (const char* command : {"DEL k", "UNLINK k"}) {
    overdue();
    harness.play({{command, ":0", "expired k", "DEL k"}});
  }
  overdue();
  harness.play({{"EXISTS k", ":0", "expired k; keymiss k", "DEL k"}});
  overdue();
  harness.play({{"TYPE k", "+none", "expired k; keymiss k", "DEL k"}});
  overdue();
  harness.play({{"TTL k", ":-2", "expired k; keymiss k", "DEL k"}});
  harness.options().lazy_expire = true;
  overdue();
  harness.play({{"TOUCH k", ":0", "expired k; keymiss k", "UNLINK k"}});
  overdue();
  harness.play({{"EXPIRE k 100", ":0", "expired k", "UNLINK k"}});
  EXPECT_EQ(harness.session().statistics().expired_keys, 7u);
  EXPECT_EQ(harness.session().statistics().misses, 4u);
}

TEST(GenericKeys, TellsTypes) {
  Harness harness;
  harness.run("MSET s v l v");
  harness.make_list("l");
  harness.play({{"TYPE s", "+string", "", ""}, {"TYPE l", "+list", "", ""}, {"TYPE n", "+none", "keymiss n", ""}});
}

TEST(GenericKeys, OnlyTouchAndReadingChangeTheAccessTime) {
  Harness harness;
  harness.run("SET k v");
  const uint32_t then = harness.entry("k")->access();
  harness.advance_ms(5000);
  for (const char* command : {"EXISTS k", "TTL k", "TYPE k", "OBJECT ENCODING k", "SCAN 0", "SCAN 0 TYPE string",
                              "KEYS *", "RANDOMKEY", "DEBUG OBJECT k"}) {
    harness.run(command);
    EXPECT_EQ(harness.entry("k")->access(), then) << command;
  }
  EXPECT_EQ(harness.run("OBJECT IDLETIME k"), ":5");
  EXPECT_EQ(harness.run("TOUCH k n k"), ":2");
  EXPECT_EQ(harness.entry("k")->access(), then + 5);
  // TOUCH touches even for a client that asked not to.
  harness.client(0).no_touch = true;
  harness.advance_ms(5000);
  harness.run("GET k");
  EXPECT_EQ(harness.entry("k")->access(), then + 5);
  harness.run("TOUCH k");
  EXPECT_EQ(harness.entry("k")->access(), then + 10);
}

TEST(GenericKeys, RandomkeyPicksEveryLiveKeyAndDeletesOverdueOnes) {
  Harness harness;
  EXPECT_EQ(harness.run("RANDOMKEY"), "nil");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("RANDOMKEY"), "null");
  harness.run("MSET a 1 b 2 c 3");
  std::set<std::string> picked;
  for (int i = 0; i < 200; ++i) picked.insert(harness.run("RANDOMKEY"));
  EXPECT_EQ(picked, (std::set<std::string>{"\"a\"", "\"b\"", "\"c\""}));
  harness.run("PEXPIRE a 10");
  harness.run("PEXPIRE b 10");
  harness.run("PEXPIRE c 10");
  harness.advance_ms(11);
  EXPECT_EQ(harness.run("RANDOMKEY"), "null");
  EXPECT_EQ(harness.session().statistics().expired_keys, 3u);
}

// --- deadlines ---

TEST(GenericExpire, SetsADeadlineAndPropagatesItAsATime) {
  Harness harness;
  harness.run("SET k v");
  const std::string in_100_s = deadline(100'000), in_500_s = deadline(500'000);
  harness.play({{"EXPIRE nokey 100", ":0", "", ""},
                {"EXPIRE k 100", ":1", "expire k", "PEXPIREAT k " + in_100_s},
                {"TTL k", ":100", "", ""},
                {"PTTL k", ":100000", "", ""},
                {"EXPIRETIME k", ":" + std::to_string((Harness::start_ms + 100'000 + 500) / 1000), "", ""},
                {"PEXPIRETIME k", ":" + in_100_s, "", ""},
                {"PEXPIRE k 500000", ":1", "expire k", "PEXPIREAT k " + in_500_s},
                {"EXPIREAT k 9999999999", ":1", "expire k", "PEXPIREAT k 9999999999000"},
                {"pexpireat k 9999999999999", ":1", "expire k", "pexpireat k 9999999999999"},
                {"PERSIST k", ":1", "persist k", "PERSIST k"},
                {"PERSIST k", ":0", "", ""},
                {"PERSIST nokey", ":0", "", ""},
                {"TTL k", ":-1", "", ""},
                {"PTTL nokey", ":-2", "keymiss nokey", ""}});
}

TEST(GenericExpire, RoundsSecondsToTheNearest) {
  Harness harness;
  harness.run("SET k v PX 1499");
  EXPECT_EQ(harness.run("TTL k"), ":1");
  harness.run("SET k v PX 1500");
  EXPECT_EQ(harness.run("TTL k"), ":2");
  harness.advance_ms(1500);
  EXPECT_EQ(harness.run("PTTL k"), ":0");  // its last millisecond
  harness.advance_ms(1);
  EXPECT_EQ(harness.run("PTTL k"), ":-2");
}

TEST(GenericExpire, ConditionsAreKeptInWhatIsPropagated) {
  Harness harness;
  harness.run("SET k v");
  const std::string in_100_s = deadline(100'000), in_500_s = deadline(500'000);
  harness.play({{"EXPIRE k 100 XX", ":0", "", ""},
                {"EXPIRE k 100 GT", ":0", "", ""},
                {"EXPIRE k 100 LT", ":1", "expire k", "PEXPIREAT k " + in_100_s + " LT"},
                {"EXPIRE k 100 NX", ":0", "", ""},
                {"EXPIRE k 100 GT", ":0", "", ""},
                {"EXPIRE k 100 LT", ":0", "", ""},
                {"EXPIRE k 500 gt", ":1", "expire k", "PEXPIREAT k " + in_500_s + " gt"},
                {"EXPIRE k 100 LT XX", ":1", "expire k", "PEXPIREAT k " + in_100_s + " LT XX"},
                {"EXPIRE k 500 LT XX", ":0", "", ""},
                {"PERSIST k", ":1", "persist k", "PERSIST k"},
                {"EXPIRE k 100 NX NX", ":1", "expire k", "PEXPIREAT k " + in_100_s + " NX NX"}});
}

TEST(GenericExpire, RefusesWhatItCannotDo) {
  Harness harness;
  harness.run("SET k v");
  constexpr const char* nx = "-ERR NX and XX, GT or LT options at the same time are not compatible";
  constexpr const char* not_integer = "-ERR value is not an integer or out of range";
  harness.play({{"EXPIRE k 100 NX XX", nx, "", ""},
                {"EXPIRE k 100 GT NX", nx, "", ""},
                {"EXPIRE k 100 NX LT", nx, "", ""},
                {"EXPIRE k 100 GT LT", "-ERR GT and LT options at the same time are not compatible", "", ""},
                {"EXPIRE k 100 FOO", "-ERR Unsupported option FOO", "", ""},
                {"EXPIRE k foo FOO", "-ERR Unsupported option FOO", "", ""},
                {"EXPIRE k foo", not_integer, "", ""},
                {"EXPIRE k 1.5", not_integer, "", ""},
                {"EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command", "", ""},
                {"EXPIRE k 9223372036854775", "-ERR invalid expire time in 'expire' command", "", ""},
                {"EXPIRE k -9223372036854776", "-ERR invalid expire time in 'expire' command", "", ""},
                {"PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command", "", ""},
                {"EXPIREAT k 9223372036854776", "-ERR invalid expire time in 'expireat' command", "", ""},
                {"EXPIRE nokey 9223372036854775807", "-ERR invalid expire time in 'expire' command", "", ""},
                {"EXPIRE k", "-ERR wrong number of arguments for 'expire' command", "", ""},
                {"PEXPIREAT k 9223372036854775807", ":1", "expire k", "PEXPIREAT k 9223372036854775807"},
                {"PEXPIRETIME k", ":9223372036854775807", "", ""}});
}

TEST(GenericExpire, APastDeadlineDeletes) {
  Harness harness;
  for (const char* command :
       {"EXPIRE k 0", "EXPIRE k -1", "PEXPIRE k -9223372036854775808", "EXPIREAT k 1", "PEXPIREAT k -5"}) {
    harness.run("SET k v");
    harness.play({{command, ":1", "del k", "DEL k"}});
    EXPECT_EQ(harness.entry("k"), nullptr);
  }
  harness.options().lazy_expire = true;
  harness.run("SET k v");
  harness.play({{"EXPIRE k 0", ":1", "del k", "UNLINK k"}});
  // Conditions come first.
  harness.run("SET k v");
  harness.play({{"EXPIRE k -1 XX", ":0", "", ""},
                {"EXPIRE k -1 GT", ":0", "", ""},
                {"EXPIRE k -1 LT", ":1", "del k", "UNLINK k"}});
}

// --- moving and copying ---

TEST(GenericMove, Renames) {
  Harness harness;
  harness.run("SET a 1");
  harness.play({{"RENAME a b", "+OK", "new b; rename_from a; rename_to b", "RENAME a b"},
                {"RENAME a b", "-ERR no such key", "", ""},
                {"RENAME b b", "+OK", "", ""},
                {"RENAMENX b b", ":0", "", ""},
                {"RENAMENX nokey nokey", "-ERR no such key", "", ""},
                {"SET m 5 PXAT 1700000100000", "+OK", "new m; set m; expire m", "SET m 5 PXAT 1700000100000"},
                {"RENAMENX b m", ":0", "", ""},
                {"RENAME m b", "+OK", "new b; rename_from m; rename_to b", "RENAME m b"},
                {"PTTL b", ":100000", "", ""},
                {"GET b", "\"5\"", "", ""},
                {"EXISTS m", ":0", "keymiss m", ""},
                {"SET p v", "+OK", "new p; set p", "SET p v"},
                {"RENAME p b", "+OK", "new b; rename_from p; rename_to b", "RENAME p b"},
                {"PTTL b", ":-1", "", ""},
                {"RENAMENX b z", ":1", "new z; rename_from b; rename_to z", "RENAMENX b z"}});
}

TEST(GenericMove, AnOverdueTargetIsNotInTheWay) {
  Harness harness;
  harness.run("SET k v");
  harness.run("SET l v PX 10");
  harness.run("SET s v PX 10");
  harness.advance_ms(11);
  harness.play(
      {{"RENAMENX k l", ":1", "expired l; new l; rename_from k; rename_to l", "MULTI; DEL l; RENAMENX k l; EXEC"},
       {"RENAME s x", "-ERR no such key", "expired s", "DEL s"}});
}

TEST(GenericMove, MovesBetweenDatabases) {
  Harness harness;
  constexpr const char* not_integer = "-ERR value is not an integer or out of range";
  constexpr const char* no_int = "-ERR value is out of range, value must between -2147483648 and 2147483647";
  harness.run("SET z v PXAT 1700000100000");
  harness.play({{"MOVE z 0", "-ERR source and destination objects are the same", "", ""},
                {"MOVE z 99", "-ERR DB index is out of range", "", ""},
                {"MOVE z -1", "-ERR DB index is out of range", "", ""},
                {"MOVE z foo", not_integer, "", ""},
                {"MOVE z 99999999999", no_int, "", ""},
                {"MOVE nokey 1", ":0", "", ""},
                {"MOVE z 4", ":1", "[4] new z; move_from z; [4] move_to z", "MOVE z 4"},
                {"SET z w", "+OK", "new z; set z", "SET z w"},
                {"MOVE z 4", ":0", "", ""},
                {"SELECT 4", "+OK", "", ""},
                {"PTTL z", ":100000", "", ""},
                {"GET z", "\"v\"", "", ""}});
}

TEST(GenericMove, Copies) {
  Harness harness;
  constexpr const char* same = "-ERR source and destination objects are the same";
  harness.run("SET z v PXAT 1700000100000");
  harness.play({{"COPY z z", same, "", ""},
                {"COPY z y", ":1", "new y; copy_to y", "COPY z y"},
                {"PTTL y", ":100000", "", ""},
                {"COPY z y", ":0", "", ""},
                {"SET z w", "+OK", "set z", "SET z w"},
                {"COPY z y REPLACE", ":1", "new y; copy_to y", "COPY z y REPLACE"},
                {"GET y", "\"w\"", "", ""},
                {"PTTL y", ":-1", "", ""},
                {"COPY z z DB 3", ":1", "[3] new z; [3] copy_to z", "COPY z z DB 3"},
                {"COPY z z DB 3", ":0", "", ""},
                {"COPY z z replace db 3", ":1", "[3] new z; [3] copy_to z", "COPY z z replace db 3"},
                {"COPY z z DB 0", same, "", ""},
                {"COPY z z DB 3 DB 0", same, "", ""},
                {"COPY z z DB 16", "-ERR DB index is out of range", "", ""},
                {"COPY z z DB foo", "-ERR value is not an integer or out of range", "", ""},
                {"COPY z z DB", "-ERR syntax error", "", ""},
                {"COPY z z FOO", "-ERR syntax error", "", ""},
                {"COPY nokey y", ":0", "keymiss nokey", ""}});
  EXPECT_EQ(harness.run("OBJECT ENCODING y"), "\"embstr\"");
}

TEST(GenericMove, ACopyIsIndependent) {
  Harness harness;
  const std::string large(100'000, 'x');
  harness.run({"SET", "a", large});
  harness.run("COPY a b");
  harness.run("APPEND a more");
  EXPECT_EQ(harness.run("STRLEN a"), ":100004");
  EXPECT_EQ(harness.run("STRLEN b"), ":100000");
  harness.run("SETRANGE b 0 yy");
  EXPECT_EQ(harness.run("GETRANGE a 0 2"), "\"xxx\"");
  harness.run("DEL a");
  EXPECT_EQ(harness.run("GETRANGE b 0 2"), "\"yyx\"");
}

TEST(GenericMove, WatchersSeeBothKeys) {
  for (const char* command : {"RENAME a b", "MOVE a 1", "COPY a b", "DEL a", "EXPIRE a 100", "EXPIRE a -1"}) {
    for (const char* watched : {"a", "b"}) {
      Harness harness;
      harness.run("SET a 1");
      const size_t other = harness.connect();
      harness.run(std::string("WATCH ") + watched, other);
      harness.run(command);
      harness.run("MULTI", other);
      const std::string_view text = command;
      const bool touched =
          watched[0] == 'a' ? !text.starts_with("COPY") : text.starts_with("RENAME") || text.starts_with("COPY");
      EXPECT_EQ(harness.run("EXEC", other), touched ? "nil*" : "[]") << command << ", " << watched;
    }
  }
}

// --- scanning ---

TEST(GenericScan, KeysListsWhatMatchesAndLives) {
  Harness harness;
  EXPECT_EQ(harness.run("KEYS *"), "[]");
  harness.run("MSET foo 1 baz 1");
  harness.run("SET bar 1 PX 10");
  harness.advance_ms(11);
  harness.play({{"KEYS b*", "[\"baz\"]", "", ""},
                {"KEYS foo", "[\"foo\"]", "", ""},
                {"KEYS [", "[]", "", ""},
                {"DBSIZE", ":3", "", ""},
                {"KEYS", "-ERR wrong number of arguments for 'keys' command", "", ""}});
}

TEST(GenericScan, DeletesTheOverdueKeysThatItMeets) {
  Harness harness;
  auto overdue = [&harness] {
    harness.run("SET bar 1 PX 10");
    harness.advance_ms(11);
  };
  harness.run("SET foo 1");
  overdue();
  harness.play({{"SCAN 0 MATCH f*", "[\"0\", [\"foo\"]]", "", ""},
                {"SCAN 0 COUNT 100", "[\"0\", [\"foo\"]]", "expired bar", "DEL bar"}});
  overdue();
  harness.play({{"SCAN 0 TYPE STRING", "[\"0\", [\"foo\"]]", "expired bar", "DEL bar"}});
  overdue();
  harness.play(
      {{"SCAN 0 TYPE list", "[\"0\", []]", "expired bar", "DEL bar"}, {"SCAN 0 TYPE nonesuch", "[\"0\", []]", "", ""}});
  harness.run("SET quux 1 PX 10");
  overdue();
  harness.run("SCAN 0 COUNT 100");
  // Not as a transaction: the keys have nothing to do with each other.
  EXPECT_TRUE(harness.propagated() == "DEL quux; DEL bar" || harness.propagated() == "DEL bar; DEL quux")
      << harness.propagated();
}

TEST(GenericScan, ChecksItsArguments) {
  Harness harness;
  harness.run("SET foo 1");
  constexpr const char* all = "[\"0\", [\"foo\"]]";
  for (const char* line :
       {"SCAN 0", "SCAN \"\"", "SCAN +0", "SCAN -0", "SCAN 0 COUNT 1000 MATCH * TYPE string",
        "SCAN 0 COUNT 9223372036854775807", "SCAN 0 MATCH x MATCH *", "SCAN 00000000000000000000000"}) {
    EXPECT_EQ(harness.run(line), all) << line;
  }
  for (const char* line : {"SCAN foo", "SCAN 1foo", "SCAN \" 1\"", "SCAN -", "SCAN 99999999999999999999",
                           "SCAN 18446744073709551616", "SCAN 0x1", "SCAN foo BAR"}) {
    EXPECT_EQ(harness.run(line), "-ERR invalid cursor") << line;
  }
  for (const char* line : {"SCAN 0 COUNT 0", "SCAN 0 COUNT -5", "SCAN 0 COUNT", "SCAN 0 FOO 1", "SCAN 0 MATCH"}) {
    EXPECT_EQ(harness.run(line), "-ERR syntax error") << line;
  }
  EXPECT_EQ(harness.run("SCAN 0 COUNT x"), "-ERR value is not an integer or out of range");
}

// Any number may come as a cursor; it must lead to an end.
TEST(GenericScan, StrangeCursorsEnd) {
  Harness harness;
  for (int i = 0; i < 1000; ++i) harness.run("SET k" + std::to_string(i) + " v");
  base::Random random(3);
  for (int i = 0; i < 300; ++i) {
    std::string cursor = std::to_string(i < 100 ? random.next() : random.next() >> random.below(64));
    if (i == 0) cursor = "18446744073709551615";
    if (i == 1) cursor = "-1";
    for (int calls = 0; cursor != "0"; ++calls) {
      ASSERT_LT(calls, 2000);
      const std::string reply = harness.run("SCAN " + cursor);
      ASSERT_TRUE(reply.starts_with("[\"")) << reply;
      cursor = reply.substr(2, reply.find('"', 2) - 2);
    }
  }
}

TEST(GenericScan, VisitsEveryKeyOnceWhileNothingChanges) {
  Harness harness;
  for (int i = 0; i < 3000; ++i) harness.run("SET key:" + std::to_string(i) + " v");
  std::multiset<std::string> seen;
  std::string cursor = "0";
  do {
    const std::string reply = harness.run("SCAN " + cursor + " COUNT 37 MATCH key:*");
    const size_t end = reply.find('"', 2);
    cursor = reply.substr(2, end - 2);
    for (size_t i = reply.find("key:", end); i != reply.npos; i = reply.find("key:", i + 1)) {
      seen.insert(reply.substr(i, reply.find('"', i) - i));
    }
    EXPECT_LT(base::parse_unsigned(cursor).value_or(UINT64_MAX), uint64_t{1} << 53);  // exact in a double
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 3000u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 3000u);
}

TEST(GenericScan, CountsTypesAsLookUps) {
  Harness harness;
  harness.run("MSET a 1 b 1");
  harness.run("SET c 1 PX 10");
  harness.advance_ms(11);
  harness.run("SCAN 0 TYPE list");
  EXPECT_EQ(harness.session().statistics().hits, 2u);
  EXPECT_EQ(harness.session().statistics().misses, 1u);
  harness.run("SCAN 0");
  EXPECT_EQ(harness.session().statistics().hits, 2u);
}

// --- OBJECT ---

TEST(GenericObject, TellsHowAValueIsStored) {
  Harness harness;
  harness.run("MSET n 1 big 10000 s short");
  harness.run({"SET", "raw", std::string(45, 'x')});
  harness.play({{"OBJECT ENCODING n", "\"int\"", "", ""},
                {"OBJECT ENCODING s", "\"embstr\"", "", ""},
                {"OBJECT ENCODING raw", "\"raw\"", "", ""},
                {"OBJECT ENCODING nokey", "nil", "", ""},
                {"OBJECT REFCOUNT n", ":2147483647", "", ""},
                {"OBJECT REFCOUNT big", ":1", "", ""},
                {"OBJECT REFCOUNT s", ":1", "", ""},
                {"OBJECT IDLETIME s", ":0", "", ""},
                {"OBJECT IDLETIME nokey", "nil", "", ""},
                {"OBJECT FREQ nokey", "nil", "", ""},
                {"OBJECT FREQ s",
                 "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when "
                 "switching between policies at runtime LRU and LFU data will take some time to adjust.",
                 "", ""},
                {"OBJECT", "-ERR wrong number of arguments for 'object' command", "", ""},
                {"OBJECT FOO", "-ERR unknown subcommand 'FOO'. Try OBJECT HELP.", "", ""},
                {"OBJECT ENCODING", "-ERR wrong number of arguments for 'object|encoding' command", "", ""},
                {"object help x", "-ERR wrong number of arguments for 'object|help' command", "", ""}});
  EXPECT_EQ(harness.session().statistics().hits, 8u);
  EXPECT_EQ(harness.session().statistics().misses, 3u);
  EXPECT_TRUE(
      harness.run("OBJECT HELP").starts_with("[+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
}

TEST(GenericObject, IdleTimeGoesRoundWithItsClock) {
  Harness harness;
  harness.run("SET k v");
  harness.entry("k")->set_access((harness.entry("k")->access() + 10) & 0xffffff);
  EXPECT_EQ(harness.run("OBJECT IDLETIME k"), ":" + std::to_string(0xffffff - 10));
}

TEST(GenericObject, AnOverdueKeyIsNoKey) {
  Harness harness;
  harness.run("SET k v PX 10");
  harness.advance_ms(11);
  harness.play({{"OBJECT ENCODING k", "nil", "expired k", "DEL k"}});
}

}  // namespace
}  // namespace torc::cmd
