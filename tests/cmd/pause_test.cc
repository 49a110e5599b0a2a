// CLIENT PAUSE and what waits for its end.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

std::string flags(Harness& harness, size_t client) {
  const std::string line = harness.run("CLIENT LIST ID " + std::to_string(harness.client(client).id));
  const size_t begin = line.find(" flags=") + 7;
  return line.substr(begin, line.find(' ', begin) - begin);
}

TEST(Pause, WritesWaitAndReadsDoNot) {
  Harness harness;
  const size_t writer = harness.connect();
  EXPECT_EQ(harness.run("CLIENT PAUSE 100000 WRITE"), "+OK");
  EXPECT_EQ(harness.run("GET k", writer), "nil");
  EXPECT_EQ(harness.run("PING", writer), "+PONG");
  EXPECT_EQ(harness.session().blocked_clients(), 0u);
  EXPECT_EQ(harness.run("SET k v", writer), "");
  EXPECT_EQ(harness.session().blocked_clients(), 1u);
  EXPECT_EQ(flags(harness, writer), "b");
  EXPECT_EQ(harness.run("GET k"), "nil");
  EXPECT_EQ(harness.later(writer), "");
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(writer), "+OK");
  EXPECT_EQ(harness.run("GET k"), "\"v\"");
  EXPECT_EQ(flags(harness, writer), "N");
  EXPECT_EQ(harness.session().blocked_clients(), 0u);
}

TEST(Pause, AllWaitForTheTime) {
  Harness harness;
  const size_t other = harness.connect();
  EXPECT_EQ(harness.run("CLIENT PAUSE 500"), "+OK");
  EXPECT_EQ(harness.run("PING"), "");
  EXPECT_EQ(harness.run("CLIENT UNPAUSE", other), "");  // as in Redis
  harness.advance_ms(499);
  EXPECT_EQ(harness.later(), "");
  EXPECT_LE(harness.session().sleep_us_max(), 1000);
  harness.advance_ms(1);
  EXPECT_EQ(harness.later(), "+PONG");
  EXPECT_EQ(harness.later(other), "+OK");
  EXPECT_EQ(harness.run("PING"), "+PONG");
}

TEST(Pause, WhatIsWrongIsAnsweredAtOnce) {
  Harness harness;
  harness.play({
      {"CLIENT PAUSE x", "-ERR timeout is not an integer or out of range", "", ""},
      {"CLIENT PAUSE -1", "-ERR timeout is negative", "", ""},
      {"CLIENT PAUSE 9223372036854775807", "-ERR timeout is out of range", "", ""},
      {"CLIENT PAUSE 10 MAYBE", "-ERR CLIENT PAUSE mode must be WRITE or ALL", "", ""},
      {"CLIENT PAUSE 10 ALL x",
       "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.", "", ""},
      {"CLIENT PAUSE 0", "+OK", "", ""},
      {"PING", "+PONG", "", ""},
      {"CLIENT PAUSE 1000 write", "+OK", "", ""},
      {"SET k", "-ERR wrong number of arguments for 'set' command", "", ""},
      {"CLIENT UNBLOCK 1 MAYBE", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR", "", ""},
      {"CLIENT UNBLOCK x", "-ERR value is not an integer or out of range", "", ""},
      {"CLIENT UNBLOCK 1", ":0", "", ""},
      {"CLIENT UNBLOCK 99 ERROR", ":0", "", ""},
  });
}

TEST(Pause, ALaterPauseMakesItNeitherShorterNorWeaker) {
  Harness harness;
  const size_t other = harness.connect();
  EXPECT_EQ(harness.pipeline({"CLIENT PAUSE 60000 WRITE", "CLIENT PAUSE 10 WRITE"}).size(), 2u);
  harness.advance_ms(100);
  EXPECT_EQ(harness.run("SET k v", other), "");
  EXPECT_EQ(harness.pipeline({"CLIENT UNPAUSE", "CLIENT PAUSE 200 ALL"}).size(), 2u);
  EXPECT_EQ(harness.later(other), "");  // postponed again, before it could run
  harness.advance_ms(200);
  EXPECT_EQ(harness.later(other), "+OK");
}

TEST(Pause, WhatStandsBehindWaitsInOrder) {
  Harness harness;
  const size_t writer = harness.connect();
  EXPECT_EQ(harness.run("CLIENT PAUSE 1000 WRITE"), "+OK");
  EXPECT_EQ(harness.pipeline({"GET k", "SET k 1", "GET k", "INCR k", "NOPE", "GET k"}, writer).size(), 1u);
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(writer), "+OK; \"1\"; :2; -ERR unknown command 'NOPE', with args beginning with: ; \"2\"");
}

// More requests than are looked ahead: the hold ends while some of the batch are still to come.
TEST(Pause, MayEndBeforeTheBatchHasComeBy) {
  Harness harness;
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i) lines.push_back("INCR k");
  EXPECT_EQ(harness.run("CLIENT PAUSE 1 WRITE"), "+OK");
  harness.options().tick_budget_us = 0;
  EXPECT_TRUE(harness.pipeline(lines).empty());
  harness.advance_ms(2);
  const std::string all = harness.later();
  EXPECT_EQ(all.substr(0, 8), ":1; :2; ");
  EXPECT_EQ(all.substr(all.size() - 4), ":100");
  EXPECT_EQ(harness.run("GET k"), "\"100\"");
}

TEST(Pause, TransactionsWaitAtExec) {
  Harness harness;
  const size_t writer = harness.connect();
  EXPECT_EQ(harness.pipeline({"MULTI", "SET k v"}, writer).size(), 2u);
  EXPECT_EQ(harness.run("CLIENT PAUSE 1000 WRITE"), "+OK");
  EXPECT_EQ(harness.run("EXEC", writer), "");
  EXPECT_EQ(harness.pipeline({"MULTI", "PING", "GET k", "EXEC"}).back(), "[+PONG, nil]");
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(writer), "[+OK]");
  EXPECT_EQ(harness.pipeline({"MULTI", "CLIENT PAUSE 1000 WRITE", "SET k 2", "EXEC"}).back(), "[+OK, +OK]");
  EXPECT_EQ(harness.run("SET k 3"), "");
  harness.advance_ms(1000);
  EXPECT_EQ(harness.later(), "+OK");
}

TEST(Pause, NothingExpires) {
  Harness harness;
  EXPECT_EQ(harness.pipeline({"SET a 1 PX 10", "SET b 1 PX 10", "CLIENT PAUSE 5000 WRITE"}).size(), 3u);
  harness.advance_ms(20);
  harness.background();
  EXPECT_EQ(harness.events(), "");
  EXPECT_EQ(harness.run("GET a"), "nil");
  EXPECT_EQ(harness.run("SCAN 0"), "[\"0\", []]");
  EXPECT_NE(harness.run("RANDOMKEY"), "nil");
  EXPECT_EQ(harness.run("DBSIZE"), ":2");
  EXPECT_EQ(harness.session().statistics().expired_keys, 0u);
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.run("GET a"), "nil");
  harness.background();
  EXPECT_EQ(harness.session().statistics().expired_keys, 2u);
}

TEST(Pause, WhoGoesIsForgotten) {
  Harness harness;
  const size_t gone = harness.connect(), killed = harness.connect();
  const size_t ended = harness.connect(), late = harness.connect();
  EXPECT_EQ(harness.run("CLIENT PAUSE 1000 WRITE"), "+OK");
  for (const size_t client : {gone, killed, ended}) {
    EXPECT_TRUE(harness.pipeline({"SET k v", "SET k w"}, client).empty());
  }
  EXPECT_EQ(harness.session().blocked_clients(), 3u);
  harness.disconnect(gone);
  EXPECT_EQ(harness.run("CLIENT KILL ID " + std::to_string(harness.client(killed).id)), ":1");
  harness.session().input_ended(harness.client(ended).handle);
  harness.session().input_ended(harness.client(late).handle);
  EXPECT_EQ(harness.run("SET k x", late), "");
  EXPECT_FALSE(harness.connected(late));
  EXPECT_EQ(harness.session().blocked_clients(), 0u);
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(), "");
  EXPECT_EQ(harness.run("GET k"), "nil");
}

TEST(Pause, ReplyModesCountRequestsThatRan) {
  Harness harness;
  const size_t writer = harness.connect();
  EXPECT_EQ(harness.run("CLIENT PAUSE 1000 WRITE"), "+OK");
  EXPECT_TRUE(harness.pipeline({"CLIENT REPLY SKIP", "SET k v", "GET k"}, writer).empty());
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(writer), "\"v\"");
}

TEST(Pause, QuitAmongThePostponedDropsTheRest) {
  Harness harness;
  const size_t writer = harness.connect();
  EXPECT_EQ(harness.run("CLIENT PAUSE 1000 WRITE"), "+OK");
  EXPECT_TRUE(harness.pipeline({"SET k v", "QUIT", "SET k w"}, writer).empty());
  EXPECT_EQ(harness.run("CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(harness.later(writer), "+OK; +OK");
  EXPECT_FALSE(harness.connected(writer));
  EXPECT_EQ(harness.run("GET k"), "\"v\"");
}

}  // namespace
}  // namespace torc::cmd
