// INCR and its family, at the limits of integers and floats.
// INCR DECR INCRBY DECRBY INCRBYFLOAT.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* not_integer = "-ERR value is not an integer or out of range";
constexpr const char* not_float = "-ERR value is not a valid float";
constexpr const char* overflow = "-ERR increment or decrement would overflow";

TEST(StringCounter, CountsAndPropagatesItself) {
  Harness harness;
  harness.play({{"INCR c", ":1", "new c; incrby c", "INCR c"},
                {"INCR c", ":2", "incrby c", "INCR c"},
                {"DECR c", ":1", "incrby c", "DECR c"},
                {"INCRBY c 5", ":6", "incrby c", "INCRBY c 5"},
                {"DECRBY c 3", ":3", "incrby c", "DECRBY c 3"},
                {"DECRBY c -7", ":10", "incrby c", "DECRBY c -7"},
                {"DECR d", ":-1", "new d; incrby d", "DECR d"},
                {"GET c", "\"10\"", "", ""},
                {"INCR", "-ERR wrong number of arguments for 'incr' command", "", ""},
                {"INCRBY c", "-ERR wrong number of arguments for 'incrby' command", "", ""}});
  EXPECT_EQ(harness.entry("c")->encoding(), store::Encoding::integer);
}

TEST(StringCounter, RefusesOverflow) {
  Harness harness;
  harness.run("SET c 9223372036854775807");
  harness.play({{"INCR c", overflow, "", ""},
                {"INCRBY c 1", overflow, "", ""},
                {"DECRBY c -1", overflow, "", ""},
                {"INCRBY c -9223372036854775808", ":-1", "incrby c", "INCRBY c -9223372036854775808"}});
  harness.run("SET c -9223372036854775808");
  harness.play({{"DECR c", overflow, "", ""},
                {"DECRBY c 1", overflow, "", ""},
                {"DECRBY c -9223372036854775808", "-ERR decrement would overflow", "", ""},
                {"DECRBY missing -9223372036854775808", "-ERR decrement would overflow", "", ""},
                {"INCRBY c 9223372036854775807", ":-1", "incrby c", "INCRBY c 9223372036854775807"}});
}

TEST(StringCounter, RefusesWhatIsNoInteger) {
  Harness harness;
  for (const char* value : {"' 1'", "'1 '", "01", "1.5", "abc", "''", "+1", "-0", "9223372036854775808", "1e3"}) {
    harness.run(std::string("SET c ") + value);
    EXPECT_EQ(harness.run("INCR c"), not_integer) << value;
    EXPECT_EQ(harness.run(std::string("INCRBY n ") + value), not_integer) << value;
    EXPECT_EQ(harness.run(std::string("DECRBY n ") + value), not_integer) << value;
  }
  EXPECT_EQ(harness.entry("n"), nullptr);
  harness.run("SET l 1");
  harness.make_list("l");
  EXPECT_EQ(harness.run("INCR l"), wrong_type);
  EXPECT_EQ(harness.run("INCRBY l x"), not_integer);
  EXPECT_EQ(harness.run("INCRBYFLOAT l x"), wrong_type);
}

TEST(StringCounter, CountsWithAnIntegerThatIsStoredAsText) {
  Harness harness;
  harness.run("APPEND c 1");
  harness.run("APPEND c 2");
  EXPECT_EQ(harness.entry("c")->encoding(), store::Encoding::raw);
  EXPECT_EQ(harness.run("INCR c"), ":13");
  EXPECT_EQ(harness.entry("c")->encoding(), store::Encoding::integer);
}

TEST(StringCounter, KeepsTheDeadline) {
  Harness harness;
  harness.run("SET c 1 EX 100");
  harness.run("INCR c");
  EXPECT_EQ(harness.entry("c")->deadline_ms(), 1700000100000);
  harness.run("INCRBYFLOAT c 0.5");
  EXPECT_EQ(harness.entry("c")->deadline_ms(), 1700000100000);
  harness.advance_ms(100'001);
  harness.play({{"INCR c", ":1", "expired c; new c; incrby c", "MULTI; DEL c; INCR c; EXEC"}});
  EXPECT_FALSE(harness.entry("c")->can_expire());
}

TEST(StringCounter, FloatsArePropagatedAsTheirResult) {
  Harness harness;
  harness.play(
      {{"INCRBYFLOAT f 1.5", "\"1.5\"", "new f; incrbyfloat f", "SET f 1.5 KEEPTTL"},
       {"INCRBYFLOAT f 1.5", "\"3\"", "incrbyfloat f", "SET f 3 KEEPTTL"},
       {"INCRBYFLOAT f -3", "\"0\"", "incrbyfloat f", "SET f 0 KEEPTTL"},
       {"INCRBYFLOAT f 1e-17", "\"0.00000000000000001\"", "incrbyfloat f", "SET f 0.00000000000000001 KEEPTTL"},
       {"INCRBYFLOAT f 0.1", "\"0.10000000000000001\"", "incrbyfloat f", "SET f 0.10000000000000001 KEEPTTL"},
       {"INCRBYFLOAT f", "-ERR wrong number of arguments for 'incrbyfloat' command", "", ""}});
  harness.run("SET f 3.0e3");
  EXPECT_EQ(harness.run("INCRBYFLOAT f 200"), "\"3200\"");
  harness.run("SET f 0");
  EXPECT_EQ(harness.run("INCRBYFLOAT f 1e400").size(), 403u);
}

TEST(StringCounter, AFloatsResultIsStoredAsText) {
  Harness harness;
  harness.run("SET f 5");
  harness.run("INCRBYFLOAT f 5");
  EXPECT_EQ(harness.run("GET f"), "\"10\"");
  EXPECT_EQ(harness.entry("f")->encoding(), store::Encoding::embstr);
  EXPECT_EQ(harness.run("INCR f"), ":11");
}

TEST(StringCounter, RefusesWhatIsNoFloat) {
  Harness harness;
  harness.run("SET f 1");
  for (const char* value : {"abc", "nan", "' 1'", "'1 '", "''", "1e5000", "1.5x"}) {
    EXPECT_EQ(harness.run(std::string("INCRBYFLOAT f ") + value), not_float) << value;
  }
  for (const char* value : {"inf", "-inf", "+infinity"}) {
    EXPECT_EQ(harness.run(std::string("INCRBYFLOAT f ") + value), "-ERR increment would produce NaN or Infinity");
  }
  harness.run("SET f abc");
  EXPECT_EQ(harness.run("INCRBYFLOAT f 1"), not_float);
  EXPECT_EQ(harness.run("GET f"), "\"abc\"");
  EXPECT_EQ(harness.session().statistics().dirty, 2u);
}

}  // namespace
}  // namespace torc::cmd
