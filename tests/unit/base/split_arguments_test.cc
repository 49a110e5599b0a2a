// The quoting rules of inline requests and redis.conf, as redis-server was observed to apply them.
#include "base/split_arguments.h"

#include <gtest/gtest.h>

namespace {

using namespace std::string_literals;

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string_view> arguments;
  std::deque<std::string> unescaped;
  if (!torc::base::split_arguments(line, arguments, unescaped)) {
    EXPECT_TRUE(arguments.empty());
    return {"unbalanced"};
  }
  return {arguments.begin(), arguments.end()};
}

using Words = std::vector<std::string>;

TEST(SplitArguments, words) {
  EXPECT_EQ(split(""), Words{});
  EXPECT_EQ(split(" \t\v\f\r "), Words{});
  EXPECT_EQ(split("a"), (Words{"a"}));
  EXPECT_EQ(split("  set \t key  value "), (Words{"set", "key", "value"}));
  EXPECT_EQ(split("a\vb\rc"), (Words{"a\vb", "c"}));
  EXPECT_EQ(split("a b\0c d"s), (Words{"a", "b"}));
  EXPECT_EQ(split("\0"s), Words{});
}

TEST(SplitArguments, double_quotes) {
  EXPECT_EQ(split(R"("a b" "")"), (Words{"a b", ""}));
  EXPECT_EQ(split(R"("\n\r\t\b\a\\\"\q")"), (Words{"\n\r\t\b\a\\\"q"}));
  EXPECT_EQ(split(R"("\x41\xfF\x4\xzz")"), (Words{"A\xffx4xzz"}));
  EXPECT_EQ(split(R"(pre"fix ed" x)"), (Words{"prefix ed", "x"}));
  EXPECT_EQ(split(R"(back\slash)"), (Words{R"(back\slash)"}));
  EXPECT_EQ(split("\"a\"\vb"), (Words{"a", "b"}));
}

TEST(SplitArguments, single_quotes) {
  EXPECT_EQ(split(R"('a \n b' 'it\'s' '"')"), (Words{R"(a \n b)", "it's", "\""}));
}

TEST(SplitArguments, unbalanced) {
  for (const char* line :
       {R"("a)", R"('a)", R"("a\")", R"("a\)", R"("a"b)", R"('a'b)", R"("a""b")", R"(x "a)", R"(")"}) {
    EXPECT_EQ(split(line), (Words{"unbalanced"})) << line;
  }
}

TEST(SplitArguments, keeps_what_is_in_the_lists) {
  std::vector<std::string_view> arguments{"before"};
  std::deque<std::string> unescaped;
  EXPECT_TRUE(torc::base::split_arguments("\"one\" two", arguments, unescaped));
  EXPECT_FALSE(torc::base::split_arguments("three \"four", arguments, unescaped));
  EXPECT_EQ(arguments, (std::vector<std::string_view>{"before", "one", "two"}));
}

TEST(SplitArguments, copies) {
  EXPECT_EQ(torc::base::split_arguments("a \"b c\""), (Words{"a", "b c"}));
  EXPECT_EQ(torc::base::split_arguments("a \"b"), std::nullopt);
}

TEST(SplitArguments, quoting_can_be_undone) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const std::string& word : {""s, "plain"s, "with space"s, "\"\\'"s, every_byte}) {
    EXPECT_EQ(torc::base::split_arguments(torc::base::quote_argument(word)), (Words{word}));
  }
  EXPECT_EQ(torc::base::quote_argument("a\n\"b"), R"("a\x0a\"b")");
}

TEST(SplitArguments, shows_bytes_as_redis_does) {
  std::string text = "x ";
  torc::base::append_quoted(&text, "plain");
  torc::base::append_quoted(&text, "");
  torc::base::append_quoted(&text, "a\n\r\t\a\b\"\\'\0\x7f\xff z"s);
  EXPECT_EQ(text, R"(x "plain""""a\n\r\t\a\b\"\\'\x00\x7f\xff z")");
}

}  // namespace
