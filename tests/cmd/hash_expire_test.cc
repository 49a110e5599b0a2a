// Fields with a time to live: setting, telling and removing it, what happens when it is over, and what is propagated.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "harness.h"
#include "store/hash_object.h"

namespace torc::cmd {
namespace {

constexpr const char* wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr int64_t start_ms = Harness::start_ms;

std::string at(int64_t milliseconds) { return std::to_string(start_ms + milliseconds); }

std::set<std::string> strings(const std::string& reply) {
  const std::vector<std::string> found = rendered_strings(reply);
  return {found.begin(), found.end()};
}

// 2,000 fields, the first ones of which stay; the others are overdue, but a pause keeps them. Returns those that stay.
std::set<std::string> fill_mostly_overdue(Harness& harness, int shown) {
  std::set<std::string> staying;
  for (int i = 0; i < 2000; ++i) {
    const std::string field = "f" + std::to_string(i);
    harness.run("HSET k " + field + " v");
    if (i < shown) {
      staying.insert(field);
    } else {
      harness.run("HPEXPIRE k 10 FIELDS 1 " + field);
    }
  }
  harness.run("CLIENT PAUSE 100000 WRITE");
  harness.advance_ms(11);
  return staying;
}

TEST(HashExpire, sets_and_tells_deadlines) {
  Harness harness;
  harness.run("HSET k a 1 b 2 c 3");
  harness.play({{"HEXPIRE k 100 FIELDS 2 a x", "[:1, :-2]", "hexpire k", "HPEXPIREAT k 1700000100000 FIELDS 1 a"},
                {"HPEXPIRE k 1500 FIELDS 1 b", "[:1]", "hexpire k", "HPEXPIREAT k 1700000001500 FIELDS 1 b"},
                {"HTTL k FIELDS 4 a b c x", "[:100, :2, :-1, :-2]", "", ""},
                {"HPTTL k FIELDS 2 a b", "[:100000, :1500]", "", ""},
                {"HEXPIRETIME k FIELDS 2 a b", "[:1700000100, :1700000002]", "", ""},
                {"HPEXPIRETIME k FIELDS 2 a b", "[:1700000100000, :1700000001500]", "", ""},
                {"HEXPIREAT k 1800000000 FIELDS 1 a", "[:1]", "hexpire k", "HPEXPIREAT k 1800000000000 FIELDS 1 a"},
                {"HPEXPIREAT k 1800000000001 FIELDS 1 a", "[:1]", "hexpire k",
                 "HPEXPIREAT k 1800000000001 FIELDS 1 a"},
                {"HPERSIST k FIELDS 3 a c x", "[:1, :-1, :-2]", "hpersist k", "HPERSIST k FIELDS 3 a c x"},
                {"HPERSIST k FIELDS 1 a", "[:-1]", "", ""},
                {"HTTL missing FIELDS 2 a b", "[:-2, :-2]", "keymiss missing", ""},
                {"HPERSIST missing FIELDS 1 a", "[:-2]", "", ""},
                {"HEXPIRE missing 10 FIELDS 2 a b", "[:-2, :-2]", "", ""}});
  EXPECT_EQ(harness.run("HGETALL k").size(), std::string("[\"a\", \"1\", \"b\", \"2\", \"c\", \"3\"]").size());
}

TEST(HashExpire, conditions) {
  Harness harness;
  harness.run("HSET k a 1 b 2");
  harness.run("HPEXPIRE k 1000 FIELDS 1 a");
  harness.play({{"HPEXPIRE k 2000 NX FIELDS 2 a b", "[:0, :1]", "hexpire k",
                 "HPEXPIREAT k " + at(2000) + " NX FIELDS 1 b"},
                {"HPERSIST k FIELDS 1 b", "[:1]", "hpersist k", "HPERSIST k FIELDS 1 b"},
                {"HPEXPIRE k 3000 xx FIELDS 2 a b", "[:1, :0]", "hexpire k",
                 "HPEXPIREAT k " + at(3000) + " xx FIELDS 1 a"},
                {"HPEXPIRE k 3000 GT FIELDS 2 a b", "[:0, :0]", "", ""},
                {"HPEXPIRE k 3001 GT FIELDS 2 a b", "[:1, :0]", "hexpire k",
                 "HPEXPIREAT k " + at(3001) + " GT FIELDS 1 a"},
                {"HPEXPIRE k 3001 LT FIELDS 1 a", "[:0]", "", ""},
                {"HPEXPIRE k 500 LT FIELDS 2 a b", "[:1, :1]", "hexpire k",
                 "HPEXPIREAT k " + at(500) + " LT FIELDS 2 a b"}});
}

TEST(HashExpire, a_deadline_that_has_passed_deletes) {
  Harness harness;
  harness.run("HSET k a 1 b 2 c 3");
  harness.play({{"HEXPIREAT k 5 FIELDS 2 a x", "[:2, :-2]", "hdel k", "HDEL k a"},
                {"HPEXPIRE k 0 FIELDS 2 b c", "[:2, :2]", "hdel k; del k", "HDEL k b c"},
                {"EXISTS k", ":0", "keymiss k", ""}});
  harness.run("HSET k a 1 b 2");
  harness.run("HPEXPIRE k 1000 FIELDS 1 a");
  harness.play({{"HEXPIREAT k 5 NX FIELDS 2 a b", "[:0, :2]", "hdel k", "HDEL k b"}});
}

TEST(HashExpire, refuses_bad_arguments) {
  Harness harness;
  harness.run("HSET k a 1");
  harness.run("SET s v");
  constexpr const char* misplaced = "-ERR Mandatory argument FIELDS is missing or not at the right position";
  constexpr const char* mismatch = "-ERR The `numfields` parameter must match the number of arguments";
  harness.play({
      {"HEXPIRE s x FIELDS 1 a", wrong_type, "", ""},
      {"HTTL s FIELDS 1 a", wrong_type, "", ""},
      {"HPERSIST s FIELDS 1 a", wrong_type, "", ""},
      {"HEXPIRE k x FIELDS 1 a", "-ERR value is not an integer or out of range", "", ""},
      {"HEXPIRE k -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0", "", ""},
      {"HEXPIRE k 70368744178 FIELDS 1 a", "-ERR invalid expire time in 'hexpire' command", "", ""},
      {"HEXPIRE k 9223372036854775807 FIELDS 1 a", "-ERR invalid expire time in 'hexpire' command", "", ""},
      {"HPEXPIREAT k 70368744177664 FIELDS 1 a", "-ERR invalid expire time in 'hpexpireat' command", "", ""},
      {"HPEXPIRE k 70368744177663 FIELDS 1 a", "-ERR invalid expire time in 'hpexpire' command", "", ""},
      {"HEXPIRE k 10 ZZ FIELDS 1 a", misplaced, "", ""},
      {"HEXPIRE k 10 1 a b", misplaced, "", ""},
      {"HTTL k 1 a b", misplaced, "", ""},
      {"HEXPIRE k 10 FIELDS 0 a", "-ERR Parameter `numFields` should be greater than 0", "", ""},
      {"HEXPIRE k 10 FIELDS x a", "-ERR Parameter `numFields` should be greater than 0", "", ""},
      {"HTTL k FIELDS 0 a", "-ERR Number of fields must be a positive integer", "", ""},
      {"HPERSIST k FIELDS 9223372036854775808 a", "-ERR Number of fields must be a positive integer", "", ""},
      {"HEXPIRE k 10 FIELDS 2 a", mismatch, "", ""},
      {"HEXPIRE k 10 NX FIELDS 1", mismatch, "", ""},
      {"HTTL k FIELDS 1 a b", mismatch, "", ""},
      {"HTTL k FIELDS 9223372036854775807 a", mismatch, "", ""},
      {"HPERSIST k FIELDS 2 a", mismatch, "", ""},
      {"HEXPIRE k 10 FIELDS 1", "-ERR wrong number of arguments for 'hexpire' command", "", ""},
  });
  harness.play({{"HPEXPIREAT k 70368744177663 FIELDS 1 a", "[:1]", "hexpire k",
                 "HPEXPIREAT k 70368744177663 FIELDS 1 a"}});
}

// --- when it is over ---

TEST(HashExpire, overdue_fields_are_hidden_from_reads) {
  Harness harness;
  harness.options().active_expire = false;
  harness.run("HSET k a 1 b 2 c 3");
  harness.run("HPEXPIRE k 10 FIELDS 2 a b");
  harness.advance_ms(10);
  EXPECT_EQ(harness.run("HGET k a"), "\"1\"");
  harness.advance_ms(1);
  harness.play({{"HGETALL k", "[\"c\", \"3\"]", "", ""},
                {"HKEYS k", "[\"c\"]", "", ""},
                {"HVALS k", "[\"3\"]", "", ""},
                {"HSCAN k 0", "[\"0\", [\"c\", \"3\"]]", "", ""},
                {"HTTL k FIELDS 2 a c", "[:-2, :-1]", "", ""},
                // As long as they are there they count.
                {"HLEN k", ":3", "", ""},
                {"EXISTS k", ":1", "", ""}});
}

TEST(HashExpire, reads_remove_the_overdue_fields_that_they_name) {
  Harness harness;
  harness.options().active_expire = false;
  harness.run("HSET k a 1 b 2 c 3 d 4 e 5 f 6");
  harness.run("HPEXPIRE k 10 FIELDS 5 a b c d e");
  harness.advance_ms(11);
  harness.play({{"HGET k a", "nil", "hexpired k", "HDEL k a"},
                {"HGET k a", "nil", "", ""},
                {"HEXISTS k b", ":0", "hexpired k", "HDEL k b"},
                {"HSTRLEN k c", ":0", "hexpired k", "HDEL k c"},
                {"HMGET k d f", "[nil, \"6\"]", "hexpired k", "HDEL k d"},
                {"HLEN k", ":2", "", ""},
                {"HRANDFIELD k", "\"f\"", "hexpired k", "HDEL k e"},
                {"HRANDFIELD k 5 WITHVALUES", "[\"f\", \"6\"]", "", ""}});
  harness.run("HPEXPIRE k 10 FIELDS 1 f");
  harness.advance_ms(11);
  harness.play({{"HMGET k f f", "[nil, nil]", "hexpired k; del k", "HDEL k f"}, {"EXISTS k", ":0", "keymiss k", ""}});
  harness.run("HSET k a 1");
  harness.run("HPEXPIRE k 10 FIELDS 1 a");
  harness.advance_ms(11);
  harness.play({{"HRANDFIELD k 3", "[]", "hexpired k; del k", "HDEL k a"}});
}

TEST(HashExpire, nothing_is_removed_during_a_pause) {
  Harness harness;
  harness.run("HSET k a 1 b 2");
  harness.run("HPEXPIRE k 10 FIELDS 1 a");
  harness.run("CLIENT PAUSE 1000 WRITE");
  harness.advance_ms(11);
  harness.play({{"HGET k a", "nil", "", ""},
                {"HRANDFIELD k", "\"b\"", "", ""},
                {"HRANDFIELD k -2", "[\"b\", \"b\"]", "", ""},
                {"HLEN k", ":2", "", ""}});
  harness.background();
  EXPECT_EQ(harness.events(), "");
}

TEST(HashExpire, chooses_among_the_fields_that_are_not_overdue) {
  for (const int shown : {1, 20, 1500}) {
    Harness harness;
    const std::set<std::string> expected = fill_mostly_overdue(harness, shown);
    EXPECT_TRUE(expected.contains(*strings(harness.run("HRANDFIELD k")).begin()));
    EXPECT_EQ(strings(harness.run("HRANDFIELD k -" + std::to_string(20 * shown))), expected);
    for (const int count : {1, 2, 7, shown / 4, shown - 1, shown, shown + 1}) {
      const std::set<std::string> seen = strings(harness.run("HRANDFIELD k " + std::to_string(count)));
      EXPECT_EQ(seen.size(), static_cast<size_t>(std::min(count, shown)));
      EXPECT_TRUE(std::ranges::includes(expected, seen)) << count;
    }
  }
}

TEST(HashExpire, nothing_is_chosen_when_all_is_overdue) {
  Harness harness;
  fill_mostly_overdue(harness, 0);
  for (const char* count : {"5", "-5", "3000"}) EXPECT_EQ(harness.run("HRANDFIELD k " + std::string(count)), "[]");
  EXPECT_EQ(harness.run("HRANDFIELD k"), "nil");
}

TEST(HashExpire, writes_remove_the_overdue_fields_that_they_name) {
  Harness harness;
  harness.options().active_expire = false;
  const auto make = [&] {
    harness.run("DEL k");
    harness.run("HSET k a 1 b 2 c 3");
    harness.run("HPEXPIRE k 10 FIELDS 1 a");
    harness.advance_ms(11);
  };
  make();
  EXPECT_EQ(harness.run("HSET k a 5"), ":1");
  EXPECT_EQ(harness.events(), "hexpired k; hset k");
  EXPECT_EQ(harness.propagated(), "MULTI; HDEL k a; HSET k a 5; EXEC");
  EXPECT_EQ(harness.run("HTTL k FIELDS 1 a"), "[:-1]");
  make();
  EXPECT_EQ(harness.run("HSETNX k a 5"), ":1");
  make();
  EXPECT_EQ(harness.run("HINCRBY k a 5"), ":5");
  EXPECT_EQ(harness.propagated(), "MULTI; HDEL k a; HINCRBY k a 5; EXEC");
  make();
  EXPECT_EQ(harness.run("HDEL k a b"), ":2");
  EXPECT_EQ(harness.events(), "hdel k");
  make();
  EXPECT_EQ(harness.run("HPERSIST k FIELDS 1 a"), "[:-2]");
  EXPECT_EQ(harness.propagated(), "HDEL k a");
  make();
  EXPECT_EQ(harness.run("HEXPIRE k 10 FIELDS 2 a b"), "[:-2, :1]");
  make();
  EXPECT_EQ(harness.run("HGETDEL k FIELDS 2 a b"), "[nil, \"2\"]");
  make();
  EXPECT_EQ(harness.run("HGETEX k EX 10 FIELDS 2 a b"), "[nil, \"2\"]");
  make();
  EXPECT_EQ(harness.run("HSETEX k FNX FIELDS 1 a 2"), ":1");
}

TEST(HashExpire, a_hash_whose_last_field_was_overdue_is_made_anew) {
  Harness harness;
  harness.options().active_expire = false;
  harness.run("HSET k a 1");
  harness.run("HPEXPIRE k 10 FIELDS 1 a");
  harness.advance_ms(11);
  harness.play({{"HINCRBY k a 1", ":1", "hexpired k; del k; new k; hincrby k",
                 "MULTI; HDEL k a; HINCRBY k a 1; EXEC"},
                {"OBJECT ENCODING k", "\"listpack\"", "", ""}});
}

TEST(HashExpire, fields_that_a_deadline_deletes_at_once_have_expired) {
  Harness harness;
  harness.run("HSET k a 1 b 2 c 3 d 4");
  harness.run("HPEXPIREAT k 1 FIELDS 2 a b");
  harness.run("HGETEX k PX 0 FIELDS 1 c");
  EXPECT_EQ(harness.run("HLEN k"), ":1");
  EXPECT_EQ(harness.session().statistics().expired_fields, 3u);
}

TEST(HashExpire, an_idle_server_looks_for_overdue_fields_as_often_as_for_keys) {
  Harness harness;
  harness.run("HSET k a 1");
  const int64_t idle_us = harness.session().sleep_us_max();
  harness.run("HPEXPIRE k 1000 FIELDS 1 a");
  EXPECT_EQ(harness.session().sleep_us_max(), 10'000);
  EXPECT_GT(idle_us, 10'000);
}

TEST(HashExpire, overdue_fields_are_removed_in_the_background) {
  Harness harness;
  harness.run("HSET k a 1 b 2 c 3");
  harness.run("HPEXPIRE k 10 FIELDS 2 a b");
  harness.background();
  EXPECT_EQ(harness.events(), "");
  harness.advance_ms(11);
  harness.background();
  EXPECT_EQ(harness.events(), "hexpired k");
  EXPECT_TRUE(harness.propagated() == "HDEL k a b" || harness.propagated() == "HDEL k b a") << harness.propagated();
  EXPECT_EQ(harness.run("HLEN k"), ":1");
  EXPECT_EQ(harness.session().statistics().expired_fields, 2u);
  harness.run("HPEXPIRE k 10 FIELDS 1 c");
  harness.advance_ms(11);
  harness.background();
  EXPECT_EQ(harness.events(), "hexpired k; del k");
  EXPECT_EQ(harness.propagated(), "HDEL k c");
  EXPECT_EQ(harness.entry("k"), nullptr);
}

TEST(HashExpire, many_fields_go_in_the_background) {
  Harness harness;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    harness.run("HSET h" + std::to_string(i % 7) + " f" + n + " v keep" + n + " v");
    harness.run("HPEXPIRE h" + std::to_string(i % 7) + " " + std::to_string(1 + i) + " FIELDS 1 f" + n);
  }
  for (int round = 0; round < 600; ++round) {
    harness.advance_ms(1);
    harness.background();
  }
  for (int i = 0; i < 5; ++i) harness.background();
  int64_t left = 0;
  for (int i = 0; i < 7; ++i) left += std::stoll(harness.run("HLEN h" + std::to_string(i)).substr(1));
  EXPECT_EQ(left, 500);
  EXPECT_EQ(harness.session().statistics().expired_fields, 500u);
}

TEST(HashExpire, deadlines_follow_the_key) {
  Harness harness;
  const auto make = [&] {
    harness.run("FLUSHALL");
    harness.run("HSET k a 1 b 2");
    harness.run("HPEXPIRE k 10 FIELDS 1 a");
  };
  const auto expired_after = [&](int64_t milliseconds) {
    harness.advance_ms(milliseconds);
    harness.background();
    return harness.events();
  };
  make();
  harness.run("RENAME k r");
  EXPECT_EQ(expired_after(11), "hexpired r");
  make();
  harness.run("COPY k c");
  EXPECT_EQ(expired_after(11).size(), std::string("hexpired k; hexpired c").size());
  make();
  harness.run("MOVE k 3");
  EXPECT_EQ(expired_after(11), "[3] hexpired k");
  make();
  harness.run("SWAPDB 0 2");
  EXPECT_EQ(expired_after(11), "[2] hexpired k");
  make();
  harness.run("SET k text");
  EXPECT_EQ(expired_after(11), "");
  make();
  harness.run("DEL k");
  EXPECT_EQ(expired_after(11), "");
  make();
  harness.run("FLUSHALL");
  EXPECT_EQ(expired_after(11), "");
  make();
  harness.run("HSET k a 5");  // lives for ever again
  EXPECT_EQ(expired_after(11), "");
  make();
  harness.run("HPEXPIRE k 50 FIELDS 1 a");
  EXPECT_EQ(expired_after(11), "");
  EXPECT_EQ(expired_after(40), "hexpired k");
}

TEST(HashExpire, hashes_are_counted_while_fields_may_expire) {
  Harness harness;
  const auto counted = [&] { return harness.session().keyspace().database(0).hashes_with_deadlines(); };
  for (const char* command : {"HSET k a 5", "HDEL k a", "HGETDEL k FIELDS 1 a", "HPERSIST k FIELDS 1 a",
                              "HGETEX k PERSIST FIELDS 1 a", "HSETEX k FIELDS 1 a 5", "HGETEX k PX 0 FIELDS 1 a"}) {
    harness.run("HSETEX k EX 100 FIELDS 1 a 1");
    harness.run("HSET k b 1");
    EXPECT_EQ(counted(), 1u) << command;
    harness.run(command);
    EXPECT_EQ(counted(), 0u) << command;
  }
}

TEST(HashExpire, encodings) {
  Harness harness;
  harness.options().encodings.hash_listpack_entries = 4;
  harness.run("HSET k a 1 b 2");
  harness.run("HEXPIRE k 100 FIELDS 1 a");
  EXPECT_EQ(harness.run("OBJECT ENCODING k"), "\"listpackex\"");
  harness.run("COPY k c");
  EXPECT_EQ(harness.run("OBJECT ENCODING c"), "\"listpackex\"");
  EXPECT_EQ(harness.run("HTTL c FIELDS 1 a"), "[:100]");
  harness.run("HSET k c 1 d 2");
  EXPECT_EQ(harness.run("OBJECT ENCODING k"), "\"listpackex\"");
  harness.run("HSET k e 1");
  EXPECT_EQ(harness.run("OBJECT ENCODING k"), "\"hashtable\"");
  harness.run({"HSET", "c", "b", std::string(65, 'x')});
  EXPECT_EQ(harness.run("OBJECT ENCODING c"), "\"hashtable\"");
  // A field that does not exist changes nothing.
  harness.run("HSET p a 1");
  harness.run("HEXPIRE p 100 FIELDS 1 x");
  EXPECT_EQ(harness.run("OBJECT ENCODING p"), "\"listpack\"");
}

// --- HGETEX, HSETEX, HGETDEL ---

TEST(HashExpire, hgetex) {
  Harness harness;
  harness.run("HSET k a 1 b 2");
  harness.play(
      {{"HGETEX k FIELDS 3 a x b", "[\"1\", nil, \"2\"]", "", ""},
       {"HGETEX k EX 100 FIELDS 2 a x", "[\"1\", nil]", "hexpire k", "HPEXPIREAT k 1700000100000 FIELDS 2 a x"},
       {"HGETEX k PXAT 1800000000001 FIELDS 1 a", "[\"1\"]", "hexpire k", "HPEXPIREAT k 1800000000001 FIELDS 1 a"},
       {"HGETEX k PERSIST FIELDS 2 a b", "[\"1\", \"2\"]", "hpersist k", "HPERSIST k FIELDS 2 a b"},
       {"HGETEX k PERSIST FIELDS 2 a b", "[\"1\", \"2\"]", "", ""},
       {"HGETEX k EXAT 5 FIELDS 1 a", "[\"1\"]", "hdel k", "HDEL k a"},
       {"HGETEX k PX 0 FIELDS 1 b", "[\"2\"]", "hdel k; del k", "HDEL k b"},
       {"HGETEX k EX 10 FIELDS 2 a b", "[nil, nil]", "", ""},
       {"HGETEX k EX FIELDS 1 a", "-ERR value is not an integer or out of range", "", ""},
       {"HGETEX k EX -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0", "", ""},
       {"HGETEX k EX 10 FIELDS", "-ERR wrong number of arguments for 'hgetex' command", "", ""},
       {"HGETEX k PXAT 10 a", "-ERR wrong number of arguments for 'hgetex' command", "", ""},
       {"HGETEX k PX 10 a b", "-ERR Mandatory argument FIELDS is missing or not at the right position", "", ""},
       {"HGETEX k KEEPTTL FIELDS 1 a",
        "-ERR Mandatory argument FIELDS is missing or not at the right position", "", ""},
       {"HGETEX k FIELDS 0 a", "-ERR Number of fields must be a positive integer", "", ""},
       {"HGETEX k FIELDS 2 a", "-ERR The `numfields` parameter must match the number of arguments", "", ""}});
}

TEST(HashExpire, hgetdel) {
  Harness harness;
  harness.run("HSET k a 1 b 2 c 3");
  harness.play({{"HGETDEL k FIELDS 2 a x", "[\"1\", nil]", "hdel k", "HDEL k a x"},
                {"HGETDEL k FIELDS 1 x", "[nil]", "", ""},
                {"HGETDEL k FIELDS 3 b b c", "[\"2\", nil, \"3\"]", "hdel k; del k", "HDEL k b b c"},
                {"HGETDEL k FIELDS 2 b c", "[nil, nil]", "", ""},
                {"HGETDEL k 1 b c", "-ERR Mandatory argument FIELDS is missing or not at the right position", "", ""}});
}

TEST(HashExpire, hsetex) {
  Harness harness;
  harness.play(
      {{"HSETEX k FXX FIELDS 1 a 1", ":0", "", ""},
       {"HSETEX k FNX EX 100 FIELDS 2 a 1 b 2", ":1", "new k; hset k; hexpire k",
        "HSETEX k FNX PXAT 1700000100000 FIELDS 2 a 1 b 2"},
       {"HSETEX k FNX FIELDS 2 x 1 b 2", ":0", "", ""},
       {"HSETEX k FXX FIELDS 2 x 1 b 2", ":0", "", ""},
       {"HSETEX k FXX KEEPTTL FIELDS 1 a 5", ":1", "hset k", "HSETEX k FXX KEEPTTL FIELDS 1 a 5"},
       {"HTTL k FIELDS 2 a b", "[:100, :100]", "", ""},
       {"HSETEX k FIELDS 1 a 6", ":1", "hset k", "HSETEX k FIELDS 1 a 6"},
       {"HTTL k FIELDS 2 a b", "[:-1, :100]", "", ""},
       {"HSETEX k PXAT 5 FIELDS 1 c 1", ":1", "hset k; hdel k", "HDEL k c"},
       {"HSETEX new PX 0 FIELDS 1 c 1", ":1", "new new; hset new; hdel new; del new", "HDEL new c"},
       {"EXISTS new", ":0", "keymiss new", ""}});
  harness.run("SET s v");
  harness.play({{"HSETEX s FIELDS 1 a 1", wrong_type, "", ""},
                {"HSETEX k EX 1 PX 1 FIELDS 1 a 1",
                 "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified", "", ""},
                {"HSETEX k EX 1 KEEPTTL FIELDS 1 a 1",
                 "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified", "", ""},
                {"HSETEX k FNX FXX FIELDS 1 a 1", "-ERR Only one of FXX or FNX arguments can be specified", "", ""},
                {"HSETEX k FIELDS 0 a 1", "-ERR invalid number of fields", "", ""},
                {"HSETEX k FIELDS x a 1", "-ERR invalid number of fields", "", ""},
                {"HSETEX k FIELDS 2147483648 a 1", "-ERR invalid number of fields", "", ""},
                {"HSETEX k FIELDS 2 a 1", "-ERR wrong number of arguments for 'hsetex' command", "", ""},
                {"HSETEX k FIELDS 1 a 1 b", "-ERR wrong number of arguments for 'hsetex' command", "", ""},
                {"HSETEX k EX x FIELDS 1 a 1", "-ERR value is not an integer or out of range", "", ""},
                {"HSETEX k EX -1 FIELDS 1 a 1", "-ERR invalid expire time, must be >= 0", "", ""},
                {"HSETEX k FNX 1 2 3 4", "-ERR unknown argument: 1", "", ""},
                {"HSETEX k 1 2 3 4 EX", "-ERR unknown argument: 1", "", ""}});
}

TEST(HashExpire, counting_keeps_the_deadline) {
  Harness harness;
  harness.run("HSET k a 1");
  harness.run("HEXPIRE k 100 FIELDS 1 a");
  harness.play({{"HINCRBY k a 1", ":2", "hincrby k", "HINCRBY k a 1"},
                {"HINCRBYFLOAT k a 0.5", "\"2.5\"", "hincrbyfloat k", "HSETEX k KEEPTTL FIELDS 1 a 2.5"},
                {"HTTL k FIELDS 1 a", "[:100]", "", ""}});
}

}  // namespace
}  // namespace torc::cmd
