// Configuration files, good and bad: what stands in them, where an error is said to be, and that all is bounded.
#include "config/loader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace torc::config {
namespace {

struct LoaderTest : testing::Test {
  LoaderTest() : directory(std::filesystem::temp_directory_path() / ("torc-loader-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(directory);
    base::Settings rows;
    rows.push_back(base::integer_setting("port", &port, 0, 65535, 6379));
    rows.push_back(base::text_setting("name", &name, ""));
    configuration.add(std::move(rows));
  }
  ~LoaderTest() override { std::filesystem::remove_all(directory); }

  std::string file(const std::string& file_name, const std::string& text) {
    const std::string path = directory / file_name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string load(std::string_view text) {
    Loader loader(&configuration);
    auto loaded = loader.load_text(text, "");
    if (loaded) loaded = loader.finish();
    return loaded ? "" : std::to_string(loaded.error().line) + ": " + loaded.error().reason;
  }
  LoadError load_file(const std::string& path) {
    Loader loader(&configuration);
    auto loaded = loader.load_file(path);
    return loaded ? LoadError{} : loaded.error();
  }
  std::string value(std::string_view setting) { return configuration.find(setting)->get(); }

  std::filesystem::path directory;
  int64_t port = 0;
  std::string name;
  Configuration configuration;
};

TEST_F(LoaderTest, CommentsQuotesAndCase) {
  EXPECT_EQ("", load("# port 1\n\n  \t PORT 7 \r\nname \"a\\x20\\\"b\"\n"));
  EXPECT_EQ(7, port);
  EXPECT_EQ("a \"b", name);
  EXPECT_EQ("", load("name ''"));
  EXPECT_EQ("", name);
}

TEST_F(LoaderTest, ErrorsHaveLineAndReason) {
  EXPECT_EQ("2: wrong number of arguments", load("\nport 1 2\n"));
  EXPECT_EQ("1: wrong number of arguments", load("port"));
  EXPECT_EQ("1: argument couldn't be parsed into an integer", load("port x"));
  EXPECT_EQ("1: Unbalanced quotes in configuration line", load("name \"x"));
  EXPECT_EQ("1: Bad directive or wrong number of arguments", load("nothing 1"));
  EXPECT_EQ("1: Bad directive or wrong number of arguments", load("include"));
  EXPECT_EQ("1: sentinel directive while not in sentinel mode", load("sentinel monitor"));
  EXPECT_EQ("1: Module config specified without value", load("a.b"));
}

TEST_F(LoaderTest, WhatRedisForgotIsIgnored) { EXPECT_EQ("", load("lua-replicate-commands yes")); }

TEST_F(LoaderTest, SaveAddsUpOverLines) {
  EXPECT_EQ("3600 1 300 100 60 10000", value("save"));
  Loader loader(&configuration);
  ASSERT_TRUE(loader.load_text("torc-accept-without-effect save\nsave 900 1\nsave 300 10 60 100", ""));
  EXPECT_EQ("900 1 300 10 60 100", value("save"));
  ASSERT_TRUE(loader.load_text("save \"\"\nsave 5 5", ""));
  EXPECT_EQ("5 5", value("save"));
  EXPECT_TRUE(loader.finish());
}

TEST_F(LoaderTest, RefusesWhatMustNotBeIgnored) {
  for (const char* line : {"appendonly yes", "save 900 1", "replicaof h 1", "slaveof h 1", "tls-port 1",
                           "cluster-enabled yes", "aclfile x", "user bob on", "loadmodule x.so", "module.x 1",
                           "min-replicas-to-write 1", "user default on nopass ~a", "sentinel"}) {
    Configuration fresh;
    Loader loader(&fresh);
    ASSERT_TRUE(loader.load_text(std::string("\n") + line, "")) << line;
    const auto finished = loader.finish();
    ASSERT_FALSE(finished) << line;
    EXPECT_EQ(2, finished.error().line) << line;
    EXPECT_EQ(line, finished.error().text);
    EXPECT_NE(std::string::npos, finished.error().reason.find("has no effect in this version")) << line;
  }
}

TEST_F(LoaderTest, AcceptsWhatAmountsToTheDefault) {
  EXPECT_EQ("", load("appendonly no\nsave 3600 1 300 100 60 10000\nreplicaof no one\n"
                     "user default on nopass sanitize-payload ~* &* +@all\ncluster-enabled no"));
}

TEST_F(LoaderTest, AcceptsWhatTheUserAccepts) {
  EXPECT_EQ("", load("user bob on\nappendonly yes\ntorc-accept-without-effect appendonly user"));
}

TEST_F(LoaderTest, IncludesWithPatterns) {
  file("a1.inc", "port 1\nname one");
  file("a2.inc", "name two");
  const std::string path = file("main", "include " + (directory / "a*.inc").string() + "\ninclude " +
                                            (directory / "none*").string() + "\nport 9");
  EXPECT_EQ("", load_file(path).reason);
  EXPECT_EQ(9, port);
  EXPECT_EQ("two", name);
}

TEST_F(LoaderTest, ErrorsOfIncludedFilesNameThem) {
  const std::string inner = file("inner", "\n\nport x");
  const LoadError error = load_file(file("outer", "include " + inner));
  EXPECT_EQ(inner, error.file);
  EXPECT_EQ(3, error.line);
  EXPECT_EQ("port x", error.text);
}

TEST_F(LoaderTest, MissingIncludeAndMissingFile) {
  const std::string path = file("outer", "\ninclude /nowhere/x");
  EXPECT_EQ(2, load_file(path).line);
  EXPECT_EQ("Fatal error, can't open config file '/nowhere/x': No such file or directory", load_file(path).reason);
  EXPECT_EQ(0, load_file("/nowhere/x").line);
}

TEST_F(LoaderTest, LoopsEnd) {
  const std::string a = directory / "a", b = directory / "b";
  file("a", "include " + b);
  file("b", "include " + (directory / "../" / directory.filename() / "a").string());
  EXPECT_NE(std::string::npos, load_file(a).reason.find("includes itself"));
}

TEST_F(LoaderTest, DepthNumberAndSizeAreBounded) {
  for (int i = 0; i < 20; ++i) {
    file("d" + std::to_string(i), "include " + (directory / ("d" + std::to_string(i + 1))).string());
  }
  EXPECT_EQ("include is nested too deeply", load_file(directory / "d0").reason);
  file("leaf", "port 1");
  std::string many;
  for (int i = 0; i < 40; ++i) many += "include " + (directory / "leaf").string() + "\n";
  file("middle", many);
  std::string more;
  for (int i = 0; i < 40; ++i) more += "include " + (directory / "middle").string() + "\n";
  EXPECT_EQ("More than 1000 configuration files", load_file(file("root", more)).reason);
  EXPECT_EQ("2: The line is longer than 1048576 bytes", load("port 1\nname " + std::string(2 << 20, 'x')));
}

}  // namespace
}  // namespace torc::config
