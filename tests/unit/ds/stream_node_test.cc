// Ids as text, and nodes of streams: the layout byte by byte, entries forwards and backwards, tombstones.
#include "ds/stream_node.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace torc::ds {
namespace {

using Fields = std::vector<std::string_view>;

std::string made(const Fields& fields) {
  std::string block(StreamNode::master_bytes_max(fields), '\0');
  StreamNode::make(block.data(), fields);
  block.resize(Listpack(block.data()).bytes());
  return block;
}

void append(std::string* block, const StreamId& node, const StreamId& id, const Fields& fields) {
  block->resize(block->size() + StreamNode::entry_bytes_max(fields) + StreamNode::counters_growth_max);
  StreamNode::append(block->data(), node, id, fields);
  block->resize(Listpack(block->data()).bytes());
}

TEST(StreamId, Order) {
  EXPECT_LT((StreamId{1, 9}), (StreamId{2, 0}));
  EXPECT_LT((StreamId{2, 0}), (StreamId{2, 1}));
  StreamId id{1, UINT64_MAX};
  EXPECT_TRUE(id.increment());
  EXPECT_EQ(id, (StreamId{2, 0}));
  EXPECT_TRUE(id.decrement());
  EXPECT_EQ(id, (StreamId{1, UINT64_MAX}));
  id = StreamId::max();
  EXPECT_FALSE(id.increment());
  EXPECT_TRUE(id.is_zero());
  EXPECT_FALSE(id.decrement());
  EXPECT_EQ(id, StreamId::max());
}

TEST(StreamId, Text) {
  char text[stream_id_text_max];
  EXPECT_EQ(std::string_view(text, format_stream_id(text, {12, 0})), "12-0");
  EXPECT_EQ(format_stream_id(text, StreamId::max()), stream_id_text_max);
  EXPECT_EQ(parse_stream_id("12-34", 5), (StreamId{12, 34}));
  EXPECT_EQ(parse_stream_id("12", 5), (StreamId{12, 5}));
  EXPECT_EQ(parse_stream_id("18446744073709551615-18446744073709551615", 0), StreamId::max());
  // As strtoull takes them.
  EXPECT_EQ(parse_stream_id(" 012-+7", 0), (StreamId{12, 7}));
  EXPECT_EQ(parse_stream_id(std::string_view("3-4\0-5", 6), 0), (StreamId{3, 4}));
  for (const char* wrong :
       {"", "-", "+", "-1", "1-", "1--1", "1-2-3", "x", "1-x", "18446744073709551616", "1-*", "1 "}) {
    EXPECT_EQ(parse_stream_id(wrong, 0), std::nullopt) << wrong;
  }
  EXPECT_EQ(parse_stream_id(std::string(128, '1'), 0), std::nullopt);
}

TEST(StreamId, SequenceToBeChosen) {
  bool given = false;
  EXPECT_EQ(parse_stream_id("7-3", 0, &given), (StreamId{7, 3}));
  EXPECT_TRUE(given);
  EXPECT_EQ(parse_stream_id("7-*", 0, &given), (StreamId{7, 0}));
  EXPECT_FALSE(given);
  EXPECT_EQ(parse_stream_id("7-**", 0, &given), std::nullopt);
}

// What redis-server 7.2.6 dumps for XADD 5-5 a 1, XADD 5-6 a x, XADD 6-1 b 2.
TEST(StreamNode, Layout) {
  std::string block = made({"a", "1"});
  append(&block, {5, 5}, {5, 5}, {"a", "1"});
  append(&block, {5, 5}, {5, 6}, {"a", "x"});
  append(&block, {5, 5}, {6, 1}, {"b", "2"});
  ListpackBuilder expected;
  for (const char* element : {"3", "0", "1", "a", "0"}) expected.append(std::string_view(element));
  for (const char* element : {"2", "0", "0", "1", "4"}) expected.append(std::string_view(element));
  for (const char* element : {"2", "0", "1", "x", "4"}) expected.append(std::string_view(element));
  for (const char* element : {"0", "1", "-4", "1", "b", "2", "6"}) expected.append(std::string_view(element));
  EXPECT_EQ(block, expected.block());
  EXPECT_TRUE(Listpack::valid(block));
}

TEST(StreamNode, DifferencesWrapAround) {
  const StreamId node{3, UINT64_MAX};
  std::string block = made({"f", "v"});
  append(&block, node, {UINT64_MAX, 0}, {"f", "v"});
  EXPECT_EQ(StreamNode(block.data(), node).last_id(), (StreamId{UINT64_MAX, 0}));
}

struct Added {
  StreamId id;
  std::vector<std::string> fields;
  bool deleted = false;
};

std::vector<std::string> read_fields(const StreamNode& node, const StreamNode::Entry& entry) {
  std::vector<std::string> fields;
  StreamNode::Position master = node.master_fields(), values = entry.values;
  char digits[24];
  for (uint64_t i = 0; i < entry.fields; ++i) {
    fields.emplace_back(node.list().take(entry.same_fields ? &master : &values).string(digits));
    fields.emplace_back(node.list().take(&values).string(digits));
  }
  return fields;
}

void check(const std::string& block, const StreamId& id, const std::vector<Added>& model) {
  ASSERT_TRUE(Listpack::valid(block));
  const StreamNode node(block.data(), id);
  uint64_t deleted = 0;
  StreamNode::Position place = node.first();
  std::vector<StreamNode::Position> places;
  for (const Added& added : model) {
    ASSERT_NE(place, node.end());
    const StreamNode::Entry entry = node.read(place);
    ASSERT_EQ(entry.id, added.id);
    ASSERT_EQ(entry.deleted, added.deleted);
    ASSERT_EQ(read_fields(node, entry), added.fields);
    places.push_back(place);
    place = node.behind(entry);
    deleted += added.deleted ? 1 : 0;
  }
  ASSERT_EQ(place, node.end());
  for (; !places.empty(); places.pop_back()) {
    place = node.before(place);
    ASSERT_EQ(place, places.back());
  }
  ASSERT_EQ(node.before(place), 0u);
  ASSERT_EQ(node.deleted(), deleted);
  ASSERT_EQ(node.live(), model.size() - deleted);
  ASSERT_EQ(StreamNode::entries(block.data()), model.size());
  ASSERT_EQ(node.last_id(), model.empty() ? id : model.back().id);
}

TEST(StreamNode, RandomEntriesAndTombstones) {
  base::Random random(5);
  const std::vector<std::string> texts = {"a", "b", "17", "-1", "128", "99999999999", "", std::string(63, 'x'),
                                          std::string(64, 'y'), std::string(5000, 'z')};
  for (int round = 0; round < 30; ++round) {
    const StreamId id{random.below(100), random.below(100)};
    std::vector<Added> model;
    std::string block;
    StreamId next = id;
    // Beyond 127, so that the counters change their size.
    for (int i = 0; i < 300; ++i) {
      Added added{next, {}};
      const bool usual = random.below(3) != 0;
      for (uint64_t field = 0; field < (usual ? 2 : 1 + random.below(4)); ++field) {
        added.fields.push_back(usual ? texts[field] : texts[random.below(texts.size())]);
        added.fields.push_back(texts[random.below(9)]);
      }
      const Fields views(added.fields.begin(), added.fields.end());
      if (block.empty()) block = made(views);
      append(&block, id, next, views);
      model.push_back(std::move(added));
      next.ms += random.below(2);
      next.sequence = random.below(1000) + next.sequence + 1;
    }
    check(block, id, model);
    for (int i = 0; i < 290; ++i) {
      const size_t victim = random.below(model.size());
      if (model[victim].deleted) continue;
      const StreamNode node(block.data(), id);
      StreamNode::Position place = node.first();
      for (size_t j = 0; j < victim; ++j) place = node.behind(node.read(place));
      const uint64_t live = node.live(), deleted = node.deleted();
      StreamNode::mark_deleted(block.data(), node.read(place));
      block.resize(block.size() + StreamNode::counters_growth_max);
      StreamNode::set_counters(block.data(), live - 1, deleted + 1);
      block.resize(Listpack(block.data()).bytes());
      model[victim].deleted = true;
    }
    check(block, id, model);
  }
}

}  // namespace
}  // namespace torc::ds
