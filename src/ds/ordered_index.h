// OrderedIndex: items in order, with their ranks: what stands behind a large sorted set, beside the table that finds a
// member by name.
//
// A B+-tree of pointers. It does not own the items and holds each once; the order is the traits' and total. Beside
// each pointer stands a prefix of 32 bits that decides nearly every comparison without reading the item: a binary
// search in a leaf costs two or three cache lines, and one or two items at its end. Inner nodes count what is below
// each child, so the rank of an item and the item of a rank are one way down.
//
// A leaf that is full first shares with a neighbour under the same parent, and only then splits; one that is appended
// to at the very end of the tree stays full. So leaves are about 80 % full on random input and all but full on
// ascending one: some 15 bytes an item.
//
// A range is cut out at once, however long it is (ordered_cut.cc): its items are no longer found, and the nodes that
// held them wait in the index until they have been taken one after the other, when there is time.
//
// struct Traits {
//   using Item = ...;
//   static uint32_t prefix(const Item& item);                // never falls as items ascend
//   static bool less(const Item& first, const Item& second);  // a total order
// };
//
// Positions are good until the next change.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ds/ordered_nodes.h"

namespace torc::ds {

template <class Traits>
class OrderedIndex : private OrderedNodes {
 public:
  using Item = typename Traits::Item;

  // An item and its neighbours; false at either end.
  class Position {
   public:
    Position() noexcept = default;
    [[nodiscard]] explicit operator bool() const noexcept { return leaf_ != nullptr; }
    [[nodiscard]] Item* item() const noexcept { return static_cast<Item*>(leaf_->items[index_]); }
    [[nodiscard]] Position next() const noexcept {
      if (index_ + 1 < leaf_->count) return {leaf_, index_ + 1};
      return {leaf_->next, 0};
    }
    [[nodiscard]] Position previous() const noexcept {
      if (index_ > 0) return {leaf_, index_ - 1};
      return {leaf_->previous, leaf_->previous ? leaf_->previous->count - 1 : 0};
    }
    friend bool operator==(const Position&, const Position&) noexcept = default;

   private:
    friend class OrderedIndex;
    Position(Leaf* leaf, uint32_t index) noexcept : leaf_(leaf), index_(leaf ? index : 0) {}
    Leaf* leaf_ = nullptr;
    uint32_t index_ = 0;
  };

  OrderedIndex() noexcept = default;
  OrderedIndex(OrderedIndex&&) noexcept = default;
  OrderedIndex& operator=(OrderedIndex&&) noexcept = default;
  ~OrderedIndex() = default;

  using OrderedNodes::clear;
  using OrderedNodes::cut_size;
  using OrderedNodes::empty;
  using OrderedNodes::memory_bytes;
  using OrderedNodes::release_some;
  using OrderedNodes::size;

  // The item must be absent.
  void insert(Item* item) { OrderedNodes::insert(descend(*item), item, Traits::prefix(*item)); }
  // The item, or one equal to it, must be there; it is not freed.
  void erase(const Item& item) noexcept { OrderedNodes::erase(descend(item)); }
  // The item of a rank < size(), which leaves the index.
  Item* take(uint64_t rank) noexcept {
    const Path path = path_at(rank);
    Item* const item = static_cast<Item*>(path.leaf->items[path.index]);
    OrderedNodes::erase(path);
    return item;
  }
  // The items of ranks from begin up to but not including end leave the index: begin < end <= size().
  void cut(uint64_t begin, uint64_t end) { OrderedNodes::cut(begin, end); }
  // Gives out some of those that were cut out, in no order; 0: all have been given.
  [[nodiscard]] size_t take_cut(std::span<Item*> out) noexcept {
    std::array<void*, leaf_items> taken;
    const size_t count = OrderedNodes::take_cut(taken.data(), std::min(out.size(), taken.size()));
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<Item*>(taken[i]);
    return count;
  }
  // Brings the leaf on its way to which an item with this prefix belongs; reads inner nodes only.
  void prefetch(uint32_t prefix) const noexcept {
    const auto reaches = [](const Item&) { return true; };
    const Node* node = root();
    for (uint32_t level = height(); level > 0; --level) {
      const auto* const inner = static_cast<const Inner*>(node);
      const uint32_t reached = partition(inner->prefixes, inner->lows, inner->count, prefix, reaches);
      node = inner->children[reached == 0 ? 0 : reached - 1];
    }
    if (node) OrderedNodes::prefetch(static_cast<const Leaf*>(node));
  }
  // Changes an item, which is in the index, by calling change(), and puts it where it then belongs: it stays in its
  // place if it is still in order there, which the prefixes beside it nearly always tell.
  template <class Change>
  void change(Item* item, Change change) {
    const Path path = descend(*item);
    change();
    const uint32_t prefix = Traits::prefix(*item);
    if (fits(path, *item, prefix)) {
      change_prefix(path, prefix);
    } else {
      OrderedNodes::erase(path);
      insert(item);
    }
  }
  // Another address for an equal item.
  void replace(const Item& item, Item* moved) noexcept { OrderedNodes::replace(descend(item), moved); }

  // Whether this very item is in the index, and not just one equal to it.
  [[nodiscard]] bool holds(const Item* item) const noexcept {
    const Path path = descend(*item);
    return path.leaf && path.index < path.leaf->count && path.leaf->items[path.index] == item;
  }
  // How many items come before this one, which may be absent.
  [[nodiscard]] uint64_t rank(const Item& item) const noexcept { return rank_of(descend(item)); }
  // False from size() on.
  [[nodiscard]] Position at(uint64_t rank) const noexcept {
    const Place place = place_at(rank);
    return {place.leaf, place.index};
  }
  [[nodiscard]] Position first() const noexcept { return at(0); }
  [[nodiscard]] Position last() const noexcept { return empty() ? Position() : at(size() - 1); }

  // How many items come before a bound: before(item) is true for these, and false for all that follow. Items with a
  // smaller prefix are before it, with a larger one behind, without being asked.
  template <class Before>
  [[nodiscard]] uint64_t count_before(uint32_t prefix, Before before) const noexcept {
    return rank_of(descend_to(prefix, before, before));
  }
  // The same where the bound is not one of prefixes: every comparison asks.
  template <class Before>
  [[nodiscard]] uint64_t count_before(Before before) const noexcept {
    return rank_of(descend_to<false>(0, before, before));
  }
  // The first item that is not before the bound; false if all are.
  template <class Before>
  [[nodiscard]] Position first_not_before(uint32_t prefix, Before before) const noexcept {
    const Path path = descend_to(prefix, before, before);
    if (path.leaf && path.index == path.leaf->count) return {path.leaf->next, 0};
    return {path.leaf, path.index};
  }

 private:
  // Whether an item at the end of this path, changed to what it is now, is still between its neighbours.
  [[nodiscard]] static bool fits(const Path& path, const Item& item, uint32_t prefix) noexcept {
    const Leaf& leaf = *path.leaf;
    const uint32_t i = path.index;
    // Neighbours in other leaves are not asked: moving within the order costs little more than reading them.
    if ((i == 0 && leaf.previous) || (i + 1 == leaf.count && leaf.next)) return false;
    const auto other = [&leaf](uint32_t at) -> const Item& { return *static_cast<const Item*>(leaf.items[at]); };
    if (i > 0 && (leaf.prefixes[i - 1] != prefix ? leaf.prefixes[i - 1] > prefix : !Traits::less(other(i - 1), item))) {
      return false;
    }
    if (i + 1 == leaf.count) return true;
    return leaf.prefixes[i + 1] != prefix ? leaf.prefixes[i + 1] > prefix : Traits::less(item, other(i + 1));
  }

  // To the item if it is there: a node whose first item it is holds it.
  [[nodiscard]] Path descend(const Item& item) const noexcept {
    return descend_to(
        Traits::prefix(item), [&item](const Item& low) { return !Traits::less(item, low); },
        [&item](const Item& other) { return Traits::less(other, item); });
  }

  // The number of elements of an ascending array that are before the bound.
  template <bool by_prefix = true, class Before>
  static uint32_t partition(const uint32_t* prefixes, void* const* items, uint32_t count, uint32_t prefix,
                            Before& before) noexcept {
    uint32_t begin = 0, end = count;
    while (begin < end) {
      const uint32_t middle = begin + (end - begin) / 2;
      const bool is_before = by_prefix && prefixes[middle] != prefix
                                 ? prefixes[middle] < prefix
                                 : before(*static_cast<const Item*>(items[middle]));
      if (is_before) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }

  // The way to the first item that is not before the bound; at the end of a leaf if that is in the next one. `reaches`
  // says of the first item of a node whether the way may lead there.
  template <bool by_prefix = true, class Reaches, class Before>
  [[nodiscard]] Path descend_to(uint32_t prefix, Reaches reaches, Before before) const noexcept {
    Path path;
    Node* node = root();
    for (uint32_t level = height(); level > 0; --level) {
      auto* const inner = static_cast<Inner*>(node);
      const uint32_t reached = partition<by_prefix>(inner->prefixes, inner->lows, inner->count, prefix, reaches);
      const uint32_t child = reached == 0 ? 0 : reached - 1;
      path.push(inner, child);
      node = inner->children[child];
    }
    path.leaf = static_cast<Leaf*>(node);
    if (path.leaf) {
      path.index = partition<by_prefix>(path.leaf->prefixes, path.leaf->items, path.leaf->count, prefix, before);
    }
    return path;
  }
};

}  // namespace torc::ds
