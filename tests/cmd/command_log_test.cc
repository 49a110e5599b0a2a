// SLOWLOG and COMMANDLOG. Time stands still but for DEBUG SLEEP, so durations are exact.
#include <gtest/gtest.h>

#include "harness.h"
#include "stats/call_recorder.h"
#include "stats/command_log_family.h"

namespace torc::cmd {
namespace {

struct CommandLogTest : testing::Test {
  CommandLogTest() {
    harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
    harness.session().registry().add(stats::command_log_rows(), &recorder);
    settings = recorder.settings();
    set("slowlog-log-slower-than", "100000");
  }
  void set(std::string_view name, std::string_view value) {
    for (base::Setting& setting : settings) {
      if (setting.name != name && setting.alias != name) continue;
      ASSERT_TRUE(setting.set(value));
      ASSERT_TRUE(setting.apply());
      return;
    }
    FAIL() << name;
  }
  std::string len(std::string_view kind) { return harness.run({"COMMANDLOG", "LEN", std::string(kind)}); }

  Harness harness;
  stats::CallRecorder recorder{&harness.session()};
  base::Settings settings;
};

TEST_F(CommandLogTest, KeepsWhatReachesTheThreshold) {
  EXPECT_EQ(harness.run("SLOWLOG LEN"), ":0");
  harness.run("DEBUG SLEEP 0.099999");
  EXPECT_EQ(harness.run("SLOWLOG LEN"), ":0");
  harness.run("CLIENT SETNAME foobar");
  harness.run("debug sleep 0.1");
  EXPECT_EQ(harness.run("SLOWLOG LEN"), ":1");
  EXPECT_EQ(harness.run("SLOWLOG GET"), "[[:0, :" + std::to_string(harness.now_ms() / 1000) +
                                            ", :100000, [\"debug\", \"sleep\", \"0.1\"], \"127.0.0.1:50000\", "
                                            "\"foobar\"]]");
  EXPECT_EQ(harness.run("COMMANDLOG GET -1 slow"), harness.run("SLOWLOG GET -1"));
  EXPECT_EQ(harness.run("SLOWLOG RESET"), "+OK");
  EXPECT_EQ(harness.run("SLOWLOG GET"), "[]");
  harness.run("DEBUG SLEEP 0.2");
  EXPECT_TRUE(harness.run("SLOWLOG GET").starts_with("[[:1, "));  // ids go on
}

TEST_F(CommandLogTest, IsAsLongAsItMay) {
  set("slowlog-log-slower-than", "0");
  set("slowlog-max-len", "10");
  for (int i = 0; i < 20; ++i) harness.run("PING");
  EXPECT_EQ(harness.run("SLOWLOG LEN"), ":10");
  set("commandlog-slow-execution-max-len", "3");
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().size(), 3u);
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().front().id, 20u);
  set("slowlog-max-len", "0");
  harness.run("PING");
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().size(), 0u);
  set("slowlog-max-len", "10");
  set("slowlog-log-slower-than", "-1");
  harness.run("DEBUG SLEEP 1");
  EXPECT_EQ(harness.run("SLOWLOG LEN"), ":0");
}

TEST_F(CommandLogTest, CountsAreChecked) {
  set("slowlog-log-slower-than", "0");
  for (int i = 0; i < 15; ++i) harness.run("PING");
  set("slowlog-log-slower-than", "-1");
  const auto entries = [this](std::string_view line) {
    const std::string reply = harness.run(line);
    size_t count = 0;
    for (size_t at = reply.find("\"PING\""); at != reply.npos; at = reply.find("\"PING\"", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(entries("SLOWLOG GET"), 10u);
  EXPECT_EQ(entries("SLOWLOG GET 5"), 5u);
  EXPECT_EQ(entries("SLOWLOG GET 0"), 0u);
  EXPECT_EQ(entries("SLOWLOG GET -1"), 15u);
  EXPECT_EQ(entries("COMMANDLOG GET 20 SLOW"), 15u);
  const std::string error = "-ERR count should be greater than or equal to -1";
  EXPECT_EQ(harness.run("SLOWLOG GET -2"), error);
  EXPECT_EQ(harness.run("SLOWLOG GET x"), error);
  EXPECT_EQ(harness.run("COMMANDLOG GET -2 slow"), error);
  EXPECT_EQ(harness.run("COMMANDLOG GET 1 foo"),
            "-ERR type should be one of the following: slow, large-request, large-reply");
  EXPECT_EQ(harness.run("COMMANDLOG LEN foo"), harness.run("COMMANDLOG RESET foo"));
  EXPECT_EQ(harness.run("SLOWLOG GET 1 2"),
            "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.");
  EXPECT_EQ(harness.run("COMMANDLOG GET 1"), "-ERR wrong number of arguments for 'commandlog|get' command");
  EXPECT_TRUE(harness.run("SLOWLOG HELP").starts_with("[+SLOWLOG <subcommand>"));
  EXPECT_TRUE(harness.run("COMMANDLOG HELP").starts_with("[+COMMANDLOG <subcommand>"));
}

TEST_F(CommandLogTest, ArgumentsAreShortened) {
  set("slowlog-log-slower-than", "0");
  Harness::Arguments many = {"DEL"};
  for (int i = 2; i <= 33; ++i) many.push_back(std::to_string(i));
  harness.run(many);
  const auto& arguments = recorder.log(stats::LogKind::slow).entries().front().arguments;
  ASSERT_EQ(arguments.size(), 32u);
  EXPECT_EQ(arguments[30], "31");
  EXPECT_EQ(arguments[31], "... (2 more arguments)");
  many.pop_back();
  harness.run(many);
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().front().arguments.back(), "32");
  harness.run({"SET", "foo", std::string(129, 'A')});
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().front().arguments.back(),
            std::string(128, 'A') + "... (1 more bytes)");
  harness.run({"SET", "foo", std::string(128, 'A')});
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().front().arguments.back(), std::string(128, 'A'));
}

TEST_F(CommandLogTest, TransactionsAreLoggedByTheirCommands) {
  harness.run("MULTI");
  harness.run("DEBUG SLEEP 0.2");
  harness.run("SET a b");
  harness.run("EXEC");
  ASSERT_EQ(harness.run("SLOWLOG LEN"), ":1");
  EXPECT_EQ(recorder.log(stats::LogKind::slow).entries().front().arguments,
            (std::vector<std::string>{"DEBUG", "SLEEP", "0.2"}));
}

TEST_F(CommandLogTest, SecretsAreNotLogged) {
  set("slowlog-log-slower-than", "0");
  const auto last = [this] { return recorder.log(stats::LogKind::slow).entries().front().arguments; };
  harness.run("AUTH secret");
  EXPECT_EQ(last(), (std::vector<std::string>{"AUTH", "(redacted)"}));
  harness.run("AUTH default secret");
  EXPECT_EQ(last(), (std::vector<std::string>{"AUTH", "(redacted)", "(redacted)"}));
  harness.run("HELLO 3 SETNAME x AUTH default secret");
  EXPECT_EQ(last(), (std::vector<std::string>{"HELLO", "3", "SETNAME", "x", "AUTH", "(redacted)", "(redacted)"}));
}

TEST_F(CommandLogTest, LargeRequestsAndReplies) {
  set("commandlog-request-larger-than", "1024");
  set("commandlog-reply-larger-than", "1024");
  harness.run("PING");
  EXPECT_EQ(len("large-request"), ":0");
  harness.run({"SET", "testkey", std::string(1024, 'A')});
  EXPECT_EQ(len("large-request"), ":1");
  EXPECT_EQ(len("large-reply"), ":0");
  harness.run("GET testkey");
  EXPECT_EQ(len("large-reply"), ":1");
  EXPECT_EQ(len("slow"), ":0");
  EXPECT_EQ(recorder.log(stats::LogKind::large_request).entries().front().value, 1024u + 35u);
  EXPECT_EQ(recorder.log(stats::LogKind::large_reply).entries().front().value, 1024u + 9u);
  harness.run("COMMANDLOG RESET large-reply");
  EXPECT_EQ(len("large-reply"), ":0");
  EXPECT_EQ(len("large-request"), ":1");
}

// A queued command's size is that of its own request, its reply its own part of EXEC's.
TEST_F(CommandLogTest, LargeThingsWithinATransaction) {
  set("commandlog-request-larger-than", "1024");
  set("commandlog-reply-larger-than", "1024");
  harness.run("MULTI");
  harness.run({"SET", "k", std::string(2000, 'A')});
  harness.run("PING");
  harness.run("GET k");
  harness.run("EXEC");
  EXPECT_EQ(len("large-request"), ":1");
  EXPECT_EQ(len("large-reply"), ":1");
  EXPECT_EQ(recorder.log(stats::LogKind::large_reply).entries().front().arguments.front(), "GET");
}

// Whose wait ends within a transaction that nobody hears of: the sizes of its replies stay what they are.
TEST_F(CommandLogTest, ASilentTransactionThatEndsTheWaitingOfAnother) {
  const size_t waiter = harness.connect();
  EXPECT_EQ(harness.run("BLPOP k 0", waiter), "");
  const std::string unblock = "CLIENT UNBLOCK " + std::to_string(harness.client(waiter).id);
  set("commandlog-reply-larger-than", "1");
  harness.pipeline({"CLIENT REPLY OFF", "MULTI", "PING", "PING", unblock, "PING", "EXEC", "CLIENT REPLY ON"});
  EXPECT_EQ(harness.later(waiter), "nil*");
  const auto& entries = recorder.log(stats::LogKind::large_reply).entries();
  ASSERT_EQ(entries.size(), 6u);
  for (const auto& entry : entries) EXPECT_LT(entry.value, 100u) << entry.arguments.front();
}

TEST_F(CommandLogTest, AllLengthsMayBeZero) {
  for (const char* name : {"slowlog-max-len", "commandlog-large-request-max-len", "commandlog-large-reply-max-len"}) {
    set(name, "0");
  }
  for (const char* name :
       {"slowlog-log-slower-than", "commandlog-request-larger-than", "commandlog-reply-larger-than"}) {
    set(name, "0");
  }
  harness.run("PING");
  for (const char* kind : {"slow", "large-request", "large-reply"}) EXPECT_EQ(len(kind), ":0");
}

}  // namespace
}  // namespace torc::cmd
