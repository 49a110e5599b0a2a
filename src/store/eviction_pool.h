// EvictionPool: which key goes when memory is short.
//
// For LRU and LFU it does as Redis does: of every database it looks at some keys chosen at random, keeps the best
// sixteen candidates seen so far across calls, and gives away the best one that still exists. So a few samples a key
// come close to the true order. The samples are uniform: of all entries, or of the deadline index.
//
// volatile-ttl needs no samples: the deadline index knows the key that expires first, and that one is exactly what the
// policy asks for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/random.h"
#include "store/access.h"
#include "store/keyspace.h"

namespace torc::store {

// In the order in which redis.conf lists them.
enum class EvictionPolicy : int {
  volatile_lru,
  volatile_lfu,
  volatile_random,
  volatile_ttl,
  allkeys_lru,
  allkeys_lfu,
  allkeys_random,
  noeviction
};

[[nodiscard]] constexpr bool counts_frequency(EvictionPolicy policy) noexcept {
  return policy == EvictionPolicy::volatile_lfu || policy == EvictionPolicy::allkeys_lfu;
}
// Whether the policy looks at access fields.
[[nodiscard]] constexpr bool uses_access(EvictionPolicy policy) noexcept {
  return counts_frequency(policy) || policy == EvictionPolicy::volatile_lru || policy == EvictionPolicy::allkeys_lru;
}
// Whether only keys with a deadline may go.
[[nodiscard]] constexpr bool is_volatile(EvictionPolicy policy) noexcept {
  return policy <= EvictionPolicy::volatile_ttl;
}

struct EvictionRule {
  EvictionPolicy policy = EvictionPolicy::noeviction;
  size_t samples = 5;  // maxmemory-samples: of each database, at the most as many as it has keys
  LfuRule lfu;
  int64_t now_ms = 0;
};

class EvictionPool {
 public:
  static constexpr size_t candidates_max = 16;

  struct Victim {
    size_t database;
    KeyRef key;  // its bytes stay until the next choose()
    Entry* entry;
  };

  // The key to remove next, which is still there; nullopt: the policy knows none.
  [[nodiscard]] std::optional<Victim> choose(Keyspace& keyspace, base::Random& random, const EvictionRule& rule);
  // What was seen under another policy says nothing under the next.
  void clear() noexcept { count_ = 0; }

 private:
  struct Candidate {
    uint64_t score = 0;  // the higher, the sooner it goes
    uint64_t hash = 0;
    size_t database = 0;
    std::string key;  // its room is used again
  };

  std::optional<Victim> by_score(Keyspace& keyspace, base::Random& random, const EvictionRule& rule);
  std::optional<Victim> by_chance(Keyspace& keyspace, base::Random& random, const EvictionRule& rule);
  std::optional<Victim> by_deadline(Keyspace& keyspace);
  std::optional<Victim> best_candidate(Keyspace& keyspace, bool expiring_only);
  void populate(Keyspace& keyspace, size_t database, base::Random& random, const EvictionRule& rule);
  void consider(Keyspace& keyspace, size_t database, std::span<Entry* const> samples, const EvictionRule& rule);
  void add(const Entry& entry, size_t database, uint64_t hash, uint64_t score);
  Victim chosen(Keyspace& keyspace, size_t database, Entry* entry);

  std::array<Candidate, candidates_max> candidates_;  // the first count_, ascending
  size_t count_ = 0;
  std::string chosen_key_;
  size_t database_next_ = 0;  // of random policies, which go round the databases
};

}  // namespace torc::store
