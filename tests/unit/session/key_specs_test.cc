// Tests of src/session/key_specs: what its header promises, at the edges and on random input.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "session/command_facts.h"
#include "session/registry.h"

namespace {

using namespace torc::session;
using Positions = std::vector<int>;
using Arguments = std::vector<std::string_view>;

void nothing(Context&) {}

struct Found {
  bool fits;
  Positions positions;
  std::vector<uint32_t> flags;
};

Found find(const CommandRow& row, const Arguments& arguments) {
  const std::vector<CommandRow> rows = {row};
  Registry registry;
  registry.add(rows, nullptr);
  std::vector<KeyPosition> keys;
  Found found{find_keys(*registry.commands()[0], arguments, &keys), {}, {}};
  for (const KeyPosition& key : keys) {
    found.positions.push_back(key.argument);
    found.flags.push_back(key.flags);
  }
  return found;
}

Found find(std::string_view specs, const Arguments& arguments) {
  return find({.name = "x", .handler = nothing, .arity = -1, .keys = specs}, arguments);
}

TEST(KeySpecs, a_range_from_an_argument) {
  EXPECT_EQ(find("RO @1 range 0 1 0", {"x", "k"}).positions, Positions{1});
  EXPECT_EQ(find("RO @1 range -1 1 0", {"x", "a", "b", "c"}).positions, (Positions{1, 2, 3}));
  EXPECT_EQ(find("RO @1 range -2 1 0", {"x", "a", "b", "timeout"}).positions, (Positions{1, 2}));
  EXPECT_EQ(find("OW @1 range -1 2 0", {"x", "a", "1", "b", "2"}).positions, (Positions{1, 3}));
  EXPECT_EQ(find("OW UPDATE @2 range 0 1 0", {"x", "s", "k"}).flags, std::vector<uint32_t>{key_ow | key_update});
  EXPECT_FALSE(find("RO @2 range 0 1 0", {"x", "k"}).fits);
  EXPECT_FALSE(find("RO @1 range -1 1 0", {"x"}).fits);
}

TEST(KeySpecs, a_part_of_what_follows_a_keyword) {
  // XREAD: keys are the first half behind STREAMS.
  const std::string_view streams = "RO ACCESS @STREAMS:1 range -1 1 2";
  EXPECT_EQ(find(streams, {"xread", "count", "2", "streams", "a", "b", "0", "0"}).positions, (Positions{4, 5}));
  EXPECT_TRUE(find(streams, {"xread", "count", "2"}).fits);
  EXPECT_TRUE(find(streams, {"xread", "count", "2"}).positions.empty());
  // The last argument has nothing behind it.
  EXPECT_TRUE(find(streams, {"xread", "a", "streams"}).positions.empty());
}

TEST(KeySpecs, a_keyword_searched_from_the_end) {
  const std::string_view store = "OW @STORE:-2 range 0 1 0";
  EXPECT_EQ(find(store, {"georadius", "k", "store", "store", "a"}).positions, Positions{4});
  EXPECT_EQ(find(store, {"georadius", "store", "a", "b"}).positions, Positions{});
  EXPECT_TRUE(find(store, {"georadius"}).fits);
}

TEST(KeySpecs, as_many_as_a_number_says) {
  const std::string_view keynum = "RO @1 keynum 0 1 1";
  EXPECT_EQ(find(keynum, {"x", "2", "a", "b", "weights"}).positions, (Positions{2, 3}));
  EXPECT_EQ(find("OW @1 keynum 0 1 2", {"msetex", "2", "a", "1", "b", "2"}).positions, (Positions{2, 4}));
  for (std::string_view read_as_c_does : {"+2", " 2", "2x", "4294967298"}) {
    EXPECT_EQ(find(keynum, {"x", read_as_c_does, "a", "b"}).positions, (Positions{2, 3})) << read_as_c_does;
  }
  for (std::string_view wrong : {"3", "-1", "0", "x", "", "9223372036854775807", "99999999999999999999"}) {
    EXPECT_FALSE(find(keynum, {"x", wrong, "a", "b"}).fits) << wrong;
  }
  EXPECT_FALSE(find("RO @2 keynum 0 1 1", {"x", "1"}).fits);
}

TEST(KeySpecs, what_is_no_key_or_not_known) {
  EXPECT_TRUE(find("NOT_KEY @1 range 0 1 0;RO @2 range 0 1 0", {"x", "channel", "k"}).fits);
  EXPECT_EQ(find("NOT_KEY @1 range 0 1 0;RO @2 range 0 1 0", {"x", "channel", "k"}).positions, Positions{2});
  EXPECT_FALSE(find("RO @? unknown", {"x", "k"}).fits);
  // Incomplete: what was found is given, but it is not all.
  const Found incomplete = find("RO INCOMPLETE @1 range 0 1 0", {"x", "k"});
  EXPECT_FALSE(incomplete.fits);
  EXPECT_EQ(incomplete.positions, Positions{1});
}

TEST(KeySpecs, a_request_decides_variable_flags) {
  CommandRow row{.name = "set", .handler = nothing, .arity = -3, .keys = "RW ACCESS VARIABLE_FLAGS @1 range 0 1 0"};
  EXPECT_EQ(find(row, {"set", "k", "v"}).flags, std::vector<uint32_t>{key_rw | key_access | key_variable_flags});
  row.variable_key_flags = [](std::span<const std::string_view> arguments) -> uint32_t {
    return arguments.size() > 3 ? key_rw : key_ow;
  };
  EXPECT_EQ(find(row, {"set", "k", "v"}).flags, std::vector<uint32_t>{key_ow});
  EXPECT_EQ(find(row, {"set", "k", "v", "get"}).flags, std::vector<uint32_t>{key_rw});
}

struct Legacy {
  int first, last, step;
  bool movable;
  bool operator==(const Legacy&) const = default;
};

Legacy legacy(std::string_view specs) {
  Command command;
  command.key_specs = parse_key_specs(specs);
  derive_legacy_key_range(&command);
  return {command.first_key, command.last_key, command.key_step, command.has(flag_movablekeys)};
}

TEST(KeySpecs, the_legacy_triple_of_command_info) {
  EXPECT_EQ(legacy(""), (Legacy{0, 0, 0, false}));
  EXPECT_EQ(legacy("RO @1 range 0 1 0"), (Legacy{1, 1, 1, false}));
  EXPECT_EQ(legacy("RM @1 range -1 1 0"), (Legacy{1, -1, 1, false}));
  EXPECT_EQ(legacy("OW @1 range -1 2 0"), (Legacy{1, -1, 2, false}));
  EXPECT_EQ(legacy("RO INCOMPLETE @1 range 0 1 0"), (Legacy{1, 1, 1, true}));
  // RENAME: two ranges that follow each other. BITOP-like: one behind the other up to the end.
  EXPECT_EQ(legacy("RW @1 range 0 1 0;OW @2 range 0 1 0"), (Legacy{1, 2, 1, false}));
  EXPECT_EQ(legacy("OW @2 range 0 1 0;RO @3 range -1 1 0"), (Legacy{2, -1, 1, false}));
  // ZUNIONSTORE, XREAD, EVAL: more than a triple can say.
  EXPECT_EQ(legacy("OW @1 range 0 1 0;RO @2 keynum 0 1 1"), (Legacy{1, 1, 1, true}));
  EXPECT_EQ(legacy("RO @STREAMS:1 range -1 1 2"), (Legacy{0, 0, 0, true}));
  EXPECT_EQ(legacy("RW @2 keynum 0 1 1"), (Legacy{0, 0, 0, true}));
  // Not consecutive: the second is left out.
  EXPECT_EQ(legacy("RW @1 range 0 1 0;OW @4 range 0 1 0"), (Legacy{1, 1, 1, true}));
}

TEST(KeySpecs, notes_are_kept) {
  const std::vector<KeySpec> specs = parse_key_specs("RW ACCESS @1 range 0 1 0 #GET makes it a read");
  ASSERT_EQ(specs.size(), 1u);
  EXPECT_EQ(specs[0].notes, "GET makes it a read");
  EXPECT_EQ(specs[0].flags, key_rw | key_access);
}

}  // namespace
