// MONITOR: who is told what, in which order, and how it ends.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* stamp = "+1700000000.000000 ";

TEST(Monitor, TellsWhatOthersDo) {
  Harness harness;
  const size_t first = harness.connect(), second = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", first), "+OK");
  EXPECT_EQ(harness.run("MONITOR", first), "");
  EXPECT_EQ(harness.run("SET k \"a\\x00\\\"\\n\\xff\""), "+OK");
  EXPECT_EQ(harness.run("MONITOR", second), "+OK");
  EXPECT_EQ(harness.run("Get k"), "\"a\\x00\"\\x0a\\xff\"");
  EXPECT_EQ(harness.run("SELECT 3"), "+OK");
  const std::string get = std::string(stamp) + "[0 127.0.0.1:50000] \"Get\" \"k\"";
  const std::string select = std::string(stamp) + "[3 127.0.0.1:50000] \"SELECT\" \"3\"";
  EXPECT_EQ(harness.later(first),
            std::string(stamp) + "[0 127.0.0.1:50000] \"SET\" \"k\" \"a\\x00\\\"\\n\\xff\"; " + get + "; " + select);
  EXPECT_EQ(harness.later(second), get + "; " + select);
}

TEST(Monitor, SaysNothingOfAdministrationNorOfSecrets) {
  Harness harness;
  const size_t monitor = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", monitor), "+OK");
  harness.run("CLIENT LIST");
  harness.run("CLIENT KILL ID 1000");
  harness.run("NOPE");
  harness.run("GET");
  EXPECT_EQ(harness.later(monitor), "");
  harness.run("AUTH secret");
  harness.run("AUTH me secret");
  harness.run("HELLO 3 AUTH me secret");
  const std::string told = harness.later(monitor);
  EXPECT_EQ(told.find("secret"), told.npos);
  EXPECT_NE(told.find("\"AUTH\" \"(redacted)\"; "), told.npos);
  EXPECT_NE(told.find("\"AUTH\" \"(redacted)\" \"(redacted)\"; "), told.npos);
  EXPECT_NE(told.find("\"HELLO\" \"3\" \"AUTH\" \"(redacted)\" \"(redacted)\""), told.npos);
}

TEST(Monitor, KeepsTheOrderOfTransactions) {
  Harness harness;
  const size_t monitor = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", monitor), "+OK");
  const std::string head = std::string(stamp) + "[0 127.0.0.1:50000] ";
  EXPECT_EQ(harness.pipeline({"MULTI", "SET k v", "EXEC"}).back(), "[+OK]");
  EXPECT_EQ(harness.later(monitor), head + "\"MULTI\"; " + head + "\"SET\" \"k\" \"v\"; " + head + "\"EXEC\"");
  EXPECT_EQ(harness.pipeline({"MULTI", "NOPE", "EXEC"}).size(), 3u);
  EXPECT_EQ(harness.later(monitor), head + "\"MULTI\"; " + head + "\"EXEC\"");
  EXPECT_EQ(harness.pipeline({"MULTI", "EXEC x"}).size(), 2u);
  EXPECT_EQ(harness.later(monitor), head + "\"MULTI\"; " + head + "\"exec\"");
}

TEST(Monitor, HearsItselfBetweenItsReplies) {
  Harness harness;
  EXPECT_EQ(harness.run("MONITOR"), "+OK");
  const std::string head = std::string(stamp) + "[0 127.0.0.1:50000] ";
  EXPECT_EQ(harness.run("ECHO a"), "\"a\"; " + head + "\"ECHO\" \"a\"");
  const auto replies = harness.pipeline({"ECHO a", "ECHO b"});
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies[1], head + "\"ECHO\" \"a\"");
  EXPECT_EQ(replies[2], "\"b\"");
  const auto transaction = harness.pipeline({"MULTI", "ECHO a", "EXEC"});
  EXPECT_EQ(transaction[3], "[\"a\"]");
  EXPECT_NE(harness.run("CLIENT INFO").find(" flags=O "), std::string::npos);
}

TEST(Monitor, MayNotTouchTheDataNorIsPaused) {
  Harness harness;
  const size_t other = harness.connect();
  EXPECT_EQ(harness.run("MONITOR"), "+OK");
  EXPECT_EQ(harness.run("GET k"), "-ERR Replica can't interact with the keyspace");
  EXPECT_EQ(harness.run("SET k v"), "-ERR Replica can't interact with the keyspace");
  EXPECT_EQ(harness.run("CLIENT PAUSE 100", other), "+OK");
  EXPECT_EQ(harness.run("CLIENT ID"), ":1; +1700000000.000000 [0 127.0.0.1:50000] \"CLIENT\" \"ID\"");
}

TEST(Monitor, EndsWithResetOrTheConnection) {
  Harness harness;
  const size_t first = harness.connect(), second = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", first), "+OK");
  EXPECT_EQ(harness.run("MONITOR", second), "+OK");
  EXPECT_EQ(harness.run("RESET", first), "+RESET");
  EXPECT_NE(harness.later(second).find("\"RESET\""), std::string::npos);
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_EQ(harness.later(first), "");
  EXPECT_EQ(harness.run("GET k", first), "nil");
  harness.disconnect(second);
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_EQ(harness.pipeline({"MULTI", "MONITOR", "EXEC"}).back(),
            "[-ERR MONITOR isn't allowed for DENY BLOCKING client]");
}

TEST(Monitor, GetsNothingWhileItWantsNoReplies) {
  Harness harness;
  const size_t monitor = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", monitor), "+OK");
  EXPECT_EQ(harness.run("CLIENT REPLY OFF", monitor), "");
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_EQ(harness.later(monitor), "");
}

TEST(Monitor, IsClosedWhenItsOutputPassesTheLimit) {
  Harness harness;
  const size_t monitor = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", monitor), "+OK");
  harness.options().output_limits[0].hard_bytes = 1 << 20;
  const std::string big(100'000, 'x');
  EXPECT_EQ(harness.run({"ECHO", big}), "\"" + big + "\"");
  EXPECT_TRUE(harness.connected(monitor));
  harness.client(monitor).output_pending_bytes = 1 << 20;  // as if it did not read
  EXPECT_EQ(harness.run("PING"), "+PONG");
  EXPECT_FALSE(harness.connected(monitor));
  EXPECT_EQ(harness.session().statistics().output_limit_disconnections, 1u);
}

// The value of the first pair is freed by the second, before the line is written.
TEST(Monitor, ShowsValuesThatAreGone) {
  Harness harness;
  const size_t monitor = harness.connect();
  EXPECT_EQ(harness.run("MONITOR", monitor), "+OK");
  const std::string a(100'000, 'a'), b(100'000, 'b');
  EXPECT_EQ(harness.run({"MSET", "k", a, "k", b}), "+OK");
  EXPECT_EQ(harness.later(monitor),
            std::string(stamp) + "[0 127.0.0.1:50000] \"MSET\" \"k\" \"" + a + "\" \"k\" \"" + b + "\"");
}

}  // namespace
}  // namespace torc::cmd
