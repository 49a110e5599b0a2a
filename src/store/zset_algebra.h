// Union, intersection and difference of sorted sets and sets, with scores that are weighted and combined. A member of a
// set has the score 1.
//
// Which sums come out depends on the order in which scores are added, so sources are taken in Redis's order: ascending
// size. Nothing that could be no number is kept: 0 stands for what infinities of both signs, or 0 and one, make.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/hash.h"
#include "store/set_value.h"
#include "store/zset_object.h"
#include "store/zset_view.h"

namespace torc::store {

enum class Aggregate : uint8_t { sum, min, max };

class ZsetSource {
 public:
  // Null, or a set or a sorted set.
  ZsetSource(const Entry* entry, double weight);

  [[nodiscard]] uint64_t size() const noexcept;
  [[nodiscard]] double weight() const noexcept { return weight_; }
  // Without weight. The hash is the keyspace's, of the member.
  [[nodiscard]] std::optional<double> score(uint64_t hash, std::string_view member) const noexcept;
  // Calls visit(member, score) until it returns false; without weight.
  void visit(const std::function<bool(std::string_view, double)>& visit) const;
  [[nodiscard]] bool same_value(const ZsetSource& other) const noexcept { return entry_ && entry_ == other.entry_; }

 private:
  const Entry* entry_;
  std::optional<ZsetView> zset_;
  std::optional<SetView> set_;
  double weight_;
};

// The sources must be in ascending order of their sizes (by_size).
void by_size(std::span<ZsetSource> sources);
[[nodiscard]] std::unique_ptr<ZsetObject> zset_union(std::span<const ZsetSource> sources, Aggregate aggregate,
                                                     const base::HashKey* hash_key);
[[nodiscard]] std::unique_ptr<ZsetObject> zset_intersection(std::span<const ZsetSource> sources, Aggregate aggregate,
                                                            const base::HashKey* hash_key);
// How many members the intersection has; counting ends at the limit unless that is 0.
[[nodiscard]] uint64_t zset_intersection_size(std::span<const ZsetSource> sources, uint64_t limit,
                                              const base::HashKey* hash_key);
// What the first source has and none of the others; in any order, weights do not matter.
[[nodiscard]] std::unique_ptr<ZsetObject> zset_difference(std::span<const ZsetSource> sources,
                                                          const base::HashKey* hash_key);

}  // namespace torc::store
