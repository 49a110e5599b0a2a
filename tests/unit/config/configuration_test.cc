// CONFIG GET and SET without a server: names, aliases, all or nothing.
#include "config/configuration.h"

#include <gtest/gtest.h>

namespace torc::config {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

struct Part {
  int64_t number = 0;
  std::string text;
  bool refuses = false;  // its apply fails
  int applied = 0;

  base::Settings settings() {
    base::Settings rows;
    rows.push_back(base::integer_setting("number", &number, 0, 100, 7).named_also("old-number").when_changed([this] {
      ++applied;
      return base::Setting::Result{};
    }));
    rows.push_back(base::text_setting("text", &text, "a").when_changed([this]() -> base::Setting::Result {
      if (refuses) return std::unexpected("not now");
      return {};
    }));
    return rows;
  }
};

struct ConfigurationTest : testing::Test {
  ConfigurationTest() { configuration.add(part.settings()); }

  std::string set(std::vector<Pair> changes) {
    const auto result = configuration.set(changes, false);
    return result ? "OK" : result.error();
  }
  std::map<std::string, std::string> get(std::vector<std::string_view> patterns) {
    const auto rows = configuration.get(patterns);
    return {rows.begin(), rows.end()};
  }

  Part part;
  Configuration configuration;
};

TEST_F(ConfigurationTest, NamesAliasesAndPatterns) {
  EXPECT_EQ((std::map<std::string, std::string>{{"number", "7"}, {"old-number", "7"}}), get({"*number"}));
  EXPECT_EQ((std::map<std::string, std::string>{{"number", "7"}}), get({"number", "NUMBER"}));
  EXPECT_EQ((std::map<std::string, std::string>{{"NUMBER", "7"}, {"old-number", "7"}}), get({"NUMBER", "*number"}));
  EXPECT_TRUE(get({"nothing"}).empty());
}

TEST_F(ConfigurationTest, UnlistedOnesAnswerToTheirFullNameOnly) {
  EXPECT_EQ(1u, get({"key-load-delay"}).size());
  EXPECT_FALSE(get({"*"}).contains("key-load-delay"));
}

TEST_F(ConfigurationTest, SetsAllOrNothing) {
  EXPECT_EQ("OK", set({{"number", "9"}, {"text", "b"}}));
  EXPECT_EQ(
      "ERR CONFIG SET failed (possibly related to argument 'number') - argument must be between 0 and 100 inclusive",
      set({{"text", "c"}, {"number", "101"}}));
  EXPECT_EQ("b", part.text);
  part.refuses = true;
  EXPECT_EQ("ERR CONFIG SET failed (possibly related to argument 'text') - not now",
            set({{"number", "10"}, {"text", "d"}}));
  EXPECT_EQ(9, part.number);
  EXPECT_EQ("b", part.text);
  EXPECT_EQ(3, part.applied);  // 9, 10, and 9 again
}

TEST_F(ConfigurationTest, WhatDoesNotChangeIsNotApplied) {
  part.refuses = true;
  EXPECT_EQ("OK", set({{"text", "a"}}));
}

TEST_F(ConfigurationTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ("ERR Unknown option or number of arguments for CONFIG SET - 'x'", set({{"number", "1"}, {"x", "1"}}));
  EXPECT_EQ("ERR CONFIG SET failed (possibly related to argument 'NUMBER') - duplicate parameter",
            set({{"number", "1"}, {"NUMBER", "2"}}));
  EXPECT_EQ("ERR CONFIG SET failed (possibly related to argument 'io-threads') - can't set immutable config",
            set({{"io-threads", "2"}}));
  EXPECT_EQ("ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config",
            set({{"dbfilename", "x"}}));
  EXPECT_EQ(7, part.number);
}

TEST_F(ConfigurationTest, RefusesWhatWouldCostDurability) {
  EXPECT_NE("OK", set({{"appendonly", "yes"}}));
  EXPECT_EQ("no", get({"appendonly"})["appendonly"]);
  EXPECT_EQ("OK", set({{"appendonly", "no"}}));
  EXPECT_EQ("OK", set({{"save", ""}}));
  EXPECT_NE("OK", set({{"save", "1 1"}}));
}

TEST_F(ConfigurationTest, NamesWhatHasNoEffect) {
  EXPECT_TRUE(configuration.without_effect().empty());
  EXPECT_EQ("OK", set({{"repl-timeout", "61"}, {"lua-time-limit", "5000"}}));
  EXPECT_EQ(std::vector<std::string>{"repl-timeout"}, configuration.without_effect());
}

}  // namespace
}  // namespace torc::config
