// Glob patterns: the ordinary ones and the corners in which Redis has its own opinion.
// The fuzzer (tests/fuzz/glob_fuzz.cc) compares any pattern with a second matcher.
#include "ds/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace torc::ds {
namespace {

bool sensitive(std::string_view pattern, std::string_view text) { return glob_match(pattern, text); }
bool insensitive(std::string_view pattern, std::string_view text) {
  return glob_match(pattern, text, GlobCase::insensitive);
}

TEST(Glob, literals) {
  EXPECT_TRUE(sensitive("", ""));
  EXPECT_TRUE(sensitive("abc", "abc"));
  EXPECT_FALSE(sensitive("abc", "abd"));
  EXPECT_FALSE(sensitive("abc", "ab"));
  EXPECT_FALSE(sensitive("ab", "abc"));
  EXPECT_FALSE(sensitive("", "a"));
  EXPECT_FALSE(sensitive("a", ""));
  EXPECT_TRUE(sensitive(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
  EXPECT_FALSE(sensitive("ABC", "abc"));
  EXPECT_TRUE(insensitive("ABC", "abc"));
}

TEST(Glob, stars) {
  EXPECT_TRUE(sensitive("*", "a"));
  EXPECT_TRUE(sensitive("a*", "a"));
  EXPECT_TRUE(sensitive("a**", "a"));
  EXPECT_TRUE(sensitive("h*llo", "heeeello"));
  EXPECT_TRUE(sensitive("*a*b*c*", "xaybzc"));
  EXPECT_FALSE(sensitive("*a*b*c*", "xaycz"));
  EXPECT_TRUE(sensitive("*ab", "aab"));
  EXPECT_TRUE(sensitive("*aab", "aaaab"));
  EXPECT_FALSE(sensitive("*a", "ab"));
  EXPECT_TRUE(sensitive("a*a", "aa"));
  EXPECT_FALSE(sensitive("a*a", "a"));
}

TEST(Glob, a_star_alone_needs_a_text) {
  EXPECT_FALSE(sensitive("*", ""));
  EXPECT_FALSE(sensitive("**", ""));
}

TEST(Glob, question_marks) {
  EXPECT_TRUE(sensitive("h?llo", "hello"));
  EXPECT_FALSE(sensitive("h?llo", "hllo"));
  EXPECT_TRUE(sensitive("*?", "abc"));
  EXPECT_FALSE(sensitive("?", ""));
}

TEST(Glob, sets) {
  EXPECT_TRUE(sensitive("h[ae]llo", "hallo"));
  EXPECT_FALSE(sensitive("h[ae]llo", "hillo"));
  EXPECT_TRUE(sensitive("h[^e]llo", "hallo"));
  EXPECT_FALSE(sensitive("h[^e]llo", "hello"));
  EXPECT_TRUE(sensitive("h[a-b]llo", "hbllo"));
  EXPECT_TRUE(sensitive("h[b-a]llo", "hallo"));
  EXPECT_FALSE(sensitive("h[a-b]llo", "hcllo"));
  EXPECT_TRUE(insensitive("h[A-B]llo", "hbllo"));
  EXPECT_TRUE(insensitive("[xY]", "y"));
  EXPECT_TRUE(sensitive("*[0-9]", "key7"));
}

TEST(Glob, corners_of_sets) {
  EXPECT_TRUE(sensitive("[\\]]", "]"));
  EXPECT_TRUE(sensitive("[\\-a]", "-"));
  EXPECT_FALSE(sensitive("[]", "a"));
  EXPECT_TRUE(sensitive("[^]", "a"));
  EXPECT_TRUE(sensitive("[abc", "b"));  // ends with the pattern
  EXPECT_TRUE(sensitive("[^", "b"));
  EXPECT_FALSE(sensitive("[", "b"));
  EXPECT_TRUE(sensitive("[a-]", "b") == false && sensitive("[a-]", "^"));  // a range up to ']', and no end
  EXPECT_TRUE(sensitive("[a-", "-"));
  EXPECT_FALSE(insensitive("[\\A]", "a"));  // escaped: with case
  EXPECT_TRUE(insensitive("[\\A]", "A"));
  EXPECT_TRUE(sensitive("[\x80-\x01]", "\xff"));  // signed bytes
  EXPECT_FALSE(sensitive("[\x01-\x80]", "\x02"));
}

TEST(Glob, escapes) {
  EXPECT_TRUE(sensitive("a\\*b", "a*b"));
  EXPECT_FALSE(sensitive("a\\*b", "axb"));
  EXPECT_TRUE(sensitive("a\\", "a\\"));
  EXPECT_TRUE(sensitive("\\\\", "\\"));
  EXPECT_TRUE(sensitive("\\a", "a"));
}

TEST(Glob, thousands_of_stars_match_nothing) {
  std::string pattern;
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    pattern += "*a";
    text += "a";
  }
  EXPECT_TRUE(sensitive(pattern, text));
  EXPECT_FALSE(sensitive(pattern + "*a", text + "a"));
}

TEST(Glob, abusive_patterns_cost_no_more_than_the_product) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  pattern += "b";
  EXPECT_FALSE(sensitive(pattern, std::string(20000, 'a')));
}

TEST(Glob, knows_literals) {
  EXPECT_TRUE(glob_is_literal(""));
  EXPECT_TRUE(glob_is_literal("user:1000]^-"));
  for (const char* pattern : {"a*", "?", "[a]", "\\a"}) EXPECT_FALSE(glob_is_literal(pattern));
}

}  // namespace
}  // namespace torc::ds
