// Tests of src/cmd/zset*: replies as redis-server 7.2.6 gives them, events, and what replicas are told.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr std::string_view not_float = "-ERR value is not a valid float";
constexpr std::string_view not_integer = "-ERR value is not an integer or out of range";
constexpr std::string_view syntax = "-ERR syntax error";
constexpr std::string_view bad_range = "-ERR min or max is not a float";
constexpr std::string_view bad_lex_range = "-ERR min or max not valid string range item";

// Each test once with packed sets and once with objects.
class Zset : public testing::TestWithParam<bool> {
 protected:
  Zset() {
    if (GetParam()) return;
    harness.options().encodings.zset_listpack_entries = 0;
  }
  Harness harness;
};
INSTANTIATE_TEST_SUITE_P(Forms, Zset, testing::Bool(), [](const auto& form) {
  return std::string(form.param ? "Packed" : "Object");
});

TEST_P(Zset, ZaddAddsAndChanges) {
  harness.play({{"ZADD z 1 a 2 b", ":2", "new z; zadd z", "ZADD z 1 a 2 b"},
                {"ZADD z 1 a", ":0", "", ""},
                {"ZADD z 3 a 4 c", ":1", "zadd z", "ZADD z 3 a 4 c"},
                {"ZADD z CH 5 a 4 c 6 d", ":2", "zadd z", "ZADD z CH 5 a 4 c 6 d"},
                {"ZADD z NX 9 a 7 e", ":1", "zadd z", "ZADD z NX 9 a 7 e"},
                {"ZADD z XX CH 1 a 7 f", ":1", "zadd z", "ZADD z XX CH 1 a 7 f"},
                {"ZADD z GT CH 0 a 8 e 1 g", ":2", "zadd z", "ZADD z GT CH 0 a 8 e 1 g"},
                {"ZADD z LT XX CH 9 a 1 h", ":0", "", ""},
                {"ZADD none XX 1 a", ":0", "", ""},
                {"ZADD none XX INCR 1 a", "nil", "", ""},
                {"ZRANGE z 0 -1 WITHSCORES",
                 "[\"a\", \"1\", \"g\", \"1\", \"b\", \"2\", \"c\", \"4\", \"d\", \"6\", \"e\", \"8\"]", "", ""},
                {"OBJECT ENCODING z", GetParam() ? "\"listpack\"" : "\"skiplist\"", "", ""},
                {"TYPE z", "+zset", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 2u + 2 + 2 + 1 + 1 + 2);
}

TEST_P(Zset, ZaddIncr) {
  harness.play({{"ZADD z INCR 1.5 a", "\"1.5\"", "new z; zincr z", "ZADD z INCR 1.5 a"},
                {"ZADD z INCR 0 a", "\"1.5\"", "", ""},
                {"ZADD z NX INCR 1 a", "nil", "", ""},
                {"ZADD z GT INCR -1 a", "nil", "", ""},
                {"ZADD z XX INCR 1 b", "nil", "", ""},
                {"ZINCRBY z 2 a", "\"3.5\"", "zincr z", "ZINCRBY z 2 a"},
                {"ZINCRBY z inf a", "\"inf\"", "zincr z", "ZINCRBY z inf a"},
                {"ZINCRBY z -inf a", "-ERR resulting score is not a number (NaN)", "", ""},
                {"ZSCORE z a", "\"inf\"", "", ""},
                {"ZADD z INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair", "", ""}});
  harness.set_protocol(3);
  harness.play({{"ZINCRBY z -1 b", ",-1", "zincr z", "ZINCRBY z -1 b"},
                {"ZADD z NX INCR 1 b", "null", "", ""},
                {"ZSCORE z b", ",-1", "", ""},
                {"ZMSCORE z b none a", "[,-1, null, ,inf]", "", ""}});
}

TEST_P(Zset, ZaddErrorsChangeNothing) {
  harness.run("SET s x");
  harness.play({{"ZADD z 1", "-ERR wrong number of arguments for 'zadd' command", "", ""},
                {"ZADD z 1 a 2", syntax, "", ""},
                {"ZADD z NX CH", syntax, "", ""},
                {"ZADD z nan a", not_float, "", ""},
                {"ZADD z 1 a x b", not_float, "", ""},
                {"ZADD z \" 1\" a", not_float, "", ""},
                {"ZADD z 1e400 a", not_float, "", ""},
                {"ZADD z NX XX 1 a", "-ERR XX and NX options at the same time are not compatible", "", ""},
                {"ZADD z GT LT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible", "", ""},
                {"ZADD z NX GT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible", "", ""},
                {"ZADD s x a", not_float, "", ""},
                {"ZADD s 1 a", wrong_type, "", ""},
                {"ZINCRBY s 1 a", wrong_type, "", ""},
                {"ZINCRBY z x a", not_float, "", ""},
                {"EXISTS z", ":0", "keymiss z", ""}});
}

TEST_P(Zset, ScoresAreWrittenAsRedisWritesThem) {
  harness.run("ZADD z 1e17 a 0.1 b 3.0 c -0 d 17179869184.125 e 1e20 f 1e300 g 4611686018427387904 h 0x10 i");
  EXPECT_EQ(harness.run("ZMSCORE z a b c d e f g h i"),
            "[\"100000000000000000\", \"0.1\", \"3\", \"" + std::string(GetParam() ? "0" : "-0") +
                "\", \"17179869184.125\", \"1e+20\", \"1e+300\", \"4611686018427387904\", \"16\"]");
}

TEST_P(Zset, Zrem) {
  harness.run("ZADD z 1 a 2 b 3 c");
  harness.run("SET s x");
  harness.play({{"ZREM z a x a", ":1", "zrem z", "ZREM z a x a"},
                {"ZREM z x", ":0", "", ""},
                {"ZREM none x", ":0", "", ""},
                {"ZREM s x", wrong_type, "", ""},
                {"ZREM z b c d", ":2", "zrem z; del z", "ZREM z b c d"},
                {"EXISTS z", ":0", "keymiss z", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 3u + 1 + 1 + 2);
}

TEST_P(Zset, RemovingRanges) {
  harness.run("ZADD z 1 a 2 b 3 c 4 d 5 e 6 f");
  harness.run("ZADD l 0 a 0 b 0 c 0 d");
  harness.run("SET s x");
  harness.play({{"ZREMRANGEBYRANK z -1 -1", ":1", "zremrangebyrank z", "ZREMRANGEBYRANK z -1 -1"},
                {"ZREMRANGEBYRANK z 3 1", ":0", "", ""},
                {"ZREMRANGEBYRANK z 10 20", ":0", "", ""},
                {"ZREMRANGEBYRANK z -9223372036854775808 -9223372036854775808", ":0", "", ""},
                {"ZREMRANGEBYRANK z x 1", not_integer, "", ""},
                {"ZREMRANGEBYSCORE z (1 (3", ":1", "zremrangebyscore z", "ZREMRANGEBYSCORE z (1 (3"},
                {"ZREMRANGEBYSCORE z 7 8", ":0", "", ""},
                {"ZREMRANGEBYSCORE z x 8", bad_range, "", ""},
                {"ZRANGE z 0 -1", "[\"a\", \"c\", \"d\", \"e\"]", "", ""},
                {"ZREMRANGEBYSCORE z -inf +inf", ":4", "zremrangebyscore z; del z", "ZREMRANGEBYSCORE z -inf +inf"},
                {"ZREMRANGEBYLEX l [b (d", ":2", "zremrangebylex l", "ZREMRANGEBYLEX l [b (d"},
                {"ZREMRANGEBYLEX l b d", bad_lex_range, "", ""},
                {"ZREMRANGEBYLEX l - +", ":2", "zremrangebylex l; del l", "ZREMRANGEBYLEX l - +"},
                {"ZREMRANGEBYLEX l - +", ":0", "", ""},
                {"ZREMRANGEBYLEX s - +", wrong_type, "", ""}});
}

// Longer ranges of a large set are gone at once for whoever asks, though their members are freed later.
TEST_P(Zset, RemovingLongRanges) {
  constexpr int members = 6000;
  const auto add = [this](std::string_view key, int begin, int end) {
    for (int i = begin; i < end; ++i) {
      harness.run("ZADD " + std::string(key) + ' ' + std::to_string(i) + " m" + std::to_string(i));
    }
  };
  add("z", 0, members);
  harness.play({{"ZREMRANGEBYRANK z 1000 2999", ":2000", "zremrangebyrank z", "ZREMRANGEBYRANK z 1000 2999"},
                {"ZREMRANGEBYSCORE z (3999 (5000", ":1000", "zremrangebyscore z", "ZREMRANGEBYSCORE z (3999 (5000"},
                {"ZCARD z", ":3000", "", ""},
                {"ZRANK z m3000", ":1000", "", ""},
                {"ZRANK z m1000", "nil", "", ""},
                {"ZSCORE z m4999", "nil", "", ""},
                {"ZMSCORE z m999 m1000 m3999 m4000", "[\"999\", nil, \"3999\", nil]", "", ""},
                {"ZREM z m2000", ":0", "", ""},
                {"ZADD z XX 1 m2000", ":0", "", ""},
                {"ZADD z NX 2000 m2000", ":1", "zadd z", "ZADD z NX 2000 m2000"},
                {"ZINCRBY z 2500 m2500", "\"2500\"", "zincr z", "ZINCRBY z 2500 m2500"},
                {"ZADD z 1 m2500", ":0", "zadd z", "ZADD z 1 m2500"},
                {"ZREM z m2500 m2500", ":1", "zrem z", "ZREM z m2500 m2500"},
                {"ZADD z CH GT 2400 m2400", ":1", "zadd z", "ZADD z CH GT 2400 m2400"},
                {"ZRANGE z 999 1003", "[\"m999\", \"m2000\", \"m2400\", \"m3000\", \"m3001\"]", "", ""},
                {"ZUNIONSTORE u 1 z", ":3002", "new u; zunionstore u", "ZUNIONSTORE u 1 z"},
                {"ZINTERCARD 2 u z", ":3002", "", ""},
                {"COPY z c", ":1", "new c; copy_to c", "COPY z c"}});
  add("direct", 0, 1000);
  add("direct", 3000, 4000);
  add("direct", 5000, members);
  harness.run("ZADD direct 2000 m2000 2400 m2400");
  const std::string digest = harness.run("DEBUG DIGEST-VALUE direct");
  const std::string sorted = harness.run("SORT direct ALPHA");
  for (const char* key : {"z", "u", "c"}) {
    EXPECT_EQ(harness.run("DEBUG DIGEST-VALUE " + std::string(key)), digest);
    EXPECT_EQ(harness.run("SORT " + std::string(key) + " ALPHA"), sorted);
  }
  EXPECT_EQ(harness.run("ZSCAN z 0 COUNT 100000 MATCH m2???"),
            "[\"0\", [\"m2000\", \"2000\", \"m2400\", \"2400\"]]");
  EXPECT_EQ(harness.run("ZRANDMEMBER z 3001").find("\"m1500\""), std::string::npos);
  EXPECT_GE(harness.session().keyspace().reclaim_pending(), 1u);
  for (int i = 0; i < 1000; ++i) harness.background();
  EXPECT_EQ(harness.session().keyspace().reclaim_pending(), 0u);
  EXPECT_EQ(harness.run("DEBUG DIGEST-VALUE z"), digest);
  harness.play({{"ZREMRANGEBYRANK z 0 1000", ":1001", "zremrangebyrank z", "ZREMRANGEBYRANK z 0 1000"},
                {"ZPOPMAX z", "[\"m5999\", \"5999\"]", "zpopmax z", "ZPOPMAX z"},
                {"ZREMRANGEBYRANK z -1500 -1", ":1500", "zremrangebyrank z", "ZREMRANGEBYRANK z -1500 -1"},
                {"ZREMRANGEBYSCORE z -inf inf", ":500", "zremrangebyscore z; del z", "ZREMRANGEBYSCORE z -inf inf"},
                {"EXISTS z", ":0", "keymiss z", ""}});
}

TEST_P(Zset, Ranks) {
  harness.run("ZADD z 1 a 2.5 b 3 c");
  harness.run("SET s x");
  harness.play({{"ZRANK z a", ":0", "", ""},
                {"ZREVRANK z a", ":2", "", ""},
                {"ZRANK z b WITHSCORE", "[:1, \"2.5\"]", "", ""},
                {"ZRANK z x", "nil", "", ""},
                {"ZRANK z x withscore", "nil*", "", ""},
                {"ZRANK none x", "nil", "keymiss none", ""},
                {"ZRANK z b WITHSCORES", syntax, "", ""},
                {"ZRANK z b WITHSCORE x", "-ERR wrong number of arguments for 'zrank' command", "", ""},
                {"ZREVRANK s b", wrong_type, "", ""}});
  EXPECT_EQ(harness.raw("ZRANK z x"), "$-1\r\n");
  EXPECT_EQ(harness.raw("ZRANK z x WITHSCORE"), "*-1\r\n");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("ZREVRANK z b WITHSCORE"), "[:1, ,2.5]");
  EXPECT_EQ(harness.run("ZREVRANK z x WITHSCORE"), "null");
}

TEST_P(Zset, Counts) {
  harness.run("ZADD z 1 a 2 b 2 c 3 d");
  harness.run("ZADD l 0 a 0 b 0 c");
  harness.run("SET s x");
  harness.play({{"ZCARD z", ":4", "", ""},
                {"ZCARD none", ":0", "keymiss none", ""},
                {"ZCARD s", wrong_type, "", ""},
                {"ZCOUNT z 2 2", ":2", "", ""},
                {"ZCOUNT z (2 +inf", ":1", "", ""},
                {"ZCOUNT z 3 1", ":0", "", ""},
                {"ZCOUNT z (2 (2", ":0", "", ""},
                {"ZCOUNT z \"\" \" 2\"", ":3", "", ""},
                {"ZCOUNT z -1e400 1e400", ":4", "", ""},
                {"ZCOUNT z nan 1", bad_range, "", ""},
                {"ZCOUNT z 1x 1", bad_range, "", ""},
                {"ZCOUNT none 0 1", ":0", "keymiss none", ""},
                {"ZCOUNT s 0 1", wrong_type, "", ""},
                {"ZLEXCOUNT l - +", ":3", "", ""},
                {"ZLEXCOUNT l [b +", ":2", "", ""},
                {"ZLEXCOUNT l (a (c", ":1", "", ""},
                {"ZLEXCOUNT l + -", ":0", "", ""},
                {"ZLEXCOUNT l [ [zz", ":3", "", ""},
                {"ZLEXCOUNT l -x +", bad_lex_range, "", ""},
                {"ZLEXCOUNT l \"\" +", bad_lex_range, "", ""}});
}

TEST_P(Zset, ZrangeByRank) {
  harness.run("ZADD z 1 a 2 b 3 c");
  harness.run("SET s x");
  harness.play({{"ZRANGE z 0 -1", "[\"a\", \"b\", \"c\"]", "", ""},
                {"ZRANGE z -2 10 REV", "[\"b\", \"a\"]", "", ""},
                {"ZREVRANGE z 0 0 withscores", "[\"c\", \"3\"]", "", ""},
                {"ZRANGE z 5 10", "[]", "", ""},
                {"ZRANGE z 1 0", "[]", "", ""},
                {"ZRANGE z -9223372036854775808 9223372036854775807", "[\"a\", \"b\", \"c\"]", "", ""},
                {"ZRANGE none 0 -1", "[]", "keymiss none", ""},
                {"ZRANGE s 0 -1", wrong_type, "", ""},
                {"ZRANGE z 0 x", not_integer, "", ""},
                {"ZRANGE z 0 -1 LIMIT 0 -1", "[\"a\", \"b\", \"c\"]", "", ""},
                {"ZRANGE z 0 -1 LIMIT 0 1",
                 "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX", "", ""},
                {"ZRANGE z 0 -1 LIMIT 0", syntax, "", ""},
                {"ZRANGE z 0 -1 BYWHAT", syntax, "", ""},
                {"ZREVRANGE z 0 -1 REV", syntax, "", ""},
                {"ZRANGE z 0 -1 REV REV", syntax, "", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("ZRANGE z 0 1 WITHSCORES"), "[[\"a\", ,1], [\"b\", ,2]]");
  EXPECT_EQ(harness.run("ZRANGE z 0 1"), "[\"a\", \"b\"]");
}

TEST_P(Zset, ZrangeByScore) {
  harness.run("ZADD z 1 a 2 b 3 c 4 d");
  harness.play({{"ZRANGE z (1 3 BYSCORE", "[\"b\", \"c\"]", "", ""},
                {"ZRANGE z 3 (1 BYSCORE REV WITHSCORES", "[\"c\", \"3\", \"b\", \"2\"]", "", ""},
                {"ZRANGEBYSCORE z -inf +inf LIMIT 1 2", "[\"b\", \"c\"]", "", ""},
                {"ZREVRANGEBYSCORE z +inf -inf LIMIT 1 2", "[\"c\", \"b\"]", "", ""},
                {"ZRANGEBYSCORE z -inf +inf LIMIT 2 -5", "[\"c\", \"d\"]", "", ""},
                {"ZRANGEBYSCORE z -inf +inf LIMIT -1 2", "[]", "", ""},
                {"ZRANGEBYSCORE z -inf +inf LIMIT 4 2", "[]", "", ""},
                {"ZRANGEBYSCORE z -inf +inf LIMIT 0 0", "[]", "", ""},
                {"ZRANGEBYSCORE z -inf +inf LIMIT 9223372036854775807 9223372036854775807", "[]", "", ""},
                {"ZRANGEBYSCORE z 1 2 LIMIT x 1", not_integer, "", ""},
                {"ZRANGEBYSCORE z 1 2 REV", syntax, "", ""},
                {"ZRANGEBYSCORE z 1 x", bad_range, "", ""},
                {"ZREVRANGEBYSCORE z 3 2", "[\"c\", \"b\"]", "", ""}});
}

TEST_P(Zset, LimitsOfScoresFromBothEnds) {
  harness.run("ZADD z 1 a 2 b 2 c 3 d 4 e 5 f");
  const std::string up = "bcde", down = "edcb";
  for (int offset = 0; offset < 6; ++offset) {
    for (int count = -1; count < 6; ++count) {
      const std::string limit = " LIMIT " + std::to_string(offset) + " " + std::to_string(count);
      const auto part = [&](const std::string& members) {
        std::string text;
        for (size_t i = static_cast<size_t>(offset); i < members.size() && count != 0; ++i) {
          if (count > 0 && i >= static_cast<size_t>(offset + count)) break;
          text += (text.empty() ? "\"" : ", \"") + members.substr(i, 1) + "\"";
        }
        return "[" + text + "]";
      };
      EXPECT_EQ(harness.run("ZRANGEBYSCORE z 2 (5" + limit), part(up)) << limit;
      EXPECT_EQ(harness.run("ZREVRANGEBYSCORE z (5 2" + limit), part(down)) << limit;
      EXPECT_EQ(harness.run("ZRANGEBYSCORE z 6 (5" + limit), "[]") << limit;
      EXPECT_EQ(harness.run("ZREVRANGEBYSCORE z (5 6" + limit), "[]") << limit;
    }
  }
}

TEST_P(Zset, ZrangeByLex) {
  harness.run("ZADD z 0 a 0 aa 0 b 0 ab 0 \"\"");
  harness.play({{"ZRANGE z - + BYLEX", "[\"\", \"a\", \"aa\", \"ab\", \"b\"]", "", ""},
                {"ZRANGE z (b [aa BYLEX REV", "[\"ab\", \"aa\"]", "", ""},
                {"ZRANGEBYLEX z [aa + LIMIT 1 1", "[\"ab\"]", "", ""},
                {"ZREVRANGEBYLEX z + - LIMIT 1 2", "[\"ab\", \"aa\"]", "", ""},
                {"ZRANGE z - + BYLEX WITHSCORES",
                 "-ERR syntax error, WITHSCORES not supported in combination with BYLEX", "", ""},
                {"ZRANGEBYLEX z a b", bad_lex_range, "", ""}});
}

// What LIMIT leaves out is not looked at, as in Redis. (Of an object whose scores differ it is not said what comes.)
TEST(ZsetForms, LimitSkipsWhatIsOutOfOrder) {
  Harness harness;
  harness.run("ZADD mixed 1 a 2 z 3 b 4 y 5 c");
  harness.play({{"ZRANGEBYLEX mixed [a [c", R"(["a"])", "", ""},
                {"ZRANGEBYLEX mixed [a [c LIMIT 1 2", "[]", "", ""},
                {"ZRANGEBYLEX mixed [a [c LIMIT 2 1", R"(["b"])", "", ""},
                {"ZRANGEBYLEX mixed [a [c LIMIT 4 3", R"(["c"])", "", ""},
                {"ZRANGEBYLEX mixed [a [c LIMIT 5 3", "[]", "", ""},
                {"ZREVRANGEBYLEX mixed [c [a", R"(["c", "y", "b", "z", "a"])", "", ""},
                {"ZREVRANGEBYLEX mixed [c [a LIMIT 2 2", R"(["b", "z"])", "", ""},
                {"ZRANGESTORE to mixed [a [c BYLEX LIMIT 2 1", ":1", "new to; zrangestore to",
                 "ZRANGESTORE to mixed [a [c BYLEX LIMIT 2 1"},
                {"ZRANGE to 0 -1", R"(["b"])", "", ""}});
}

TEST_P(Zset, Zrangestore) {
  harness.run("ZADD z 1 a 2 b 3 c 4 d");
  harness.run("SET s x EX 100");
  harness.play({{"ZRANGESTORE d z 0 1", ":2", "new d; zrangestore d", "ZRANGESTORE d z 0 1"},
                {"ZRANGESTORE s z (2 inf BYSCORE LIMIT 1 5", ":1", "zrangestore s",
                 "ZRANGESTORE s z (2 inf BYSCORE LIMIT 1 5"},
                {"TTL s", ":-1", "", ""},
                {"ZRANGE s 0 -1 WITHSCORES", "[\"d\", \"4\"]", "", ""},
                {"ZRANGESTORE z z 0 1 REV", ":2", "zrangestore z", "ZRANGESTORE z z 0 1 REV"},
                {"ZRANGE z 0 -1 WITHSCORES", "[\"c\", \"3\", \"d\", \"4\"]", "", ""},
                {"ZRANGESTORE s none 0 -1", ":0", "keymiss none; del s", "ZRANGESTORE s none 0 -1"},
                {"ZRANGESTORE s none 0 -1", ":0", "keymiss none", ""},
                {"ZRANGESTORE s z 0 -1 WITHSCORES", syntax, "", ""},
                {"OBJECT ENCODING z", GetParam() ? "\"listpack\"" : "\"skiplist\"", "", ""}});
}

TEST_P(Zset, Pops) {
  harness.run("ZADD z 1 a 2 b 3 c 4 d 5 e 6 f");
  harness.run("SET s x");
  harness.play({{"ZPOPMIN z", "[\"a\", \"1\"]", "zpopmin z", "ZPOPMIN z"},
                {"ZPOPMAX z 2", "[\"f\", \"6\", \"e\", \"5\"]", "zpopmax z", "ZPOPMAX z 2"},
                {"ZPOPMIN z 0", "[]", "", ""},
                {"ZPOPMIN none", "[]", "", ""},
                {"ZPOPMIN z -1", "-ERR value is out of range, must be positive", "", ""},
                {"ZPOPMIN z x", "-ERR value is out of range, must be positive", "", ""},
                {"ZPOPMIN z 1 2", syntax, "", ""},
                {"ZPOPMIN s", wrong_type, "", ""},
                {"ZPOPMIN z 9223372036854775807", "[\"b\", \"2\", \"c\", \"3\", \"d\", \"4\"]", "zpopmin z; del z",
                 "ZPOPMIN z 9223372036854775807"}});
  EXPECT_EQ(harness.session().statistics().dirty, 6u + 1 + 1 + 2 + 3);
  harness.run("ZADD z 1 a 2 b 3 c");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("ZPOPMIN z"), "[\"a\", ,1]");
  EXPECT_EQ(harness.run("ZPOPMAX z 5"), "[[\"c\", ,3], [\"b\", ,2]]");
}

TEST_P(Zset, Zmpop) {
  harness.run("ZADD z 1 a 2 b 3 c");
  harness.run("SET s x");
  harness.play({{"ZMPOP 2 none z MIN", "[\"z\", [[\"a\", \"1\"]]]", "zpopmin z", "ZPOPMIN z 1"},
                {"ZMPOP 1 z max COUNT 10", "[\"z\", [[\"c\", \"3\"], [\"b\", \"2\"]]]", "zpopmax z; del z",
                 "ZPOPMAX z 2"},
                {"ZMPOP 1 z MIN", "nil*", "", ""},
                {"ZMPOP 0 z MIN", "-ERR numkeys should be greater than 0", "", ""},
                {"ZMPOP x z MIN", "-ERR numkeys should be greater than 0", "", ""},
                {"ZMPOP 1 z MID", syntax, "", ""},
                {"ZMPOP 2 z MIN", syntax, "", ""},
                {"ZMPOP 9223372036854775807 z MIN", syntax, "", ""},
                {"ZMPOP 1 z MIN COUNT", syntax, "", ""},
                {"ZMPOP 1 z MIN COUNT 0", "-ERR count should be greater than 0", "", ""},
                {"ZMPOP 1 z MIN COUNT 1 COUNT 1", syntax, "", ""},
                {"ZMPOP 1 z MIN COUNT 0 COUNT 1", "-ERR count should be greater than 0", "", ""},
                {"ZMPOP 2 s z MIN", wrong_type, "", ""}});
}

TEST_P(Zset, PopsThatWait) {
  const size_t waiter = harness.connect(), other = harness.connect();
  harness.run("ZADD z 1 a 2 b");
  harness.play({{"BZPOPMIN none z 0", "[\"z\", \"a\", \"1\"]", "zpopmin z", "ZPOPMIN z"},
                {"BZPOPMAX z 0", "[\"z\", \"b\", \"2\"]", "zpopmax z; del z", "ZPOPMAX z"},
                {"BZPOPMIN z x", "-ERR timeout is not a float or out of range", "", ""},
                {"BZPOPMIN z -1", "-ERR timeout is negative", "", ""}});
  EXPECT_EQ(harness.run("BZPOPMIN y z 0", waiter), "");
  EXPECT_EQ(harness.run("BZMPOP 0 1 z MAX COUNT 2", other), "");
  EXPECT_EQ(harness.run("ZADD z 1 a 2 b 3 c 4 d"), ":4");
  EXPECT_EQ(harness.propagated(), "ZADD z 1 a 2 b 3 c 4 d; ZPOPMIN z; ZPOPMAX z 2");
  EXPECT_EQ(harness.events(), "new z; zadd z; zpopmin z; zpopmax z");
  EXPECT_EQ(harness.later(waiter), "[\"z\", \"a\", \"1\"]");
  EXPECT_EQ(harness.later(other), "[\"z\", [[\"d\", \"4\"], [\"c\", \"3\"]]]");
}

TEST_P(Zset, PopsThatWaitInVain) {
  const size_t waiter = harness.connect();
  EXPECT_EQ(harness.run("BZPOPMIN z 1", waiter), "");
  EXPECT_EQ(harness.run("SET z x"), "+OK");
  EXPECT_EQ(harness.later(waiter), "");
  harness.advance_ms(1001);
  EXPECT_EQ(harness.later(waiter), "nil*");
  EXPECT_EQ(harness.run("BZPOPMIN z 1"), wrong_type);
  harness.run("MULTI");
  harness.run("BZPOPMIN none 0");
  harness.run("BZMPOP 0 1 none MIN");
  EXPECT_EQ(harness.run("EXEC"), "[nil*, nil*]");
}

TEST_P(Zset, Zrandmember) {
  harness.run("SET s x");
  for (int i = 0; i < 100; ++i) harness.run("ZADD z " + std::to_string(i) + " m" + std::to_string(i));
  EXPECT_EQ(harness.run("ZRANDMEMBER none"), "nil");
  EXPECT_EQ(harness.run("ZRANDMEMBER none 5"), "[]");
  EXPECT_EQ(harness.run("ZRANDMEMBER z 0"), "[]");
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(harness.run("ZRANDMEMBER z"));
  EXPECT_EQ(seen.size(), 100u);
  for (const int count : {1, 5, 40, 99, 100, 200}) {
    const std::string reply = harness.run("ZRANDMEMBER z " + std::to_string(count));
    std::set<std::string> members;
    size_t found = 0;
    for (size_t at = reply.find('m'); at != reply.npos; at = reply.find('m', at + 1), ++found) {
      members.insert(reply.substr(at, reply.find('"', at) - at));
    }
    EXPECT_EQ(found, static_cast<size_t>(std::min(count, 100)));
    EXPECT_EQ(members.size(), found);
  }
  const std::string repeating = harness.run("ZRANDMEMBER z -300");
  EXPECT_EQ(std::ranges::count(repeating, 'm'), 300);
}

TEST_P(Zset, ZrandmemberShapesAndErrors) {
  harness.run("ZADD z 1.5 a");
  harness.run("SET s x");
  harness.play({{"ZRANDMEMBER z -2", "[\"a\", \"a\"]", "", ""},
                {"ZRANDMEMBER z 5 WITHSCORES", "[\"a\", \"1.5\"]", "", ""},
                {"ZRANDMEMBER z -9223372036854775808",
                 "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807", "", ""},
                {"ZRANDMEMBER z -4000000000000", "-ERR value is out of range", "", ""},
                {"ZRANDMEMBER z -9223372036854775807 WITHSCORES", "-ERR value is out of range", "", ""},
                {"ZRANDMEMBER z 4611686018427387904 WITHSCORES", "-ERR value is out of range", "", ""},
                {"ZRANDMEMBER z 9223372036854775807", "[\"a\"]", "", ""},
                {"ZRANDMEMBER z x", not_integer, "", ""},
                {"ZRANDMEMBER z 1 WITHOUT", syntax, "", ""},
                {"ZRANDMEMBER z 1 WITHSCORES x", syntax, "", ""},
                {"ZRANDMEMBER s", wrong_type, "", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("ZRANDMEMBER z -2 WITHSCORES"), "[[\"a\", ,1.5], [\"a\", ,1.5]]");
  EXPECT_EQ(harness.run("ZRANDMEMBER z"), "\"a\"");
  EXPECT_EQ(harness.run("ZRANDMEMBER none"), "null");
}

TEST(ZsetForms, GrowAtTheThresholds) {
  Harness harness;
  harness.options().encodings.zset_listpack_entries = 2;
  harness.options().encodings.zset_listpack_value_bytes = 3;
  harness.play({{"ZADD z 1 a 2 b", ":2", "new z; zadd z", "ZADD z 1 a 2 b"},
                {"OBJECT ENCODING z", "\"listpack\"", "", ""},
                {"ZADD z 1 a 2 b 3 a", ":0", "zadd z", "ZADD z 1 a 2 b 3 a"},
                {"OBJECT ENCODING z", "\"skiplist\"", "", ""},
                {"ZADD y 1 abcd", ":1", "new y; zadd y", "ZADD y 1 abcd"},
                {"OBJECT ENCODING y", "\"skiplist\"", "", ""},
                {"ZADD x 1 abc", ":1", "new x; zadd x", "ZADD x 1 abc"},
                {"OBJECT ENCODING x", "\"listpack\"", "", ""},
                {"ZADD x XX 1 abcd", ":0", "", ""},
                {"OBJECT ENCODING x", "\"listpack\"", "", ""},
                {"ZADD x 1 abcd", ":1", "zadd x", "ZADD x 1 abcd"},
                {"OBJECT ENCODING x", "\"skiplist\"", "", ""},
                {"ZRANGESTORE y x 0 0", ":1", "zrangestore y", "ZRANGESTORE y x 0 0"},
                {"OBJECT ENCODING y", "\"listpack\"", "", ""}});
}

TEST_P(Zset, KeysAreMovedAndCopied) {
  harness.run("ZADD z 1 a 2 b");
  harness.play({{"COPY z y", ":1", "new y; copy_to y", "COPY z y"},
                {"RENAME z x", "+OK", "new x; rename_from z; rename_to x", "RENAME z x"},
                {"ZREM y a b", ":2", "zrem y; del y", "ZREM y a b"},
                {"ZRANGE x 0 -1", "[\"a\", \"b\"]", "", ""},
                {"SET x s", "+OK", "set x", "SET x s"}});
}

TEST_P(Zset, DebugLooksInside) {
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  harness.run("ZADD z 1 a 2.5 b 1e11 c");
  EXPECT_EQ(harness.run("DEBUG DIGEST-VALUE z"), "[+240b0c4b55c17c0c4998f2d03b38ce5009521563]");
  EXPECT_EQ(harness.run("DEBUG LISTPACK z"),
            GetParam() ? "+Listpack structure printed on stdout" : "-ERR Not a listpack encoded object.");
  const std::string table = harness.run("DEBUG HTSTATS-KEY z");
  EXPECT_EQ(table.find(" number of elements: 3") != table.npos, !GetParam()) << table;
  const std::string object = harness.run("DEBUG OBJECT z");
  const std::string_view bytes = GetParam() ? "serializedlength:34 " : "serializedlength:31 ";
  EXPECT_NE(object.find(bytes), object.npos) << object;
}

TEST_P(Zset, WatchedKeysFail) {
  harness.run("ZADD z 1 a");
  const size_t other = harness.connect();
  const auto fails = [&](std::string_view change) {
    harness.run("WATCH z");
    harness.run("MULTI");
    harness.run("PING");
    harness.run(change, other);
    return harness.run("EXEC") == "nil*";
  };
  EXPECT_TRUE(fails("ZADD z 2 a"));
  EXPECT_FALSE(fails("ZADD z 2 a"));
  EXPECT_TRUE(fails("ZADD z 3 b"));
  EXPECT_TRUE(fails("ZPOPMAX z"));
  EXPECT_FALSE(fails("ZREM z x"));
  EXPECT_TRUE(fails("ZREM z a"));
}

TEST(ZsetRangeStore, a_negative_zero_that_redis_would_pack_meanwhile_loses_its_sign) {
  Harness harness;
  harness.options().encodings.zset_listpack_entries = 2;
  harness.run("ZADD z -0 a -0 b -0 c");
  harness.run("ZRANGESTORE scores z -1 1 BYSCORE");
  EXPECT_EQ(harness.run("ZRANGE scores 0 -1 WITHSCORES"), R"(["a", "0", "b", "0", "c", "-0"])");
  harness.run("ZRANGESTORE members z - + BYLEX");
  EXPECT_EQ(harness.run("ZRANGE members 0 -1 WITHSCORES"), R"(["a", "0", "b", "0", "c", "-0"])");
  harness.run("ZRANGESTORE ranks z 0 -1");
  EXPECT_EQ(harness.run("ZRANGE ranks 0 -1 WITHSCORES"), R"(["a", "-0", "b", "-0", "c", "-0"])");
}

}  // namespace
}  // namespace torc::cmd
