// The table of watched keys against a plain set of who watches what.
#include "session/watch.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace torc::session {
namespace {

using Key = std::pair<size_t, std::string>;

struct Model {
  std::map<Key, bool> watched;  // overdue when it came?
  bool failed = false;
};

struct Clients {
  explicit Clients(size_t count) : models(count) {
    for (size_t i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<Client>(&pool, i + 1, ClientHandle{}, Peer{}));
    }
  }
  void watch(size_t i, const Key& key, bool overdue) {
    if (models[i].failed) return;
    table.watch(clients[i].get(), key.first, key.second, overdue);
    models[i].watched.try_emplace(key, overdue);
  }
  void unwatch(size_t i) {
    table.unwatch_all(clients[i].get());
    models[i] = {};
  }
  void touch(const Key& key, bool exists) {
    table.touched(key.first, key.second, exists);
    for (Model& model : models) {
      const auto found = model.watched.find(key);
      if (found == model.watched.end()) continue;
      found->second ? found->second = exists : model.failed = true;
    }
  }
  // before, after: what stood and will stand under each key of the database.
  void replace(size_t database, const std::map<std::string, WatchTable::State>& before,
               const std::map<std::string, WatchTable::State>& after) {
    using State = WatchTable::State;
    const auto in = [](const std::map<std::string, State>& states) {
      return [&states](std::string_view key) { return states.at(std::string(key)); };
    };
    table.replaced(database, in(before), in(after));
    for (Model& model : models) {
      for (auto& [key, overdue] : model.watched) {
        if (key.first != database) continue;
        const State then = before.at(key.second), now = after.at(key.second);
        if (then == State::absent && now == State::absent) continue;
        const bool was_there = then != State::absent && !overdue;
        const bool is_there = now == State::present || (now == State::overdue && was_there);
        if (!model.failed && (was_there || is_there)) model.failed = true;
        if (now == State::absent) overdue = false;
        if (now == State::overdue && !was_there) overdue = true;
      }
    }
  }
  // EXEC asks which keys are overdue now; those that were when they were watched do not count.
  void check(size_t i, const std::set<Key>& overdue) {
    ASSERT_EQ(clients[i]->dirty_watch, models[i].failed);
    if (models[i].failed) return;
    bool expected = false;
    for (const auto& [key, was_overdue] : models[i].watched) expected |= !was_overdue && overdue.contains(key);
    const bool found = table.watches_overdue(*clients[i], [&overdue](size_t database, std::string_view key) {
      return overdue.contains({database, std::string(key)});
    });
    ASSERT_EQ(found, expected);
  }
  void check_counts() {
    size_t watching = 0;
    for (const Model& model : models) watching += !model.failed && !model.watched.empty();
    ASSERT_EQ(table.clients(), watching);
  }

  resp::ChunkPool pool;
  WatchTable table{base::HashKey{1, 2}};
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<Model> models;
};

TEST(WatchTable, agrees_with_a_set) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    base::Random random(seed);
    Clients all(12);
    const auto some_key = [&random] { return Key(random.below(3), "k" + std::to_string(random.below(8))); };
    const auto some_states = [&random] {
      std::map<std::string, WatchTable::State> states;
      for (int i = 0; i < 8; ++i) states["k" + std::to_string(i)] = static_cast<WatchTable::State>(random.below(3));
      return states;
    };
    for (int step = 0; step < 3000; ++step) {
      const size_t i = random.below(all.clients.size());
      switch (random.below(8)) {
        case 0:
          all.unwatch(i);
          break;
        case 1:
          all.touch(some_key(), random.below(2) == 0);
          break;
        case 2:
          if (random.below(10) == 0) all.replace(random.below(3), some_states(), some_states());
          break;
        default:
          all.watch(i, some_key(), random.below(6) == 0);
      }
      all.check(i, {some_key(), some_key()});
      all.check_counts();
    }
    for (size_t i = 0; i < all.clients.size(); ++i) all.unwatch(i);
    EXPECT_TRUE(all.table.empty());
    EXPECT_EQ(all.table.clients(), 0u);
  }
}

// A change costs what it has to tell, not what it told before.
TEST(WatchTable, who_fails_watches_the_changed_key_no_longer) {
  Clients all(3);
  all.watch(0, {0, "hot"}, false);
  all.watch(1, {0, "hot"}, false);
  all.watch(1, {0, "other"}, false);
  all.watch(2, {0, "hot"}, true);
  EXPECT_EQ(all.table.keys(), 2u);
  all.touch({0, "hot"}, true);
  EXPECT_EQ(all.clients[0]->watched[0].node, nullptr);
  EXPECT_EQ(all.clients[1]->watched[0].node, nullptr);
  ASSERT_NE(all.clients[2]->watched[0].node, nullptr);
  EXPECT_EQ(all.clients[2]->watched[0].node->second.size(), 1u);
  EXPECT_EQ(all.table.clients(), 1u);
  all.touch({0, "hot"}, false);
  all.touch({0, "hot"}, true);
  EXPECT_EQ(all.table.keys(), 1u);
  all.unwatch(1);
  EXPECT_TRUE(all.table.empty());
}

TEST(WatchTable, another_database_in_its_place) {
  using State = WatchTable::State;
  Clients all(2);
  all.watch(0, {1, "goes"}, false);
  all.watch(1, {1, "stays_away"}, false);
  const auto before = [](std::string_view key) { return key == "goes" ? State::present : State::absent; };
  all.table.replaced(1, before, [](std::string_view) { return State::absent; });
  EXPECT_TRUE(all.clients[0]->dirty_watch);
  EXPECT_FALSE(all.clients[1]->dirty_watch);
  EXPECT_EQ(all.table.clients(), 1u);
}

}  // namespace
}  // namespace torc::session
