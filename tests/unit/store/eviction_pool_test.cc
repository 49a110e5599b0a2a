// Tests of src/store/eviction_pool: who may go, who goes first, and that choices are fair.
#include "store/eviction_pool.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "store_fixture.h"

namespace torc::store {
namespace {

constexpr int64_t now_ms = 1'700'000'000'000;

class EvictionPoolTest : public testing::Test, public StoreFixture {
 protected:
  std::string name(int i) { return "key:" + std::to_string(i); }

  // The name of the victim, which is erased; empty: there is none.
  std::string evict(EvictionPolicy policy, size_t samples = 5) {
    const auto victim = pool.choose(keyspace, random, {policy, samples, {}, now_ms});
    if (!victim) return "";
    std::string chosen(victim->key.bytes);
    EXPECT_EQ(victim->entry, find(chosen, victim->database));
    keyspace.database(victim->database).erase(victim->key, victim->entry);
    return chosen;
  }

  EvictionPool pool;
  base::Random random{42};
};

TEST_F(EvictionPoolTest, NothingToChooseFrom) {
  for (int policy = 0; policy <= static_cast<int>(EvictionPolicy::noeviction); ++policy) {
    EXPECT_EQ(evict(static_cast<EvictionPolicy>(policy)), "") << policy;
  }
  set("a", "1");
  for (auto policy : {EvictionPolicy::noeviction, EvictionPolicy::volatile_lru, EvictionPolicy::volatile_lfu,
                      EvictionPolicy::volatile_random, EvictionPolicy::volatile_ttl}) {
    EXPECT_EQ(evict(policy), "");
  }
}

TEST_F(EvictionPoolTest, EveryPolicyEmptiesWhatItMay) {
  for (int policy = 0; policy < static_cast<int>(EvictionPolicy::noeviction); ++policy) {
    const auto chosen_policy = static_cast<EvictionPolicy>(policy);
    const size_t eligible = is_volatile(chosen_policy) ? 40 : 80;
    for (int i = 0; i < 80; ++i) set(name(i), "v", i % 2 ? now_ms + i : no_deadline, static_cast<size_t>(i) % 3);
    std::set<std::string> gone;
    for (std::string victim; !(victim = evict(chosen_policy)).empty();) EXPECT_TRUE(gone.insert(victim).second);
    EXPECT_EQ(gone.size(), eligible) << policy;
    for (size_t i = 0; i < 3; ++i) keyspace.database(i).clear();
  }
}

TEST_F(EvictionPoolTest, TheLongestUnusedOfASmallDatabaseGoesFirst) {
  for (int i = 0; i < 10; ++i) set(name(i), "v")->set_access(lru_clock(now_ms - (i * 7 % 10) * 1000));
  // With more samples than keys none is missed.
  for (int idle = 9; idle >= 0; --idle) EXPECT_EQ(evict(EvictionPolicy::allkeys_lru, 100), name(idle * 3 % 10));
}

TEST_F(EvictionPoolTest, TheLeastFrequentGoesFirst) {
  for (int i = 0; i < 10; ++i) {
    const uint32_t counter = 20 + static_cast<uint32_t>(i) * 7 % 10;
    set(name(i), "v", now_ms + 5)->set_access((lfu_initial(now_ms) & ~0xffu) | counter);
  }
  EXPECT_EQ(evict(EvictionPolicy::volatile_lfu, 10), name(0));
  EXPECT_EQ(evict(EvictionPolicy::allkeys_lfu, 10), name(3));
}

TEST_F(EvictionPoolTest, SamplingComesCloseToTheTrueOrder) {
  constexpr int keys = 10'000;
  for (auto policy : {EvictionPolicy::allkeys_lru, EvictionPolicy::volatile_lru}) {
    for (int i = 0; i < keys; ++i) set(name(i), "v", now_ms + 1)->set_access(lru_clock(now_ms - i * 1000));
    int old = 0;
    for (int i = 0; i < keys / 4; ++i) old += std::stoi(evict(policy).substr(4)) >= keys / 2;
    EXPECT_GE(old, keys / 4 * 95 / 100);
    pool.clear();
  }
}

TEST_F(EvictionPoolTest, TheFirstDeadlineOfAllDatabasesGoesFirst) {
  for (int i = 0; i < 30; ++i) set(name(i), "v", now_ms + i * 11 % 30, static_cast<size_t>(i) % 4);
  set("last", "v", INT64_MAX);
  for (int order = 0; order < 30; ++order) EXPECT_EQ(evict(EvictionPolicy::volatile_ttl), name(order * 11 % 30));
  EXPECT_EQ(evict(EvictionPolicy::volatile_ttl), "last");
}

TEST_F(EvictionPoolTest, CandidatesThatAreGoneOrLostTheirDeadlineAreLeftOut) {
  for (int i = 0; i < 16; ++i) set(name(i), "v", now_ms + 1)->set_access(lru_clock(now_ms - 100'000));
  EXPECT_NE(evict(EvictionPolicy::volatile_lru, 16), "");  // the pool is full of them now
  for (int i = 0; i < 8; ++i) erase(name(i));
  for (int i = 8; i < 16; ++i) {
    if (find(name(i))) database.set_deadline(key(name(i)), find(name(i)), no_deadline);
  }
  set("fresh", "v", now_ms + 1)->set_access(lru_clock(now_ms));
  EXPECT_EQ(evict(EvictionPolicy::volatile_lru, 16), "fresh");
}

TEST_F(EvictionPoolTest, RandomPoliciesAreFair) {
  constexpr int keys = 20, draws = 20'000;
  for (int i = 0; i < keys; ++i) set(name(i), "v", i < keys / 2 ? now_ms + i * 1'000'000 : no_deadline);
  for (const bool only_volatile : {true, false}) {
    std::map<std::string, int> counts;
    for (int i = 0; i < draws; ++i) {
      const auto policy = only_volatile ? EvictionPolicy::volatile_random : EvictionPolicy::allkeys_random;
      ++counts[std::string(pool.choose(keyspace, random, {policy, 5, {}, now_ms})->key.bytes)];
    }
    const int eligible = only_volatile ? keys / 2 : keys;
    ASSERT_EQ(counts.size(), static_cast<size_t>(eligible));
    for (const auto& [key_name, count] : counts) EXPECT_NEAR(count, draws / eligible, draws / eligible / 5) << key_name;
  }
}

TEST_F(EvictionPoolTest, RandomPoliciesGoRoundTheDatabases) {
  for (size_t i = 0; i < 3; ++i) {
    for (int k = 0; k < 5; ++k) set(name(k), "v", no_deadline, i);
  }
  std::vector<size_t> order;
  for (int i = 0; i < 6; ++i) {
    order.push_back(pool.choose(keyspace, random, {EvictionPolicy::allkeys_random, 5, {}, now_ms})->database);
  }
  EXPECT_EQ(order, (std::vector<size_t>{1, 2, 0, 1, 2, 0}));
}

TEST_F(EvictionPoolTest, SamplesAreUniform) {
  constexpr int keys = 2000, rounds = 2000;
  for (int i = 0; i < keys; ++i) set(name(i), "v", i % 4 == 0 ? now_ms + i * 100 : no_deadline);
  for (const bool expiring_only : {false, true}) {
    std::map<const Entry*, int> counts;
    std::array<Entry*, 50> out;
    for (int i = 0; i < rounds; ++i) {
      EXPECT_EQ(database.sample(out, expiring_only, random), out.size());
      for (const Entry* entry : out) ++counts[entry];
    }
    const int eligible = expiring_only ? keys / 4 : keys;
    ASSERT_EQ(counts.size(), static_cast<size_t>(eligible));
    const double mean = 50.0 * rounds / eligible;
    double chi_square = 0;
    for (const auto& [entry, count] : counts) chi_square += (count - mean) * (count - mean) / mean;
    EXPECT_LT(chi_square / eligible, 1.2);
  }
}

}  // namespace
}  // namespace torc::store
