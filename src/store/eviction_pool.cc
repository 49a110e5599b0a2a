// Candidates are kept in ascending order of their score; a new one that is better than the worst pushes that one out.
#include "store/eviction_pool.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace torc::store {

namespace {

uint64_t score_of(const Entry& entry, const EvictionRule& rule) noexcept {
  if (counts_frequency(rule.policy)) return lfu_counter_max - lfu_counter(entry.access(), rule.now_ms, rule.lfu);
  return static_cast<uint64_t>(idle_seconds(entry.access(), rule.now_ms));
}

size_t eligible(const Database& database, EvictionPolicy policy) noexcept {
  return is_volatile(policy) ? database.expiring_size() : database.size();
}

}  // namespace

std::optional<EvictionPool::Victim> EvictionPool::choose(Keyspace& keyspace, base::Random& random,
                                                         const EvictionRule& rule) {
  switch (rule.policy) {
    case EvictionPolicy::noeviction: return std::nullopt;
    case EvictionPolicy::volatile_ttl: return by_deadline(keyspace);
    case EvictionPolicy::volatile_random:
    case EvictionPolicy::allkeys_random: return by_chance(keyspace, random, rule);
    default: return by_score(keyspace, random, rule);
  }
}

EvictionPool::Victim EvictionPool::chosen(Keyspace& keyspace, size_t database, Entry* entry) {
  chosen_key_.assign(entry->key());
  return {database, keyspace.key(chosen_key_), entry};
}

// Candidates may be gone meanwhile; then there is another round, which certainly adds some that are not.
std::optional<EvictionPool::Victim> EvictionPool::by_score(Keyspace& keyspace, base::Random& random,
                                                           const EvictionRule& rule) {
  for (;;) {
    size_t keys = 0;
    for (size_t i = 0; i < keyspace.databases(); ++i) {
      const size_t here = eligible(keyspace.database(i), rule.policy);
      if (here != 0) populate(keyspace, i, random, rule);
      keys += here;
    }
    if (keys == 0) return std::nullopt;
    if (auto victim = best_candidate(keyspace, is_volatile(rule.policy))) return victim;
  }
}

std::optional<EvictionPool::Victim> EvictionPool::best_candidate(Keyspace& keyspace, bool expiring_only) {
  while (count_ != 0) {
    const Candidate& best = candidates_[--count_];
    if (best.database >= keyspace.databases()) continue;
    const KeyRef key{best.key, best.hash};
    Entry* entry = keyspace.database(best.database).find(key);
    if (entry && (entry->can_expire() || !expiring_only)) return Victim{best.database, key, entry};
  }
  return std::nullopt;
}

void EvictionPool::populate(Keyspace& keyspace, size_t database, base::Random& random, const EvictionRule& rule) {
  std::array<Entry*, 64> samples;
  Database& from = keyspace.database(database);
  for (size_t left = std::min(rule.samples, eligible(from, rule.policy)); left != 0;) {
    const auto some = std::span(samples).first(std::min(left, samples.size()));
    const size_t count = from.sample(some, is_volatile(rule.policy), random);
    consider(keyspace, database, some.first(count), rule);
    left -= some.size();
  }
}

void EvictionPool::consider(Keyspace& keyspace, size_t database, std::span<Entry* const> samples,
                            const EvictionRule& rule) {
  for (const Entry* entry : samples) {
    const uint64_t score = score_of(*entry, rule);
    if (count_ == candidates_max && score <= candidates_[0].score) continue;
    add(*entry, database, keyspace.key(entry->key()).hash, score);
  }
}

void EvictionPool::add(const Entry& entry, size_t database, uint64_t hash, uint64_t score) {
  const auto begin = candidates_.begin();
  const auto end = begin + static_cast<ptrdiff_t>(count_);
  auto place = std::ranges::lower_bound(begin, end, score, {}, &Candidate::score);
  if (count_ < candidates_max) {
    ++count_;
    std::rotate(place, end, end + 1);  // the first unused one comes here
  } else {
    std::rotate(begin, begin + 1, place--);  // the worst one comes here
  }
  place->score = score;
  place->hash = hash;
  place->database = database;
  place->key.assign(entry.key());
}

std::optional<EvictionPool::Victim> EvictionPool::by_chance(Keyspace& keyspace, base::Random& random,
                                                            const EvictionRule& rule) {
  for (size_t round = 0; round < keyspace.databases(); ++round) {
    database_next_ = (database_next_ + 1) % keyspace.databases();
    Database& database = keyspace.database(database_next_);
    if (eligible(database, rule.policy) == 0) continue;
    return chosen(keyspace, database_next_,
                  is_volatile(rule.policy) ? database.random_expiring(random) : database.random(random));
  }
  return std::nullopt;
}

std::optional<EvictionPool::Victim> EvictionPool::by_deadline(Keyspace& keyspace) {
  Entry* first = nullptr;
  size_t database = 0;
  for (size_t i = 0; i < keyspace.databases(); ++i) {
    Entry* entry = keyspace.database(i).first_to_expire();
    if (!entry || (first && first->deadline_ms() <= entry->deadline_ms())) continue;
    first = entry;
    database = i;
  }
  if (!first) return std::nullopt;
  return chosen(keyspace, database, first);
}

}  // namespace torc::store
