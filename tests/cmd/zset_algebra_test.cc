// Tests of src/cmd/zset_algebra.cc and ZSCAN: replies as redis-server 7.2.6 gives them.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr std::string_view syntax = "-ERR syntax error";

class ZsetAlgebra : public testing::TestWithParam<bool> {
 protected:
  ZsetAlgebra() {
    if (!GetParam()) {
      harness.options().encodings.zset_listpack_entries = 0;
      harness.options().encodings.set_listpack_entries = 0;
      harness.options().encodings.set_intset_entries = 0;
    }
    harness.run("ZADD a 1 x 2 y 3 z");
    harness.run("ZADD b 10 y 20 z 30 w");
    harness.run("SADD s y w 7");
    harness.run("SET text x");
  }
  Harness harness;
};
INSTANTIATE_TEST_SUITE_P(Forms, ZsetAlgebra, testing::Bool(), [](const auto& form) {
  return std::string(form.param ? "Packed" : "Object");
});

TEST_P(ZsetAlgebra, Union) {
  harness.play({{"ZUNION 2 a b WITHSCORES",
                 "[\"x\", \"1\", \"y\", \"12\", \"z\", \"23\", \"w\", \"30\"]", "", ""},
                {"ZUNION 2 a b WEIGHTS 2 -1 AGGREGATE MIN WITHSCORES",
                 "[\"w\", \"-30\", \"z\", \"-20\", \"y\", \"-10\", \"x\", \"2\"]", "", ""},
                {"ZUNION 2 a b AGGREGATE max", "[\"x\", \"y\", \"z\", \"w\"]", "", ""},
                {"ZUNION 2 a s WITHSCORES",
                 "[\"7\", \"1\", \"w\", \"1\", \"x\", \"1\", \"y\", \"3\", \"z\", \"3\"]", "", ""},
                {"ZUNION 2 a none", "[\"x\", \"y\", \"z\"]", "keymiss none", ""},
                {"ZUNION 1 none", "[]", "keymiss none", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("ZUNION 1 a WITHSCORES"), "[[\"x\", ,1], [\"y\", ,2], [\"z\", ,3]]");
}

TEST_P(ZsetAlgebra, Intersection) {
  harness.play({{"ZINTER 2 a b WITHSCORES", "[\"y\", \"12\", \"z\", \"23\"]", "", ""},
                {"ZINTER 2 a a WITHSCORES", "[\"x\", \"2\", \"y\", \"4\", \"z\", \"6\"]", "", ""},
                {"ZINTER 3 a b s WITHSCORES", "[\"y\", \"13\"]", "", ""},
                {"ZINTER 2 a none", "[]", "keymiss none", ""},
                {"ZINTER 2 a b WEIGHTS 0 0.5 AGGREGATE MAX WITHSCORES", "[\"y\", \"5\", \"z\", \"10\"]", "", ""},
                {"ZINTERCARD 2 a b", ":2", "", ""},
                {"ZINTERCARD 2 a b LIMIT 1", ":1", "", ""},
                {"ZINTERCARD 2 a b LIMIT 0", ":2", "", ""},
                {"ZINTERCARD 2 a b LIMIT 9223372036854775807", ":2", "", ""},
                {"ZINTERCARD 2 a b LIMIT -1", "-ERR LIMIT can't be negative", "", ""},
                {"ZINTERCARD 2 a b LIMIT x", "-ERR LIMIT can't be negative", "", ""},
                {"ZINTERCARD 2 a b WITHSCORES", syntax, "", ""}});
}

TEST_P(ZsetAlgebra, Difference) {
  harness.play({{"ZDIFF 2 a b WITHSCORES", "[\"x\", \"1\"]", "", ""},
                {"ZDIFF 2 b s", "[\"z\"]", "", ""},
                {"ZDIFF 2 s a WITHSCORES", "[\"7\", \"1\", \"w\", \"1\"]", "", ""},
                {"ZDIFF 3 a none b", "[\"x\"]", "keymiss none", ""},
                {"ZDIFF 2 a a", "[]", "", ""},
                {"ZDIFF 1 none", "[]", "keymiss none", ""},
                {"ZDIFF 2 a b WEIGHTS 1 1", syntax, "", ""},
                {"ZDIFF 2 a b AGGREGATE SUM", syntax, "", ""}});
  // Many small sets to subtract from a large one: the other algorithm.
  for (int i = 0; i < 50; ++i) harness.run("ZADD large " + std::to_string(i) + " " + std::to_string(i));
  for (int i = 0; i < 49; ++i) {
    harness.run("ZADD small" + std::to_string(i % 6) + " 1 " + std::to_string(i));
  }
  EXPECT_EQ(harness.run("ZDIFF 7 large small0 small1 small2 small3 small4 small5"), "[\"49\"]");
}

TEST_P(ZsetAlgebra, InfinitiesAreNeverNoNumber) {
  harness.run("ZADD p inf m");
  harness.run("ZADD n -inf m");
  harness.play({{"ZUNION 2 p n WITHSCORES", "[\"m\", \"0\"]", "", ""},
                {"ZINTER 2 p n WITHSCORES", "[\"m\", \"0\"]", "", ""},
                {"ZUNION 1 p WEIGHTS 0 WITHSCORES", "[\"m\", \"0\"]", "", ""},
                {"ZUNION 2 p n WEIGHTS inf -inf WITHSCORES", "[\"m\", \"inf\"]", "", ""},
                {"ZINTER 2 p n WEIGHTS 1 0 AGGREGATE MIN WITHSCORES", "[\"m\", \"inf\"]", "", ""}});
}

TEST_P(ZsetAlgebra, Stored) {
  const std::string form = GetParam() ? "\"listpack\"" : "\"skiplist\"";
  harness.run("SET d x EX 100");
  harness.play({{"ZUNIONSTORE d 2 a b", ":4", "zunionstore d", "ZUNIONSTORE d 2 a b"},
                {"TTL d", ":-1", "", ""},
                {"OBJECT ENCODING d", form, "", ""},
                {"ZINTERSTORE e 2 a b WEIGHTS 1 2", ":2", "new e; zinterstore e", "ZINTERSTORE e 2 a b WEIGHTS 1 2"},
                {"ZRANGE e 0 -1 WITHSCORES", "[\"y\", \"22\", \"z\", \"43\"]", "", ""},
                {"ZDIFFSTORE a 2 a b", ":1", "zdiffstore a", "ZDIFFSTORE a 2 a b"},
                {"ZRANGE a 0 -1", "[\"x\"]", "", ""},
                {"ZINTERSTORE d 2 a b", ":0", "del d", "ZINTERSTORE d 2 a b"},
                {"ZINTERSTORE d 2 a b", ":0", "", ""},
                {"ZUNIONSTORE d 2 a b WITHSCORES", syntax, "", ""},
                {"ZUNIONSTORE d 2 a text", wrong_type, "", ""},
                {"EXISTS d", ":0", "keymiss d", ""}});
}

TEST_P(ZsetAlgebra, StoredTakesTheFormThatFits) {
  harness.options().encodings.zset_listpack_entries = 3;
  harness.options().encodings.zset_listpack_value_bytes = 2;
  harness.play({{"ZUNIONSTORE d 2 a b", ":4", "new d; zunionstore d", "ZUNIONSTORE d 2 a b"},
                {"OBJECT ENCODING d", "\"skiplist\"", "", ""},
                {"ZUNIONSTORE d 1 a", ":3", "zunionstore d", "ZUNIONSTORE d 1 a"},
                {"OBJECT ENCODING d", "\"listpack\"", "", ""}});
  harness.run("ZADD a 1 long");
  harness.run("ZREM a x");
  harness.run("ZUNIONSTORE d 1 a");
  EXPECT_EQ(harness.run("OBJECT ENCODING d"), "\"skiplist\"");
}

TEST_P(ZsetAlgebra, Errors) {
  harness.play({{"ZUNION 0 a", "-ERR at least 1 input key is needed for 'zunion' command", "", ""},
                {"ZINTERSTORE d -5 a", "-ERR at least 1 input key is needed for 'zinterstore' command", "", ""},
                {"ZUNION x a", "-ERR value is not an integer or out of range", "", ""},
                {"ZUNION 3 a b", syntax, "", ""},
                {"ZUNION 9223372036854775807 a", syntax, "", ""},
                {"ZUNION 2 a b WEIGHTS 1", syntax, "", ""},
                {"ZUNION 2 a b WEIGHTS 1 x", "-ERR weight value is not a float", "", ""},
                {"ZUNION 2 a b WEIGHTS 1 nan", "-ERR weight value is not a float", "", ""},
                {"ZUNION 2 a b AGGREGATE avg", syntax, "", ""},
                {"ZUNION 2 a b AGGREGATE", syntax, "", ""},
                {"ZUNION 2 a text NONSENSE", wrong_type, "", ""},
                {"ZUNION 2 a b LIMIT 1", syntax, "", ""}});
}

TEST_P(ZsetAlgebra, ZscanVisitsAll) {
  for (int i = 0; i < 500; ++i) harness.run("ZADD big " + std::to_string(i) + ".1 m" + std::to_string(i));
  std::string cursor = "0";
  std::set<std::string> seen;
  int calls = 0;
  do {
    const std::string reply = harness.run("ZSCAN big " + cursor + " COUNT 20");
    cursor = reply.substr(2, reply.find('"', 2) - 2);
    for (size_t at = reply.find("\"m"); at != reply.npos; at = reply.find("\"m", at + 1)) {
      seen.insert(reply.substr(at, reply.find('"', at + 1) - at));
    }
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 500u);
  EXPECT_GT(calls, 10);  // more than 128 members are not packed
}

TEST_P(ZsetAlgebra, Zscan) {
  const std::string score = GetParam() ? "0.1" : "0.10000000000000001";
  harness.run("DEL a");
  harness.run("ZADD a 0.1 x -0 12");
  EXPECT_EQ(harness.run("ZSCAN a 0 MATCH x"), "[\"0\", [\"x\", \"" + score + "\"]]");
  harness.play({{"ZSCAN a 0 MATCH y COUNT 5", "[\"0\", []]", "", ""},
                {"ZSCAN none 0", "[\"0\", []]", "keymiss none", ""},
                {"ZSCAN text 0", wrong_type, "", ""},
                {"ZSCAN a x", "-ERR invalid cursor", "", ""},
                {"ZSCAN a 0 COUNT 0", syntax, "", ""},
                {"ZSCAN a 0 COUNT x", "-ERR value is not an integer or out of range", "", ""},
                {"ZSCAN a 0 NOVALUES", syntax, "", ""},
                {"ZSCAN a 0 TYPE zset", syntax, "", ""}});
}

}  // namespace
}  // namespace torc::cmd
