// Streams against a std::map of their entries: appending, deleting, trimming, ranges in both directions, nodes and what
// is told about them; groups against maps of who has what; copies, and freeing in steps.
#include "store/stream_object.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/random.h"
#include "store/entry_heap.h"
#include "store/reclaimer.h"
#include "store/stream_cursor.h"

namespace torc::store {
namespace {

using ds::StreamId;
using Fields = std::vector<std::string>;
using Model = std::map<StreamId, Fields>;

Fields fields_at(StreamCursor& cursor) {
  Fields fields;
  ds::Listpack::Element field, value;
  char digits[24];
  for (uint64_t i = 0; i < cursor.entry().fields; ++i) {
    cursor.next_field(&field, &value);
    fields.emplace_back(field.string(digits));
    fields.emplace_back(value.string(digits));
  }
  return fields;
}

void append(Stream& stream, const StreamId& id, const Fields& fields, const EncodingLimits& limits = {}) {
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  stream.append(id, views, limits);
}

void check_range(const Stream& stream, const Model& model, const StreamId& begin, const StreamId& end) {
  StreamCursor forward(stream, begin, end);
  for (auto at = model.lower_bound(begin); at != model.end() && at->first <= end; ++at) {
    ASSERT_TRUE(forward.next());
    ASSERT_EQ(forward.entry().id, at->first);
    // Not all fields are read each time.
    if (at->first.sequence % 2 == 0) {
      ASSERT_EQ(fields_at(forward), at->second);
    }
  }
  ASSERT_FALSE(forward.next());
  StreamCursor backward(stream, begin, end, StreamCursor::Direction::backward);
  for (auto at = model.upper_bound(end); at != model.begin() && (--at)->first >= begin;) {
    ASSERT_TRUE(backward.next());
    ASSERT_EQ(backward.entry().id, at->first);
    ASSERT_EQ(fields_at(backward), at->second);
  }
  ASSERT_FALSE(backward.next());
}

void check(const Stream& stream, const Model& model) {
  ASSERT_EQ(stream.length(), model.size());
  ASSERT_EQ(stream.first_id(), model.empty() ? StreamId{} : model.begin()->first);
  ASSERT_EQ(stream.last_live_id(), model.empty() ? StreamId{} : model.rbegin()->first);
  check_range(stream, model, {}, StreamId::max());
}

StreamTrim by_length(uint64_t length, bool approximate = false, uint64_t limit = 0) {
  return {.by = StreamTrim::By::length, .length = length, .approximate = approximate, .limit = limit};
}
StreamTrim by_id(const StreamId& id, bool approximate = false, uint64_t limit = 0) {
  return {.by = StreamTrim::By::id, .id = id, .approximate = approximate, .limit = limit};
}

uint64_t trimmed(Stream& stream, const StreamTrim& trim) {
  std::unique_ptr<Stream> discarded;
  return stream.trim(trim, &discarded);
}

// What an exact trim leaves.
void trim(Model& model, const StreamTrim& how) {
  while (!model.empty() && (how.by == StreamTrim::By::length ? model.size() > how.length
                                                             : model.begin()->first < how.id)) {
    model.erase(model.begin());
  }
}

class StreamModel : public testing::TestWithParam<int64_t> {
 protected:
  void add() {
    id_.ms += random_.below(3);
    id_.sequence = random_.below(20) + (id_.ms == stream_.last_id.ms ? stream_.last_id.sequence + 1 : 0);
    if (id_ <= stream_.last_id) return;
    Fields fields = {"a", std::to_string(random_.below(1000)), "b", "x"};
    if (random_.below(4) == 0) fields[2] = "other";
    append(stream_, id_, fields, limits_);
    model_[id_] = fields;
  }
  StreamId random_id() { return {random_.below(id_.ms + 2), random_.below(40)}; }
  void erase() {
    auto victim = model_.lower_bound(random_id());
    const StreamId id = victim == model_.end() || random_.below(4) == 0 ? random_id() : victim->first;
    ASSERT_EQ(stream_.contains(id), model_.contains(id));
    ASSERT_EQ(stream_.erase(id), model_.erase(id) == 1);
    stream_.refresh_first_id();
  }
  void trim_exactly() {
    const size_t before = model_.size();
    const StreamTrim how = random_.below(2) != 0 ? by_length(before - std::min<size_t>(before, random_.below(9)))
                                                 : by_id(random_id());
    if (how.by == StreamTrim::By::id && random_.below(8) != 0) return;
    trim(model_, how);
    ASSERT_EQ(trimmed(stream_, how), before - model_.size());
  }

  base::Random random_{3};
  EncodingLimits limits_;
  Stream stream_;
  Model model_;
  StreamId id_{1, 0};
};

TEST_P(StreamModel, RandomChanges) {
  limits_.stream_node_entries = GetParam();
  for (int step = 0; step < 6000; ++step) {
    const uint64_t kind = random_.below(10);
    kind < 6 ? add() : kind < 9 ? erase() : trim_exactly();
    if (step % 61 == 0) check_range(stream_, model_, random_id(), random_id());
    if (step % 499 == 0) check(stream_, model_);
  }
  check(stream_, model_);
  EXPECT_LE(stream_.edge_id(), stream_.first_id());
}

INSTANTIATE_TEST_SUITE_P(NodeEntries, StreamModel, testing::Values(1, 2, 7, 100, 400));

TEST(StreamObject, NodesEndAtTheirLimits) {
  Stream stream;
  EncodingLimits limits{.stream_node_entries = 3};
  for (uint64_t i = 1; i <= 7; ++i) append(stream, {i, 0}, {"f", "v"}, limits);
  EXPECT_EQ(stream.nodes().size(), 3u);
  limits = {.stream_node_bytes = 100, .stream_node_entries = 0};
  append(stream, {8, 0}, {"f", std::string(60, 'v')}, limits);
  append(stream, {9, 0}, {"f", std::string(60, 'v')}, limits);
  EXPECT_EQ(stream.nodes().size(), 4u);
  // A tombstone counts until its node is empty.
  limits = {.stream_node_entries = 3};
  append(stream, {10, 0}, {"f", "v"}, {.stream_node_bytes = 1});
  append(stream, {11, 0}, {"f", "v"}, limits);
  stream.erase({10, 0});
  append(stream, {12, 0}, {"f", "v"}, limits);
  append(stream, {13, 0}, {"f", "v"}, limits);
  stream.refresh_first_id();
  EXPECT_EQ(stream.nodes().size(), 6u);
}

TEST(StreamObject, ApproximateTrimsTakeWholeNodes) {
  const EncodingLimits limits{.stream_node_entries = 10};
  for (const auto& [how, removed] : std::vector<std::pair<StreamTrim, uint64_t>>{
           {by_length(100, true), 0},
           {by_length(95, true), 0},
           {by_length(90, true), 10},
           {by_length(55, true), 40},
           {by_length(0, true), 100},
           {by_length(0, true, 9), 0},
           {by_length(0, true, 39), 30},
           {by_id({40, 0}, true), 30},
           {by_id({41, 0}, true), 40},
           {by_id({1000, 0}, true), 100},
           {by_id({1000, 0}, true, 25), 20},
           {by_id({15, 0}, true, 25), 10},
           {by_id({1, 0}, true), 0},
       }) {
    Stream stream;
    for (uint64_t i = 1; i <= 100; ++i) append(stream, {i, 0}, {"f", "v"}, limits);
    ASSERT_EQ(trimmed(stream, how), removed) << how.length << ' ' << how.id.ms << ' ' << how.limit;
    ASSERT_EQ(stream.length(), 100 - removed);
    ASSERT_EQ(stream.nodes().size(), 10 - removed / 10);
    ASSERT_EQ(stream.first_id(), removed == 100 ? StreamId{} : (StreamId{removed + 1, 0}));
  }
}

// As the numnodes of Redis's radix tree.
TEST(StreamObject, NodesOfARadixTree) {
  const EncodingLimits limits{.stream_node_entries = 1};
  Stream stream;
  EXPECT_EQ(stream.radix_nodes(), 1u);
  append(stream, {1, 0}, {"f", "v"}, limits);
  EXPECT_EQ(stream.radix_nodes(), 2u);
  append(stream, {1, 1}, {"f", "v"}, limits);  // they part in the last byte
  EXPECT_EQ(stream.radix_nodes(), 4u);
  append(stream, {2, 0}, {"f", "v"}, limits);
  EXPECT_EQ(stream.radix_nodes(), 8u);
  append(stream, {uint64_t{1} << 56, 0}, {"f", "v"}, limits);  // and here in the first
  EXPECT_EQ(stream.radix_nodes(), 11u);
}

TEST(StreamObject, OfManyNodesThoseOfARadixTreeAreEstimated) {
  const EncodingLimits limits{.stream_node_entries = 1};
  Stream stream;
  for (uint64_t i = 1; i <= 4096; ++i) append(stream, {i * 1000, 0}, {"f", "v"}, limits);
  const uint64_t counted = stream.radix_nodes();
  for (uint64_t i = 4097; i <= 3 * 4096; ++i) append(stream, {i * 1000, 0}, {"f", "v"}, limits);
  EXPECT_EQ(stream.radix_nodes(), 3 * counted);
}

// What was counted once is told again until the nodes change.
TEST(StreamObject, TheNumberOfRadixNodesFollowsTheNodes) {
  const EncodingLimits limits{.stream_node_entries = 2};
  base::Random random(7);
  Stream stream;
  for (uint64_t i = 1; i <= 3000; ++i) {
    append(stream, {i * 37, random.below(9)}, {"f", "v"}, limits);
    const uint64_t counted = stream.radix_nodes();
    if (i % 3 == 0) stream.erase(stream.first_id());
    if (i % 7 == 0) stream.erase({random.below(i * 37), 0});
    stream.refresh_first_id();
    if (i % 500 == 0) trimmed(stream, by_length(i % 1000 + 10, i % 1500 == 0));
    const auto copy = stream.copy();
    ASSERT_EQ(stream.radix_nodes(), static_cast<const Stream&>(*copy).radix_nodes()) << i << ' ' << counted;
  }
}

TEST(StreamObject, MemoryOfSmallEntries) {
  constexpr uint64_t count = 100'000;
  const size_t before = base::used_bytes();
  {
    Stream stream;
    for (uint64_t i = 0; i < count; ++i) {
      append(stream, {1'700'000'000'000 + i, 0}, {"f0", "12", "f1", "345", "f2", "v"});
    }
    EXPECT_LT(base::used_bytes() - before, count * 19);
    // What is told is what is taken, but for the stream's own block.
    EXPECT_EQ(stream.memory_bytes() - sizeof(Stream), base::used_bytes() - before);
    const auto copied = stream.copy();
    EXPECT_LE(copied->memory_bytes(), stream.memory_bytes());
  }
  EXPECT_EQ(base::used_bytes(), before);
}

TEST(StreamObject, RoomToGrowStaysInProportion) {
  const auto bytes_with = [](const std::vector<size_t>& sizes, const EncodingLimits& limits) {
    Stream stream;
    uint64_t ms = 0;
    for (const size_t size : sizes) append(stream, {++ms, 0}, {"f", std::string(size, 'v')}, limits);
    return stream.memory_bytes() - sizeof(Stream);
  };
  EXPECT_LE(bytes_with({1}, {}), 320u);
  // The room of a large node is not that of the next one.
  const size_t alone = bytes_with({1'000'000}, {});
  EXPECT_LE(bytes_with({1'000'000, 1}, {}), alone + 512);
  // Full nodes of any size fit, as well as the allocator's size classes allow.
  for (int64_t entries = 200; entries <= 400; entries += 20) {
    const EncodingLimits large{.stream_node_bytes = 1'000'000, .stream_node_entries = entries};
    EXPECT_LE(bytes_with(std::vector<size_t>(10'001, 200), large), 10'001u * 212 * 5 / 4) << entries;
  }
}

TEST(StreamObject, MemoryAfterTrimming) {
  const size_t before = base::used_bytes();
  Stream stream;
  for (uint64_t i = 1; i <= 10'000; ++i) append(stream, {i, 0}, {"f", "value"});
  ASSERT_EQ(trimmed(stream, by_length(1000, true)), 9000u);
  EXPECT_EQ(stream.memory_bytes() - sizeof(Stream), base::used_bytes() - before);
  ASSERT_TRUE(stream.erase({9050, 0}));
  EXPECT_EQ(stream.memory_bytes() - sizeof(Stream), base::used_bytes() - before);
}

TEST(StreamObject, FreedInSteps) {
  Stream stream;
  for (uint64_t i = 1; i <= 5000; ++i) append(stream, {i, 0}, {"f", "v"});
  for (const char* name : {"g", "h"}) {
    ConsumerGroup& group = *stream.add_group(name, {}, 0);
    Consumer& consumer = group.add_consumer("c", 1);
    for (uint64_t i = 1; i <= 1000; ++i) group.deliver({i, 0}, consumer, 1);
  }
  uint64_t blocks = stream.blocks();
  EXPECT_GT(blocks, 50u + 2 * 16);
  while (!stream.release_some(7)) {
    EXPECT_LE(stream.blocks(), blocks);
    EXPECT_GE(stream.blocks() + 30, blocks);
    blocks = stream.blocks();
  }
  EXPECT_TRUE(stream.nodes().empty());
  EXPECT_TRUE(stream.groups().empty());
}

TEST(StreamObject, Copies) {
  Stream stream;
  Model model;
  for (uint64_t i = 1; i <= 500; ++i) {
    append(stream, {i, 0}, {"f", std::to_string(i)});
    model[{i, 0}] = {"f", std::to_string(i)};
  }
  stream.add_group("g", {5, 0}, 5);
  const auto copied = stream.copy();
  const Stream& copy = static_cast<const Stream&>(*copied);
  trimmed(stream, by_length(0));
  check(copy, model);
  EXPECT_EQ(copy.last_id, (StreamId{500, 0}));
  EXPECT_EQ(copy.entries_added, 500u);
  EXPECT_EQ(copy.groups().at("g").last_id, (StreamId{5, 0}));
}

// --- groups ---

struct Owner {
  std::string consumer;
  int64_t delivered_ms, deliveries;
};

class GroupModel : public testing::Test {
 protected:
  Consumer& consumer() {
    const std::string name = "c" + std::to_string(random_.below(6));
    Consumer* found = group_.find_consumer(name);
    return found ? *found : group_.add_consumer(name, 0);
  }
  void step() {
    const StreamId id{random_.below(300), 0};
    const uint64_t kind = random_.below(12);
    if (kind < 5) {
      Consumer& to = consumer();
      group_.deliver(id, to, static_cast<int64_t>(id.ms));
      model_[id] = {std::string(to.name), static_cast<int64_t>(id.ms), 1};
    } else if (kind < 8) {
      ASSERT_EQ(group_.acknowledge(id), model_.erase(id) == 1);
    } else if (kind < 11) {
      Consumer& to = consumer();
      const int64_t count = random_.below(4) == 0 ? INT64_MAX - 3 : static_cast<int64_t>(random_.below(9));
      group_.redeliver(group_.give(id, group_.pending().find(id), to), 7, count);
      model_[id] = {std::string(to.name), 7, count};
    } else if (random_.below(30) == 0) {
      Consumer& gone = consumer();
      std::erase_if(model_, [&](const auto& entry) { return entry.second.consumer == gone.name; });
      group_.erase_consumer(gone);
    }
  }
  void check(const ConsumerGroup& group) {
    ASSERT_EQ(group.pending().size(), model_.size());
    auto entry = group.pending().first();
    std::map<std::string, std::set<StreamId>> of_consumers;
    for (const auto& [id, owner] : model_) {
      ASSERT_EQ(entry->id, id);
      ASSERT_EQ(group.owner(*entry).name, owner.consumer);
      ASSERT_EQ(entry->delivered_ms, owner.delivered_ms);
      ASSERT_EQ(group.deliveries(*entry), owner.deliveries);
      of_consumers[owner.consumer].insert(id);
      entry = entry.next();
    }
    for (const auto& [name, consumer] : group.consumers()) {
      ASSERT_EQ(consumer.pending.size(), of_consumers[name].size());
      auto own = consumer.pending.first();
      for (const StreamId& id : of_consumers[name]) {
        ASSERT_EQ(own->id, id);
        own = own.next();
      }
    }
  }

  base::Random random_{11};
  ConsumerGroup group_{{}, 0};
  std::map<StreamId, Owner> model_;
};

TEST_F(GroupModel, RandomChanges) {
  for (int i = 0; i < 20'000; ++i) {
    step();
    if (i % 997 == 0) check(group_);
  }
  check(group_);
  ConsumerGroup copy({}, 0);
  copy.copy_from(group_);
  check(copy);
  size_t count = SIZE_MAX;
  EXPECT_TRUE(group_.release_some(&count));
  EXPECT_EQ(group_.blocks(), 0u);
  check(copy);
}

// Nothing but the consumer's trees changes hands when all is its own, however much that is.
TEST(ConsumerGroup, AnErasedConsumerIsHandedOut) {
  ConsumerGroup group({}, 0);
  Consumer& consumer = group.add_consumer("c", 0);
  group.add_consumer("other", 0);
  for (uint64_t i = 1; i <= 1000; ++i) group.deliver({i, 0}, consumer, 0);
  group.redeliver(group.pending().first(), 1, -1);
  ConsumerGroup discarded = group.erase_consumer(consumer);
  EXPECT_EQ(group.pending().size(), 0u);
  EXPECT_EQ(group.consumers().size(), 1u);
  EXPECT_EQ(discarded.pending().size(), 1000u);
  EXPECT_EQ(discarded.consumers().at("c").pending.size(), 1000u);
  group.deliver({1, 0}, *group.find_consumer("other"), 0);
  EXPECT_EQ(group.deliveries(*group.pending().first()), 1);
  EXPECT_EQ(group.owner(*group.pending().first()).name, "other");
}

// Freeing does not count all that is left after each step.
TEST(ConsumerGroup, ManyConsumersAndGroupsAreFreedInTime) {
  constexpr uint64_t many = 60'000;
  EntryHeap heap;
  Reclaimer reclaimer(&heap);
  auto stream = std::make_unique<Stream>();
  ConsumerGroup& group = *stream->add_group("group", {}, 0);
  for (uint64_t i = 0; i < many; ++i) group.add_consumer(std::to_string(i), 0);
  for (uint64_t i = 0; i < many; ++i) stream->add_group("g" + std::to_string(i), {}, 0);
  reclaimer.release_deleted(std::move(stream));
  const std::clock_t start = std::clock();
  while (reclaimer.reclaim_some(100)) {
  }
  EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);
}

TEST(ConsumerGroup, ALargeOneBehindManySmallOnesIsNotFreedAtOnce) {
  EntryHeap heap;
  Reclaimer reclaimer(&heap);
  auto stream = std::make_unique<Stream>();
  for (char name = 'a'; name <= 'y'; ++name) stream->add_group(std::string(1, name), {}, 0);
  ConsumerGroup& large = *stream->add_group("z", {}, 0);
  for (int i = 0; i < 10'000; ++i) large.add_consumer(std::to_string(i), 0);
  reclaimer.release_deleted(std::move(stream));
  EXPECT_EQ(reclaimer.pending(), 1U);
}

TEST(ConsumerGroup, APendingEntryTakesLittle) {
  constexpr uint64_t count = 100'000;
  ConsumerGroup group({}, 0);
  Consumer& consumer = group.add_consumer("c", 0);
  for (uint64_t i = 0; i < count; ++i) group.deliver({i, 0}, consumer, 0);
  EXPECT_LT(group.memory_bytes(), count * 52);
}

}  // namespace
}  // namespace torc::store
