// The ordered index against std::set: random, ascending and descending input, ranks, bounds, erasure down to nothing,
// many items with one prefix, ranges that are cut out, and memory.
#include "ds/ordered_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include "base/memory.h"
#include "base/random.h"

namespace torc::ds {
namespace {

struct Item {
  uint64_t key;
};

template <unsigned prefix_shift>
struct Traits {
  using Item = torc::ds::Item;
  static uint32_t prefix(const Item& item) { return static_cast<uint32_t>(item.key >> prefix_shift); }
  static bool less(const Item& first, const Item& second) { return first.key < second.key; }
};

template <class ItsTraits>
class Fixture {
 public:
  void insert(uint64_t key) {
    if (!model_.insert(key).second) return;
    items_.push_back({key});
    index_.insert(&items_.back());
  }
  void erase(uint64_t key) {
    if (model_.erase(key) == 0) return;
    index_.erase(Item{key});
  }
  void take(uint64_t rank) {
    const auto taken = std::next(model_.begin(), static_cast<std::ptrdiff_t>(rank));
    ASSERT_EQ(index_.take(rank)->key, *taken);
    model_.erase(taken);
  }
  void cut(uint64_t begin, uint64_t end) {
    const auto first = std::next(model_.begin(), static_cast<std::ptrdiff_t>(begin));
    const auto behind = std::next(first, static_cast<std::ptrdiff_t>(end - begin));
    cut_.insert(first, behind);
    model_.erase(first, behind);
    index_.cut(begin, end);
    ASSERT_EQ(index_.cut_size(), cut_.size());
  }
  // Takes up to so many of what was cut out, and makes them senseless: nothing may look at them any more.
  void take_cut(size_t room) {
    std::vector<Item*> taken(room);
    const uint64_t before = index_.cut_size();
    taken.resize(index_.take_cut(taken));
    ASSERT_EQ(taken.empty(), before == 0);
    ASSERT_EQ(index_.cut_size(), before - taken.size());
    for (Item* const item : taken) {
      const auto found = cut_.find(item->key);
      ASSERT_NE(found, cut_.end());
      cut_.erase(found);
      item->key = ~item->key;
    }
  }
  void take_all_cut() {
    while (index_.cut_size() != 0) take_cut(100);
    ASSERT_TRUE(cut_.empty());
  }
  void change(uint64_t rank, uint64_t key) {
    if (model_.contains(key)) return;
    Item* const item = index_.at(rank).item();
    model_.erase(item->key);
    model_.insert(key);
    index_.prefetch(ItsTraits::prefix(Item{key}));
    index_.change(item, [item, key] { item->key = key; });
  }
  [[nodiscard]] OrderedIndex<ItsTraits>& index() { return index_; }
  [[nodiscard]] const std::set<uint64_t>& model() const { return model_; }

  void check() {
    ASSERT_EQ(index_.size(), model_.size());
    auto position = index_.first();
    uint64_t rank = 0;
    for (const uint64_t key : model_) {
      ASSERT_TRUE(position);
      ASSERT_EQ(position.item()->key, key);
      if (rank % 7 == 0) check_rank(key, rank);
      position = position.next();
      ++rank;
    }
    ASSERT_FALSE(position);
    position = index_.last();
    for (auto key = model_.rbegin(); key != model_.rend(); ++key, position = position.previous()) {
      ASSERT_EQ(position.item()->key, *key);
    }
    ASSERT_FALSE(position);
    ASSERT_FALSE(index_.at(model_.size()));
  }

 private:
  void check_rank(uint64_t key, uint64_t rank) {
    ASSERT_EQ(index_.rank(Item{key}), rank);
    ASSERT_EQ(index_.at(rank).item()->key, key);
    ASSERT_TRUE(index_.holds(index_.at(rank).item()));
    Item equal{key};
    ASSERT_FALSE(index_.holds(&equal));
    const auto before = [key](const Item& item) { return item.key < key; };
    ASSERT_EQ(index_.count_before(ItsTraits::prefix(Item{key}), before), rank);
    const auto upto = [key](const Item& item) { return item.key <= key; };
    ASSERT_EQ(index_.count_before(ItsTraits::prefix(Item{key}), upto), rank + 1);
    ASSERT_EQ(index_.first_not_before(ItsTraits::prefix(Item{key}), before), index_.at(rank));
    ASSERT_EQ(index_.first_not_before(ItsTraits::prefix(Item{key}), upto), index_.at(rank + 1));
  }

  std::deque<Item> items_;
  std::set<uint64_t> model_;
  std::multiset<uint64_t> cut_;  // and not yet taken
  OrderedIndex<ItsTraits> index_;
};

template <class ItsTraits>
void run_random(uint64_t seed, uint64_t range, int steps) {
  base::Random random(seed);
  Fixture<ItsTraits> fixture;
  for (int step = 0; step < steps; ++step) {
    // Growing, then about as many, then shrinking.
    const uint64_t inserts = step < steps / 3 ? 8 : step < steps * 2 / 3 ? 5 : 2;
    const uint64_t key = random.below(range);
    if (random.below(10) < inserts) {
      fixture.insert(key);
    } else if (!fixture.model().empty()) {
      const auto found = fixture.model().lower_bound(key);
      fixture.erase(found == fixture.model().end() ? *fixture.model().begin() : *found);
    }
    const uint64_t size = fixture.model().size();
    if (size != 0 && step % 5 == 0) {
      // To somewhere near, which is often between the same neighbours, or far away.
      const uint64_t rank = random.below(size), from = fixture.index().at(rank).item()->key;
      fixture.change(rank, random.below(2) == 0 ? random.below(range) : from + random.below(5));
      if (step % 20 == 0) fixture.take(random.below(size));
    }
    if (step % (steps / 12) == 0) fixture.check();
    if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
  }
  fixture.check();
  while (!fixture.model().empty()) {
    fixture.erase(*std::next(fixture.model().begin(), static_cast<std::ptrdiff_t>(random.below(
                                                          std::min<uint64_t>(50, fixture.model().size())))));
  }
  fixture.check();
  EXPECT_EQ(fixture.index().memory_bytes(), 0u);
}

TEST(OrderedIndex, RandomOperationsMatchASet) {
  for (uint64_t seed = 1; seed <= 6; ++seed) run_random<Traits<0>>(seed, 1 << 20, 60'000);
}

TEST(OrderedIndex, OnePrefixForMany) {
  run_random<Traits<12>>(1, 1 << 20, 60'000);
  run_random<Traits<40>>(2, 1 << 20, 30'000);
}

TEST(OrderedIndex, FewItems) {
  for (uint64_t seed = 1; seed <= 30; ++seed) run_random<Traits<0>>(seed, 200, 600);
}

// Ranges of all sizes and places are cut out of an index that grows again in between, in order or not, so that its
// nodes are full or nearly empty; what was cut out waits.
template <class ItsTraits>
void run_cuts(uint64_t seed, uint64_t range, int rounds) {
  base::Random random(seed);
  Fixture<ItsTraits> fixture;
  for (int round = 0; round < rounds; ++round) {
    const uint64_t first = random.below(range), stride = random.below(3);
    for (uint64_t left = random.below(range / 8) + 1; left > 0; --left) {
      fixture.insert(stride == 0 ? random.below(range) : (first + left * stride) % range);
    }
    for (uint64_t left = random.below(6); left > 0 && !fixture.model().empty(); --left) {
      const uint64_t size = fixture.model().size();
      const uint64_t length = random.below(random.below(4) == 0 ? size : std::min<uint64_t>(size, 200)) + 1;
      const uint64_t begin = random.below(8) == 0 ? 0 : random.below(8) == 0 ? size - length : random.below(size);
      fixture.cut(begin, std::min(size, begin + length));
      if (left % 2 == 0 && !fixture.model().empty()) fixture.take(random.below(fixture.model().size()));
    }
    for (uint64_t left = random.below(40); left > 0; --left) fixture.take_cut(random.below(100) + 1);
    if (round % 8 == 0) fixture.take_all_cut();
    fixture.check();
    if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", round " << round;
  }
  if (!fixture.model().empty()) fixture.cut(0, fixture.model().size());
  fixture.check();
  fixture.take_all_cut();
  EXPECT_EQ(fixture.index().memory_bytes(), 0u);
}

TEST(OrderedIndex, CutRangesMatchASet) {
  for (uint64_t seed = 1; seed <= 3; ++seed) run_cuts<Traits<0>>(seed, 1 << 16, 60);
  for (uint64_t seed = 1; seed <= 2; ++seed) run_cuts<Traits<40>>(seed, 1 << 15, 40);
  for (uint64_t seed = 1; seed <= 6; ++seed) run_cuts<Traits<6>>(seed, 1 << 9, 400);
}

// Each range of a tree of three levels, and of one with nodes that are just full.
TEST(OrderedIndex, CutsBetweenAllNodes) {
  constexpr uint64_t count = 62 * 85 + 62 * 3, step = 31;
  for (uint64_t begin = 0; begin < count; begin += step * 7) {
    for (uint64_t end = begin + step; end <= count; end += step * 11) {
      Fixture<Traits<0>> fixture;
      for (uint64_t key = 0; key < count; ++key) fixture.insert(key);
      fixture.cut(begin, end);
      fixture.check();
      fixture.take_all_cut();
      for (uint64_t key = begin; key < end; key += 5) fixture.insert(key);
      fixture.check();
      if (::testing::Test::HasFatalFailure()) FAIL() << begin << ' ' << end;
    }
  }
}

// Ascending input makes leaves of 61 items and nodes of 84 leaves. Comparisons read the items, those that are gone are
// senseless.
TEST(OrderedIndex, CutsAtTheEdgesOfNodes) {
  constexpr uint64_t leaf = 61, node = leaf * 84;
  for (const uint64_t begin : {node - leaf, node - 1, node, node + 1, node + leaf, 2 * node}) {
    for (const uint64_t length : {uint64_t{1}, leaf, 5 * leaf + 3, node, node + leaf}) {
      Fixture<Traits<40>> fixture;
      for (uint64_t key = 0; key < 4 * node; ++key) fixture.insert(key);
      fixture.cut(begin, begin + length);
      fixture.take_all_cut();
      fixture.check();
      if (::testing::Test::HasFatalFailure()) FAIL() << begin << ' ' << length;
    }
  }
}

TEST(OrderedIndex, WhatWasCutOutIsReleasedWithTheRest) {
  Fixture<Traits<0>> fixture;
  for (uint64_t key = 0; key < 20'000; ++key) fixture.insert(key);
  const size_t full = fixture.index().memory_bytes();
  fixture.cut(2000, 12'000);
  fixture.cut(100, 3000);
  EXPECT_GE(fixture.index().memory_bytes(), full);
  int steps = 1;
  while (!fixture.index().release_some(10)) ++steps;
  EXPECT_GE(steps, 20'000 / 62 / 10);
  EXPECT_EQ(fixture.index().cut_size(), 0u);
  EXPECT_EQ(fixture.index().memory_bytes(), 0u);
}

TEST(OrderedIndex, IsEmptyAtFirst) {
  OrderedIndex<Traits<0>> index;
  EXPECT_TRUE(index.empty());
  EXPECT_FALSE(index.first());
  EXPECT_FALSE(index.last());
  EXPECT_FALSE(index.at(0));
  EXPECT_EQ(index.rank(Item{5}), 0u);
  EXPECT_EQ(index.memory_bytes(), 0u);
}

TEST(OrderedIndex, AscendingLeavesAreFullRandomOnesNearlySo) {
  constexpr uint64_t count = 300'000;
  Fixture<Traits<0>> ascending, descending, random;
  std::vector<uint64_t> keys(count);
  for (uint64_t i = 0; i < count; ++i) keys[i] = i;
  for (const uint64_t key : keys) ascending.insert(key);
  for (const uint64_t key : keys) descending.insert(count - key);
  base::Random generator(3);
  for (uint64_t i = count; i > 1; --i) std::swap(keys[i - 1], keys[generator.below(i)]);
  for (const uint64_t key : keys) random.insert(key);
  const auto bytes = [](auto& fixture) { return static_cast<double>(fixture.index().memory_bytes()) / count; };
  EXPECT_LT(bytes(ascending), 13.2);
  EXPECT_LT(bytes(descending), 17);
  EXPECT_LT(bytes(random), 16.5);
  ascending.check();
  descending.check();
  random.check();
}

TEST(OrderedIndex, ReplacesAddresses) {
  Fixture<Traits<0>> fixture;
  for (uint64_t key = 0; key < 1000; ++key) fixture.insert(key);
  std::deque<Item> moved;
  for (uint64_t key = 0; key < 1000; ++key) {
    moved.push_back({key});
    fixture.index().replace(Item{key}, &moved.back());
  }
  for (uint64_t key = 0; key < 1000; ++key) EXPECT_EQ(fixture.index().at(key).item(), &moved[key]);
  fixture.check();
}

TEST(OrderedIndex, AChangedItemIsWhereItBelongs) {
  Fixture<Traits<0>> fixture;
  for (uint64_t key = 0; key < 1000; ++key) fixture.insert(key * 10);
  for (const uint64_t key : {uint64_t{5001}, uint64_t{4991}, uint64_t{5009}, uint64_t{4989}, uint64_t{9999},
                             uint64_t{10'005}, uint64_t{1}}) {
    const uint64_t rank = fixture.index().rank(Item{key});
    fixture.change(500, key);
    EXPECT_EQ(fixture.index().rank(Item{key}), rank > 500 ? rank - 1 : rank);
    fixture.check();
  }
  for (uint64_t rank : {uint64_t{999}, uint64_t{0}, uint64_t{500}}) fixture.take(rank);
  fixture.check();
}

TEST(OrderedIndex, IsReleasedInSteps) {
  const size_t before = base::used_bytes();
  Fixture<Traits<0>> fixture;
  for (uint64_t key = 0; key < 20'000; ++key) fixture.insert(key);
  int steps = 1;
  while (!fixture.index().release_some(10)) ++steps;
  EXPECT_EQ(steps, (20'000 / 61 + 10) / 10);
  EXPECT_TRUE(fixture.index().empty());
  EXPECT_EQ(fixture.index().memory_bytes(), 0u);
  EXPECT_GE(base::used_bytes(), before);
}

TEST(OrderedIndex, Moves) {
  Fixture<Traits<0>> fixture;
  for (uint64_t key = 0; key < 500; ++key) fixture.insert(key);
  OrderedIndex<Traits<0>> other(std::move(fixture.index()));
  EXPECT_EQ(other.size(), 500u);
  fixture.index() = std::move(other);
  fixture.check();
}

}  // namespace
}  // namespace torc::ds
