// The process's settings: templates, flags, scores.
#include "server/process_control.h"

#include <gtest/gtest.h>

#include "server/log.h"

namespace torc::server {
namespace {

std::optional<std::string> expand(std::string_view text) {
  return expand_template(text, [](std::string_view name) -> std::optional<std::string> {
    if (name == "a") return "1";
    if (name == "empty") return "";
    return std::nullopt;
  });
}

TEST(ExpandTemplate, VariablesAndBraces) {
  EXPECT_EQ("", expand(""));
  EXPECT_EQ("x1y{z", expand("x{a}y{{z"));
  EXPECT_EQ("11", expand("{a}{empty}{a}"));
  EXPECT_EQ("}", expand("}"));
  EXPECT_EQ(std::nullopt, expand("{b}"));
  EXPECT_EQ(std::nullopt, expand("{a"));
  EXPECT_EQ(std::nullopt, expand("{"));
  EXPECT_EQ(std::nullopt, expand("{}"));
}

struct ProcessControlTest : testing::Test {
  base::Setting& row(std::string_view name) {
    for (base::Setting& setting : rows) {
      if (setting.name == name) return setting;
    }
    ADD_FAILURE() << name;
    return rows.front();
  }
  std::string set(std::string_view name, std::string_view value) {
    const auto result = row(name).set(value);
    return result ? row(name).get() : result.error();
  }

  base::SystemClock clock;
  Log log{&clock};
  ProcessControl process{&log};
  base::Settings rows = process.settings();
};

TEST_F(ProcessControlTest, ShutdownFlags) {
  EXPECT_EQ("default", row("shutdown-on-sigterm").get());
  EXPECT_EQ("nosave now force", set("shutdown-on-sigterm", "force NOW nosave"));
  EXPECT_EQ(shutdown_no_save | shutdown_now | shutdown_force, process.options().shutdown_on_sigterm);
  EXPECT_EQ("shutdown options SAVE and NOSAVE can't be used simultaneously", set("shutdown-on-sigterm", "save nosave"));
  EXPECT_EQ("nosave now force", row("shutdown-on-sigterm").get());
  EXPECT_EQ("argument(s) must be one of the following: default, save, nosave, now, force",
            set("shutdown-on-sigterm", ""));
}

TEST_F(ProcessControlTest, TitleTemplates) {
  EXPECT_EQ("x {port}", set("proc-title-template", "x {port}"));
  EXPECT_EQ("template format is invalid or contains unknown variables", set("proc-title-template", "{what}"));
  EXPECT_EQ("template format is invalid or contains unknown variables", set("proc-title-template", ""));
  EXPECT_EQ("x {port}", row("proc-title-template").get());
}

TEST_F(ProcessControlTest, OomScores) {
  EXPECT_EQ("0 200 800", row("oom-score-adj-values").get());
  EXPECT_EQ("1 2 3", set("oom-score-adj-values", "1 2 3"));
  EXPECT_EQ("wrong number of arguments", set("oom-score-adj-values", "1 2"));
  EXPECT_EQ("Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
            set("oom-score-adj-values", "1 2 2001"));
  EXPECT_EQ("1 2 3", row("oom-score-adj-values").get());
  EXPECT_EQ("yes", set("oom-score-adj", "relative"));
}

}  // namespace
}  // namespace torc::server
