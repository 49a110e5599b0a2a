// Intersection, union and difference of sets. What a member costs is a search in tables that are far larger than the
// caches, so those are made in groups: all of a group's members are hashed (once for all tables, which share their
// key), the lines that the searches will read are brought on their way, then the searches are made.
//
// Which form a result has and in which order an intersection is told follow Redis, since clients can see both.
#pragma once

#include <functional>
#include <span>

#include "store/set_value.h"

namespace torc::store {

// Calls visit for what all sets have in common until it returns false. At least one set.
void intersect(std::span<const SetView> sets, const std::function<bool(const SetMember&)>& visit);
// The same as a set in the form for storing it.
[[nodiscard]] SetBuilder intersection(const ValueRules& rules, std::span<const SetView> sets);
[[nodiscard]] SetBuilder united(const ValueRules& rules, std::span<const SetView> sets);
// What the first set has and none of the others.
[[nodiscard]] SetBuilder difference(const ValueRules& rules, const SetView& first, std::span<const SetView> others);

}  // namespace torc::store
