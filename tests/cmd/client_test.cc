// CLIENT: LIST, KILL and the smaller ones. The texts of errors are redis-server's.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.h"
#include "session/client_listing.h"

namespace torc::cmd {
namespace {

size_t lines(const std::string& text) {
  size_t count = 0;
  for (size_t at = text.find("id="); at != text.npos; at = text.find("\\x0aid=", at + 1)) ++count;
  return count;
}

TEST(Client, LineHasAllFieldsInOrder) {
  Harness harness;
  harness.run("CLIENT SETNAME me");
  harness.run("CLIENT SETINFO LIB-NAME lib");
  harness.run("CLIENT SETINFO lib-ver 1.2");
  harness.run("SELECT 4");
  harness.advance_ms(3000);
  EXPECT_EQ(harness.run("CLIENT INFO").find("\"id=1 addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=-1 name=me age=3 "),
            0u);
  const std::string line = harness.run("CLIENT INFO");
  size_t at = 0;
  for (const char* field :
       {"id=", "addr=", "laddr=", "fd=", "name=", "age=", "idle=", "flags=N", "db=4", "sub=0", "psub=0", "ssub=0",
        "multi=-1", "qbuf=26", "qbuf-free=", "argv-mem=", "multi-mem=0", "rbs=", "rbp=", "obl=", "oll=0", "omem=0",
        "tot-mem=", "events=r", "cmd=client|info", "user=default", "redir=-1", "resp=2", "lib-name=lib",
        "lib-ver=1.2"}) {
    at = line.find(field, at);
    ASSERT_NE(at, line.npos) << field << " in " << line;
  }
}

TEST(Client, AnUnknownCommandIsNoLastCommand) {
  Harness harness;
  const size_t other = harness.connect();
  for (const char* unknown : {"NOSUCH", "CLIENT NOSUCH"}) {
    harness.run("PING", other);
    EXPECT_NE(harness.run("CLIENT LIST ID 2").find(" cmd=ping "), std::string::npos);
    harness.run(unknown, other);
    EXPECT_NE(harness.run("CLIENT LIST ID 2").find(" cmd=NULL "), std::string::npos) << unknown;
  }
}

TEST(Client, IsInItsTransactionUntilExecIsDone) {
  Harness harness;
  const auto replies = harness.pipeline({"MULTI", "PING", "CLIENT INFO", "EXEC", "CLIENT INFO"});
  EXPECT_NE(replies[3].find(" flags=x "), std::string::npos) << replies[3];
  EXPECT_NE(replies[3].find(" multi=2 "), std::string::npos) << replies[3];
  EXPECT_NE(replies[4].find(" flags=N "), std::string::npos) << replies[4];
  EXPECT_NE(replies[4].find(" multi=-1 "), std::string::npos) << replies[4];
}

TEST(Client, ListsByTypeAndById) {
  Harness harness;
  const size_t second = harness.connect();
  EXPECT_EQ(lines(harness.run("CLIENT LIST")), 2u);
  EXPECT_EQ(lines(harness.run("CLIENT LIST TYPE Normal")), 2u);
  harness.client(second).type = session::ClientType::pubsub;
  EXPECT_EQ(lines(harness.run("CLIENT LIST TYPE normal")), 1u);
  EXPECT_EQ(harness.run("CLIENT LIST TYPE pubsub").find("\"id=2 "), 0u);
  EXPECT_EQ(lines(harness.run("CLIENT LIST")), 2u);
  EXPECT_EQ(lines(harness.run("CLIENT LIST ID 2 1 7")), 2u);
  harness.play({
      {"CLIENT LIST TYPE replica", "\"\"", "", ""},
      {"CLIENT LIST TYPE master", "\"\"", "", ""},
      {"CLIENT LIST TYPE slave", "\"\"", "", ""},
      {"CLIENT LIST TYPE nope", "-ERR Unknown client type 'nope'", "", ""},
      {"CLIENT LIST TYPE", "-ERR syntax error", "", ""},
      {"CLIENT LIST ID", "-ERR syntax error", "", ""},
      {"CLIENT LIST ID x", "-ERR Invalid client ID", "", ""},
      {"CLIENT LIST ID 5", "\"\"", "", ""},
      {"CLIENT LIST foo", "-ERR syntax error", "", ""},
  });
}

// Above a number of clients a list is written in slices: only who asked waits.
TEST(Client, ListsManyInSlices) {
  Harness harness;
  constexpr size_t clients = 3 * session::ClientListings::at_once_max;
  for (size_t i = 1; i < clients; ++i) harness.connect();
  EXPECT_TRUE(harness.pipeline({"CLIENT LIST", "PING"}).empty());
  EXPECT_EQ(harness.run("PING", 1), "+PONG");
  EXPECT_EQ(harness.run("CLIENT LIST", 2), "");  // shares the text
  EXPECT_EQ(harness.run("CLIENT LIST TYPE pubsub", 4), "");
  EXPECT_EQ(harness.later(1), "");
  harness.disconnect(clients - 1);  // before its turn
  EXPECT_EQ(harness.run("CLIENT LIST", 3), "");  // comes too late for the first list
  harness.set_protocol(3, 3);
  std::string first, second, third, fourth;
  for (int tick = 0; tick < 20; ++tick) {
    first += harness.later();
    second += harness.later(2);
    third += harness.later(3);
    fourth += harness.later(4);
  }
  EXPECT_EQ(lines(first), clients - 1);
  EXPECT_TRUE(first.ends_with("+PONG"));
  EXPECT_EQ(first.substr(0, second.size()), second);
  EXPECT_EQ(third.substr(0, 8), "=txt:id=") << third.substr(0, 20);
  EXPECT_EQ(lines(third), clients - 1);
  EXPECT_EQ(fourth, "\"\"");
  EXPECT_EQ(harness.run("PING"), "+PONG");
  // Where nothing may wait it comes at once, and nowhere if nobody listens.
  EXPECT_EQ(lines(harness.pipeline({"MULTI", "CLIENT LIST", "EXEC"}).back()), clients - 1);
  EXPECT_EQ(harness.pipeline({"CLIENT REPLY OFF", "CLIENT LIST", "CLIENT REPLY ON", "PING"}).back(), "+PONG");
}

TEST(Client, SilenceBeginsAndEndsWithinATransaction) {
  using Replies = std::vector<std::string>;
  Harness harness;
  // EXEC's own reply began before; Redis leaves it without its elements, too.
  for (const char* line : {"MULTI", "CLIENT REPLY OFF", "ECHO a"}) harness.run(line);
  EXPECT_EQ(harness.raw("EXEC"), "*2\r\n");
  EXPECT_EQ(harness.raw("ECHO b"), "");
  EXPECT_EQ(harness.pipeline({"CLIENT REPLY ON", "ECHO c"}), (Replies{"+OK", "\"c\""}));
  EXPECT_EQ(harness.pipeline({"CLIENT REPLY OFF", "MULTI", "ECHO a", "CLIENT REPLY ON", "ECHO b", "EXEC"}),
            (Replies{"+OK", "\"b\""}));
  // SKIP is for the request behind the transaction, whatever follows it there.
  for (const char* line : {"MULTI", "CLIENT REPLY SKIP", "CLIENT REPLY ON"}) harness.run(line);
  EXPECT_EQ(harness.raw("EXEC"), "*2\r\n+OK\r\n");
  EXPECT_EQ(harness.raw("ECHO c"), "");
  EXPECT_EQ(harness.raw("ECHO d"), "$1\r\nd\r\n");
}

TEST(Client, ResetEndsSilenceForItsOwnReply) {
  using Replies = std::vector<std::string>;
  Harness harness;
  EXPECT_EQ(harness.pipeline({"CLIENT REPLY OFF", "PING", "RESET", "PING"}), (Replies{"+RESET", "+PONG"}));
  EXPECT_EQ(harness.pipeline({"CLIENT REPLY SKIP", "RESET", "PING"}), (Replies{"+PONG"}));
}

TEST(Client, ListIsForNobodyWhenTheAskerGoes) {
  Harness harness;
  for (size_t i = 0; i < 2 * session::ClientListings::at_once_max; ++i) harness.connect();
  EXPECT_TRUE(harness.pipeline({"CLIENT LIST", "SET k v"}, 1).empty());
  harness.disconnect(1);
  for (int tick = 0; tick < 10; ++tick) harness.later();
  EXPECT_EQ(harness.run("GET k"), "nil");
}

TEST(Client, KillsByAllFilters) {
  Harness harness;
  const size_t a = harness.connect(), b = harness.connect(), c = harness.connect();
  harness.play({
      {"CLIENT KILL", "-ERR wrong number of arguments for 'client|kill' command", "", ""},
      {"CLIENT KILL 1.2.3.4:5", "-ERR No such client", "", ""},
      {"CLIENT KILL ID 10 wrong", "-ERR syntax error", "", ""},
      {"CLIENT KILL ID x", "-ERR client-id should be greater than 0", "", ""},
      {"CLIENT KILL ID 0", "-ERR client-id should be greater than 0", "", ""},
      {"CLIENT KILL TYPE wrong", "-ERR Unknown client type 'wrong'", "", ""},
      {"CLIENT KILL USER wrong", "-ERR No such user 'wrong'", "", ""},
      {"CLIENT KILL SKIPME maybe", "-ERR syntax error", "", ""},
      {"CLIENT KILL MAXAGE 5", "-ERR syntax error", "", ""},
      {"CLIENT KILL ADDR 127.0.0.1:50002 ID 2", ":0", "", ""},
      {"CLIENT KILL ADDR 127.0.0.1:50001 LADDR 127.0.0.1:6379 USER default TYPE normal", ":1", "", ""},
      {"CLIENT KILL 127.0.0.1:50002", "+OK", "", ""},
      {"CLIENT KILL ID 1", ":0", "", ""},
  });
  EXPECT_FALSE(harness.connected(a));
  EXPECT_FALSE(harness.connected(b));
  EXPECT_TRUE(harness.connected(c));
  EXPECT_EQ(harness.run("CLIENT KILL SKIPME no"), ":2");
  EXPECT_FALSE(harness.connected(0));
  EXPECT_FALSE(harness.connected(c));
}

TEST(Client, TellsThatNothingIsTracked) {
  Harness harness;
  EXPECT_EQ(harness.run("CLIENT GETREDIR"), ":-1");
  EXPECT_EQ(harness.run("CLIENT TRACKINGINFO"), "[\"flags\", [\"off\"], \"redirect\", :-1, \"prefixes\", []]");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("CLIENT TRACKINGINFO"), "{\"flags\": ~[\"off\"], \"redirect\": :-1, \"prefixes\": []}");
}

TEST(Client, HelpBeginsAsAllHelpDoes) {
  Harness harness;
  EXPECT_TRUE(harness.run("CLIENT HELP").starts_with(
      "[+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:, "));
}

// Whoever may be closed for its output is judged by the class it belongs to.
TEST(Client, OutputLimitsAreThoseOfItsType) {
  Harness harness;
  const size_t subscriber = harness.connect();
  harness.client(subscriber).type = session::ClientType::pubsub;
  harness.options().output_limits[2] = {.hard_bytes = 50'000};
  const std::string big(100'000, 'x');
  EXPECT_EQ(harness.run({"ECHO", big}), "\"" + big + "\"");
  EXPECT_EQ(harness.run({"ECHO", big}, subscriber), "");
  EXPECT_FALSE(harness.connected(subscriber));
  EXPECT_TRUE(harness.connected(0));
}

}  // namespace
}  // namespace torc::cmd
