// Tests of src/session/argument_tree: what its header promises, at the edges and on random input.
#include "session/argument_tree.h"

#include <gtest/gtest.h>

namespace {

using torc::session::Argument;
using torc::session::parse_argument_tree;

// One line per tree: name:type{token}@since with ? for optional, * for multiple, + for multiple_token, #n for keys.
std::string show(const std::vector<Argument>& arguments) {
  std::string text;
  for (const Argument& argument : arguments) {
    if (!text.empty()) text += ' ';
    text += argument.name + ":" + argument.type;
    if (!argument.token.empty()) text += "{" + argument.token + "}";
    if (argument.key_spec >= 0) text += "#" + std::to_string(argument.key_spec);
    if (argument.optional) text += "?";
    if (argument.multiple) text += "*";
    if (argument.multiple_token) text += "+";
    if (!argument.since.empty()) text += "@" + argument.since;
    if (!argument.has_parts() && argument.display != argument.name) text += "/" + argument.display;
    if (!argument.deprecated_since.empty()) text += "~" + argument.deprecated_since;
    if (argument.has_parts()) text += "(" + show(argument.arguments) + ")";
  }
  return text;
}

std::string tree(std::string_view text, size_t key_specs = 1) { return show(parse_argument_tree(text, key_specs)); }

TEST(ArgumentTree, placeholders) {
  EXPECT_EQ(tree(""), "");
  EXPECT_EQ(tree("key:key value"), "key:key#0 value:string");
  EXPECT_EQ(tree("unix-time-seconds:unix-time"), "unix-time-seconds:unix-time");
  EXPECT_EQ(tree("key:key..."), "key:key#0*");
  EXPECT_EQ(tree("a:key b:pattern#1/p c:key#2 d:key e:key", 4), "a:key#0 b:pattern#1/p c:key#2 d:key#1 e:key#2");
  EXPECT_EQ(tree("key:key ..."), "key:key#0*");
  EXPECT_EQ(tree("[name...]"), "name:string?*");
  EXPECT_EQ(tree("old@1.0.0~2.8.12"), "old:string@1.0.0~2.8.12");
  EXPECT_EQ(tree("[ADDR addr:string/ip:port]"), "addr:string{ADDR}?/ip:port");
}

TEST(ArgumentTree, tokens) {
  EXPECT_EQ(tree("key:key [REPLACE]"), "key:key#0 replace:pure-token{REPLACE}?");
  EXPECT_EQ(tree("[DB destination-db:integer]"), "destination-db:integer{DB}?");
  EXPECT_EQ(tree("BY pattern:pattern"), "pattern:pattern{BY}");
  EXPECT_EQ(tree("[GET pattern:pattern+...]"), "pattern:pattern{GET}?*+");
  EXPECT_EQ(tree("[TYPE type]@6.0.0"), "type:string{TYPE}?@6.0.0");
  EXPECT_EQ(tree("equal=\"=\""), "equal:pure-token{=}");
  // An optional argument is no token's value.
  EXPECT_EQ(tree("GET [x]"), "get:pure-token{GET} x:string?");
}

TEST(ArgumentTree, alternatives) {
  EXPECT_EQ(tree("condition=[(NX|XX)]@7.0.0"), "condition:oneof?@7.0.0(nx:pure-token{NX} xx:pure-token{XX})");
  EXPECT_EQ(tree("[(NX|XX)]"), "nx-xx:oneof?(nx:pure-token{NX} xx:pure-token{XX})");
  EXPECT_EQ(tree("expiration=[(EX seconds:integer|KEEPTTL@6.0.0)]"),
            "expiration:oneof?(seconds:integer{EX} keepttl:pure-token{KEEPTTL}@6.0.0)");
  EXPECT_EQ(tree("filterby=[FILTERBY (MODULE name|ACLCAT category)]"),
            "filterby:oneof{FILTERBY}?(name:string{MODULE} category:string{ACLCAT})");
}

TEST(ArgumentTree, blocks) {
  EXPECT_EQ(tree("data=(key:key value)..."), "data:block*(key:key#0 value:string)");
  EXPECT_EQ(tree("data=(key:key value) ..."), "data:block*(key:key#0 value:string)");
  EXPECT_EQ(tree("limit=[LIMIT offset:integer count:integer]"), "limit:block{LIMIT}?(offset:integer count:integer)");
  EXPECT_EQ(tree("[FROM a b]"), "from:block{FROM}?(a:string b:string)");
  EXPECT_EQ(tree("streams=(STREAMS key:key... id...)"), "streams:block{STREAMS}(key:key#0* id:string*)");
}

TEST(ArgumentTree, keys_are_numbered_by_specification) {
  EXPECT_EQ(tree("key:key newkey:key", 2), "key:key#0 newkey:key#1");
  EXPECT_EQ(tree("key1:key key2:key", 1), "key1:key#0 key2:key#0");
  EXPECT_EQ(tree("key:key", 0), "key:key");
}

TEST(ArgumentTree, malformed_texts_stop_the_program) {
  for (std::string_view text : {"[a", "(a|b", "a)", "a:nothing", "=a", "a=", "\"x", "a  b |"}) {
    EXPECT_DEATH(parse_argument_tree(text, 0), "") << text;
  }
}

}  // namespace
