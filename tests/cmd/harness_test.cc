// The harness itself: what it shows of replies and effects must be what happened.
#include "harness.h"

#include <gtest/gtest.h>

namespace torc::cmd {
namespace {

TEST(Render, ShowsEveryTypeOfReply) {
  const auto rendered = render_replies(
      "+OK\r\n-ERR no\r\n:-5\r\n$2\r\na\n\r\n$-1\r\n*-1\r\n_\r\n*2\r\n:1\r\n*0\r\n%1\r\n+k\r\n,1.5\r\n~1\r\n#t\r\n"
      ">1\r\n(123\r\n=7\r\ntxt:abc\r\n");
  const std::vector<std::string> expected{"+OK",  "-ERR no",  ":-5",        "\"a\\x0a\"", "nil",     "nil*",
                                          "null", "[:1, []]", "{+k: ,1.5}", "~[#t]",      ">[(123]", "=txt:abc"};
  EXPECT_EQ(rendered, expected);
}

TEST(Harness, RunsSeveralClientsAndPipelines) {
  Harness harness;
  const size_t other = harness.connect();
  EXPECT_EQ(harness.pipeline({"SET k 'a b'", "GET k", "NOSUCH"}),
            (std::vector<std::string>{"+OK", "\"a b\"", "-ERR unknown command 'NOSUCH', with args beginning with: "}));
  EXPECT_EQ(harness.run("GET k", other), "\"a b\"");
  EXPECT_EQ(harness.raw({"GET", "k"}), "$3\r\na b\r\n");
  harness.set_protocol(3, other);
  EXPECT_EQ(harness.raw("GET missing", other), "_\r\n");
  EXPECT_EQ(harness.raw("GET missing"), "$-1\r\n");
}

TEST(Harness, TimeStandsStillUntilItIsMoved) {
  Harness harness;
  EXPECT_EQ(harness.now_ms(), Harness::start_ms);
  harness.run("SET k v PX 10");
  harness.advance_ms(11);
  harness.background();
  EXPECT_EQ(harness.events(), "expired k");
  EXPECT_EQ(harness.propagated(), "DEL k");
}

TEST(Harness, ClosesClients) {
  Harness harness;
  const size_t other = harness.connect();
  EXPECT_EQ(harness.run("QUIT", other), "+OK");
  EXPECT_FALSE(harness.connected(other));
  EXPECT_TRUE(harness.connected(0));
}

}  // namespace
}  // namespace torc::cmd
