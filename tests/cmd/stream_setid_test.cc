// XSETID may lead back: MAXDELETEDID can be set to less than what was deleted, and then the last id to less than that
// of a deleted entry that still stands in its node. What is added afterwards has a lesser id than what stands in front
// of it. All replies are Redis's, but for one that the last test tells of.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

// The entries are added, the last of them is deleted, and the last id is what is given.
void lead_back(Harness& harness, int64_t node_entries, std::initializer_list<std::string> ids,
               const std::string& last_id, const std::string& min_id = {}) {
  harness.options().encodings.stream_node_entries = node_entries;
  for (const std::string& id : ids) harness.run("XADD s " + id + " f v");
  EXPECT_EQ(harness.run("XDEL s " + *(ids.end() - 1)), ":1");
  if (!min_id.empty()) {
    EXPECT_EQ(harness.run("XTRIM s MINID " + min_id), ":1");
  }
  EXPECT_EQ(harness.run("XSETID s 1000-0 ENTRIESADDED 9 MAXDELETEDID 1-0"), "+OK");
  EXPECT_EQ(harness.run("XSETID s " + last_id), "+OK");
}

std::string entry(const std::string& id) { return "[\"" + id + "\", [\"f\", \"v\"]]"; }

std::string number(const std::string& info, const std::string& name) {
  const size_t begin = info.find("\"" + name + "\", :") + name.size() + 5;
  return info.substr(begin, info.find(',', begin) - begin);
}

TEST(StreamSetId, ATombstoneEndsNoRange) {
  Harness harness;
  lead_back(harness, 100, {"8-0", "9-0", "10-0"}, "9-0");
  harness.run("XADD s 9-5 f v");
  const std::string added = "[" + entry("9-5") + "]";
  harness.play({{"XRANGE s 9-5 9-5", added, "", ""},
                {"XRANGE s 9-1 9-9", added, "", ""},
                {"XREVRANGE s 9-5 9-5", added, "", ""},
                {"XRANGE s - 9-1", "[" + entry("8-0") + ", " + entry("9-0") + "]", "", ""},
                {"XRANGE s 10-0 +", "[]", "", ""},
                {"XDEL s 9-5 0", ":1", "xdel s", "XDEL s 9-5 0"}});
}

// What stands in front of a node is not less than its id.
TEST(StreamSetId, TrimmingByIdEndsBeforeATombstoneThatIsNotLess) {
  Harness harness;
  lead_back(harness, 3, {"8-0", "9-0", "100-0"}, "9-0");
  harness.run("XADD s 9-5 f v");
  harness.run("XADD s 9-6 f v");
  EXPECT_EQ(harness.run("XTRIM s MINID ~ 50-0"), ":0");
  EXPECT_EQ(harness.run("XTRIM s MINID 50-0"), ":2");
  EXPECT_EQ(harness.run("XRANGE s - +"), "[" + entry("9-5") + ", " + entry("9-6") + "]");
  EXPECT_EQ(harness.run("COPY s copy"), ":1");
  EXPECT_EQ(harness.run("XTRIM copy MINID 50-0"), ":0");
}

// The node was emptied by a trim, which leaves its tombstones; its id is above those of what comes into it now.
TEST(StreamSetId, EntriesBelowTheIdOfTheirNode) {
  Harness harness;
  lead_back(harness, 3, {"100-0", "200-0"}, "50-0", "150-0");
  harness.run("XADD s 51-0 f v");
  const std::string added = "[" + entry("51-0") + "]";
  EXPECT_EQ(harness.run("XRANGE s 51-0 51-0"), added);
  EXPECT_EQ(harness.run("XREVRANGE s 51-0 51-0"), added);
  EXPECT_EQ(harness.run("XREVRANGE s 51-0 -"), added);
  // The next ones begin nodes of their own, in front of it.
  harness.run("XADD s 52-0 f v");
  harness.run("XADD s 53-0 f v");
  EXPECT_EQ(harness.run("XRANGE s - +"), "[" + entry("52-0") + ", " + entry("53-0") + ", " + entry("51-0") + "]");
  EXPECT_EQ(harness.run("XREVRANGE s 51-0 51-0"), added);
  EXPECT_EQ(harness.run("XRANGE s 51-0 51-0"), "[]");
  EXPECT_EQ(harness.run("XDEL s 51-0"), ":0");
  EXPECT_EQ(number(harness.run("XINFO STREAM s"), "radix-tree-keys"), "3");
  EXPECT_EQ(harness.run("XTRIM s MINID 53-0"), ":1");
}

TEST(StreamSetId, TheIdOfANodeOfTombstonesOnly) {
  Harness harness;
  lead_back(harness, 2, {"5-0", "6-0"}, "4-0", "6-0");
  harness.run("XADD s 5-0 f v");
  EXPECT_EQ(harness.run("XRANGE s 5-0 5-0"), "[" + entry("5-0") + "]");
  EXPECT_EQ(number(harness.run("XINFO STREAM s"), "radix-tree-keys"), "1");
  EXPECT_EQ(number(harness.run("XINFO STREAM s"), "radix-tree-nodes"), "2");
  harness.run("XADD s 7-0 f v");
  EXPECT_EQ(harness.run("XTRIM s MAXLEN 1"), ":1");
  EXPECT_EQ(harness.run("XRANGE s - +"), "[" + entry("7-0") + "]");
  EXPECT_EQ(harness.run("XDEL s 7-0"), ":1");
  EXPECT_EQ(number(harness.run("XINFO STREAM s"), "radix-tree-keys"), "0");
}

// Redis puts the new node into the place of the one with 4-0, which XLEN goes on counting.
TEST(StreamSetId, TheIdOfANodeThatHasEntriesBelowIt) {
  Harness harness;
  lead_back(harness, 3, {"6-0", "7-0"}, "3-0", "6-5");
  for (const char* id : {"4-0", "5-0", "6-0"}) harness.run("XADD s " + std::string(id) + " f v");
  EXPECT_EQ(harness.run("XLEN s"), ":3");
  EXPECT_EQ(harness.run("XRANGE s - +"), "[" + entry("5-0") + ", " + entry("4-0") + ", " + entry("6-0") + "]");
  EXPECT_EQ(number(harness.run("XINFO STREAM s"), "radix-tree-keys"), "2");
  EXPECT_EQ(harness.run("XTRIM s MAXLEN 0"), ":3");
  EXPECT_EQ(harness.run("XRANGE s - +"), "[]");
}

}  // namespace
}  // namespace torc::cmd
