// Looking ahead must never show: pipelines of any length, at any distance, in one database or across SELECT, answer as
// if the commands came one by one.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "harness.h"

namespace torc::cmd {
namespace {

TEST(Lookahead, PipelinesOfAnyLengthAtAnyDistanceRunInOrder) {
  for (const int64_t distance : {0, 1, 2, 3, 7, 16, 31}) {
    Harness harness;
    harness.options().lookahead_distance = distance;
    int64_t expected = 0;
    for (size_t length = 1; length <= 40; ++length) {
      const std::vector<std::string> replies = harness.pipeline(std::vector<std::string>(length, "INCR counter"));
      ASSERT_EQ(replies.size(), length) << "distance " << distance;
      for (const std::string& reply : replies) ASSERT_EQ(reply, ":" + std::to_string(++expected));
    }
  }
}

TEST(Lookahead, TheDistanceMayChangeBetweenPipelines) {
  Harness harness;
  int64_t expected = 0;
  for (const int64_t distance : {31, 0, 16, 1, 31, 2, 0, 0, 5}) {
    harness.options().lookahead_distance = distance;
    for (const std::string& reply : harness.pipeline(std::vector<std::string>(23, "INCR counter"))) {
      ASSERT_EQ(reply, ":" + std::to_string(++expected)) << "distance " << distance;
    }
  }
}

TEST(Lookahead, WhatRunsBeforeMayChangeWhatWasLookedAt) {
  Harness harness;
  const std::vector<std::string> lines = {"SET a 1", "SELECT 1", "GET a", "SET a 2", "DEL a",    "GET a", "SELECT 0",
                                          "GET a",   "FLUSHALL", "GET a",  "SET a 3", "RENAME a b", "GET a", "GET b"};
  const std::vector<std::string> expected = {"+OK", "+OK", "nil", "+OK", ":1",  "nil", "+OK",
                                             "\"1\"", "+OK", "nil", "+OK", "+OK", "nil", "\"3\""};
  EXPECT_EQ(harness.pipeline(lines), expected);
}

TEST(Lookahead, UnknownAndKeylessCommandsStandInTheWindowToo) {
  Harness harness;
  const std::vector<std::string> replies =
      harness.pipeline({"PING", "GET", "nonsense", "SET a 1", "PING", "GET a", "OBJECT nonsense", "GET a"});
  ASSERT_EQ(replies.size(), 8u);
  EXPECT_EQ(replies[0], "+PONG");
  EXPECT_TRUE(replies[1].starts_with("-ERR wrong number"));
  EXPECT_TRUE(replies[2].starts_with("-ERR unknown command"));
  EXPECT_EQ(replies[5], "\"1\"");
  EXPECT_EQ(replies[7], "\"1\"");
}

// A key that repeats is hashed once; one that only looks alike is another, and so is what stands in its place.
TEST(Lookahead, KeysThatRepeatAndKeysThatOnlyLookAlike) {
  Harness harness;
  harness.pipeline({"SET aa 1", "SET aa 2", "SET ba 3", "SET aa 4", "SET ab 5", "SET a 6"});
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"aa", "\"4\""}, {"ba", "\"3\""}, {"ab", "\"5\""}, {"a", "\"6\""}};
  for (const auto& [key, value] : expected) EXPECT_EQ(harness.run("GET " + key), value);  // each hashed for itself
  EXPECT_EQ(harness.pipeline({"GET aa", "GET ba", "OBJECT ENCODING aa", "GET aa", "GET a"}),
            (std::vector<std::string>{"\"4\"", "\"3\"", "\"int\"", "\"4\"", "\"6\""}));
  EXPECT_EQ(harness.pipeline({"SADD s a", "SADD s b", "SADD s a", "DEL s", "SADD s a", "SELECT 1", "SADD s a",
                              "SADD s a", "SCARD s"}),
            (std::vector<std::string>{":1", ":1", ":0", ":1", ":1", "+OK", ":1", ":0", ":1"}));
}

}  // namespace
}  // namespace torc::cmd
