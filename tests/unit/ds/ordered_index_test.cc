// The ordered index against std::set: random, ascending and descending input, ranks, bounds, erasure down to nothing,
// many items with one prefix, and memory.
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
    const auto before = [key](const Item& item) { return item.key < key; };
    ASSERT_EQ(index_.count_before(ItsTraits::prefix(Item{key}), before), rank);
    const auto upto = [key](const Item& item) { return item.key <= key; };
    ASSERT_EQ(index_.count_before(ItsTraits::prefix(Item{key}), upto), rank + 1);
  }

  std::deque<Item> items_;
  std::set<uint64_t> model_;
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

TEST(OrderedIndex, SeesWhetherAChangedItemStaysInItsPlace) {
  Fixture<Traits<0>> fixture;
  for (uint64_t key = 0; key < 10; ++key) fixture.insert(key * 10);
  const auto position = fixture.index().at(5);
  for (const auto& [key, in_order] :
       {std::pair<uint64_t, bool>{50, true}, {41, true}, {59, true}, {39, false}, {61, false}}) {
    position.item()->key = key;
    EXPECT_EQ(OrderedIndex<Traits<0>>::in_order(position), in_order) << key;
  }
  fixture.index().first().item()->key = 9;
  EXPECT_TRUE(OrderedIndex<Traits<0>>::in_order(fixture.index().first()));
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
