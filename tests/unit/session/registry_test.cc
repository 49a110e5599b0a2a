// Tests of src/session/registry: what its header promises, at the edges and on random input.
#include "session/registry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace {

using namespace torc::session;

void nothing(Context&) {}

CommandRow row(std::string_view name, std::string_view flags = {}) {
  return {.name = name, .handler = nothing, .arity = -1, .flags = flags};
}

TEST(Registry, finds_names_of_any_length_in_any_case) {
  // One name for each way in which the bytes of a name are loaded.
  const std::vector<CommandRow> rows = {row("x"),
                                        row("ab"),
                                        row("get"),
                                        row("mset"),
                                        row("lrange"),
                                        row("getrange"),
                                        row("incrbyfloat"),
                                        row("zrevrangebyscore"),
                                        row("georadiusbymember_ro")};
  Registry registry;
  registry.add(rows, nullptr);
  for (const CommandRow& each : rows) {
    std::string upper(each.name);
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    for (std::string_view name : {std::string_view(each.name), std::string_view(upper)}) {
      Command* found = registry.find(name);
      ASSERT_NE(found, nullptr) << name;
      EXPECT_EQ(found->full_name, each.name);
    }
    EXPECT_EQ(registry.find(std::string(each.name) + "x"), nullptr);
    EXPECT_EQ(registry.find(each.name.substr(1)), nullptr);
  }
  EXPECT_EQ(registry.find(""), nullptr);
}

TEST(Registry, folds_letters_only) {
  const std::vector<CommandRow> rows = {row("a_b-c@d"), row("georadiusbymember_ro")};
  Registry registry;
  registry.add(rows, nullptr);
  EXPECT_NE(registry.find("A_B-C@D"), nullptr);
  EXPECT_EQ(registry.find("a\x7f"
                          "b-c@d"),
            nullptr);                               // '_' | 0x20
  EXPECT_EQ(registry.find("a_b\rc@d"), nullptr);    // '-' & ~0x20
  EXPECT_EQ(registry.find("a_b-c`d"), nullptr);     // '@' | 0x20
  EXPECT_EQ(registry.find("\xe1_b-c@d"), nullptr);  // 'a' | 0x80
  EXPECT_EQ(registry.find("\xc1_b-c@d"), nullptr);
  // Longer than both words: the middle counts too.
  EXPECT_EQ(registry.find("georadiuXbymember_ro"), nullptr);
  EXPECT_NE(registry.find("GeoRadiusByMember_RO"), nullptr);
}

TEST(Registry, holds_many_commands_and_finds_no_others) {
  torc::base::Random random(7);
  std::vector<std::string> names;
  std::vector<CommandRow> rows;
  for (int i = 0; i < 600; ++i) {
    std::string name = "c" + std::to_string(i);
    for (uint64_t more = random.below(20); more > 0; --more) name += static_cast<char>('a' + random.below(26));
    names.push_back(name);
  }
  for (const std::string& name : names) rows.push_back(row(name));
  Registry registry;
  registry.add(rows, nullptr);
  EXPECT_EQ(registry.commands().size(), names.size());
  for (const std::string& name : names) {
    ASSERT_NE(registry.find(name), nullptr) << name;
    EXPECT_EQ(registry.find(name)->full_name, name);
    EXPECT_EQ(registry.find(name + "_"), nullptr);
  }
}

TEST(Registry, subcommands_belong_to_their_container) {
  int module = 0;
  const std::vector<CommandRow> rows = {
      {.name = "client", .arity = -2},
      {.name = "client|list", .handler = nothing, .arity = -2, .flags = "admin"},
      {.name = "client|id", .handler = nothing, .arity = 2},
      row("get"),
  };
  Registry registry;
  registry.add(rows, &module);
  EXPECT_EQ(registry.commands().size(), 2u);
  EXPECT_EQ(registry.find("client|list"), nullptr);
  Command* client = registry.find("client");
  ASSERT_NE(client, nullptr);
  ASSERT_EQ(client->subcommands.size(), 2u);
  Command* list = client->subcommand("LIST");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->name, "list");
  EXPECT_EQ(list->full_name, "client|list");
  EXPECT_EQ(list->parent, client);
  EXPECT_EQ(list->module, &module);

  using Arguments = std::vector<std::string_view>;
  EXPECT_EQ(registry.resolve(Arguments{"CLIENT", "List", "x"}).command, list);
  EXPECT_EQ(registry.resolve(Arguments{"client"}).command, client);
  EXPECT_EQ(registry.resolve(Arguments{"get", "list"}).command, registry.find("get"));
  const Registry::Resolved unknown = registry.resolve(Arguments{"client", "nope"});
  EXPECT_EQ(unknown.command, nullptr);
  EXPECT_EQ(unknown.container, client);
  const Registry::Resolved none = registry.resolve(Arguments{"nope", "list"});
  EXPECT_EQ(none.command, nullptr);
  EXPECT_EQ(none.container, nullptr);
}

TEST(Registry, flags_imply_acl_categories) {
  auto categories = [](std::string_view flags, std::string_view acl) {
    const std::vector<CommandRow> rows = {{.name = "x", .handler = nothing, .arity = 1, .flags = flags, .acl = acl}};
    Registry registry;
    registry.add(rows, nullptr);
    return registry.find("x")->acl_categories;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(categories("readonly fast", "string"), (Names{"read", "string", "fast"}));
  EXPECT_EQ(categories("write", "keyspace"), (Names{"keyspace", "write", "slow"}));
  EXPECT_EQ(categories("admin noscript", ""), (Names{"admin", "slow", "dangerous"}));
  EXPECT_EQ(categories("readonly", "scripting"), (Names{"slow", "scripting"}));
  EXPECT_EQ(categories("pubsub blocking", ""), (Names{"pubsub", "slow", "blocking"}));
}

TEST(Registry, statistics_are_forgotten_on_demand) {
  const std::vector<CommandRow> rows = {{.name = "config", .arity = -2},
                                        {.name = "config|get", .handler = nothing, .arity = -3}};
  Registry registry;
  registry.add(rows, nullptr);
  Command* sub = registry.find("config")->subcommand("get");
  sub->calls = 5;
  sub->failed_calls = 1;
  registry.reset_statistics();
  EXPECT_EQ(sub->calls, 0u);
  EXPECT_EQ(sub->failed_calls, 0u);
}

TEST(Registry, malformed_rows_stop_the_program) {
  auto add = [](CommandRow wrong) {
    const std::vector<CommandRow> rows = {row("get"), wrong};
    Registry registry;
    registry.add(rows, nullptr);
  };
  EXPECT_DEATH(add(row("get")), "find");
  EXPECT_DEATH(add(row("GET")), "c < 'A'");
  EXPECT_DEATH(add(row("nobody|list")), "container");
  EXPECT_DEATH(add(row("set", "wriet")), "found");
  EXPECT_DEATH(add({.name = "set", .handler = nothing, .arity = 1, .keys = "RO 1 range 0 1 0"}), "");
  EXPECT_DEATH(add({.name = "set", .handler = nothing, .arity = 1, .keys = "RO @1 range 0 0 0"}), "spec->b");
}

TEST(Registry, equals_lower_compares_whole_words) {
  for (size_t size = 0; size < 40; ++size) {
    const std::string lower(size, 'q'), upper(size, 'Q');
    EXPECT_TRUE(equals_lower(upper, lower));
    EXPECT_FALSE(equals_lower(upper, lower + "q"));
    for (size_t i = 0; i < size; ++i) {
      std::string other = upper;
      other[i] = 'R';
      EXPECT_FALSE(equals_lower(other, lower)) << size << " " << i;
    }
  }
  EXPECT_FALSE(equals_lower("K\xcb", "k\xeb"));
}

}  // namespace
