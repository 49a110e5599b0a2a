// Clients that wait for keys, with a command of our own that takes a string away, so that no type's commands are
// needed.
#include <gtest/gtest.h>

#include "harness.h"
#include "session/context.h"

namespace torc::cmd {
namespace {

using session::Context;

// TAKE key [key ...] timeout: the first of the keys that is there, and its value, which is deleted.
void take(Context& context) {
  const auto deadline_ms = context.timeout(context.size() - 1);
  if (!deadline_ms) return;
  const auto keys = context.arguments().subspan(1, context.size() - 2);
  for (size_t i = 0; i < keys.size(); ++i) {
    const store::KeyRef key = context.key(i + 1);
    store::Entry* entry = context.write(key);
    if (!context.require_type(entry, store::Type::string)) return;
    if (!entry) continue;
    store::IntegerScratch scratch;
    context.reply().array(2);
    context.reply().bulk(key.bytes);
    context.reply().bulk(entry->string(scratch));
    context.database().erase(key, entry);
    context.propagate_as({"DEL", key.bytes});
    return context.changed(key.bytes, session::event_generic, "del");
  }
  if (!context.wait(keys, {.type = store::Type::string, .deadline_ms = *deadline_ms})) context.reply().null_array();
}

// FOLLOW key milliseconds: waits for the end of a key that is there.
void follow(Context& context) {
  const auto deadline_ms = context.timeout_ms(2);
  if (!deadline_ms) return;
  if (!context.write(context.key(1))) {
    context.fail("GONE no more");
    return;
  }
  const session::Wait wait{.type = store::Type::string,
                           .deadline_ms = *deadline_ms,
                           .timeout_reply = session::Wait::Reply::null,
                           .also_when_deleted = true};
  if (!context.wait(context.arguments().subspan(1, 1), wait)) context.reply().null();
}

constexpr session::CommandRow rows[] = {
    {.name = "take",
     .handler = take,
     .arity = -3,
     .flags = "write denyoom blocking",
     .keys = "RW ACCESS DELETE @1 range -2 1 0"},
    {.name = "follow", .handler = follow, .arity = 3, .flags = "readonly blocking", .keys = "RO ACCESS @1 range 0 1 0"},
};

struct Blocking : testing::Test {
  Blocking() {
    harness.session().registry().add(rows, nullptr);
    for (size_t i = 0; i < 3; ++i) waiters.push_back(harness.connect());
  }
  std::string flags(size_t client) {
    const std::string line = harness.run("CLIENT LIST ID " + std::to_string(harness.client(client).id));
    const size_t begin = line.find(" flags=") + 7;
    return line.substr(begin, line.find(' ', begin) - begin);
  }
  std::string id(size_t client) { return std::to_string(harness.client(client).id); }
  uint64_t blocked() { return harness.session().blocked_clients(); }
  const session::Command& command(std::string_view name) {
    return *harness.session().registry().resolve(std::span(&name, 1)).command;
  }

  Harness harness;
  std::vector<size_t> waiters;
};

TEST_F(Blocking, WhoCameFirstIsServedFirst) {
  for (const size_t waiter : waiters) EXPECT_EQ(harness.run("TAKE k 0", waiter), "");
  EXPECT_EQ(blocked(), 3u);
  EXPECT_EQ(flags(waiters[0]), "b");
  EXPECT_EQ(harness.session().blocking().keys(), 1u);
  EXPECT_EQ(harness.run("SET k a"), "+OK");
  EXPECT_EQ(harness.events(), "new k; set k; del k");
  EXPECT_EQ(harness.propagated(), "SET k a; DEL k");
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"a\"]");
  EXPECT_EQ(harness.later(waiters[1]), "");
  EXPECT_EQ(harness.run("SET k b"), "+OK");
  EXPECT_EQ(harness.run("SET k c"), "+OK");
  EXPECT_EQ(harness.later(waiters[2]), "[\"k\", \"c\"]");
  EXPECT_EQ(harness.later(waiters[1]), "[\"k\", \"b\"]");
  EXPECT_EQ(blocked(), 0u);
  EXPECT_TRUE(harness.session().blocking().empty());
  EXPECT_EQ(flags(waiters[0]), "N");
}

// A waiter that is woken but comes too late waits behind the others, and keeps its deadline.
TEST_F(Blocking, WhoFindsNothingWaitsAgain) {
  EXPECT_EQ(harness.run("TAKE a b 1", waiters[0]), "");
  EXPECT_EQ(harness.run("TAKE b 0", waiters[1]), "");
  harness.advance_ms(500);
  EXPECT_EQ(harness.pipeline({"MULTI", "SET a 1", "DEL a", "SET b 2", "DEL b", "EXEC"}).back(), "[+OK, :1, +OK, :1]");
  EXPECT_EQ(blocked(), 2u);
  EXPECT_EQ(harness.pipeline({"MULTI", "SET b 1", "SET a 2", "EXEC"}).back(), "[+OK, +OK]");
  EXPECT_EQ(harness.later(waiters[0]), "[\"a\", \"2\"]") << "both keys are there: the first that is named";
  EXPECT_EQ(harness.later(waiters[1]), "[\"b\", \"1\"]");
  EXPECT_EQ(harness.run("TAKE a 1", waiters[0]), "");
  harness.advance_ms(500);
  harness.pipeline({"MULTI", "SET a 1", "DEL a", "EXEC"});
  harness.advance_ms(500);
  EXPECT_EQ(harness.later(waiters[0]), "");
  harness.advance_ms(1);
  EXPECT_EQ(harness.later(waiters[0]), "nil*");
}

// A key that was removed and whose waiter stays: its place among the waiters of its keys does not change by that.
TEST_F(Blocking, TheSameKeyTwiceIsOnce) {
  EXPECT_EQ(harness.run("TAKE k k k 0", waiters[0]), "");
  EXPECT_EQ(harness.session().blocking().keys(), 1u);
  EXPECT_EQ(harness.run("SET k 1"), "+OK");
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"1\"]");
  EXPECT_TRUE(harness.session().blocking().empty());
}

TEST_F(Blocking, KeysComeInManyWays) {
  const std::pair<const char*, const char*> ways[] = {{"SET s v", "RENAME s k"},
                                                      {"SET s v", "COPY s k"},
                                                      {"SETEX s 100 v", "RENAMENX s k"},
                                                      {"PING", "APPEND k v"}};
  for (const auto& [before, way] : ways) {
    EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
    harness.run(before);
    harness.run(way);
    EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"v\"]") << way;
  }
  EXPECT_EQ(harness.run("TAKE m 0", waiters[0]), "");
  harness.pipeline({"SELECT 1", "SET m moved", "MOVE m 0", "SELECT 0"});
  EXPECT_EQ(harness.later(waiters[0]), "[\"m\", \"moved\"]");
  EXPECT_EQ(harness.run("TAKE w 0", waiters[0]), "");
  harness.pipeline({"SELECT 1", "SET w swapped"});
  EXPECT_EQ(harness.later(waiters[0]), "") << "a key of another database";
  EXPECT_EQ(harness.run("SWAPDB 0 1"), "+OK");
  EXPECT_EQ(harness.later(waiters[0]), "[\"w\", \"swapped\"]");
  EXPECT_EQ(harness.run("DBSIZE"), ":0");
}

// Whoever waits for k comes before whoever waits for j, then, or behind.
TEST_F(Blocking, AKeyOfATypeThatNobodyWaitsForIsNoMark) {
  const auto served = [this](std::string_view first) {
    harness.run("FLUSHALL");
    EXPECT_EQ(harness.run("BLMOVE k z LEFT RIGHT 0", waiters[0]), "");
    EXPECT_EQ(harness.run("BLMOVE j z LEFT RIGHT 0", waiters[1]), "");
    harness.pipeline({"MULTI", std::string(first), "RPUSH j J", "DEL k", "RPUSH k K", "EXEC"});
    EXPECT_EQ(harness.later(waiters[0]), "\"K\"") << first;
    EXPECT_EQ(harness.later(waiters[1]), "\"J\"") << first;
    return harness.run("LRANGE z 0 -1");
  };
  const std::string in_order = R"(["J", "K"])", k_first = R"(["K", "J"])";
  EXPECT_EQ(served("SET k v"), in_order);
  EXPECT_EQ(served("HSET k f v"), in_order);
  EXPECT_EQ(served("ZADD k 1 m"), in_order);
  EXPECT_EQ(served("RPUSH k v"), k_first);
  // As in Redis: no matter which key it is that somebody waits for.
  EXPECT_EQ(harness.run("BZPOPMIN other 0", waiters[2]), "");
  EXPECT_EQ(served("ZADD k 1 m"), k_first);
  EXPECT_EQ(served("XADD k 1-0 f v"), in_order);
  EXPECT_EQ(harness.run("ZADD other 1 m"), ":1");
  EXPECT_EQ(served("ZADD k 1 m"), in_order) << "nobody waits for a sorted set any more";
}

TEST_F(Blocking, ADatabaseIsExchangedForOneWithKeysOfOtherTypes) {
  EXPECT_EQ(harness.run("BLMOVE k z LEFT RIGHT 0", waiters[0]), "");
  EXPECT_EQ(harness.run("BLMOVE j z LEFT RIGHT 0", waiters[1]), "");
  harness.pipeline({"SELECT 1", "SET k v", "SELECT 0"});
  harness.pipeline({"MULTI", "SWAPDB 0 1", "RPUSH j J", "DEL k", "RPUSH k K", "EXEC"});
  EXPECT_EQ(harness.run("LRANGE z 0 -1"), R"(["J", "K"])");
}

TEST_F(Blocking, InATransactionNobodyWaitsAndTheEndServes) {
  EXPECT_EQ(harness.pipeline({"MULTI", "TAKE k 0", "EXEC"}).back(), "[nil*]");
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  const auto replies = harness.pipeline({"MULTI", "SET k 1", "APPEND k 2", "TAKE x 0", "SET k 3", "EXEC"});
  EXPECT_EQ(replies.back(), "[+OK, :2, nil*, +OK]");
  EXPECT_EQ(harness.propagated(), "MULTI; SET k 1; APPEND k 2; SET k 3; EXEC; DEL k");
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"3\"]");
}

// Time stands still within the transaction, but not for those who are served behind it.
TEST_F(Blocking, AKeyThatExpiredMeanwhileWakesNobody) {
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  harness.options().active_expire = false;
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  harness.pipeline({"MULTI", "SET k v", "PEXPIRE k 100", "DEBUG SLEEP 0.2", "EXEC"});
  EXPECT_EQ(blocked(), 1u);
  EXPECT_EQ(harness.run("EXISTS k"), ":0");
  EXPECT_EQ(harness.propagated(), "DEL k");
  harness.pipeline({"SELECT 1", "PSETEX k 100 v"});
  harness.advance_ms(101);
  harness.run("SWAPDB 0 1");
  EXPECT_EQ(blocked(), 1u);
}

// Who is served comes before the next command, even of the same pipeline.
TEST_F(Blocking, ServedBeforeTheNextCommand) {
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  harness.pipeline({"SET a 1", "SET k 2", "SET b 3"});
  EXPECT_EQ(harness.propagated(), "SET a 1; SET k 2; DEL k; SET b 3");
}

TEST_F(Blocking, TheTimeEndsIt) {
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  EXPECT_EQ(harness.run("TAKE k 0.05", waiters[1]), "");
  EXPECT_EQ(harness.run("TAKE k 0", waiters[2]), "");
  EXPECT_EQ(harness.session().sleep_us_max(), 51'000);
  harness.advance_ms(50);
  EXPECT_EQ(harness.later(waiters[1]), "");
  harness.advance_ms(1);
  EXPECT_EQ(harness.later(waiters[1]), "nil*");
  EXPECT_EQ(harness.later(waiters[0]), "");
  harness.advance_ms(50);
  harness.set_protocol(3, waiters[0]);
  EXPECT_EQ(harness.later(waiters[0]), "null");
  EXPECT_EQ(blocked(), 1u);
  harness.advance_ms(1'000'000);
  EXPECT_EQ(harness.later(waiters[2]), "");
}

TEST_F(Blocking, TimesThatAreNone) {
  harness.play({{"TAKE k -1", "-ERR timeout is negative", "", ""},
                {"TAKE k -0.0011", "-ERR timeout is negative", "", ""},
                {"TAKE k -inf", "-ERR timeout is negative", "", ""},
                {"TAKE k inf", "-ERR timeout is out of range", "", ""},
                {"TAKE k nan", "-ERR timeout is not a float or out of range", "", ""},
                {"TAKE k x", "-ERR timeout is not a float or out of range", "", ""},
                {"TAKE k 9223372036854775", "-ERR timeout is out of range", "", ""},
                {"TAKE k 1e30", "-ERR timeout is out of range", "", ""},
                {"FOLLOW k 1.5", "-ERR timeout is not an integer or out of range", "", ""},
                {"FOLLOW k -1", "-ERR timeout is negative", "", ""},
                {"FOLLOW k 9223372036854775807", "-ERR timeout is out of range", "", ""}});
  EXPECT_EQ(blocked(), 0u);
  EXPECT_EQ(harness.run("TAKE k 0.0001", waiters[0]), "") << "rounded up to a millisecond, not down to for ever";
  harness.advance_ms(2);
  EXPECT_EQ(harness.later(waiters[0]), "nil*");
}

TEST_F(Blocking, Unblock) {
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  EXPECT_EQ(harness.run("TAKE k 0", waiters[1]), "");
  EXPECT_EQ(harness.run("CLIENT UNBLOCK " + id(waiters[2])), ":0");
  EXPECT_EQ(harness.run("CLIENT UNBLOCK " + id(waiters[0])), ":1");
  EXPECT_EQ(harness.run("CLIENT UNBLOCK " + id(waiters[0])), ":0");
  EXPECT_EQ(harness.later(waiters[0]), "nil*");
  EXPECT_EQ(harness.run("CLIENT UNBLOCK " + id(waiters[1]) + " ERROR"), ":1");
  EXPECT_EQ(harness.later(waiters[1]), "-UNBLOCKED client unblocked via CLIENT UNBLOCK");
  EXPECT_EQ(command("take").calls, 2u);
  EXPECT_EQ(command("take").failed_calls, 1u);
  EXPECT_EQ(harness.session().error_counts()["UNBLOCKED"], 1u);
  EXPECT_EQ(command("client").subcommand("unblock")->failed_calls, 1u) << "as in Redis";
}

TEST_F(Blocking, ACommandThatWaitedIsOneCall) {
  const uint64_t before = harness.session().statistics().commands_processed;
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  EXPECT_EQ(command("take").calls, 0u);
  EXPECT_EQ(harness.session().statistics().commands_processed, before);
  harness.pipeline({"MULTI", "SET k 1", "DEL k", "EXEC"});
  EXPECT_EQ(command("take").calls, 0u);
  harness.run("SET k 1");
  EXPECT_EQ(command("take").calls, 1u);
  EXPECT_EQ(command("take").failed_calls, 0u);
}

TEST_F(Blocking, WhatFollowsWaits) {
  const auto replies = harness.pipeline({"PING", "TAKE k 0", "SET a 1", "TAKE k 0", "GET a"}, waiters[0]);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(harness.run("GET a"), "nil");
  harness.run("SET k 1");
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"1\"]; +OK");
  harness.run("SET k 2");
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"2\"]; \"1\"");
}

// What a served client does may be what another one waits for.
TEST_F(Blocking, ServingGoesOnUntilNobodyIsReady) {
  EXPECT_EQ(harness.run("TAKE a 0", waiters[0]), "");
  EXPECT_EQ(harness.pipeline({"TAKE b 0", "RENAME c a"}, waiters[1]).size(), 0u);
  harness.run("SET c x");
  harness.run("SET b y");
  EXPECT_EQ(harness.later(waiters[1]), "[\"b\", \"y\"]; +OK");
  EXPECT_EQ(harness.later(waiters[0]), "[\"a\", \"x\"]");
}

TEST_F(Blocking, WhoGoesLeavesNothing) {
  EXPECT_EQ(harness.run("TAKE a b 10", waiters[0]), "");
  EXPECT_EQ(harness.run("TAKE a 0", waiters[1]), "");
  EXPECT_EQ(harness.run("TAKE b 0", waiters[2]), "");
  harness.disconnect(waiters[0]);
  EXPECT_EQ(harness.run("CLIENT KILL ID " + id(waiters[1])), ":1");
  EXPECT_EQ(harness.session().blocking().keys(), 1u);
  EXPECT_EQ(harness.session().blocking().deadlines(), 0u);
  EXPECT_EQ(harness.run("SET a 1"), "+OK");
  EXPECT_EQ(harness.run("GET a"), "\"1\"");
  harness.run("SET b 2");
  EXPECT_EQ(harness.later(waiters[2]), "[\"b\", \"2\"]");
  EXPECT_TRUE(harness.session().blocking().empty());
}

TEST_F(Blocking, APeerThatSendsNoMoreIsGivenUp) {
  EXPECT_EQ(harness.run("TAKE a 0", waiters[0]), "");
  harness.session().input_ended(harness.client(waiters[0]).handle);
  EXPECT_FALSE(harness.connected(waiters[0]));
  EXPECT_EQ(blocked(), 0u);
}

// A client that is served while its command is refused.
TEST_F(Blocking, ServedWithoutMemory) {
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  harness.run("SET s v");
  harness.options().maxmemory_bytes = 1;
  EXPECT_EQ(harness.run("RENAME s k"), "+OK");
  EXPECT_EQ(harness.later(waiters[0]), "-OOM command not allowed when used memory > 'maxmemory'.");
  EXPECT_EQ(command("take").rejected_calls, 1u);
  EXPECT_EQ(command("take").calls, 0u);
  EXPECT_EQ(blocked(), 0u);
}

TEST_F(Blocking, APauseBeforeAndAfter) {
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  EXPECT_EQ(harness.run("CLIENT PAUSE 100000 WRITE"), "+OK");
  harness.advance_ms(101);
  EXPECT_EQ(harness.later(waiters[0]), "nil*") << "its time is over all the same";
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  EXPECT_EQ(harness.run("CLIENT UNBLOCK " + id(waiters[0])), ":0") << "it is postponed, not blocked";
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(waiters[0]), "");
  EXPECT_EQ(harness.run("CLIENT UNBLOCK " + id(waiters[0])), ":1");
}

// PAUSE and what makes the key ready in one transaction: the client is served when the pause is over.
TEST_F(Blocking, APauseThatComesWithTheKey) {
  EXPECT_EQ(harness.run("TAKE k 1", waiters[0]), "");
  EXPECT_EQ(harness.pipeline({"MULTI", "SET k v", "CLIENT PAUSE 100 WRITE", "EXEC"}).back(), "[+OK, +OK]");
  EXPECT_EQ(flags(waiters[0]), "b");
  EXPECT_EQ(harness.later(waiters[0]), "");
  harness.advance_ms(101);
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"v\"]");
  EXPECT_EQ(command("take").calls, 1u);
}

TEST_F(Blocking, TheEndOfAKeyIsAnAnswer) {
  const auto ends = {"DEL k",     "UNLINK k",  "RENAME k other", "GETDEL k",
                     "FLUSHALL",  "FLUSHDB",   "SWAPDB 0 1",     "MOVE k 2", "PEXPIREAT k 1"};
  for (const char* const end : ends) {
    harness.run("SET k v");
    EXPECT_EQ(harness.run("FOLLOW k 0", waiters[0]), "") << end;
    EXPECT_EQ(harness.session().blocking().keys_with_end(), 1u);
    harness.run(end);
    EXPECT_EQ(harness.later(waiters[0]), "-GONE no more") << end;
    EXPECT_EQ(harness.session().blocking().keys_with_end(), 0u);
    harness.run("FLUSHALL");
  }
}

TEST_F(Blocking, ExpiryIsAnEnd) {
  harness.run("PSETEX k 10 v");
  EXPECT_EQ(harness.run("FOLLOW k 0", waiters[0]), "");
  EXPECT_EQ(harness.run("FOLLOW k 5", waiters[1]), "");
  harness.advance_ms(11);
  harness.background();
  EXPECT_EQ(harness.later(waiters[0]), "-GONE no more");
  EXPECT_EQ(harness.later(waiters[1]), "-GONE no more");
  EXPECT_EQ(command("follow").cycles, 0u) << "the time before is nobody's";
}

TEST_F(Blocking, WhatHasArrivedComesBeforeTheEndOfTheTime) {
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  EXPECT_EQ(harness.pipeline({"DEBUG SLEEP 0.3", "SET k v", "EXISTS k"}).back(), ":0");
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"v\"]");
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  EXPECT_EQ(harness.pipeline({"DEBUG SLEEP 0.01", "DEBUG SLEEP 0.3", "SET k v", "EXISTS k"}).back(), ":0")
      << "a slow command before";
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"v\"]");
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  EXPECT_EQ(harness.pipeline({"DEBUG SLEEP 0.3", "DEBUG SLEEP 0.3", "DEBUG SLEEP 0.3", "SET k v", "EXISTS k"}).back(),
            ":1")
      << "not for ever";
  EXPECT_EQ(harness.later(waiters[0]), "nil*");
}

TEST_F(Blocking, TheQueryBufferHoldsWhatIsBehindTheCommand) {
  harness.run("TAKE k 0", waiters[0]);
  EXPECT_NE(harness.run("CLIENT LIST ID " + id(waiters[0])).find(" qbuf=0 "), std::string::npos);
}

// Changes that leave the key what it is do not disturb those who wait for its end.
TEST_F(Blocking, AChangeIsNoEnd) {
  harness.run("SET k v");
  EXPECT_EQ(harness.run("FOLLOW k 100", waiters[0]), "");
  const uint64_t place = harness.client(waiters[0]).waiting->place;
  harness.run("APPEND k v");
  EXPECT_EQ(harness.client(waiters[0]).waiting->place, place);
  harness.advance_ms(101);
  EXPECT_EQ(harness.later(waiters[0]), "nil");
}

TEST_F(Blocking, WithoutReplies) {
  EXPECT_EQ(harness.run("CLIENT REPLY OFF", waiters[0]), "");
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  harness.run("SET k v");
  EXPECT_EQ(harness.later(waiters[0]), "");
  EXPECT_EQ(harness.run("TAKE k 0.1", waiters[0]), "");
  harness.advance_ms(200);
  EXPECT_EQ(harness.later(waiters[0]), "");
  EXPECT_EQ(blocked(), 0u);
  EXPECT_EQ(harness.run("CLIENT REPLY ON", waiters[0]), "+OK");
  EXPECT_EQ(harness.pipeline({"CLIENT REPLY SKIP", "TAKE k 0", "PING"}, waiters[1]).size(), 0u);
  harness.run("SET k v");
  EXPECT_EQ(harness.later(waiters[1]), "+PONG");
}

// A key that came in a blob of its own is still there when the command runs again.
TEST_F(Blocking, LargeKeys) {
  const std::string key(100'000, 'k');
  EXPECT_EQ(harness.run({"TAKE", key, "0"}, waiters[0]), "");
  for (int i = 0; i < 10; ++i) harness.run({"SET", "other", std::string(100'000, 'o')});
  harness.run({"SET", key, "v"});
  EXPECT_EQ(harness.later(waiters[0]), "[\"" + key + "\", \"v\"]");
}

TEST_F(Blocking, MonitorsAreToldOnce) {
  EXPECT_EQ(harness.run("MONITOR", waiters[2]), "+OK");
  EXPECT_EQ(harness.run("TAKE k 0", waiters[0]), "");
  EXPECT_NE(harness.later(waiters[2]).find("\"TAKE\" \"k\" \"0\""), std::string::npos);
  harness.pipeline({"MULTI", "SET k v", "DEL k", "EXEC", "SET k v"});
  EXPECT_EQ(harness.later(waiters[0]), "[\"k\", \"v\"]");
  EXPECT_EQ(harness.later(waiters[2]).find("TAKE"), std::string::npos);
}

TEST_F(Blocking, ManyWaitForOneKey) {
  std::vector<size_t> many;
  for (int i = 0; i < 500; ++i) {
    many.push_back(harness.connect());
    EXPECT_EQ(harness.run("TAKE k 0", many.back()), "");
  }
  for (const size_t waiter : many) {
    harness.run("SET k v");
    EXPECT_EQ(harness.later(waiter), "[\"k\", \"v\"]");
  }
  EXPECT_EQ(blocked(), 0u);
}

}  // namespace
}  // namespace torc::cmd
