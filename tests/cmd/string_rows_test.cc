// What COMMAND INFO tells of the string commands: arity, flags, keys and categories are those of redis-server 7.2.
#include <gtest/gtest.h>

#include <string>

#include "cmd/string.h"
#include "session/command_facts.h"
#include "session/registry.h"

namespace torc::cmd {
namespace {

// "arity flags first last step @categories"
std::string facts_of(const session::Command& command) {
  std::string text = std::to_string(command.arity);
  for (const session::FlagName& flag : session::command_flag_names()) {
    if (flag.listed && command.has(flag.flag)) text.append(" ").append(flag.name);
  }
  for (int number : {command.first_key, command.last_key, command.key_step}) text += " " + std::to_string(number);
  for (const std::string& category : command.acl_categories) text += " @" + category;
  return text;
}

TEST(StringRows, ComeWithRedissFacts) {
  session::Registry registry;
  registry.add(string_rows(), nullptr);
  const std::pair<const char*, const char*> expected[] = {
      {"append", "3 write denyoom fast 1 1 1 @write @string @fast"},
      {"decr", "2 write denyoom fast 1 1 1 @write @string @fast"},
      {"decrby", "3 write denyoom fast 1 1 1 @write @string @fast"},
      {"get", "2 readonly fast 1 1 1 @read @string @fast"},
      {"getdel", "2 write fast 1 1 1 @write @string @fast"},
      {"getex", "-2 write fast 1 1 1 @write @string @fast"},
      {"getrange", "4 readonly 1 1 1 @read @string @slow"},
      {"getset", "3 write denyoom fast 1 1 1 @write @string @fast"},
      {"incr", "2 write denyoom fast 1 1 1 @write @string @fast"},
      {"incrby", "3 write denyoom fast 1 1 1 @write @string @fast"},
      {"incrbyfloat", "3 write denyoom fast 1 1 1 @write @string @fast"},
      {"lcs", "-3 readonly 1 2 1 @read @string @slow"},
      {"mget", "-2 readonly fast 1 -1 1 @read @string @fast"},
      {"mset", "-3 write denyoom 1 -1 2 @write @string @slow"},
      {"msetnx", "-3 write denyoom 1 -1 2 @write @string @slow"},
      {"psetex", "4 write denyoom 1 1 1 @write @string @slow"},
      {"set", "-3 write denyoom 1 1 1 @write @string @slow"},
      {"setex", "4 write denyoom 1 1 1 @write @string @slow"},
      {"setnx", "3 write denyoom fast 1 1 1 @write @string @fast"},
      {"setrange", "4 write denyoom 1 1 1 @write @string @slow"},
      {"strlen", "2 readonly fast 1 1 1 @read @string @fast"},
      {"substr", "4 readonly 1 1 1 @read @string @slow"},
      {"digest", "2 readonly fast 1 1 1 @read @string @fast"},
      {"delex", "-2 write fast 1 1 1 @write @string @fast"},
      {"delifeq", "3 write fast 1 1 1 @write @string @fast"},
      {"msetex", "-4 write denyoom movablekeys 0 0 0 @write @string @slow"},
  };
  for (const auto& [name, facts] : expected) {
    const session::Command* command = registry.find(name);
    ASSERT_NE(command, nullptr) << name;
    EXPECT_EQ(facts_of(*command), facts) << name;
    EXPECT_FALSE(command->row->summary.empty()) << name;
    EXPECT_FALSE(command->row->arguments.empty()) << name;
  }
  EXPECT_EQ(registry.commands().size(), std::size(expected));
}

std::vector<session::KeyPosition> keys_of(const session::Registry& registry, std::vector<std::string_view> arguments) {
  std::vector<session::KeyPosition> keys;
  EXPECT_TRUE(session::find_keys(*registry.find(arguments[0]), arguments, &keys));
  return keys;
}

TEST(StringRows, SetNeedsTheOldValueOnlyForGetAndComparisons) {
  session::Registry registry;
  registry.add(string_rows(), nullptr);
  const uint32_t overwrites = session::key_ow | session::key_update;
  const uint32_t reads = session::key_rw | session::key_access | session::key_update;
  EXPECT_EQ(keys_of(registry, {"set", "k", "get"})[0].flags, overwrites);
  EXPECT_EQ(keys_of(registry, {"set", "k", "v", "EX", "10"})[0].flags, overwrites);
  EXPECT_EQ(keys_of(registry, {"set", "k", "v", "EX", "10", "Get"})[0].flags, reads);
  EXPECT_EQ(keys_of(registry, {"set", "k", "v", "IFEQ", "w"})[0].flags, session::key_rw | session::key_update);
  EXPECT_EQ(keys_of(registry, {"delex", "k"})[0].flags, session::key_rm | session::key_delete);
  EXPECT_EQ(keys_of(registry, {"delex", "k", "IFEQ", "v"})[0].flags, session::key_rw | session::key_delete);
}

TEST(StringRows, MsetexSaysHowManyKeys) {
  session::Registry registry;
  registry.add(string_rows(), nullptr);
  const auto keys = keys_of(registry, {"msetex", "2", "a", "1", "b", "2", "EX", "10"});
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].argument, 2);
  EXPECT_EQ(keys[1].argument, 4);
}

}  // namespace
}  // namespace torc::cmd
