// A difference is made in one of two ways: each member of the first set is searched in the others, or the members of
// the others are removed from a copy of the first, whichever is less work.
#include "store/set_algebra.h"

#include <algorithm>
#include <array>
#include <vector>

namespace torc::store {

namespace {

// Members that are looked up together: as many as the processor can have lines on their way, and some.
constexpr size_t group_members = 32;

struct Probe {
  SetMember member{std::string_view{}};
  uint64_t hash = 0;
};

// Keeps those of the probes that are (or are not) members of the set; returns how many.
size_t keep(std::span<Probe> probes, const SetView& set, bool members) {
  const ds::PackedTable* const table = set.table();
  if (table) {
    for (const Probe& probe : probes) table->prefetch(probe.hash);
  }
  size_t kept = 0;
  for (const Probe& probe : probes) {
    const bool found =
        table ? static_cast<bool>(table->find(probe.hash, probe.member.text())) : set.contains(probe.member);
    if (found == members) probes[kept++] = probe;
  }
  return kept;
}

// Goes over the first set in groups and tells what all of the others have (or none of them).
class Filter {
 public:
  Filter(std::span<const SetView> others, bool members, const std::function<bool(const SetMember&)>& visit)
      : others_(others), visit_(visit), members_(members) {
    for (const SetView& set : others) table_ = table_ ? table_ : set.table();
  }

  void run(const SetView& first) {
    first.visit([&](const SetMember& member) {
      Probe& probe = group_[count_++];
      probe.member = member;
      if (table_) probe.hash = table_->hash(member.text());
      return count_ < group_.size() || flush();
    });
    flush();
  }

 private:
  bool flush() {
    size_t count = count_;
    for (const SetView& set : others_) count = keep(std::span(group_).first(count), set, members_);
    count_ = 0;
    for (size_t i = 0; i < count && going_; ++i) going_ = visit_(group_[i].member);
    return going_;
  }

  std::span<const SetView> others_;
  const std::function<bool(const SetMember&)>& visit_;
  const ds::PackedTable* table_ = nullptr;  // one of them, to hash with
  std::array<Probe, group_members> group_;
  size_t count_ = 0;
  bool members_;
  bool going_ = true;
};

uint64_t size_of_all(std::span<const SetView> sets) {
  uint64_t size = 0;
  for (const SetView& set : sets) size += set.size();
  return size;
}

}  // namespace

void intersect(std::span<const SetView> sets, const std::function<bool(const SetMember&)>& visit) {
  std::vector<SetView> ordered(sets.begin(), sets.end());
  std::ranges::stable_sort(ordered, {}, &SetView::size);
  const SetView first = ordered.front();
  std::erase_if(ordered, [&first](const SetView& set) { return set.same_as(first); });
  Filter(ordered, true, visit).run(first);
}

SetBuilder intersection(const ValueRules& rules, std::span<const SetView> sets) {
  const SetView smallest = *std::ranges::min_element(sets, {}, &SetView::size);
  SetBuilder result(rules, smallest.encoding() == Encoding::intset ? Encoding::intset : Encoding::listpack);
  intersect(sets, [&result](const SetMember& member) {
    result.add_new(member);
    return true;
  });
  result.become_intset_if_possible();
  return result;
}

SetBuilder united(const ValueRules& rules, std::span<const SetView> sets) {
  SetBuilder result(rules, Encoding::intset);
  for (const SetView& set : sets) {
    if (result.size() == 0) {
      set.for_each([&result](const SetMember& member) { result.add_new(member); });
    } else {
      set.for_each([&result](const SetMember& member) { result.add(member); });
    }
  }
  return result;
}

SetBuilder difference(const ValueRules& rules, const SetView& first, std::span<const SetView> others) {
  SetBuilder result(rules, Encoding::intset);
  for (const SetView& set : others)
    if (set.same_as(first)) return result;
  const uint64_t search_work = first.size() * (others.size() + 1) / 2;
  const uint64_t removal_work = first.size() + size_of_all(others);
  if (search_work <= removal_work) {
    std::vector<SetView> ordered(others.begin(), others.end());
    std::ranges::stable_sort(ordered, std::ranges::greater(), &SetView::size);
    Filter(ordered, false, [&result](const SetMember& member) {
      result.add_new(member);
      return true;
    }).run(first);
    return result;
  }
  first.for_each([&result](const SetMember& member) { result.add_new(member); });
  for (const SetView& set : others) {
    if (result.size() == 0) break;
    set.for_each([&result](const SetMember& member) { result.remove(member); });
  }
  return result;
}

}  // namespace torc::store
