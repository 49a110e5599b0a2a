// The tree of records by id against std::map: appending, random input, taking from the front, joining, weights, whole
// parts taken out, and memory.
#include "ds/id_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/memory.h"
#include "base/random.h"

namespace torc::ds {
namespace {

struct Record {
  StreamId id;
  uint64_t value;
  uint64_t size;
  [[nodiscard]] uint64_t weight() const { return size; }
};
using Tree = IdTree<Record>;
using Model = std::map<StreamId, Record>;

uint64_t weight_of(const Model& model) {
  uint64_t weight = 0;
  for (const auto& [id, record] : model) weight += record.size;
  return weight;
}

void check(const Tree& tree, const Model& model) {
  ASSERT_EQ(tree.size(), model.size());
  ASSERT_EQ(tree.empty(), model.empty());
  ASSERT_EQ(tree.total_weight(), weight_of(model));
  auto position = tree.first();
  for (const auto& [id, record] : model) {
    ASSERT_TRUE(position);
    ASSERT_EQ(position->id, id);
    ASSERT_EQ(position->value, record.value);
    position = position.next();
  }
  ASSERT_FALSE(position);
  position = tree.last();
  for (auto at = model.rbegin(); at != model.rend(); ++at, position = position.previous()) {
    ASSERT_EQ(position->id, at->first);
  }
  ASSERT_FALSE(position);
}

void check_search(const Tree& tree, const Model& model, const StreamId& id) {
  const auto after = model.lower_bound(id);
  const auto at_or_after = tree.at_or_after(id);
  ASSERT_EQ(bool(at_or_after), after != model.end());
  if (at_or_after) {
    ASSERT_EQ(at_or_after->id, after->first);
  }
  const auto behind = model.upper_bound(id);
  const auto at_or_before = tree.at_or_before(id);
  ASSERT_EQ(bool(at_or_before), behind != model.begin());
  if (at_or_before) {
    ASSERT_EQ(at_or_before->id, std::prev(behind)->first);
  }
  ASSERT_EQ(bool(tree.find(id)), model.contains(id));
}

class IdTree_ : public testing::Test {
 protected:
  void insert(const StreamId& id) {
    const Record record{id, next_value_++, random_.below(5)};
    if (!model_.emplace(id, record).second) return;
    ASSERT_EQ(tree_.insert(record)->id, id);
  }
  void erase(const StreamId& id) {
    const auto position = tree_.find(id);
    ASSERT_EQ(bool(position), model_.erase(id) == 1);
    if (position) tree_.erase(position);
  }
  StreamId random_id(uint64_t range) { return {random_.below(range) / 7, random_.below(7)}; }

  base::Random random_{17};
  Tree tree_;
  Model model_;
  uint64_t next_value_ = 0;
};

TEST_F(IdTree_, AnEmptyOneHasNothing) {
  check(tree_, model_);
  check_search(tree_, model_, {1, 1});
  EXPECT_EQ(tree_.memory_bytes(), 0u);
  EXPECT_FALSE(tree_.drop_last_leaf());
}

TEST_F(IdTree_, AppendedRecordsFillTheirLeaves) {
  constexpr uint64_t count = 100'000;
  for (uint64_t i = 0; i < count; ++i) insert({i / 3, i});
  check(tree_, model_);
  EXPECT_LT(tree_.memory_bytes(), count * (sizeof(Record) + 2));
  for (int i = 0; i < 1000; ++i) check_search(tree_, model_, {random_.below(count / 3), random_.below(count)});
}

TEST_F(IdTree_, OneRecordTakesLittle) {
  insert({1, 1});
  EXPECT_LE(tree_.memory_bytes(), 80u);
}

TEST_F(IdTree_, RandomInputAndErasure) {
  for (const uint64_t range : {50, 3000, 100'000}) {
    for (int step = 0; step < 20'000; ++step) {
      const StreamId id = random_id(range);
      random_.below(3) != 0 ? insert(id) : erase(id);
      if (step % 97 == 0) check_search(tree_, model_, random_id(range));
      if (step % 4999 == 0) check(tree_, model_);
    }
    check(tree_, model_);
    while (!model_.empty()) {
      erase(model_.lower_bound(random_id(range)) == model_.end() ? model_.begin()->first
                                                                 : model_.lower_bound(random_id(range / 2))->first);
    }
    check(tree_, model_);
    EXPECT_EQ(tree_.memory_bytes(), 0u);
    EXPECT_EQ(tree_.blocks(), 0u);
  }
}

TEST_F(IdTree_, AQueueKeepsItsSize) {
  size_t most = 0;
  for (uint64_t i = 0; i < 50'000; ++i) {
    insert({i, 0});
    if (i >= 1000) erase({i - 1000, 0});
    if (i > 2000) most = std::max(most, tree_.memory_bytes());
  }
  check(tree_, model_);
  EXPECT_LT(most, 1000 * sizeof(Record) * 5 / 4);
}

TEST_F(IdTree_, SparseLeavesAreJoined) {
  constexpr uint64_t count = 20'000, kept = 16;
  for (uint64_t i = 0; i < count; ++i) insert({i, 0});
  for (uint64_t i = 0; i < count; ++i) {
    if (i % kept != 0) erase({i, 0});
  }
  check(tree_, model_);
  EXPECT_LT(tree_.memory_bytes(), count / kept * sizeof(Record) * 4);
}

TEST_F(IdTree_, WeightsAreSkipped) {
  for (uint64_t i = 0; i < 3000; ++i) insert({i, 0});
  for (int step = 0; step < 300; ++step) {
    auto changed = tree_.find({random_.below(3000), 0});
    const uint64_t more = random_.below(9);
    changed->size += more;
    tree_.add_weight(changed, static_cast<int64_t>(more));
    model_[changed->id].size += more;
    uint64_t budget = random_.below(weight_of(model_) + 5), expected = budget;
    auto at = model_.begin();
    for (; at != model_.end() && expected != 0 && at->second.size <= expected; ++at) expected -= at->second.size;
    const auto position = tree_.skip_weight(&budget);
    ASSERT_EQ(budget, expected);
    ASSERT_EQ(bool(position), at != model_.end());
    if (position) {
      ASSERT_EQ(position->id, at->first);
    }
  }
}

// From either end the search stops where the weight is used up, also before records without any.
TEST_F(IdTree_, RecordsWithoutWeightStayBehindTheirPlace) {
  constexpr uint64_t count = 1000;
  for (uint64_t i = 0; i < count; ++i) {
    const Record record{{i, 0}, i, i % 100 < 3 ? uint64_t{1} : 0};
    tree_.insert(record);
    model_.emplace(record.id, record);
  }
  for (uint64_t budget = 0; budget <= weight_of(model_) + 1; ++budget) {
    uint64_t left = budget, expected = budget;
    auto at = model_.begin();
    for (; at != model_.end() && expected != 0 && at->second.size <= expected; ++at) expected -= at->second.size;
    const auto position = tree_.skip_weight(&left);
    ASSERT_EQ(left, expected) << budget;
    ASSERT_EQ(position ? position->id : StreamId(), at != model_.end() ? at->first : StreamId()) << budget;
  }
}

TEST_F(IdTree_, AFrontIsTakenOut) {
  for (const uint64_t count : {1, 50, 64, 1000, 30'000}) {
    for (int part = 0; part <= 4; ++part) {
      while (tree_.drop_last_leaf()) {
      }
      model_.clear();
      for (uint64_t i = 0; i < count; ++i) insert({i, 0});
      const uint64_t taken_count = count * static_cast<uint64_t>(part) / 4;
      Tree taken = tree_.take_before(tree_.find({taken_count, 0}));
      const auto middle = model_.lower_bound({taken_count, 0});
      const Model front(model_.begin(), middle);
      model_.erase(model_.begin(), middle);
      check(taken, front);
      check(tree_, model_);
      insert({count + 1, 1});
      erase({taken_count, 0});
      check(tree_, model_);
    }
  }
}

TEST_F(IdTree_, WhatTwoPartsOfOneTreeCountGoesWithThem) {
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 20'000; ++i) insert(random_id(200'000));
    for (int i = 0; i < 5'000; ++i) erase(random_id(200'000));
    const StreamId end = random_id(random_.below(2) == 0 ? 200'000 : 100 + random_.below(200'000));
    Tree taken = tree_.take_before(tree_.at_or_after(end));
    const auto middle = model_.lower_bound(end);
    check(taken, Model(model_.begin(), middle));
    model_.erase(model_.begin(), middle);
    check(tree_, model_);
    for (Tree* part : {&taken, &tree_}) {
      if (part == &tree_ && round % 2 == 0) continue;  // goes on with what it is
      while (part->drop_last_leaf()) {
      }
      ASSERT_EQ(part->memory_bytes(), 0u);
      ASSERT_EQ(part->blocks(), 0u);
      ASSERT_EQ(part->total_weight(), 0u);
      ASSERT_TRUE(part->empty());
    }
    if (round % 2 != 0) model_.clear();
  }
}

TEST_F(IdTree_, MovingLeavesNothingBehind) {
  for (uint64_t i = 0; i < 1000; ++i) insert({i, 0});
  Tree other = std::move(tree_);
  check(other, model_);
  check(tree_, {});
  tree_ = std::move(other);
  check(tree_, model_);
}

TEST(IdTree, AllMemoryComesBack) {
  const size_t before = base::used_bytes();
  {
    Tree tree;
    for (uint64_t i = 0; i < 10'000; ++i) tree.insert({{i, 0}, i, 1});
    EXPECT_GT(base::used_bytes() - before, 10'000 * sizeof(Record));
  }
  EXPECT_EQ(base::used_bytes(), before);
}

}  // namespace
}  // namespace torc::ds
