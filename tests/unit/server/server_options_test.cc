// The command line as configuration text, word for word as redis-server makes it.
#include "server/server_options.h"

#include <gtest/gtest.h>

#include <vector>

namespace torc::server {
namespace {

CommandLine parse(std::vector<std::string_view> words) { return parse_command_line(words); }

TEST(CommandLine, VersionAndHelp) {
  EXPECT_TRUE(parse({"-v"}).version);
  EXPECT_TRUE(parse({"--version"}).version);
  EXPECT_TRUE(parse({"-h"}).help);
  EXPECT_TRUE(parse({"--help"}).help);
  EXPECT_FALSE(parse({"x.conf", "-v"}).version);
}

TEST(CommandLine, FileStandardInputAndOptions) {
  const CommandLine line = parse({"x.conf", "--port", "1", "-"});
  EXPECT_EQ("x.conf", line.config_file);
  EXPECT_TRUE(line.standard_input);
  EXPECT_EQ("port \"1\" ", line.config_text);
  EXPECT_TRUE(parse({"-", "--port", "1"}).standard_input);
  EXPECT_EQ("", parse({}).config_text);
}

TEST(CommandLine, AnOptionWithoutValueTakesTheNextWord) {
  EXPECT_EQ("port \"--x\" \nloglevel \"verbose\" ", parse({"--port", "--x", "--loglevel", "verbose"}).config_text);
  EXPECT_EQ("port \"1\" \"2\" \nloglevel ", parse({"--port", "1", "2", "--loglevel"}).config_text);
}

TEST(CommandLine, NameAndValueInOneWord) {
  EXPECT_EQ("maxmemory 1gb \nport \"2\" ", parse({"--maxmemory 1gb", "--port", "2"}).config_text);
}

TEST(CommandLine, SaveWithoutValueSwitchesItOff) {
  EXPECT_EQ("save \"\"\nport \"1\" ", parse({"--save", "--port", "1"}).config_text);
  EXPECT_EQ("port \"1\" \nsave \"\"", parse({"--port", "1", "--save"}).config_text);
  EXPECT_EQ("save \"\" ", parse({"--save", ""}).config_text);
  EXPECT_EQ("save \"900\" \"1\" ", parse({"--save", "900", "1"}).config_text);
}

}  // namespace
}  // namespace torc::server
