// Results are gathered in a table and sorted once they are complete.
#include "store/zset_algebra.h"

#include <algorithm>
#include <cmath>

namespace torc::store {

namespace {

double weighted(double weight, double score) noexcept {
  const double product = weight * score;
  return std::isnan(product) ? 0 : product;
}

double combined(double total, double score, Aggregate aggregate) noexcept {
  switch (aggregate) {
    case Aggregate::sum:
      return std::isnan(total + score) ? 0 : total + score;
    case Aggregate::min:
      return score < total ? score : total;
    case Aggregate::max:
      return score > total ? score : total;
  }
  __builtin_unreachable();
}

// What a member of the first source has in all of them; nullopt if one of them does not have it.
std::optional<double> score_in_all(std::span<const ZsetSource> sources, uint64_t hash, std::string_view member,
                                   double first_score, Aggregate aggregate) {
  double total = weighted(sources[0].weight(), first_score);
  for (const ZsetSource& source : sources.subspan(1)) {
    const auto score = source.same_value(sources[0]) ? std::optional(first_score) : source.score(hash, member);
    if (!score) return std::nullopt;
    total = combined(total, *score * source.weight(), aggregate);
  }
  return total;
}

bool has(std::span<const ZsetSource> sources, uint64_t hash, std::string_view member) {
  return std::ranges::any_of(sources, [&](const ZsetSource& source) { return source.score(hash, member).has_value(); });
}

// Whether it is cheaper to look the first source's members up in the others than to go through all of these.
bool looking_up_pays(std::span<const ZsetSource> sources) {
  uint64_t all = 0;
  for (const ZsetSource& source : sources) all += source.size();
  return sources[0].size() * sources.size() / 2 <= all;
}

}  // namespace

ZsetSource::ZsetSource(const Entry* entry, double weight) : entry_(entry), weight_(weight) {
  if (!entry) return;
  if (entry->type() == Type::zset) {
    zset_.emplace(*entry);
  } else {
    set_.emplace(*entry);
  }
}

uint64_t ZsetSource::size() const noexcept {
  if (zset_) return zset_->size();
  return set_ ? set_->size() : 0;
}

std::optional<double> ZsetSource::score(uint64_t hash, std::string_view member) const noexcept {
  if (zset_ && !zset_->is_packed()) {
    const ZsetItem* item = zset_->object().find(hash, member);
    return item ? std::optional(item->score()) : std::nullopt;
  }
  if (zset_) return zset_->score(member);
  if (!set_) return std::nullopt;
  const bool found = set_->table() ? bool(set_->table()->find(hash, member)) : set_->contains(SetMember(member));
  return found ? std::optional(1.0) : std::nullopt;
}

void ZsetSource::visit(const std::function<bool(std::string_view, double)>& visit) const {
  if (set_) return set_->visit([&visit](const SetMember& member) { return visit(member.text(), 1); });
  if (!zset_) return;
  ZsetCursor cursor = zset_->at(0);
  for (cursor.prefetch_ahead(); cursor && visit(cursor.member(), cursor.score()); cursor.next()) {
  }
}

void by_size(std::span<ZsetSource> sources) {
  std::ranges::stable_sort(sources, {}, &ZsetSource::size);
}

std::unique_ptr<ZsetObject> zset_union(std::span<const ZsetSource> sources, Aggregate aggregate,
                                       const base::HashKey* hash_key) {
  auto result = std::make_unique<ZsetObject>(hash_key);
  for (const ZsetSource& source : sources) {
    source.visit([&](std::string_view member, double score) {
      const uint64_t hash = result->hash(member);
      const double here = weighted(source.weight(), score);
      if (ZsetItem* item = result->find(hash, member)) {
        item->set_score(combined(item->score(), here, aggregate));
      } else {
        result->insert_unordered(hash, member, here);
      }
      return true;
    });
  }
  result->order();
  return result;
}

std::unique_ptr<ZsetObject> zset_intersection(std::span<const ZsetSource> sources, Aggregate aggregate,
                                              const base::HashKey* hash_key) {
  auto result = std::make_unique<ZsetObject>(hash_key);
  sources[0].visit([&](std::string_view member, double score) {
    const uint64_t hash = result->hash(member);
    const auto total = score_in_all(sources, hash, member, score, aggregate);
    if (total) result->insert_unordered(hash, member, *total);
    return true;
  });
  result->order();
  return result;
}

uint64_t zset_intersection_size(std::span<const ZsetSource> sources, uint64_t limit, const base::HashKey* hash_key) {
  uint64_t size = 0;
  sources[0].visit([&](std::string_view member, double score) {
    const uint64_t hash = base::siphash13(*hash_key, member);
    size += score_in_all(sources, hash, member, score, Aggregate::sum).has_value();
    return limit == 0 || size < limit;
  });
  return size;
}

std::unique_ptr<ZsetObject> zset_difference(std::span<const ZsetSource> sources, const base::HashKey* hash_key) {
  auto result = std::make_unique<ZsetObject>(hash_key);
  const ZsetSource& first = sources[0];
  const std::span<const ZsetSource> others = sources.subspan(1);
  if (std::ranges::any_of(others, [&](const ZsetSource& other) { return other.same_value(first); })) return result;
  const bool looks_up = looking_up_pays(sources);
  first.visit([&](std::string_view member, double score) {
    const uint64_t hash = result->hash(member);
    if (!looks_up || !has(others, hash, member)) result->insert_unordered(hash, member, score);
    return true;
  });
  for (const ZsetSource& other : others) {
    if (looks_up) break;
    other.visit([&](std::string_view member, double) {
      result->erase_unordered(member);
      return result->size() > 0;
    });
  }
  result->order();
  return result;
}

}  // namespace torc::store
