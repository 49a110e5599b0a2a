// The set commands: replies in both protocol versions, errors, events, what is propagated, and the forms of sets.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "cmd/set.h"
#include "harness.h"
#include "session/registry.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";

std::string encoding(Harness& harness, const std::string& key) { return harness.run("OBJECT ENCODING " + key); }

// "m0 m1 ... " from..to-1, for a command line.
std::string range(int from, int to, const std::string& prefix = "") {
  std::string text;
  for (int i = from; i < to; ++i) text += " " + prefix + std::to_string(i);
  return text;
}

// The members of a rendered array or set.
std::multiset<std::string> members(const std::string& reply) {
  const std::vector<std::string> found = rendered_strings(reply);
  return {found.begin(), found.end()};
}

size_t count_words(const std::string& text) {
  size_t words = text.empty() ? 0 : 1;
  for (char c : text) words += c == ' ';
  return words;
}

TEST(Set, add_and_remove) {
  Harness harness;
  harness.play({{"SADD k 1 2 1", ":2", "new k; sadd k", "SADD k 1 2 1"},
                {"SADD k 2", ":0", "", ""},
                {"SCARD k", ":2", "", ""},
                {"SISMEMBER k 2", ":1", "", ""},
                {"SMISMEMBER k 2 x 1", "[:1, :0, :1]", "", ""},
                {"SMEMBERS k", "[\"1\", \"2\"]", "", ""},
                {"SREM k x", ":0", "", ""},
                {"SREM k 1 x", ":1", "srem k", "SREM k 1 x"},
                {"SREM k 2 3", ":1", "srem k; del k", "SREM k 2 3"},
                {"SREM k 2", ":0", "", ""},
                {"SCARD k", ":0", "keymiss k", ""},
                {"SMISMEMBER k a", "[:0]", "keymiss k", ""},
                {"SMEMBERS k", "[]", "keymiss k", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 4u);
  EXPECT_EQ(harness.entry("k"), nullptr);
}

TEST(Set, keeps_its_deadline_when_it_grows) {
  Harness harness;
  harness.run("SADD k a");
  harness.run("EXPIRE k 100");
  harness.run("SADD k" + range(0, 300));
  EXPECT_EQ(encoding(harness, "k"), "\"hashtable\"");
  EXPECT_EQ(harness.entry("k")->deadline_ms(), Harness::start_ms + 100'000);
}

TEST(Set, forms) {
  Harness harness;
  harness.run("SADD k" + range(0, 512));
  EXPECT_EQ(encoding(harness, "k"), "\"intset\"");
  harness.run("SADD k 512");
  EXPECT_EQ(encoding(harness, "k"), "\"hashtable\"");
  harness.run("SADD few a" + range(0, 127));
  EXPECT_EQ(encoding(harness, "few"), "\"listpack\"");
  // Looking at what is to come converts even if nothing comes.
  EXPECT_EQ(harness.run("SADD few" + range(0, 120) + range(0, 9)), ":0");
  EXPECT_EQ(encoding(harness, "few"), "\"hashtable\"");
  harness.run({"SADD", "long", std::string(65, 'x')});
  EXPECT_EQ(encoding(harness, "long"), "\"hashtable\"");
  harness.run("SADD small 1 2 3");
  harness.run("SADD small x");
  EXPECT_EQ(harness.run("SMEMBERS small"), "[\"1\", \"2\", \"3\", \"x\"]");
  EXPECT_EQ(encoding(harness, "small"), "\"listpack\"");
}

TEST(Set, limits_are_settings) {
  Harness harness;
  harness.options().encodings.set_intset_entries = 2;
  harness.run("SADD k 1 2");
  EXPECT_EQ(encoding(harness, "k"), "\"intset\"");
  harness.run("SADD k 3");
  EXPECT_EQ(encoding(harness, "k"), "\"hashtable\"");
  harness.options().encodings.set_listpack_value_bytes = 2;
  harness.run("SADD l xx");
  EXPECT_EQ(encoding(harness, "l"), "\"listpack\"");
  harness.run("SADD l xxx");
  EXPECT_EQ(encoding(harness, "l"), "\"hashtable\"");
}

TEST(Set, move) {
  Harness harness;
  harness.run("SADD a 1 2");
  harness.play({{"SMOVE a b 1", ":1", "srem a; new b; sadd b", "SMOVE a b 1"},
                {"SMOVE a b x", ":0", "", ""},
                {"SMOVE missing b 1", ":0", "", ""},
                {"SMOVE a a 2", ":1", "", ""},
                {"SMOVE a a x", ":0", "", ""},
                {"SADD b 2", ":1", "sadd b", "SADD b 2"},
                {"SMOVE a b 2", ":1", "srem a; del a", "SMOVE a b 2"},
                {"SMEMBERS b", "[\"1\", \"2\"]", "", ""},
                {"SET s v", "+OK", "new s; set s", "SET s v"},
                {"SMOVE b s 1", wrong_type, "", ""},
                {"SMOVE s b 1", wrong_type, "", ""},
                {"SMOVE missing s 1", ":0", "", ""}});
  EXPECT_EQ(encoding(harness, "b"), "\"intset\"");
}

TEST(Set, another_type_is_refused) {
  Harness harness;
  harness.run("SET s v");
  harness.run("SADD k 1");
  for (const char* command :
       {"SADD s 1", "SREM s 1", "SISMEMBER s 1", "SMISMEMBER s 1", "SCARD s", "SMEMBERS s", "SSCAN s 0", "SPOP s",
        "SPOP s 0", "SRANDMEMBER s", "SRANDMEMBER s 3", "SINTER k s", "SUNION k s", "SDIFF k s", "SINTERCARD 2 k s",
        "SINTERSTORE d k s", "SUNIONSTORE d k s", "SDIFFSTORE d k s", "SINTER missing s"}) {
    EXPECT_EQ(harness.run(command), wrong_type) << command;
    EXPECT_EQ(harness.propagated(), "") << command;
  }
  EXPECT_EQ(harness.run("SSCAN s x"), "-ERR invalid cursor");
}

TEST(Set, replies_are_sets_in_resp3) {
  Harness harness;
  harness.run("SADD k 1 2");
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("SMEMBERS k"), "~[\"1\", \"2\"]");
  EXPECT_EQ(harness.run("SMEMBERS missing"), "~[]");
  EXPECT_EQ(harness.run("SINTER k k"), "~[\"1\", \"2\"]");
  EXPECT_EQ(harness.run("SINTER k missing"), "~[]");
  EXPECT_EQ(harness.run("SUNION k missing"), "~[\"1\", \"2\"]");
  EXPECT_EQ(harness.run("SDIFF missing k"), "~[]");
  EXPECT_EQ(harness.run("SRANDMEMBER k 5"), "[\"1\", \"2\"]");
  EXPECT_EQ(harness.run("SRANDMEMBER missing 5"), "[]");
  EXPECT_EQ(harness.run("SRANDMEMBER missing"), "null");
  EXPECT_EQ(harness.run("SPOP missing"), "null");
  EXPECT_EQ(harness.run("SPOP k 0"), "~[]");
  EXPECT_EQ(harness.run("SPOP k 5"), "~[\"1\", \"2\"]");
}

// --- algebra ---

TEST(Set, algebra) {
  Harness harness;
  harness.run("SADD a 1 2 3 4");
  harness.run("SADD b 2 4 x");
  harness.run("SADD c 4 x y");
  harness.play({{"SINTER a b", "[\"2\", \"4\"]", "", ""},
                {"SINTER a b c", "[\"4\"]", "", ""},
                {"SINTER a b missing", "[]", "keymiss missing", ""},
                {"SDIFF a b c", "[\"1\", \"3\"]", "", ""},
                {"SDIFF a b a", "[]", "", ""},
                {"SDIFF missing a", "[]", "keymiss missing", ""},
                {"SUNION b missing a", "[\"2\", \"4\", \"x\", \"1\", \"3\"]", "keymiss missing", ""},
                {"SUNION a", "[\"1\", \"2\", \"3\", \"4\"]", "", ""}});
}

TEST(Set, results_are_stored) {
  Harness harness;
  harness.run("SADD a 1 2 3");
  harness.run("SADD b 2 3 x");
  harness.play(
      {{"SINTERSTORE d a b", ":2", "new d; sinterstore d", "SINTERSTORE d a b"},
       {"SUNIONSTORE d a b", ":4", "sunionstore d", "SUNIONSTORE d a b"},
       {"SDIFFSTORE a a b", ":1", "sdiffstore a", "SDIFFSTORE a a b"},
       {"SMEMBERS a", "[\"1\"]", "", ""},
       {"EXPIRE d 100", ":1", "expire d", "PEXPIREAT d 1700000100000"},
       {"SUNIONSTORE d a", ":1", "sunionstore d", "SUNIONSTORE d a"},
       {"TTL d", ":-1", "", ""},
       {"SINTERSTORE d a missing", ":0", "keymiss missing; del d", "SINTERSTORE d a missing"},
       {"SINTERSTORE d a missing", ":0", "keymiss missing", ""},
       {"SET s v", "+OK", "new s; set s", "SET s v"},
       {"SUNIONSTORE s b", ":3", "sunionstore s", "SUNIONSTORE s b"},
       {"SDIFFSTORE s b b", ":0", "del s", "SDIFFSTORE s b b"}});
  EXPECT_EQ(harness.entry("s"), nullptr);
}

TEST(Set, intersections_of_large_sets) {
  Harness harness;
  harness.run("SADD a" + range(0, 3000, "m"));
  harness.run("SADD b" + range(1000, 5000, "m"));
  harness.run("SADD c" + range(2990, 3100, "m"));
  std::multiset<std::string> expected;
  for (int i = 2990; i < 3000; ++i) expected.insert("m" + std::to_string(i));
  EXPECT_EQ(members(harness.run("SINTER a b c")), expected);
  EXPECT_EQ(harness.run("SINTERCARD 2 a b"), ":2000");
  EXPECT_EQ(harness.run("SINTERCARD 2 a b LIMIT 77"), ":77");
  EXPECT_EQ(harness.run("SDIFFSTORE d b a c"), ":1900");
  EXPECT_EQ(harness.run("SUNIONSTORE d a b c"), ":5000");
}

TEST(Set, intercard_refuses_bad_numbers) {
  Harness harness;
  harness.run("SADD k 1 2 3");
  harness.play({{"SINTERCARD 0 k", "-ERR numkeys should be greater than 0", "", ""},
                {"SINTERCARD a k", "-ERR numkeys should be greater than 0", "", ""},
                {"SINTERCARD 2 k", "-ERR Number of keys can't be greater than number of args", "", ""},
                {"SINTERCARD 9223372036854775807 k", "-ERR Number of keys can't be greater than number of args", "",
                 ""},
                {"SINTERCARD 1 k LIMIT -1", "-ERR LIMIT can't be negative", "", ""},
                {"SINTERCARD 1 k LIMIT a", "-ERR LIMIT can't be negative", "", ""},
                {"SINTERCARD 1 k LIMIT", "-ERR syntax error", "", ""},
                {"SINTERCARD 1 k x", "-ERR syntax error", "", ""},
                {"SINTERCARD 1 k LIMIT 2 limit 0", ":3", "", ""},
                {"SINTERCARD 1 k LIMIT 3", ":3", "", ""},
                {"SINTERCARD 1 missing", ":0", "keymiss missing", ""}});
}

TEST(Set, an_overdue_key_is_an_empty_set) {
  Harness harness;
  harness.run("SADD a 1 2");
  harness.run("SADD b 1 2");
  harness.run("PEXPIRE b 10");
  harness.advance_ms(11);
  EXPECT_EQ(harness.run("SINTER a b"), "[]");
  EXPECT_EQ(harness.events(), "expired b; keymiss b");
  harness.run("PEXPIRE a 10");
  harness.advance_ms(11);
  EXPECT_EQ(harness.run("SADD a 3"), ":1");
  EXPECT_EQ(harness.propagated(), "MULTI; DEL a; SADD a 3; EXEC");
}

// --- at random ---

TEST(Set, pop_one) {
  Harness harness;
  harness.run("SADD k a b");
  const std::string first = harness.run("SPOP k");
  const std::string member = first.substr(1, 1);
  EXPECT_EQ(harness.events(), "spop k");
  EXPECT_EQ(harness.propagated(), "SREM k " + member);
  const std::string second = harness.run("SPOP k");
  EXPECT_NE(first, second);
  EXPECT_EQ(harness.events(), "spop k; del k");
  EXPECT_EQ(harness.run("SPOP k"), "nil");
  EXPECT_EQ(harness.run("SPOP k 1 2"), "-ERR syntax error");
  EXPECT_EQ(harness.run("SPOP k -1"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(harness.run("SPOP k x"), "-ERR value is out of range, must be positive");
}

TEST(Set, pop_all) {
  Harness harness;
  harness.run("SADD k 1 2 3");
  harness.play({{"SPOP k 3", "[\"1\", \"2\", \"3\"]", "spop k; del k", "DEL k"}});
  harness.options().lazy_server_del = true;
  harness.run("SADD k" + range(0, 600));
  EXPECT_EQ(members(harness.run("SPOP k 9223372036854775807")).size(), 600u);
  EXPECT_EQ(harness.propagated(), "UNLINK k");
  EXPECT_EQ(harness.entry("k"), nullptr);
}

// What is popped, propagated and left is the set; one form after the other, few members and nearly all.
TEST(Set, pop_some) {
  for (const char* prefix : {"", "m"}) {
    for (int size : {20, 100, 2500}) {
      for (int popped : {1, 7, size / 2, size - 2}) {
        Harness harness;
        harness.run("SADD k" + range(0, size, prefix));
        const auto taken = members(harness.run("SPOP k " + std::to_string(popped)));
        EXPECT_EQ(harness.events(), "spop k");
        const std::string propagated = harness.propagated();
        auto left = members(harness.run("SMEMBERS k"));
        EXPECT_EQ(taken.size(), static_cast<size_t>(popped));
        left.insert(taken.begin(), taken.end());
        EXPECT_EQ(std::set<std::string>(left.begin(), left.end()).size(), static_cast<size_t>(size));
        const size_t commands = (static_cast<size_t>(popped) + 1023) / 1024;
        const size_t frame = commands > 1 ? 2 : 0;
        EXPECT_EQ(count_words(propagated), static_cast<size_t>(popped) + 2 * commands + frame);
        EXPECT_EQ(harness.session().statistics().dirty, static_cast<uint64_t>(size + popped));
      }
    }
  }
}

TEST(Set, popping_nearly_all_makes_the_form_small_again) {
  Harness harness;
  harness.run("SADD k" + range(0, 1000, "m"));
  harness.run("SPOP k 990");
  EXPECT_EQ(encoding(harness, "k"), "\"listpack\"");
  harness.run("SADD l" + range(0, 1000, "m"));
  harness.run("SPOP l 10");
  EXPECT_EQ(encoding(harness, "l"), "\"hashtable\"");
}

// Limits that were lowered meanwhile decide about the form only where the set is made anew.
TEST(Set, popping_keeps_the_form_unless_nearly_all_go) {
  const auto popped = [](const std::string& members, int count) {
    Harness harness;
    harness.run("SADD k" + members);
    harness.options().encodings.set_intset_entries = 10;
    harness.options().encodings.set_listpack_entries = 10;
    harness.options().encodings.set_listpack_value_bytes = 10;
    harness.run("SPOP k " + std::to_string(count));
    return encoding(harness, "k");
  };
  EXPECT_EQ(popped(range(0, 100), 5), "\"intset\"");
  EXPECT_EQ(popped(range(0, 100, "m"), 5), "\"listpack\"");
  EXPECT_EQ(popped(range(0, 5, std::string(50, 'm')), 1), "\"listpack\"");
  EXPECT_EQ(popped(range(0, 100), 83), "\"intset\"");
  EXPECT_EQ(popped(range(0, 100), 84), "\"hashtable\"");
  EXPECT_EQ(popped(range(0, 100), 90), "\"intset\"");
  EXPECT_EQ(popped(range(0, 100, "m"), 83), "\"listpack\"");
  EXPECT_EQ(popped(range(0, 100, "m"), 84), "\"hashtable\"");
  EXPECT_EQ(popped(range(0, 100, "m"), 90), "\"listpack\"");
  EXPECT_EQ(popped(range(0, 20, std::string(50, 'm')), 18), "\"hashtable\"");
}

TEST(Set, random_members) {
  Harness harness;
  for (const auto& [key, size, prefix] : {std::tuple("i", 30, ""), {"l", 30, "m"}, {"h", 700, "m"}}) {
    const std::string name = key;
    harness.run("SADD " + name + range(0, size, prefix));
    const auto all = members(harness.run("SMEMBERS " + name));
    std::set<std::string> seen;
    for (int i = 0; i < 50 * size; ++i) seen.insert(*members(harness.run("SRANDMEMBER " + name)).begin());
    EXPECT_EQ(seen, std::set<std::string>(all.begin(), all.end()));
    for (int count : {1, 5, size / 2, size - 1, size, size + 10}) {
      const auto some = members(harness.run("SRANDMEMBER " + name + " " + std::to_string(count)));
      EXPECT_EQ(some.size(), static_cast<size_t>(std::min(count, size)));
      for (const std::string& member : some) EXPECT_TRUE(all.contains(member) && some.count(member) == 1) << member;
    }
    const auto repeated = members(harness.run("SRANDMEMBER " + name + " -" + std::to_string(3 * size)));
    EXPECT_EQ(repeated.size(), static_cast<size_t>(3 * size));
  }
}

TEST(Set, random_members_refuses_bad_counts) {
  Harness harness;
  harness.run("SADD k 1");
  harness.play(
      {{"SRANDMEMBER k 0", "[]", "", ""},
       {"SRANDMEMBER k 1 2", "-ERR syntax error", "", ""},
       {"SRANDMEMBER k x", "-ERR value is not an integer or out of range", "", ""},
       {"SRANDMEMBER k -9223372036854775808",
        "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807", "", ""},
       // What would fill the memory is refused before it is begun.
       {"SRANDMEMBER k -9223372036854775807", "-ERR value is out of range", "", ""},
       {"SRANDMEMBER missing -9223372036854775807", "[]", "keymiss missing", ""},
       {"SRANDMEMBER k 9223372036854775807", "[\"1\"]", "", ""},
       {"SRANDMEMBER k -3", "[\"1\", \"1\", \"1\"]", "", ""}});
}

// --- SSCAN ---

TEST(Set, scan_tells_all) {
  Harness harness;
  harness.run("SADD k" + range(0, 2000, "m"));
  std::set<std::string> seen;
  std::string cursor = "0";
  int calls = 0;
  do {
    const std::string reply = harness.run("SSCAN k " + cursor + " COUNT 50");
    auto part = members(reply);
    cursor = reply.substr(2, reply.find('"', 2) - 2);
    part.erase(part.find(cursor));
    seen.insert(part.begin(), part.end());
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 2000u);
  EXPECT_GT(calls, 10);
  harness.run("SADD small 1 2 30");
  harness.play({{"SSCAN small 0 COUNT 1", "[\"0\", [\"1\", \"2\", \"30\"]]", "", ""},
                {"SSCAN small 7 MATCH 3*", "[\"0\", [\"30\"]]", "", ""},
                {"SSCAN missing 5 COUNT", "[\"0\", []]", "keymiss missing", ""},
                {"SSCAN small x", "-ERR invalid cursor", "", ""},
                {"SSCAN small 0 COUNT 0", "-ERR syntax error", "", ""},
                {"SSCAN small 0 COUNT x", "-ERR value is not an integer or out of range", "", ""},
                {"SSCAN small 0 NOVALUES", "-ERR syntax error", "", ""},
                {"SSCAN small 0 TYPE set", "-ERR syntax error", "", ""}});
}

TEST(Set, digests_do_not_depend_on_order_or_form) {
  Harness harness;
  harness.options().enable_debug_command = 1;
  harness.run("SADD a x 1 2");
  harness.run("SADD b 2 x 1");
  harness.run({"SADD", "b", std::string(100, 'y')});
  harness.run({"SREM", "b", std::string(100, 'y')});
  EXPECT_EQ(encoding(harness, "b"), "\"hashtable\"");
  const std::string digests = harness.run("DEBUG DIGEST-VALUE a b");
  EXPECT_EQ(digests.substr(1, 41), digests.substr(44, 41));
}

TEST(Set, rows_have_what_they_need) {
  session::Registry registry;
  registry.add(set_rows(), nullptr);
  for (const auto& row : set_rows()) {
    const session::Command* command = registry.find(row.name);
    ASSERT_NE(command, nullptr) << row.name;
    EXPECT_EQ(row.acl, "set");
    EXPECT_FALSE(command->key_specs.empty()) << row.name;
  }
}

}  // namespace
}  // namespace torc::cmd
