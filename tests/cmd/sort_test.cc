// Tests of src/cmd/sort.cc: SORT and SORT_RO. Replies, events and propagated form as redis-server 7.2.6 gives them.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(Sort, numbers_texts_and_directions) {
  Harness harness;
  harness.run("RPUSH l 3 10 1 2.5");
  EXPECT_EQ(harness.run("SORT l"), "[\"1\", \"2.5\", \"3\", \"10\"]");
  EXPECT_EQ(harness.run("SORT l DESC"), "[\"10\", \"3\", \"2.5\", \"1\"]");
  EXPECT_EQ(harness.run("SORT l ALPHA"), "[\"1\", \"10\", \"2.5\", \"3\"]");
  EXPECT_EQ(harness.run("SORT l LIMIT 1 2"), "[\"2.5\", \"3\"]");
  EXPECT_EQ(harness.run("SORT l LIMIT -5 2"), "[\"1\", \"2.5\"]");
  EXPECT_EQ(harness.run("SORT l LIMIT 3 9223372036854775807"), "[\"10\"]");
  EXPECT_EQ(harness.run("SORT l LIMIT 9223372036854775807 1"), "[]");
  EXPECT_EQ(harness.run("SORT l LIMIT 0 -9223372036854775808"), "[\"1\", \"2.5\", \"3\", \"10\"]");
  EXPECT_EQ(harness.run("SORT missing"), "[]");
  harness.run("RPUSH l x");
  EXPECT_EQ(harness.run("SORT l"), "-ERR One or more scores can't be converted into double");
  EXPECT_EQ(harness.run("SORT_RO l BY nosort DESC LIMIT 0 2"), "[\"x\", \"2.5\"]");
}

TEST(Sort, by_and_get) {
  Harness harness;
  harness.run("SADD s a b c");
  harness.run("MSET w_a 3 w_b 1 w_c 2 x_b found");
  harness.run("HSET h_a f 1");
  harness.run("HSET h_b f 3");
  EXPECT_EQ(harness.run("SORT s BY w_*"), "[\"b\", \"c\", \"a\"]");
  EXPECT_EQ(harness.run("SORT s BY w_* DESC GET # GET x_*"), "[\"a\", nil, \"c\", nil, \"b\", \"found\"]");
  EXPECT_EQ(harness.run("SORT s BY h_*->f GET h_*->f"), "[nil, \"1\", \"3\"]");
  EXPECT_EQ(harness.run("SORT s BY h_*->f ALPHA"), "[\"c\", \"a\", \"b\"]");
  EXPECT_EQ(harness.run("SORT s ALPHA GET nothing LIMIT 0 1"), "[nil]");
}

TEST(Sort, sorted_sets_without_sorting_keep_their_order) {
  Harness harness;
  harness.run("ZADD z 1 a 2 b 3 c 4 d");
  EXPECT_EQ(harness.run("SORT z BY nosort"), "[\"a\", \"b\", \"c\", \"d\"]");
  EXPECT_EQ(harness.run("SORT z BY nosort DESC LIMIT 1 2"), "[\"c\", \"b\"]");
  EXPECT_EQ(harness.run("SORT z ALPHA DESC LIMIT 0 1"), "[\"d\"]");
}

TEST(Sort, store) {
  Harness harness;
  harness.run("SADD s 2 1 3");
  harness.run("SET to x EX 100");
  harness.play({{"SORT s STORE to", ":3", "sortstore to", "SORT s STORE to"},
                {"LRANGE to 0 -1", "[\"1\", \"2\", \"3\"]", "", ""},
                {"TTL to", ":-1", "", ""},
                {"SORT s BY nosort DESC STORE fresh", ":3", "new fresh; sortstore fresh",
                 "SORT s BY nosort DESC STORE fresh"},
                {"LRANGE fresh 0 -1", "[\"3\", \"2\", \"1\"]", "", ""},
                {"SORT s GET none_* STORE to", ":3", "keymiss none_1; keymiss none_2; keymiss none_3; sortstore to",
                 "SORT s GET none_* STORE to"},
                {"LRANGE to 0 -1", "[\"\", \"\", \"\"]", "", ""},
                {"SORT missing STORE to", ":0", "keymiss missing; del to", "SORT missing STORE to"},
                {"SORT missing STORE to", ":0", "keymiss missing", ""}});
}

TEST(Sort, an_overdue_destination_is_deleted_when_there_is_nothing_to_store) {
  Harness harness;
  harness.run("DEBUG SET-ACTIVE-EXPIRE 0");
  harness.run("SET to x PX 10");
  harness.advance_ms(100);
  harness.play({{"SORT missing STORE to", ":0", "keymiss missing; del to", "SORT missing STORE to"}});
  EXPECT_EQ(harness.session().statistics().expired_keys, 0u);
  EXPECT_EQ(harness.session().statistics().dirty, 2u);
}

TEST(Sort, a_nul_ends_a_pattern) {
  Harness harness;
  harness.run("RPUSH l 2 1");
  harness.run({"SET", std::string("h_1->\0f", 7), "found"});
  harness.run({"SET", std::string("w_1\0->f", 7), "later"});
  EXPECT_EQ(harness.run({"SORT", "l", "GET", std::string("#\0abc", 5)}), "[\"1\", \"2\"]");
  EXPECT_EQ(harness.run({"SORT", "l", "GET", std::string("h_*->\0f", 7)}), "[\"found\", nil]");
  EXPECT_EQ(harness.run({"SORT", "l", "GET", std::string("w_*\0->f", 7)}), "[\"later\", nil]");
  EXPECT_EQ(harness.run({"SORT", "l", "GET", std::string("w_\0*", 4)}), "[nil, nil]");
  EXPECT_EQ(harness.run({"SORT", "l", "BY", std::string("none\0*", 6)}), "[\"2\", \"1\"]");
}

TEST(Sort, what_weighs_the_same_stays_in_its_order) {
  Harness harness;
  std::string all;
  for (int i = 0; i < 60; ++i) {
    const std::string element = "e" + std::to_string(i);
    harness.run("RPUSH l " + element);
    harness.run("SET same_" + element + " 7");
    all += (i == 0 ? "[\"" : ", \"") + element + "\"";
  }
  all += "]";
  constexpr std::string_view first_three = R"(["e0", "e1", "e2"])";
  EXPECT_EQ(harness.run("SORT l BY nokey_* ALPHA"), all);
  EXPECT_EQ(harness.run("SORT l BY nokey_* ALPHA DESC"), all);
  EXPECT_EQ(harness.run("SORT l BY same_* ALPHA"), all);
  EXPECT_EQ(harness.run("SORT l BY same_* ALPHA DESC LIMIT 0 3"), first_three);
  EXPECT_EQ(harness.run("SORT l BY nokey_* ALPHA LIMIT 0 3"), first_three);
  harness.run("SORT l BY nokey_* ALPHA STORE to");
  EXPECT_EQ(harness.run("LRANGE to 0 -1"), all);
}

// Large strings are looked at where they are, with no NUL behind them.
TEST(Sort, large_weights) {
  Harness harness;
  harness.run("RPUSH l a b c d");
  const std::string long_tail(3000, 'x'), zeros(3000, '0');
  harness.run({"SET", "w_a", long_tail + "b"});
  harness.run({"SET", "w_b", long_tail});
  harness.run({"SET", "w_c", long_tail + std::string("\0z", 2)});
  harness.run({"SET", "w_d", long_tail + "a"});
  EXPECT_EQ(harness.run("SORT l BY w_* ALPHA"), R"(["b", "c", "d", "a"])");
  EXPECT_EQ(harness.run("SORT l BY w_* ALPHA STORE to"), ":4");
  EXPECT_EQ(harness.run("LRANGE to 0 -1"), R"(["b", "c", "d", "a"])");
  EXPECT_EQ(harness.run("SORT l BY w_* ALPHA LIMIT 0 1 GET w_*"), "[\"" + long_tail + "\"]");
  EXPECT_EQ(harness.run("SORT l BY w_* ALPHA LIMIT 0 1 GET w_* STORE to"), ":1");
  EXPECT_EQ(harness.run("LRANGE to 0 -1"), "[\"" + long_tail + "\"]");
  EXPECT_EQ(harness.run("SORT l BY w_*"), "-ERR One or more scores can't be converted into double");
  harness.run({"SET", "w_a", zeros + "3"});
  harness.run({"SET", "w_b", zeros + "1.5"});
  harness.run({"SET", "w_c", zeros + std::string("2\0junk", 6)});
  harness.run({"SET", "w_d", "-" + zeros + "1e3"});
  EXPECT_EQ(harness.run("SORT l BY w_*"), R"(["d", "b", "c", "a"])");
  harness.run({"SET", "w_c", zeros + std::string("2e\0", 3)});
  EXPECT_EQ(harness.run("SORT l BY w_*"), "-ERR One or more scores can't be converted into double");
}

TEST(Sort, bad_input) {
  Harness harness;
  harness.run("SET text x");
  harness.run("HSET hash f v");
  EXPECT_EQ(harness.run("SORT text"), wrong_type);
  EXPECT_EQ(harness.run("SORT hash BY nosort"), wrong_type);
  EXPECT_EQ(harness.run("SORT l LIMIT 1"), "-ERR syntax error");
  EXPECT_EQ(harness.run("SORT l LIMIT a 1"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(harness.run("SORT l BY"), "-ERR syntax error");
  EXPECT_EQ(harness.run("SORT l STORE"), "-ERR syntax error");
  EXPECT_EQ(harness.run("SORT_RO l STORE x"), "-ERR syntax error");
  EXPECT_EQ(harness.run("COMMAND GETKEYS SORT l BY store GET store STORE a STORE b"), "[\"l\", \"b\"]");
  EXPECT_EQ(harness.run("COMMAND GETKEYS SORT_RO l BY x"), "[\"l\"]");
}

}  // namespace
}  // namespace torc::cmd
