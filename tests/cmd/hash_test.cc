// The hash commands: replies in both protocol versions, errors, events, what is propagated, and the forms of hashes.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cmd/hash.h"
#include "harness.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

std::string encoding(Harness& harness, const std::string& key) { return harness.run("OBJECT ENCODING " + key); }

// " f0 0 f1 1 ..." for a command line.
std::string pairs(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += " f" + std::to_string(i) + " " + std::to_string(i);
  return text;
}

TEST(Hash, set_and_get) {
  Harness harness;
  harness.play({{"HSET k a 1 b x a 2", ":2", "new k; hset k", "HSET k a 1 b x a 2"},
                {"HGET k a", "\"2\"", "", ""},
                {"HGET k c", "nil", "", ""},
                {"HGET missing a", "nil", "keymiss missing", ""},
                {"HMGET k b c a", "[\"x\", nil, \"2\"]", "", ""},
                {"HMGET missing b", "[nil]", "keymiss missing", ""},
                {"HSET k a 2", ":0", "hset k", "HSET k a 2"},
                {"HMSET k c 3", "+OK", "hset k", "HMSET k c 3"},
                {"HEXISTS k c", ":1", "", ""},
                {"HEXISTS k d", ":0", "", ""},
                {"HLEN k", ":3", "", ""},
                {"HLEN missing", ":0", "keymiss missing", ""},
                {"HSTRLEN k b", ":1", "", ""},
                {"HSTRLEN k d", ":0", "", ""},
                {"HGETALL k", "[\"a\", \"2\", \"b\", \"x\", \"c\", \"3\"]", "", ""},
                {"HKEYS k", "[\"a\", \"b\", \"c\"]", "", ""},
                {"HVALS k", "[\"2\", \"x\", \"3\"]", "", ""},
                {"HSETNX k a 9", ":0", "", ""},
                {"HSETNX k d 9", ":1", "hset k", "HSETNX k d 9"},
                {"HSETNX other d 9", ":1", "new other; hset other", "HSETNX other d 9"}});
  EXPECT_EQ(harness.session().statistics().dirty, 7u);
}

TEST(Hash, remove) {
  Harness harness;
  harness.run("HSET k a 1 b 2 c 3");
  harness.play({{"HDEL k x", ":0", "", ""},
                {"HDEL k a x a", ":1", "hdel k", "HDEL k a x a"},
                {"HDEL k b c d", ":2", "hdel k; del k", "HDEL k b c d"},
                {"HDEL k b", ":0", "", ""}});
  EXPECT_EQ(harness.entry("k"), nullptr);
  harness.run("HSET l" + pairs(0, 600));
  EXPECT_EQ(harness.run("HDEL l f0 f599 f600"), ":2");
  EXPECT_EQ(harness.run("HLEN l"), ":598");
}

TEST(Hash, wrong_numbers_of_arguments) {
  Harness harness;
  harness.play({{"HSET k a", "-ERR wrong number of arguments for 'hset' command", "", ""},
                {"HSET k a 1 b", "-ERR wrong number of arguments for 'hset' command", "", ""},
                {"HMSET k a 1 b", "-ERR wrong number of arguments for 'hmset' command", "", ""},
                {"HMGET k", "-ERR wrong number of arguments for 'hmget' command", "", ""}});
}

TEST(Hash, another_type_is_refused) {
  Harness harness;
  harness.run("SET s v");
  for (const char* command :
       {"HSET s a 1", "HMSET s a 1", "HSETNX s a 1", "HDEL s a", "HGET s a", "HMGET s a", "HEXISTS s a", "HLEN s",
        "HSTRLEN s a", "HGETALL s", "HKEYS s", "HVALS s", "HSCAN s 0", "HINCRBY s a 1", "HINCRBYFLOAT s a 1",
        "HRANDFIELD s", "HRANDFIELD s 1"}) {
    EXPECT_EQ(harness.run(command), wrong_type) << command;
    EXPECT_EQ(harness.propagated(), "") << command;
  }
  EXPECT_EQ(harness.run("HSCAN s x"), "-ERR invalid cursor");
}

TEST(Hash, forms) {
  Harness harness;
  harness.run("HSET k" + pairs(0, 512));
  EXPECT_EQ(encoding(harness, "k"), "\"listpack\"");
  harness.run("HSET k f0 y");
  EXPECT_EQ(encoding(harness, "k"), "\"listpack\"");
  harness.run("HSETNX k g y");
  EXPECT_EQ(encoding(harness, "k"), "\"hashtable\"");
  EXPECT_EQ(harness.run("HGET k f511"), "\"511\"");
  harness.run({"HSET", "v", "f", std::string(65, 'x')});
  EXPECT_EQ(encoding(harness, "v"), "\"hashtable\"");
  harness.options().encodings.hash_listpack_entries = 1;
  harness.run("HSET two a 1 a 2");
  EXPECT_EQ(encoding(harness, "two"), "\"hashtable\"");
  EXPECT_EQ(harness.run("HLEN two"), ":1");
  harness.run("HSET one a 1");
  EXPECT_EQ(encoding(harness, "one"), "\"listpack\"");
  harness.run("HINCRBY one b 1");
  EXPECT_EQ(encoding(harness, "one"), "\"hashtable\"");
}

// Limits that were lowered meanwhile count as soon as a field is set, an old one, too.
TEST(Hash, setting_an_old_field_looks_at_the_limits) {
  for (const int size : {10, 300}) {
    for (const char* command : {"HSET k f0 w", "HMSET k f0 w", "HINCRBY k f0 1", "HINCRBYFLOAT k f0 1",
                                "HSETEX k FIELDS 1 f0 w", "HSETNX k f0 w", "HDEL k f0"}) {
      for (const int limit : {size, size - 1}) {
        Harness harness;
        harness.run("HSET k" + pairs(0, size));
        harness.options().encodings.hash_listpack_entries = limit;
        harness.run(command);
        const bool sets = std::string(command) != "HSETNX k f0 w" && std::string(command) != "HDEL k f0";
        EXPECT_EQ(encoding(harness, "k"), sets && limit < size ? "\"hashtable\"" : "\"listpack\"") << command;
        EXPECT_EQ(harness.run("HGET k f9"), "\"9\"");
      }
    }
  }
}

TEST(Hash, keeps_its_deadline_when_it_grows) {
  Harness harness;
  harness.run("HSET k a 1");
  harness.run("EXPIRE k 100");
  harness.run("HSET k" + pairs(0, 600));
  EXPECT_EQ(harness.entry("k")->deadline_ms(), Harness::start_ms + 100'000);
}

TEST(Hash, large_values) {
  Harness harness;
  const std::string large(100'000, 'x');
  harness.run({"HSET", "k", "f", large});
  harness.run({"HSET", "k", large, "v"});
  EXPECT_EQ(harness.run("HGET k f"), "\"" + large + "\"");
  EXPECT_EQ(harness.run({"HGET", "k", large}), "\"v\"");
  EXPECT_EQ(harness.run("HSTRLEN k f"), ":100000");
  harness.run("HSET k f short");
  EXPECT_EQ(harness.run("HGET k f"), "\"short\"");
}

TEST(Hash, resp3) {
  Harness harness;
  harness.run("HSET k a 1");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("HGETALL k"), "{\"a\": \"1\"}");
  EXPECT_EQ(harness.run("HGETALL missing"), "{}");
  EXPECT_EQ(harness.run("HKEYS missing"), "[]");
  EXPECT_EQ(harness.run("HGET k x"), "null");
  EXPECT_EQ(harness.run("HRANDFIELD k 1 WITHVALUES"), "[[\"a\", \"1\"]]");
  EXPECT_EQ(harness.run("HRANDFIELD k -2 WITHVALUES"), "[[\"a\", \"1\"], [\"a\", \"1\"]]");
  EXPECT_EQ(harness.run("HRANDFIELD k 5 WITHVALUES"), "[[\"a\", \"1\"]]");
  EXPECT_EQ(harness.run("HRANDFIELD missing"), "null");
}

// --- counting ---

TEST(Hash, increments) {
  Harness harness;
  harness.play({{"HINCRBY k a 5", ":5", "new k; hincrby k", "HINCRBY k a 5"},
                {"HINCRBY k a -7", ":-2", "hincrby k", "HINCRBY k a -7"},
                {"HINCRBY k a x", "-ERR value is not an integer or out of range", "", ""},
                {"HSET k t text m 9223372036854775807", ":2", "hset k", "HSET k t text m 9223372036854775807"},
                {"HINCRBY k t 1", "-ERR hash value is not an integer", "", ""},
                {"HINCRBY k m 1", "-ERR increment or decrement would overflow", "", ""},
                {"HINCRBY k m -1", ":9223372036854775806", "hincrby k", "HINCRBY k m -1"},
                {"HINCRBY k n -9223372036854775808", ":-9223372036854775808", "hincrby k",
                 "HINCRBY k n -9223372036854775808"},
                {"HINCRBY k n -1", "-ERR increment or decrement would overflow", "", ""}});
}

TEST(Hash, float_increments_are_propagated_as_their_result) {
  Harness harness;
  harness.play({{"HINCRBYFLOAT k a 1.5", "\"1.5\"", "new k; hincrbyfloat k", "HSET k a 1.5"},
                {"HINCRBYFLOAT k a 1.5", "\"3\"", "hincrbyfloat k", "HSET k a 3"},
                {"HINCRBYFLOAT k a x", "-ERR value is not a valid float", "", ""},
                // Neither may leave an empty hash behind.
                {"HINCRBYFLOAT new a nan", "-ERR value is not a valid float", "", ""},
                {"HINCRBYFLOAT new a inf", "-ERR value is NaN or Infinity", "", ""},
                {"EXISTS new", ":0", "keymiss new", ""},
                {"HSET k t text i inf", ":2", "hset k", "HSET k t text i inf"},
                {"HINCRBYFLOAT k t 1", "-ERR hash value is not a float", "", ""},
                {"HINCRBYFLOAT k i 1", "-ERR increment would produce NaN or Infinity", "", ""}});
}

// --- at random ---

TEST(Hash, random_fields) {
  for (int size : {1, 20, 700}) {
    Harness harness;
    harness.run("HSET k" + pairs(0, size));
    std::set<std::string> seen;
    for (int i = 0; i < 50 * size; ++i) seen.insert(rendered_strings(harness.run("HRANDFIELD k"))[0]);
    EXPECT_EQ(seen.size(), static_cast<size_t>(size));
    for (int count : {1, 5, size / 2, size - 1, size, size + 5}) {
      const auto found = rendered_strings(harness.run("HRANDFIELD k " + std::to_string(count) + " WITHVALUES"));
      ASSERT_EQ(found.size(), 2u * static_cast<size_t>(std::min(count, size)));
      std::set<std::string> fields;
      for (size_t i = 0; i < found.size(); i += 2) {
        EXPECT_EQ(found[i], "f" + found[i + 1]);
        fields.insert(found[i]);
      }
      EXPECT_EQ(fields.size(), found.size() / 2);
    }
    EXPECT_EQ(rendered_strings(harness.run("HRANDFIELD k -1000")).size(), 1000u);
    EXPECT_EQ(rendered_strings(harness.run("HRANDFIELD k -1000 WITHVALUES")).size(), 2000u);
  }
}

TEST(Hash, random_fields_refuses_bad_counts) {
  Harness harness;
  harness.run("HSET k a 1");
  harness.play(
      {{"HRANDFIELD k 0", "[]", "", ""},
       {"HRANDFIELD missing 5", "[]", "keymiss missing", ""},
       {"HRANDFIELD missing", "nil", "keymiss missing", ""},
       {"HRANDFIELD k x", "-ERR value is not an integer or out of range", "", ""},
       {"HRANDFIELD k -9223372036854775808",
        "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807", "", ""},
       {"HRANDFIELD k -9223372036854775807", "-ERR value is out of range", "", ""},
       {"HRANDFIELD k -9223372036854775807 WITHVALUES", "-ERR value is out of range", "", ""},
       {"HRANDFIELD missing -4611686018427387904 WITHVALUES", "-ERR value is out of range", "", ""},
       {"HRANDFIELD missing -4611686018427387903 WITHVALUES", "[]", "keymiss missing", ""},
       {"HRANDFIELD k 1 VALUES", "-ERR syntax error", "", ""},
       {"HRANDFIELD k 1 WITHVALUES x", "-ERR syntax error", "", ""}});
}

// --- HSCAN ---

TEST(Hash, scan_tells_all) {
  Harness harness;
  harness.run("HSET k" + pairs(0, 2000));
  for (const char* option : {"", " NOVALUES"}) {
    std::set<std::string> fields;
    std::string cursor = "0";
    do {
      const auto found = rendered_strings(harness.run("HSCAN k " + cursor + " COUNT 40" + option));
      cursor = found[0];
      const size_t step = *option ? 1 : 2;
      for (size_t i = 1; i < found.size(); i += step) {
        fields.insert(found[i]);
        EXPECT_TRUE(step == 1 || found[i] == "f" + found[i + 1]);
      }
    } while (cursor != "0");
    EXPECT_EQ(fields.size(), 2000u);
  }
  harness.run("HSET small a 1 b 2 1 c");
  harness.play({{"HSCAN small 0", "[\"0\", [\"a\", \"1\", \"b\", \"2\", \"1\", \"c\"]]", "", ""},
                {"HSCAN small 0 MATCH 1", "[\"0\", [\"1\", \"c\"]]", "", ""},
                {"HSCAN small 0 novalues MATCH ?", "[\"0\", [\"a\", \"b\", \"1\"]]", "", ""},
                {"HSCAN small 0 TYPE hash", "-ERR syntax error", "", ""},
                {"HSCAN missing 0", "[\"0\", []]", "keymiss missing", ""}});
}

TEST(Hash, digests_do_not_depend_on_order_or_form) {
  Harness harness;
  harness.options().enable_debug_command = 1;
  harness.run("HSET a x 1 y 2");
  harness.run("HSET b y 2 x 1");
  harness.run({"HSET", "b", "z", std::string(100, 'y')});
  harness.run("HDEL b z");
  EXPECT_EQ(encoding(harness, "b"), "\"hashtable\"");
  const std::string digests = harness.run("DEBUG DIGEST-VALUE a b");
  EXPECT_EQ(digests.substr(1, 41), digests.substr(44, 41));
  EXPECT_EQ(harness.run("DEBUG LISTPACK a"), "+Listpack structure printed on stdout");
  EXPECT_EQ(harness.run("DEBUG LISTPACK b"), "-ERR Not a listpack encoded object.");
  EXPECT_EQ(harness.run("DEBUG HTSTATS-KEY b").substr(0, 9), "\"Hash tab");
}

}  // namespace
}  // namespace torc::cmd
