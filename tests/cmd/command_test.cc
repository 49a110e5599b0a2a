// COMMAND. The shapes of the replies are those of redis-server 7.2.
#include <gtest/gtest.h>

#include "harness.h"
#include "session/argument_tree.h"
#include "session/command_facts.h"

namespace torc::cmd {
namespace {

TEST(Command, TellsTheFactsOfCommands) {
  Harness harness;
  harness.play({
      {"COMMAND INFO get nope",
       "[[\"get\", :2, [+readonly, +fast], :1, :1, :1, [+@read, +@string, +@fast], [], [[\"flags\", [+RO, +access], "
       "\"begin_search\", [\"type\", \"index\", \"spec\", [\"index\", :1]], \"find_keys\", [\"type\", \"range\", "
       "\"spec\", [\"lastkey\", :0, \"keystep\", :1, \"limit\", :0]]]], []], nil]",
       "", ""},
      {"COMMAND INFO object|FREQ",
       "[[\"object|freq\", :3, [+readonly], :2, :2, :1, [+@keyspace, +@read, +@slow], [\"nondeterministic_output\"], "
       "[[\"flags\", [+RO], \"begin_search\", [\"type\", \"index\", \"spec\", [\"index\", :2]], \"find_keys\", "
       "[\"type\", \"range\", \"spec\", [\"lastkey\", :0, \"keystep\", :1, \"limit\", :0]]]], []]]",
       "", ""},
      {"COMMAND INFO object|nope get|x object|freq|x a|b|c", "[nil, nil, nil, nil]", "", ""},
      {"COMMAND FOO", "-ERR unknown subcommand 'FOO'. Try COMMAND HELP.", "", ""},
  });
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("COMMAND INFO GET nope"),
            "[[\"get\", :2, ~[+readonly, +fast], :1, :1, :1, ~[+@read, +@string, +@fast], ~[], ~[{\"flags\": ~[+RO, "
            "+access], \"begin_search\": {\"type\": \"index\", \"spec\": {\"index\": :1}}, \"find_keys\": {\"type\": "
            "\"range\", \"spec\": {\"lastkey\": :0, \"keystep\": :1, \"limit\": :0}}}], ~[]], null]");
}

TEST(Command, ContainersHoldTheirSubcommands) {
  Harness harness;
  harness.set_protocol(3);
  const std::string reply = harness.run("COMMAND INFO object");
  EXPECT_TRUE(reply.starts_with("[[\"object\", :-2, ~[], :0, :0, :0, ~[+@slow], ~[], ~[], [[\"object|encoding\", :3, "))
      << reply;
  EXPECT_NE(reply.find("[\"object|help\", :2, ~[+loading, +stale], :0, :0, :0, ~[+@keyspace, +@slow], ~[], ~[], ~[]]"),
            reply.npos)
      << reply;
}

TEST(Command, FlagsThatRedisHidesStayHidden) {
  Harness harness;
  EXPECT_TRUE(harness.run("COMMAND INFO debug")
                  .starts_with("[[\"debug\", :-2, [+admin, +noscript, +loading, +stale], :0, :0, :0, [+@admin, +@slow, "
                               "+@dangerous]"));
}

TEST(Command, CountsAndListsAll) {
  Harness harness;
  const size_t commands = harness.session().registry().commands().size();
  EXPECT_EQ(harness.run("COMMAND COUNT"), ":" + std::to_string(commands));
  EXPECT_TRUE(harness.raw("COMMAND").starts_with("*" + std::to_string(commands) + "\r\n"));
  EXPECT_EQ(harness.raw("COMMAND"), harness.raw("COMMAND INFO"));
  size_t with_subcommands = commands;
  for (const auto& command : harness.session().registry().commands()) with_subcommands += command->subcommands.size();
  EXPECT_TRUE(harness.raw("COMMAND LIST").starts_with("*" + std::to_string(with_subcommands) + "\r\n"));
  harness.set_protocol(3);
  EXPECT_TRUE(harness.raw("COMMAND DOCS").starts_with("%" + std::to_string(commands) + "\r\n"));
}

TEST(Command, ListsWhatPassesAFilter) {
  Harness harness;
  harness.play({
      {"COMMAND LIST FILTERBY PATTERN PEXP*", "[\"pexpire\", \"pexpireat\", \"pexpiretime\"]", "", ""},
      {"COMMAND LIST filterby pattern object|[EF]*", "[\"object|encoding\", \"object|freq\"]", "", ""},
      {"COMMAND LIST FILTERBY PATTERN xyz", "[]", "", ""},
      {"COMMAND LIST FILTERBY ACLCAT TRANSACTION", "[\"multi\", \"exec\", \"discard\", \"watch\", \"unwatch\"]", "",
       ""},
      {"COMMAND LIST FILTERBY ACLCAT nope", "[]", "", ""},
      {"COMMAND LIST FILTERBY MODULE foo", "[]", "", ""},
      {"COMMAND LIST FILTERBY", "-ERR syntax error", "", ""},
      {"COMMAND LIST FILTERBY PATTERN", "-ERR syntax error", "", ""},
      {"COMMAND LIST FILTERBY FOO x", "-ERR syntax error", "", ""},
      {"COMMAND LIST FOO BAR BAZ", "-ERR syntax error", "", ""},
      {"COMMAND LIST FILTERBY PATTERN a FILTERBY", "-ERR syntax error", "", ""},
      {"COMMAND COUNT x", "-ERR wrong number of arguments for 'command|count' command", "", ""},
  });
}

TEST(Command, FindsKeys) {
  Harness harness;
  constexpr const char* number = "-ERR Invalid number of arguments specified for command";
  constexpr const char* no_keys = "-ERR The command has no key arguments";
  constexpr const char* unknown = "-ERR Invalid command specified";
  harness.play({
      {"COMMAND GETKEYS GET k", "[\"k\"]", "", ""},
      {"COMMAND GETKEYS GET", number, "", ""},
      {"COMMAND GETKEYS get k x", number, "", ""},
      {"COMMAND GETKEYS PING", no_keys, "", ""},
      {"COMMAND GETKEYS SCAN 0", no_keys, "", ""},
      {"COMMAND GETKEYS OBJECT", no_keys, "", ""},
      {"COMMAND GETKEYS nope x", unknown, "", ""},
      {"COMMAND GETKEYS OBJECT NOPE", unknown, "", ""},
      {"COMMAND GETKEYS OBJECT ENCODING k", "[\"k\"]", "", ""},
      {"COMMAND GETKEYS MSET a 1 b 2", "[\"a\", \"b\"]", "", ""},
      {"COMMAND GETKEYS MSET a 1 b", "[\"a\", \"b\"]", "", ""},
      {"COMMAND GETKEYS DEL a b c", "[\"a\", \"b\", \"c\"]", "", ""},
      {"COMMAND GETKEYS COPY a b DB 3", "[\"a\", \"b\"]", "", ""},
      {"COMMAND GETKEYS LCS a b", "[\"a\", \"b\"]", "", ""},
      {"COMMAND GETKEYS MSETEX 2 a 1 b 2 NX", "[\"a\", \"b\"]", "", ""},
      {"COMMAND GETKEYS MSETEX 9 a 1 b 2", "-ERR Invalid arguments specified for command", "", ""},
      {"COMMAND GETKEYSANDFLAGS SET k v", "[[\"k\", [+OW, +update]]]", "", ""},
      {"COMMAND GETKEYSANDFLAGS SET k v EX 10 get", "[[\"k\", [+RW, +access, +update]]]", "", ""},
      {"COMMAND GETKEYSANDFLAGS RENAME a b", "[[\"a\", [+RW, +access, +delete]], [\"b\", [+OW, +update]]]", "", ""},
  });
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("COMMAND GETKEYSANDFLAGS WATCH a b"), "[[\"a\", ~[+RO]], [\"b\", ~[+RO]]]");
}

TEST(Command, TellsTheDocumentation) {
  Harness harness;
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("COMMAND DOCS nope"), "{}");
  EXPECT_EQ(harness.run("COMMAND DOCS nope EXPIRE nope"),
            "{\"expire\": {\"summary\": \"Lets a key expire after some seconds.\", \"since\": \"1.0.0\", \"group\": "
            "\"generic\", \"complexity\": \"O(1)\", \"history\": ~[[\"7.0.0\", \"Takes the options `NX`, `XX`, `GT` "
            "and `LT`.\"]], \"arguments\": [{\"name\": \"key\", \"type\": \"key\", \"display_text\": \"key\", "
            "\"key_spec_index\": :0}, {\"name\": \"seconds\", \"type\": \"integer\", \"display_text\": \"seconds\"}, "
            "{\"name\": \"condition\", \"type\": \"oneof\", \"since\": \"7.0.0\", \"flags\": ~[+optional], "
            "\"arguments\": [{\"name\": \"nx\", \"type\": \"pure-token\", \"display_text\": \"nx\", \"token\": "
            "\"NX\"}, {\"name\": \"xx\", \"type\": \"pure-token\", \"display_text\": \"xx\", \"token\": \"XX\"}, "
            "{\"name\": \"gt\", \"type\": \"pure-token\", \"display_text\": \"gt\", \"token\": \"GT\"}, {\"name\": "
            "\"lt\", \"type\": \"pure-token\", \"display_text\": \"lt\", \"token\": \"LT\"}]}]}}");
  EXPECT_NE(
      harness.run("COMMAND DOCS SUBSTR")
          .find("\"doc_flags\": ~[+deprecated], \"deprecated_since\": \"2.0.0\", \"replaced_by\": \"`GETRANGE`\""),
      std::string::npos);
  EXPECT_NE(harness.run("COMMAND DOCS DEBUG").find("\"doc_flags\": ~[+syscmd]"), std::string::npos);
  EXPECT_NE(harness.run("COMMAND DOCS object").find("\"subcommands\": {\"object|encoding\": {\"summary\": "),
            std::string::npos);
  EXPECT_TRUE(harness.run("COMMAND DOCS object|freq").starts_with("{\"object|freq\": {\"summary\": "));
  harness.set_protocol(2);
  EXPECT_TRUE(harness.run("COMMAND DOCS ttl").starts_with("[\"ttl\", [\"summary\", "));
}

// Every row of every family says all that COMMAND tells of it.
TEST(Command, EveryRowIsComplete) {
  Harness harness;
  auto check = [](const session::Command& command) {
    const session::CommandRow& row = *command.row;
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_FALSE(row.since.empty()) << row.name;
    EXPECT_FALSE(row.complexity.empty()) << row.name;
    EXPECT_FALSE(row.group.empty()) << row.name;
    EXPECT_TRUE(row.handler != nullptr || !command.subcommands.empty()) << row.name;
    for (std::string_view change : session::split(row.history, ';')) {
      const size_t equals = change.find('=');
      ASSERT_NE(equals, change.npos) << row.name << ": " << change;
      EXPECT_EQ(change.substr(0, equals).find_first_not_of("0123456789."), change.npos) << row.name << ": " << change;
    }
    // A command with keys names them among its arguments.
    const auto arguments = session::parse_argument_tree(row.arguments, command.key_specs.size());
    EXPECT_TRUE(command.key_specs.empty() || !arguments.empty()) << row.name;
    EXPECT_EQ(command.arity == (command.parent ? 2 : 1), arguments.empty() && command.arity > 0) << row.name;
  };
  for (const auto& command : harness.session().registry().commands()) {
    check(*command);
    for (const auto& subcommand : command->subcommands) check(*subcommand);
  }
}

}  // namespace
}  // namespace torc::cmd
