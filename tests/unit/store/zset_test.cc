// Sorted sets in both forms against a model: an ordered set of (score, member) pairs and a map.
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "base/random.h"
#include "store/zset_editor.h"
#include "store/zset_view.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Model {
  std::map<std::string, double> scores;
  std::set<std::pair<double, std::string>> order;

  void put(const std::string& member, double score) {
    erase(member);
    scores[member] = score;
    order.emplace(score, member);
  }
  bool erase(const std::string& member) {
    const auto found = scores.find(member);
    if (found == scores.end()) return false;
    order.erase({found->second, member});
    scores.erase(found);
    return true;
  }
};

// One sorted set in a database, and what it should hold.
class Play {
 public:
  explicit Play(ZsetLimits limits) : limits_(limits) {
    ZsetEditor edit = editor();
    edit.create(1, 1);
    entry_ = edit.entry();
  }

  ~Play() {
    if (!entry_) return;
    store_.database.erase(store_.key("z"), entry_);
    store_.reclaim_all();
  }
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  ZsetEditor editor() { return {&store_.database, store_.key("z"), entry_, limits_, &store_.keyspace.hash_key()}; }
  ZsetView view() { return ZsetView(*entry_); }
  Model& model() { return model_; }
  StoreFixture& store() { return store_; }
  const ZsetObject& object() { return view().object(); }

  ZsetAdded add(double score, const std::string& member, const ZsetAddRule& rule = {}) {
    ZsetEditor edit = editor();
    const ZsetAdded added = edit.add(rule, score, member);
    entry_ = edit.entry();
    if (added.what == ZsetAdded::What::added || added.what == ZsetAdded::What::updated) {
      model_.put(member, added.score);
    }
    return added;
  }
  void erase(const std::string& member) {
    ZsetEditor edit = editor();
    ASSERT_EQ(edit.erase(member), model_.erase(member));
    entry_ = edit.entry();
  }
  void erase(const RankRange& range) {
    ZsetEditor edit = editor();
    edit.erase(range);
    entry_ = edit.entry();
    auto first = std::next(model_.order.begin(), static_cast<int64_t>(range.begin));
    for (uint64_t left = range.size(); left > 0; --left) {
      model_.scores.erase(first->second);
      first = model_.order.erase(first);
    }
  }

  void check_order() {
    ASSERT_EQ(view().size(), model_.order.size());
    ZsetCursor cursor = view().at(0);
    cursor.prefetch_ahead();
    for (const auto& [score, member] : model_.order) {
      ASSERT_TRUE(cursor);
      ASSERT_EQ(cursor.member(), member);
      ASSERT_EQ(cursor.score(), score);
      cursor.next();
    }
    ASSERT_FALSE(cursor);
    if (model_.order.empty()) return;
    cursor = view().at(view().size() - 1);
    cursor.prefetch_ahead(true);
    for (auto other = model_.order.rbegin(); other != model_.order.rend(); ++other, cursor.previous()) {
      ASSERT_TRUE(cursor);
      ASSERT_EQ(cursor.member(), other->second);
    }
    ASSERT_FALSE(cursor);
  }

  void check_member(const std::string& member) {
    const auto found = model_.scores.find(member);
    const auto score = view().score(member);
    const auto ranked = view().rank(member);
    ASSERT_EQ(score.has_value(), found != model_.scores.end());
    ASSERT_EQ(ranked.has_value(), score.has_value());
    if (!score) return;
    ASSERT_EQ(*score, found->second);
    ASSERT_EQ(ranked->score, found->second);
    const auto place = model_.order.find({found->second, member});
    ASSERT_EQ(ranked->rank, static_cast<uint64_t>(std::distance(model_.order.begin(), place)));
    ASSERT_EQ(view().at(ranked->rank).member(), member);
  }

  // What a scan shows as long as nothing changes, what random draws give, and a copy.
  void check_ways_in() {
    std::set<std::string> seen;
    uint64_t cursor = 0;
    do {
      cursor = object().scan(cursor, [&](const ZsetItem& item) {
        if (object().is_member(item)) {
          ASSERT_TRUE(seen.emplace(item.member()).second);
        }
      });
    } while (cursor != 0);
    ASSERT_EQ(seen.size(), model_.scores.size());
    for (const std::string& member : seen) ASSERT_TRUE(model_.scores.contains(member));
    base::Random random(9);
    for (int i = 0; i < 20 && !seen.empty(); ++i) {
      ASSERT_TRUE(seen.contains(std::string(object().random(random).member())));
    }
    const auto copied = object().copy();
    const auto& copy = static_cast<const ZsetObject&>(*copied);
    ASSERT_EQ(copy.size(), seen.size());
    for (const std::string& member : seen) ASSERT_TRUE(copy.find(member));
  }

  void check_range(const ScoreRange& range) {
    uint64_t begin = 0, end = 0;
    for (const auto& [score, member] : model_.order) {
      begin += range.min_open ? score <= range.min : score < range.min;
      end += range.max_open ? score < range.max : score <= range.max;
    }
    const RankRange found = view().ranks(range);
    if (begin >= end) {
      ASSERT_TRUE(found.empty());
    } else {
      ASSERT_EQ(found.begin, begin);
      ASSERT_EQ(found.end, end);
    }
    ZsetCursor cursor = view().first_in(range);
    ASSERT_EQ(bool(cursor), begin < model_.order.size());
    if (!cursor) return;
    ASSERT_EQ(cursor.member(), std::next(model_.order.begin(), static_cast<int64_t>(begin))->second);
  }

 private:
  StoreFixture store_;
  ZsetLimits limits_;
  Entry* entry_ = nullptr;
  Model model_;
};

// Few different scores, so that many are equal; whole, broken, huge, infinite and negative ones.
double some_score(base::Random& random) {
  constexpr double special[] = {0, 1, -1, 0.5, -0.25, 1e300, -1e300, 1e-300, 4503599627370497.5, infinity, -infinity};
  if (random.below(3) == 0) return special[random.below(std::size(special))];
  return static_cast<double>(random.below(50)) - 10;
}

std::string some_member(base::Random& random, uint64_t members) {
  const uint64_t number = random.below(members);
  switch (number % 4) {
    case 0:
      return std::to_string(number);
    case 1:
      return "member:" + std::to_string(number);
    case 2:
      return std::string(number % 40, 'x') + std::to_string(number);
    default:
      return std::to_string(static_cast<int64_t>(number) * -100'003);
  }
}

void play(ZsetLimits limits, uint64_t members, int steps) {
  base::Random random(limits.entries * 31 + members);
  Play play(limits);
  for (int step = 0; step < steps; ++step) {
    const std::string member = some_member(random, members);
    if (random.below(3) != 0) {
      play.add(some_score(random), member);
    } else {
      play.erase(member);
    }
    if (play.view().size() > 4 && random.below(200) == 0) {
      const uint64_t begin = random.below(play.view().size());
      play.erase(RankRange{begin, std::min(play.view().size(), begin + random.below(10))});
    }
    play.check_member(some_member(random, members));
    if (step % 10 == 0) {
      play.check_range({some_score(random), some_score(random), random.below(2) == 0, random.below(2) == 0});
    }
    if (step % 500 == 0) play.check_order();
    if (testing::Test::HasFatalFailure()) return;
  }
  play.check_order();
  EXPECT_EQ(play.view().is_packed(), members <= limits.entries);
}

TEST(Zset, PackedIsTheModel) { play({1000, 1000}, 100, 6000); }
TEST(Zset, ObjectIsTheModel) { play({0, 0}, 100, 6000); }
TEST(Zset, LargeObjectIsTheModel) { play({128, 64}, 3000, 30'000); }

// Long ranges leave the order at once and the table later, in steps of a few members, while others are added (of the
// same names, too), changed and removed, one by one and in further ranges.
void play_with_leftovers(uint64_t seed, uint64_t members, int steps) {
  base::Random random(seed);
  Play play({0, 0});
  bool waited = false;
  for (int step = 0; step < steps; ++step) {
    for (uint64_t left = random.below(300); left > 0; --left) {
      play.add(some_score(random), some_member(random, members));
    }
    for (uint64_t left = random.below(20); left > 0; --left) play.erase(some_member(random, members));
    const uint64_t size = play.view().size();
    if (size > 600 && random.below(3) == 0) {
      const uint64_t length = 512 + random.below(random.below(2) == 0 ? 300 : size - 512);
      const uint64_t begin = random.below(size);
      play.erase(RankRange{std::min(begin, size - length), std::min(size, begin + length)});
      waited |= play.store().keyspace.reclaim_pending() != 0;
    }
    if (play.view().size() > 100 && random.below(4) == 0) play.erase(RankRange{50, 60 + random.below(30)});
    // Each step of the reclaimer frees one to four of them.
    for (uint64_t left = random.below(random.below(2) == 0 ? 10 : 300); left > 0; --left) {
      play.store().keyspace.reclaim_some(random.below(12) + 1);
    }
    for (int i = 0; i < 5; ++i) play.check_member(some_member(random, members));
    play.check_range({some_score(random), some_score(random), random.below(2) == 0, random.below(2) == 0});
    if (step % 10 == 0) play.check_order();
    if (step % 10 == 5) play.check_ways_in();
    if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
  }
  EXPECT_TRUE(waited);
  play.store().reclaim_all();
  EXPECT_EQ(play.store().keyspace.reclaim_pending(), 0u);
  play.check_order();
  play.check_ways_in();
}

TEST(Zset, RemovedRangesThatWaitAreNoMembers) {
  const size_t before = base::used_bytes();
  for (uint64_t seed = 1; seed <= 4; ++seed) play_with_leftovers(seed, 4000, 300);
  play_with_leftovers(5, 30'000, 300);
  EXPECT_EQ(base::used_bytes(), before);
}

// From a range that is nearly all, the others are kept, and the set is still a large one.
TEST(Zset, WhatIsLeftBehindALargeRangeIsTheModel) {
  for (const RankRange range : {RankRange{0, 2990}, RankRange{10, 3000}, RankRange{20, 2980}, RankRange{0, 3000},
                                RankRange{300, 2700}, RankRange{500, 2500}}) {
    Play play({0, 0});
    for (int i = 0; i < 3000; ++i) play.add(i % 700, "member:" + std::to_string(i));
    play.erase(range);
    EXPECT_FALSE(play.view().is_packed());
    play.check_order();
    for (int i = 0; i < 3000; i += 7) play.check_member("member:" + std::to_string(i));
    play.add(5, "another");
    play.check_order();
  }
}

TEST(Zset, TakesTheFormThatTheLimitsSay) {
  Play by_count({3, 10});
  for (int i = 0; i < 3; ++i) by_count.add(i, std::to_string(i));
  EXPECT_TRUE(by_count.view().is_packed());
  by_count.add(5, "0");
  EXPECT_TRUE(by_count.view().is_packed());
  by_count.add(1, "fourth");
  EXPECT_FALSE(by_count.view().is_packed());
  by_count.erase(RankRange{0, 3});
  EXPECT_FALSE(by_count.view().is_packed());
  by_count.check_order();
  Play by_length({3, 10});
  by_length.add(1, "ten bytes.");
  EXPECT_TRUE(by_length.view().is_packed());
  by_length.add(1, "eleven byte");
  EXPECT_FALSE(by_length.view().is_packed());
}

TEST(Zset, RulesOfAdding) {
  using What = ZsetAdded::What;
  for (const ZsetLimits& limits : {ZsetLimits{10, 10}, ZsetLimits{0, 0}}) {
    Play play(limits);
    const ZsetAddRule only_new{.only_new = true}, only_present{.only_present = true};
    const ZsetAddRule greater{.only_greater = true}, less{.only_less = true}, increment{.increment = true};
    EXPECT_EQ(play.add(1, "a", only_present).what, What::skipped);
    EXPECT_EQ(play.add(1, "a", only_new).what, What::added);
    EXPECT_EQ(play.add(2, "a", only_new).what, What::skipped);
    EXPECT_EQ(play.add(1, "a").what, What::same);
    EXPECT_EQ(play.add(1, "a", greater).what, What::skipped);
    EXPECT_EQ(play.add(3, "a", greater).what, What::updated);
    EXPECT_EQ(play.add(3, "a", less).what, What::skipped);
    EXPECT_EQ(play.add(2, "a", less).what, What::updated);
    const ZsetAdded added = play.add(0.5, "a", increment);
    EXPECT_EQ(added.what, What::updated);
    EXPECT_EQ(added.score, 2.5);
    play.add(infinity, "a");
    EXPECT_EQ(play.add(-infinity, "a", increment).what, What::nan);
    EXPECT_EQ(play.view().score("a"), infinity);
    EXPECT_EQ(play.add(7, "b", greater).what, What::added);
    play.check_order();
  }
}

TEST(Zset, MembersInAnIntervalOfBytes) {
  for (const ZsetLimits& limits : {ZsetLimits{1000, 100}, ZsetLimits{0, 0}}) {
    Play play(limits);
    base::Random random(7);
    for (int i = 0; i < 300; ++i) play.add(0, std::string(1, static_cast<char>(random.next())) + std::to_string(i % 9));
    for (int i = 0; i < 300; ++i) {
      const std::string low(1, static_cast<char>(random.next())), high(1, static_cast<char>(random.next()));
      const LexRange range{{.open = random.below(2) == 0, .text = low}, {.open = random.below(2) == 0, .text = high}};
      std::vector<std::string> expected, found;
      for (const auto& [score, member] : play.model().order) {
        const bool in = (range.min.open ? member > low : member >= low) &&
                        (range.max.open ? member < high : member <= high);
        if (in) expected.push_back(member);
      }
      const RankRange ranks = play.view().ranks(range, i % 2 == 0);
      ZsetCursor cursor = play.view().at(ranks.begin);
      for (uint64_t left = ranks.size(); left > 0; --left, cursor.next()) found.emplace_back(cursor.member());
      ASSERT_EQ(found, expected);
    }
    const LexRange all{{.kind = LexBound::Kind::lowest}, {.kind = LexBound::Kind::highest}};
    EXPECT_EQ(play.view().ranks(all).size(), play.view().size());
    const LexRange none{{.kind = LexBound::Kind::highest}, {.kind = LexBound::Kind::lowest}};
    EXPECT_TRUE(play.view().ranks(none).empty());
  }
}

TEST(Zset, OrderOfZeroes) {
  Play play({0, 0});
  play.add(-0.0, "b");
  play.add(0.0, "a");
  play.add(1e-320, "c");
  play.add(-1e-320, "d");
  ZsetCursor cursor = play.view().at(0);
  std::string order;
  for (; cursor; cursor.next()) order += cursor.member();
  EXPECT_EQ(order, "dabc");
}

std::unique_ptr<ZsetObject> make_object(const StoreFixture& store, uint64_t members) {
  auto made = std::make_unique<ZsetObject>(&store.keyspace.hash_key());
  base::Random random(3);
  char member[17];
  for (uint64_t i = 0; i < members; ++i) {
    std::snprintf(member, sizeof member, "member:%09u", static_cast<unsigned>(i));
    made->insert(made->hash(member), member, static_cast<double>(random.below(members)));
  }
  return made;
}

TEST(Zset, AMemberOf16BytesTakesAtMost60) {
  StoreFixture store;
  constexpr uint64_t members = 100'000;
  const size_t before = base::used_bytes();
  const auto made = make_object(store, members);
  const size_t used = base::used_bytes() - before;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose allocators count otherwise
  EXPECT_LE(used, members * 60);
  EXPECT_NEAR(static_cast<double>(made->memory_bytes()), static_cast<double>(used), static_cast<double>(used) * 0.02);
#else
  EXPECT_GT(used, 0u);
#endif
}

TEST(Zset, CopyIsEqualAndItsOwn) {
  StoreFixture store;
  const auto made = make_object(store, 5000);
  const auto copied = made->copy();
  auto& copy = static_cast<ZsetObject&>(*copied);
  const auto left = made->erase(RankRange{0, 5000});
  ASSERT_EQ(copy.size(), 5000u);
  const auto again = make_object(store, 5000);
  auto other = again->at(0);
  for (auto position = copy.at(0); position; position = position.next(), other = other.next()) {
    ASSERT_EQ(position.item()->member(), other.item()->member());
    ASSERT_EQ(copy.find(position.item()->member()), position.item());
  }
}

TEST(Zset, IsFreedInSlices) {
  StoreFixture store;
  auto made = make_object(store, 20'000);
  const size_t before = base::used_bytes();
  const uint64_t blocks = made->blocks();
  uint64_t slices = 1;
  while (!made->release_some(100)) {
    ++slices;
    ASSERT_LE(slices, blocks);
  }
  EXPECT_GE(slices, 20'000u / 100);
  EXPECT_LT(base::used_bytes(), before - 20'000 * 50);
}

// Whoever goes first, the set or what is left of a range, nothing stays and nothing goes twice: at any point of the
// work, with leftovers whose place was taken.
TEST(Zset, GoesWithLeftoversAtAnyPoint) {
  const size_t before = base::used_bytes();
  for (uint64_t done = 0; done <= 2500; done += 250) {
    for (const bool set_first : {false, true}) {
      StoreFixture store;
      auto made = make_object(store, 4000);
      const std::string back(made->at(1500).item()->member());
      auto first = made->erase(RankRange{1000, 2500}), second = made->erase(RankRange{200, 1200});
      EXPECT_EQ(made->size(), 1500u);
      EXPECT_EQ(made->find(back), nullptr);
      EXPECT_FALSE(made->erase(back));
      made->insert(made->hash(back), back, 7);
      EXPECT_TRUE(made->find(back));
      EXPECT_EQ(first->blocks() + second->blocks(), 2500u);
      const uint64_t in_first = std::min<uint64_t>(done, 1500);
      EXPECT_EQ(first->release_some(in_first), in_first == 1500);
      EXPECT_EQ(second->release_some(done - in_first), done == 2500);
      EXPECT_EQ(first->blocks() + second->blocks(), 2500 - done);
      EXPECT_EQ(made->size(), 1501u);
      if (set_first) made.reset();
      first.reset();
      second.reset();
      if (!made) continue;
      EXPECT_EQ(made->size(), 1501u);
      EXPECT_TRUE(made->find(back));
      EXPECT_EQ(made->table_statistics().items, 1501u);
    }
  }
  EXPECT_EQ(base::used_bytes(), before);
}

TEST(Zset, IsFreedInSlicesWithItsLeftovers) {
  const size_t before = base::used_bytes();
  StoreFixture store;
  auto made = make_object(store, 20'000);
  const auto left = made->erase(RankRange{5000, 15'000});
  EXPECT_GT(made->memory_bytes(), make_object(store, 20'000)->memory_bytes());
  uint64_t slices = 1, blocks = made->blocks();
  EXPECT_LT(blocks, 13'000u);
  for (; !made->release_some(10); ++slices) {
    ASSERT_LE(made->blocks(), blocks);
    blocks = made->blocks();
  }
  EXPECT_GE(slices, 2000u);
  made.reset();
  EXPECT_TRUE(left->release_some(1));
  EXPECT_LT(base::used_bytes(), before + 20'000);
}

// The key goes, in each of the ways, while members of a range wait; and the keyspace with all of it.
TEST(Zset, KeysGoWhileRangesWait) {
  const size_t before = base::used_bytes();
  for (int way = 0; way < 5; ++way) {
    StoreFixture store;
    const KeyRef key = store.key("z");
    auto made = make_object(store, 5000);
    Entry* entry = store.database.set_object(key, nullptr, Type::zset, Encoding::skiplist, std::move(made));
    ZsetEditor editor(&store.database, key, entry, {0, 0}, &store.keyspace.hash_key());
    editor.erase(RankRange{1000, 3000});
    editor.erase(RankRange{500, 2500});
    EXPECT_EQ(store.keyspace.reclaim_pending(), 2u);
    EXPECT_TRUE(store.keyspace.reclaim_some(900));
    EXPECT_EQ(editor.size(), 1000u);
    entry = editor.entry();
    if (way == 0) store.database.erase(key, entry);
    if (way == 1) store.database.set_string(key, entry, {"a string"}, no_deadline);
    if (way == 2) store.database.move_to(key, entry, store.keyspace.database(1), store.key("other"));
    if (way == 3) store.database.clear();
    if (way == 4) continue;
    while (store.keyspace.reclaim_some(20)) {
    }
    EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
    if (way == 2) {
      EXPECT_EQ(ZsetView(*store.find("other", 1)).object().table_statistics().items, 1000u);
    }
  }
  EXPECT_EQ(base::used_bytes(), before);
}

// However much is cut out of a set, the slices behind it stay as short as they are.
TEST(Zset, ALongRangeAloneIsNotPaidFor) {
  StoreFixture store;
  const KeyRef key = store.key("z");
  auto made = make_object(store, 200'000);
  Entry* entry = store.database.set_object(key, nullptr, Type::zset, Encoding::skiplist, std::move(made));
  ZsetEditor editor(&store.database, key, entry, {0, 0}, &store.keyspace.hash_key());
  editor.erase(RankRange{50'000, 150'000});
  const size_t before = base::used_bytes();
  store.keyspace.reclaim_some(1000);
  EXPECT_LT(before - base::used_bytes(), 50'000U);
}

TEST(Zset, FillingAndTrimmingCannotOutrunTheSlices) {
  StoreFixture store;
  for (int round = 0; round < 400; ++round) {
    const std::string name = "z" + std::to_string(round);
    const KeyRef key = store.key(name);
    auto made = make_object(store, 2000);
    Entry* entry = store.database.set_object(key, nullptr, Type::zset, Encoding::skiplist, std::move(made));
    ZsetEditor(&store.database, key, entry, {0, 0}, &store.keyspace.hash_key()).erase(RankRange{500, 1500});
    store.keyspace.reclaim_some(1000);  // a third of what was cut out
  }
  EXPECT_LT(store.keyspace.reclaim_pending(), 80U);
}

TEST(Zset, AWholeSetTakesTheFormThatTheLimitsSay) {
  StoreFixture store;
  const KeyRef key = store.key("z");
  Entry* entry = store.set("z", "a string", 5000);
  entry = set_zset(&store.database, key, entry, make_object(store, 10), {10, 16});
  EXPECT_EQ(entry->encoding(), Encoding::listpack);
  EXPECT_EQ(entry->deadline_ms(), no_deadline);
  EXPECT_EQ(ZsetView(*entry).size(), 10u);
  const auto expected = make_object(store, 10);
  ZsetCursor cursor = ZsetView(*entry).at(0);
  for (auto position = expected->at(0); position; position = position.next(), cursor.next()) {
    ASSERT_EQ(cursor.member(), position.item()->member());
    ASSERT_EQ(cursor.score(), position.item()->score());
  }
  entry = set_zset(&store.database, key, entry, make_object(store, 10), {10, 15});
  EXPECT_EQ(entry->encoding(), Encoding::skiplist);
  entry = set_zset(&store.database, key, entry, make_object(store, 11), {10, 16});
  EXPECT_EQ(entry->encoding(), Encoding::skiplist);
  EXPECT_EQ(ZsetView(*entry).size(), 11u);
}

TEST(Zset, MadeUnorderedThenOrdered) {
  StoreFixture store;
  ZsetObject made(&store.keyspace.hash_key());
  base::Random random(11);
  Model model;
  for (int i = 0; i < 3000; ++i) {
    const std::string member = some_member(random, 2000);
    const double score = some_score(random);
    const uint64_t hash = made.hash(member);
    if (ZsetItem* item = made.find(hash, member)) {
      item->set_score(score);
    } else {
      made.insert_unordered(hash, member, score);
    }
    model.put(member, score);
    if (i % 5 == 0) {
      made.erase_unordered(member);
      model.erase(member);
    }
  }
  made.order();
  ASSERT_EQ(made.size(), model.order.size());
  auto position = made.at(0);
  for (const auto& [score, member] : model.order) {
    ASSERT_EQ(position.item()->member(), member);
    position = position.next();
  }
}

}  // namespace
}  // namespace torc::store
