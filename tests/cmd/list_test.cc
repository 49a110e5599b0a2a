// Lists: replies, errors, events, what is propagated, encodings.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(List, PushAndPop) {
  Harness harness;
  harness.play({
      {"RPUSH l a b", ":2", "new l; rpush l", "RPUSH l a b"},
      {"LPUSH l c d", ":4", "lpush l", "LPUSH l c d"},
      {"LRANGE l 0 -1", "[\"d\", \"c\", \"a\", \"b\"]", "", ""},
      {"LLEN l", ":4", "", ""},
      {"LPOP l", "\"d\"", "lpop l", "LPOP l"},
      {"RPOP l", "\"b\"", "rpop l", "RPOP l"},
      {"RPOP l 0", "[]", "", ""},
      {"RPOP l 9", "[\"a\", \"c\"]", "rpop l; del l", "RPOP l 9"},
      {"EXISTS l", ":0", "keymiss l", ""},
      {"LPUSHX l a", ":0", "", ""},
      {"RPUSHX l a", ":0", "", ""},
      {"RPUSH l 1", ":1", "new l; rpush l", "RPUSH l 1"},
      {"LPUSHX l 2 3", ":3", "lpush l", "LPUSHX l 2 3"},
      {"RPUSHX l 4", ":4", "rpush l", "RPUSHX l 4"},
      {"LPOP l 2", "[\"3\", \"2\"]", "lpop l", "LPOP l 2"},
      {"LPOP l", "\"1\"", "lpop l", "LPOP l"},
      {"LPOP l", "\"4\"", "lpop l; del l", "LPOP l"},
      {"LPOP l", "nil", "", ""},
      {"LPOP l 0", "nil*", "", ""},
      {"RPOP l 2", "nil*", "", ""},
  });
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("LPOP l"), "null");
  EXPECT_EQ(harness.run("LPOP l 3"), "null");
}

TEST(List, PopErrors) {
  Harness harness;
  harness.run("RPUSH l a");
  harness.play({
      {"LPOP l -1", "-ERR value is out of range, must be positive", "", ""},
      {"RPOP l x", "-ERR value is out of range, must be positive", "", ""},
      {"RPOP l 9223372036854775808", "-ERR value is out of range, must be positive", "", ""},
      {"LPOP l 1 2", "-ERR wrong number of arguments for 'lpop' command", "", ""},
      {"RPOP l 1 2", "-ERR wrong number of arguments for 'rpop' command", "", ""},
      {"LPOP l 9223372036854775807", "[\"a\"]", "lpop l; del l", "LPOP l 9223372036854775807"},
  });
}

TEST(List, OtherTypes) {
  Harness harness;
  harness.run("SET s v");
  harness.run("RPUSH l a");
  for (const char* const command :
       {"LPUSH s a", "RPUSH s a", "LPUSHX s a", "RPUSHX s a", "LPOP s", "RPOP s", "LPOP s 1", "LLEN s", "LINDEX s 0",
        "LINDEX s x", "LSET s 0 a", "LSET s x a", "LRANGE s 0 1", "LTRIM s 0 1", "LREM s 0 a", "LPOS s a",
        "LINSERT s BEFORE a b", "LMOVE s l LEFT LEFT", "LMOVE l s LEFT LEFT", "RPOPLPUSH s l", "RPOPLPUSH l s",
        "LMPOP 1 s LEFT", "LMPOP 2 s l LEFT", "BLPOP s 0", "BRPOP s l 0", "BLMOVE s l LEFT LEFT 0",
        "BLMOVE l s LEFT LEFT 0", "BRPOPLPUSH s l 0", "BRPOPLPUSH l s 0", "BLMPOP 0 1 s LEFT"}) {
    EXPECT_EQ(harness.run(command), wrong_type) << command;
    EXPECT_EQ(harness.events(), "") << command;
    EXPECT_EQ(harness.propagated(), "") << command;
  }
  EXPECT_EQ(harness.run("GET l"), wrong_type);
  EXPECT_EQ(harness.run("LRANGE l 0 -1"), "[\"a\"]");
  EXPECT_EQ(harness.run("TYPE l"), "+list");
}

TEST(List, Index) {
  Harness harness;
  harness.run("RPUSH l a b c");
  harness.play({
      {"LINDEX l 0", "\"a\"", "", ""},
      {"LINDEX l -1", "\"c\"", "", ""},
      {"LINDEX l 2", "\"c\"", "", ""},
      {"LINDEX l 3", "nil", "", ""},
      {"LINDEX l -4", "nil", "", ""},
      {"LINDEX l 9223372036854775807", "nil", "", ""},
      {"LINDEX l -9223372036854775808", "nil", "", ""},
      {"LINDEX l x", "-ERR value is not an integer or out of range", "", ""},
      {"LINDEX none x", "nil", "keymiss none", ""},
      {"LSET l 1 B", "+OK", "lset l", "LSET l 1 B"},
      {"LSET l -1 C", "+OK", "lset l", "LSET l -1 C"},
      {"LSET l 3 x", "-ERR index out of range", "", ""},
      {"LSET l -4 x", "-ERR index out of range", "", ""},
      {"LSET l 4294967296 x", "-ERR index out of range", "", ""},
      {"LSET l -4294967295 x", "-ERR index out of range", "", ""},
      {"LSET l 9223372036854775807 x", "-ERR index out of range", "", ""},
      {"LSET l -9223372036854775808 x", "-ERR index out of range", "", ""},
      {"LSET l x x", "-ERR value is not an integer or out of range", "", ""},
      {"LSET none x x", "-ERR no such key", "", ""},
      {"LRANGE l 0 -1", "[\"a\", \"B\", \"C\"]", "", ""},
  });
}

TEST(List, Range) {
  Harness harness;
  harness.run("RPUSH l a b c d");
  harness.play({
      {"LRANGE l 1 2", "[\"b\", \"c\"]", "", ""},
      {"LRANGE l -2 -1", "[\"c\", \"d\"]", "", ""},
      {"LRANGE l -9223372036854775808 9223372036854775807", "[\"a\", \"b\", \"c\", \"d\"]", "", ""},
      {"LRANGE l 9223372036854775807 -9223372036854775808", "[]", "", ""},
      {"LRANGE l 3 2", "[]", "", ""},
      {"LRANGE l 4 9", "[]", "", ""},
      {"LRANGE l x 9", "-ERR value is not an integer or out of range", "", ""},
      {"LRANGE l 0 x", "-ERR value is not an integer or out of range", "", ""},
      {"LRANGE none x 0", "-ERR value is not an integer or out of range", "", ""},
      {"LRANGE none 0 -1", "[]", "keymiss none", ""},
  });
}

TEST(List, Trim) {
  Harness harness;
  harness.run("RPUSH l a b c d e");
  harness.play({
      {"LTRIM l 0 -1", "+OK", "ltrim l", ""},
      {"LTRIM l -9223372036854775808 9223372036854775807", "+OK", "ltrim l", ""},
      {"LTRIM l 1 -2", "+OK", "ltrim l", "LTRIM l 1 -2"},
      {"LRANGE l 0 -1", "[\"b\", \"c\", \"d\"]", "", ""},
      {"LTRIM l 0 1", "+OK", "ltrim l", "LTRIM l 0 1"},
      {"LTRIM l x 1", "-ERR value is not an integer or out of range", "", ""},
      {"LTRIM l 5 3", "+OK", "ltrim l; del l", "LTRIM l 5 3"},
      {"RPUSH l a", ":1", "new l; rpush l", "RPUSH l a"},
      {"LTRIM l 9223372036854775807 -9223372036854775808", "+OK", "ltrim l; del l",
       "LTRIM l 9223372036854775807 -9223372036854775808"},
      {"LTRIM l 5 3", "+OK", "", ""},
      {"EXISTS l", ":0", "keymiss l", ""},
  });
}

TEST(List, InsertAndRemove) {
  Harness harness;
  harness.play({
      {"LINSERT l BEFORE a b", ":0", "", ""},
      {"RPUSH l a 1 a 01 a", ":5", "new l; rpush l", "RPUSH l a 1 a 01 a"},
      {"LINSERT l before 1 x", ":6", "linsert l", "LINSERT l before 1 x"},
      {"LINSERT l AFTER a y", ":7", "linsert l", "LINSERT l AFTER a y"},
      {"LINSERT l AFTER none y", ":-1", "", ""},
      {"LINSERT l BESIDE a y", "-ERR syntax error", "", ""},
      {"LRANGE l 0 -1", "[\"a\", \"y\", \"x\", \"1\", \"a\", \"01\", \"a\"]", "", ""},
      {"LREM l -1 a", ":1", "lrem l", "LREM l -1 a"},
      {"LREM l 1 a", ":1", "lrem l", "LREM l 1 a"},
      {"LREM l 0 none", ":0", "", ""},
      {"LREM l x none", "-ERR value is not an integer or out of range", "", ""},
      {"LRANGE l 0 -1", "[\"y\", \"x\", \"1\", \"a\", \"01\"]", "", ""},
      {"LREM l -9223372036854775808 1", ":1", "lrem l", "LREM l -9223372036854775808 1"},
      {"LTRIM l 2 2", "+OK", "ltrim l", "LTRIM l 2 2"},
      {"LREM l 0 a", ":1", "lrem l; del l", "LREM l 0 a"},
      {"LREM l 0 a", ":0", "", ""},
  });
}

TEST(List, Position) {
  Harness harness;
  harness.run("RPUSH l a b c 1 2 3 c c");
  harness.play({
      {"LPOS l c", ":2", "", ""},
      {"LPOS l 2", ":4", "", ""},
      {"LPOS l none", "nil", "", ""},
      {"LPOS l c RANK 2", ":6", "", ""},
      {"LPOS l c RANK -1", ":7", "", ""},
      {"LPOS l c RANK -3", ":2", "", ""},
      {"LPOS l c RANK 4", "nil", "", ""},
      {"LPOS l c COUNT 2", "[:2, :6]", "", ""},
      {"LPOS l c COUNT 0", "[:2, :6, :7]", "", ""},
      {"LPOS l c COUNT 0 RANK -2", "[:6, :2]", "", ""},
      {"LPOS l c COUNT 1 RANK 2", "[:6]", "", ""},
      {"LPOS l none COUNT 0", "[]", "", ""},
      {"LPOS l c MAXLEN 2", "nil", "", ""},
      {"LPOS l c MAXLEN 3", ":2", "", ""},
      {"LPOS l c MAXLEN 2 RANK -2", ":6", "", ""},
      {"LPOS l c COUNT 0 MAXLEN 7", "[:2, :6]", "", ""},
      {"LPOS l c RANK 9223372036854775807", "nil", "", ""},
      {"LPOS l c RANK -9223372036854775807", "nil", "", ""},
      {"LPOS none c", "nil", "keymiss none", ""},
      {"LPOS none c COUNT 1", "[]", "keymiss none", ""},
      {"LPOS l c RANK 0",
       "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start "
       "from the end of the list",
       "", ""},
      {"LPOS l c RANK -9223372036854775808",
       "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807", "", ""},
      {"LPOS l c RANK x", "-ERR value is not an integer or out of range", "", ""},
      {"LPOS l c COUNT -1", "-ERR COUNT can't be negative", "", ""},
      {"LPOS l c COUNT x", "-ERR COUNT can't be negative", "", ""},
      {"LPOS l c MAXLEN -1", "-ERR MAXLEN can't be negative", "", ""},
      {"LPOS l c RANK", "-ERR syntax error", "", ""},
      {"LPOS l c FOO 1", "-ERR syntax error", "", ""},
  });
}

TEST(List, Move) {
  Harness harness;
  harness.run("RPUSH a 1 2 3");
  harness.play({
      {"LMOVE a b RIGHT LEFT", "\"3\"", "new b; lpush b; rpop a", "LMOVE a b RIGHT LEFT"},
      {"LMOVE a b left right", "\"1\"", "rpush b; lpop a", "LMOVE a b left right"},
      {"RPOPLPUSH a b", "\"2\"", "lpush b; rpop a; del a", "RPOPLPUSH a b"},
      {"LRANGE b 0 -1", "[\"2\", \"3\", \"1\"]", "", ""},
      {"LMOVE a b LEFT LEFT", "nil", "", ""},
      {"RPOPLPUSH b b", "\"1\"", "lpush b; rpop b", "RPOPLPUSH b b"},
      {"LMOVE b b LEFT LEFT", "\"1\"", "lpush b; lpop b", "LMOVE b b LEFT LEFT"},
      {"LRANGE b 0 -1", "[\"1\", \"2\", \"3\"]", "", ""},
      {"LMOVE a b UP LEFT", "-ERR syntax error", "", ""},
      {"LMOVE a b LEFT UP", "-ERR syntax error", "", ""},
      {"RPUSH one x", ":1", "new one; rpush one", "RPUSH one x"},
      {"RPOPLPUSH one one", "\"x\"", "lpush one; rpop one", "RPOPLPUSH one one"},
      {"BLMOVE b c LEFT RIGHT 1", "\"1\"", "new c; rpush c; lpop b", "LMOVE b c LEFT RIGHT"},
      {"BRPOPLPUSH b c 1", "\"3\"", "lpush c; rpop b", "RPOPLPUSH b c"},
      {"LRANGE c 0 -1", "[\"3\", \"1\"]", "", ""},
  });
}

TEST(List, MoveToAKeyThatIsOverdue) {
  Harness harness;
  harness.run("RPUSH a 1 2");
  harness.run("RPUSH b 3");
  harness.options().active_expire = false;
  harness.run("PEXPIRE b 10");
  harness.advance_ms(20);
  EXPECT_EQ(harness.run("LMOVE a b LEFT LEFT"), "\"1\"");
  EXPECT_EQ(harness.events(), "expired b; new b; lpush b; lpop a");
  EXPECT_EQ(harness.run("LRANGE b 0 -1"), "[\"1\"]");
}

TEST(List, PopFromMany) {
  Harness harness;
  harness.run("RPUSH b 1 2 3 4 5");
  harness.play({
      {"LMPOP 2 a b LEFT", "[\"b\", [\"1\"]]", "lpop b", "LPOP b 1"},
      {"LMPOP 1 b right COUNT 2", "[\"b\", [\"5\", \"4\"]]", "rpop b", "RPOP b 2"},
      {"BLMPOP 1 2 a b RIGHT COUNT 1", "[\"b\", [\"3\"]]", "rpop b", "RPOP b 1"},
      {"LMPOP 2 a b LEFT COUNT 10", "[\"b\", [\"2\"]]", "lpop b; del b", "LPOP b 1"},
      {"LMPOP 2 a b LEFT", "nil*", "", ""},
      {"LMPOP 0 a LEFT", "-ERR numkeys should be greater than 0", "", ""},
      {"LMPOP x a LEFT", "-ERR numkeys should be greater than 0", "", ""},
      {"LMPOP 9223372036854775807 a LEFT", "-ERR syntax error", "", ""},
      {"LMPOP 2 a LEFT", "-ERR syntax error", "", ""},
      {"LMPOP 1 a UP", "-ERR syntax error", "", ""},
      {"LMPOP 1 a LEFT COUNT", "-ERR syntax error", "", ""},
      {"LMPOP 1 a LEFT COUNT 0", "-ERR count should be greater than 0", "", ""},
      {"LMPOP 1 a LEFT COUNT x", "-ERR count should be greater than 0", "", ""},
      {"LMPOP 1 a LEFT COUNT 1 COUNT 2", "-ERR syntax error", "", ""},
      {"LMPOP 1 a LEFT FOO 2", "-ERR syntax error", "", ""},
      {"BLMPOP x 1 a LEFT", "-ERR timeout is not a float or out of range", "", ""},
      {"BLMPOP -1 1 a LEFT", "-ERR timeout is negative", "", ""},
      {"BLMPOP x 0 a LEFT", "-ERR numkeys should be greater than 0", "", ""},
  });
}

// --- waiting ---

TEST(List, WaitingPops) {
  Harness harness;
  const size_t waiter = harness.connect();
  harness.play({{"BLPOP a x", "-ERR timeout is not a float or out of range", "", ""},
                {"BRPOP a -1", "-ERR timeout is negative", "", ""},
                {"BLMOVE a b LEFT LEFT x", "-ERR timeout is not a float or out of range", "", ""},
                {"BLMOVE a b UP LEFT x", "-ERR syntax error", "", ""},
                {"BRPOPLPUSH a b x", "-ERR timeout is not a float or out of range", "", ""}});
  EXPECT_EQ(harness.run("BLPOP a b 0", waiter), "");
  EXPECT_EQ(harness.run("RPUSH b 1 2"), ":2");
  EXPECT_EQ(harness.events(), "new b; rpush b; lpop b");
  EXPECT_EQ(harness.propagated(), "RPUSH b 1 2; LPOP b");
  EXPECT_EQ(harness.later(waiter), "[\"b\", \"1\"]");
  EXPECT_EQ(harness.run("BRPOP a b 0", waiter), "[\"b\", \"2\"]");
  EXPECT_EQ(harness.propagated(), "RPOP b");
  EXPECT_EQ(harness.run("BLMPOP 0 2 a b LEFT COUNT 2", waiter), "");
  harness.run("LPUSH a 1 2 3");
  EXPECT_EQ(harness.propagated(), "LPUSH a 1 2 3; LPOP a 2");
  EXPECT_EQ(harness.later(waiter), "[\"a\", [\"3\", \"2\"]]");
}

TEST(List, WaitingMoves) {
  Harness harness;
  const size_t first = harness.connect(), second = harness.connect();
  EXPECT_EQ(harness.run("BLMOVE a b LEFT RIGHT 0", first), "");
  EXPECT_EQ(harness.run("BRPOPLPUSH b c 0", second), "");
  harness.run("RPUSH a 1");
  EXPECT_EQ(harness.propagated(), "RPUSH a 1; LMOVE a b LEFT RIGHT; RPOPLPUSH b c");
  EXPECT_EQ(harness.events(), "new a; rpush a; new b; rpush b; lpop a; del a; new c; lpush c; rpop b; del b");
  EXPECT_EQ(harness.later(first), "\"1\"");
  EXPECT_EQ(harness.later(second), "\"1\"");
  EXPECT_EQ(harness.run("LRANGE c 0 -1"), "[\"1\"]");
  // The target is no list when the element comes: the element stays.
  harness.run("SET s v");
  EXPECT_EQ(harness.run("BLMOVE a s LEFT RIGHT 0", first), "");
  harness.run("RPUSH a 1");
  EXPECT_EQ(harness.later(first), wrong_type);
  EXPECT_EQ(harness.run("LRANGE a 0 -1"), "[\"1\"]");
}

TEST(List, NobodyWaitsInATransaction) {
  Harness harness;
  const auto replies = harness.pipeline({"MULTI", "BLPOP a 0", "BLMPOP 0 1 a LEFT", "BLMOVE a b LEFT LEFT 0",
                                         "BRPOPLPUSH a b 0", "EXEC"});
  EXPECT_EQ(replies.back(), "[nil*, nil*, nil, nil]");
}

TEST(List, AMoveThatIsOverdue) {
  Harness harness;
  const size_t waiter = harness.connect();
  EXPECT_EQ(harness.run("BLMOVE a b LEFT LEFT 0.01", waiter), "");
  harness.advance_ms(11);
  EXPECT_EQ(harness.later(waiter), "nil*") << "an array, as in Redis";
}

TEST(List, AKeyOfAnotherTypeWakesNobody) {
  Harness harness;
  const size_t waiter = harness.connect();
  EXPECT_EQ(harness.run("BLPOP k 0", waiter), "");
  harness.run("SET k v");
  EXPECT_EQ(harness.later(waiter), "");
  harness.run("DEL k");
  harness.run("RPUSH s v");
  harness.run("RENAME s k");
  EXPECT_EQ(harness.later(waiter), "[\"k\", \"v\"]");
}

// As in Redis: who waits is told of keys that appear, and a list that takes the place of something else does not.
TEST(List, AnOverwrittenKeyWakesNobody) {
  Harness harness;
  const size_t waiter = harness.connect();
  EXPECT_EQ(harness.run("BLPOP k 0", waiter), "");
  harness.run("SET k v");
  harness.run("RPUSH s 2 1");
  EXPECT_EQ(harness.run("SORT s STORE k"), ":2");
  EXPECT_EQ(harness.later(waiter), "");
  EXPECT_EQ(harness.run("DEL k"), ":1");
  EXPECT_EQ(harness.run("SORT s STORE k"), ":2");
  EXPECT_EQ(harness.later(waiter), "[\"k\", \"1\"]");
}

// --- encodings ---

std::string encoding(Harness& harness) { return harness.run("OBJECT ENCODING l"); }

TEST(List, Encodings) {
  Harness harness;
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  for (int i = 0; i < 100; ++i) harness.run({"RPUSH", "l", std::string(70, 'x')});
  EXPECT_EQ(encoding(harness), "\"listpack\"");
  for (int i = 0; i < 20; ++i) harness.run({"LPUSH", "l", std::string(70, 'y')});
  EXPECT_EQ(encoding(harness), "\"quicklist\"");
  const std::string digest = harness.run("DEBUG DIGEST-VALUE l");
  harness.run("COPY l m");
  EXPECT_EQ(harness.run("DEBUG DIGEST-VALUE m"), digest);
  EXPECT_EQ(harness.run("LLEN m"), ":120");
  EXPECT_EQ(harness.run("LTRIM l 0 56"), "+OK");
  EXPECT_EQ(encoding(harness), "\"quicklist\"") << "more than half of the limit, or two nodes";
  EXPECT_EQ(harness.run("LTRIM l 0 4"), "+OK");
  EXPECT_EQ(encoding(harness), "\"listpack\"");
  EXPECT_EQ(harness.run("LLEN l"), ":5");
  EXPECT_EQ(harness.run({"LSET", "l", "0", std::string(9000, 'z')}), "+OK");
  EXPECT_EQ(encoding(harness), "\"quicklist\"");
  EXPECT_EQ(harness.run("LSET l 0 a"), "+OK");
  EXPECT_EQ(encoding(harness), "\"listpack\"");
}

TEST(List, EncodingsByCount) {
  Harness harness;
  harness.options().encodings.list_listpack_size = 4;
  harness.run("RPUSH l 1 2 3 4");
  EXPECT_EQ(encoding(harness), "\"listpack\"");
  EXPECT_EQ(harness.run("LINSERT l AFTER none x"), ":-1");
  EXPECT_EQ(encoding(harness), "\"quicklist\"") << "the form is decided before the pivot is looked for";
  EXPECT_EQ(harness.run("LPOP l"), "\"1\"");
  EXPECT_EQ(encoding(harness), "\"quicklist\"");
  EXPECT_EQ(harness.run("LPOP l"), "\"2\"");
  EXPECT_EQ(encoding(harness), "\"listpack\"");
  EXPECT_EQ(harness.run("LRANGE l 0 -1"), "[\"3\", \"4\"]");
}

TEST(List, HugeElementsStandAlone) {
  Harness harness;
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  EXPECT_EQ(harness.run("DEBUG QUICKLIST-PACKED-THRESHOLD 100b"), "+OK");
  harness.options().encodings.list_listpack_size = 2;
  const std::string huge(200, 'h'), other(300, 'o');
  harness.run({"RPUSH", "l", "a", huge, "b", other, "c"});
  EXPECT_EQ(harness.run("LPOS l b"), ":2");
  EXPECT_EQ(harness.run({"LPOS", "l", other}), ":3");
  EXPECT_EQ(harness.run({"LINSERT", "l", "BEFORE", huge, "x"}), ":6");
  EXPECT_EQ(harness.run("LSET l 2 small"), "+OK");
  EXPECT_EQ(harness.run({"LSET", "l", "0", huge}), "+OK");
  EXPECT_EQ(harness.run({"LREM", "l", "0", other}), ":1");
  EXPECT_EQ(harness.run("LRANGE l 0 -1"), "[\"" + huge + "\", \"x\", \"small\", \"b\", \"c\"]");
  EXPECT_EQ(harness.run("RPOPLPUSH l l"), "\"c\"");
  EXPECT_EQ(harness.run("LMOVE l l RIGHT RIGHT"), "\"b\"");
  EXPECT_EQ(harness.run("LINDEX l 1"), "\"" + huge + "\"");
}

TEST(List, CompressedNodes) {
  Harness harness;
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  harness.options().encodings.list_compress_depth = 1;
  for (int i = 0; i < 2000; ++i) harness.run({"RPUSH", "l", std::string(50, 'a') + std::to_string(i)});
  EXPECT_EQ(harness.run("LINDEX l 1000"), "\"" + std::string(50, 'a') + "1000\"");
  EXPECT_NE(harness.run("DEBUG OBJECT l").find("ql_compressed:1"), std::string::npos);
  EXPECT_EQ(harness.run("LSET l 1000 b"), "+OK");
  EXPECT_EQ(harness.run("LINSERT l AFTER b c"), ":2001");
  EXPECT_EQ(harness.run("LREM l 1 b"), ":1");
  EXPECT_EQ(harness.run("LRANGE l 1000 1000"), "[\"c\"]");
  EXPECT_EQ(harness.run({"LPOS", "l", std::string(50, 'a') + "1999"}), ":1999");
}

TEST(List, ManyElementsAtOnce) {
  Harness harness;
  std::vector<std::string> push = {"RPUSH", "l"};
  for (int i = 0; i < 200'000; ++i) push.push_back(std::to_string(i));
  EXPECT_EQ(harness.run(push), ":200000");
  EXPECT_EQ(harness.run("LINDEX l 123456"), "\"123456\"");
  EXPECT_EQ(harness.run("LINDEX l -1"), "\"199999\"");
  EXPECT_EQ(harness.run("LTRIM l 10 19"), "+OK");
  EXPECT_EQ(harness.run("LRANGE l 0 1"), "[\"10\", \"11\"]");
  EXPECT_GT(harness.session().keyspace().reclaim_pending(), 0u) << "freed in slices";
  harness.run(push);
  harness.run("DEL l");
  while (harness.session().background()) {
  }
  EXPECT_EQ(harness.session().keyspace().reclaim_pending(), 0u);
}

// Or the tick of a long trim would be longer by a slice; but who runs one long command after the other does not keep it
// waiting, and one that let go of nothing leaves the next its turn.
TEST(List, FreeingWaitsOneTickForALongCommand) {
  Harness harness;
  harness.options().enable_debug_command = static_cast<int>(session::Permission::yes);
  std::vector<std::string> push = {"RPUSH", "l"};
  for (int i = 0; i < 200'000; ++i) push.push_back(std::to_string(i));
  const auto pending = [&] { return harness.session().keyspace().reclaim_pending(); };
  harness.run(push);
  harness.run("DEL l");
  ASSERT_EQ(pending(), 1u);
  harness.background();
  EXPECT_EQ(pending(), 0u) << "one slice is enough";
  const auto long_tick = [&] {
    EXPECT_EQ(harness.run("DEBUG SLEEP 0.001"), "+OK");
    return harness.session().background();
  };
  EXPECT_FALSE(long_tick());
  harness.run(push);
  harness.run("DEL l");
  EXPECT_TRUE(long_tick());
  EXPECT_EQ(pending(), 1u);
  EXPECT_FALSE(long_tick());
  EXPECT_EQ(pending(), 0u);
  EXPECT_EQ(harness.run("DEBUG SLEEP 0.001"), "+OK");
  harness.run(push);
  harness.run("DEL l");
  EXPECT_FALSE(harness.session().background()) << "the long one was in an earlier tick";
  EXPECT_EQ(pending(), 0u);
}

}  // namespace
}  // namespace torc::cmd
