// IdTree: records in the order of their stream ids: the nodes of a stream, the pending entries of a consumer group and
// of each consumer.
//
// Redis keeps these in radix trees. Here it is a B+-tree with the records themselves in its leaves, because of what
// streams do: ids come in ascending order, so the leaf at the end fills up completely and appending to it needs no
// search; the oldest go first, so taking from the front moves nothing either; and what is read is read in order, record
// beside record. A record costs its own bytes and some 2 % more, where a radix tree has a node of 30 to 50 bytes for
// each id. (OrderedIndex, which sorted sets stand on, holds pointers and counts ranks: neither is wanted here.)
//
// A tree of one leaf begins with room for one record and doubles. Leaves that become nearly empty are joined with a
// neighbour; inner nodes are only freed when nothing is left below them. What goes from the front in one piece is cut
// off along the way to the first record that stays; to count it, twice as many leaves as the smaller part has are
// looked at, so that trimming a long stream to a few entries looks at few of them.
//
// struct Record {               // trivially copyable
//   StreamId id;
//   uint64_t weight() const;    // summed up by leaf and in all: skip_weight()
// };
//
// Positions are good until the next change.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/memory.h"
#include "ds/stream_id.h"

namespace torc::ds {

template <class Record>
class IdTree {
  static_assert(std::is_trivially_copyable_v<Record>);
  struct Node {};
  struct Leaf : Node {
    Leaf* previous;
    Leaf* next;
    uint64_t weight;
    uint32_t begin;  // records before this one were erased
    uint16_t count;
    uint16_t capacity;
    [[nodiscard]] Record* records() noexcept { return reinterpret_cast<Record*>(this + 1) + begin; }
    [[nodiscard]] const StreamId& last_id() noexcept { return records()[count - 1].id; }
  };

 public:
  class Position {
   public:
    Position() noexcept = default;
    [[nodiscard]] explicit operator bool() const noexcept { return leaf_ != nullptr; }
    [[nodiscard]] Record* operator->() const noexcept { return leaf_->records() + index_; }
    [[nodiscard]] Record& operator*() const noexcept { return leaf_->records()[index_]; }
    [[nodiscard]] Position next() const noexcept {
      if (index_ + 1 < leaf_->count) return {leaf_, index_ + 1};
      return {leaf_->next, 0};
    }
    [[nodiscard]] Position previous() const noexcept {
      if (index_ > 0) return {leaf_, index_ - 1};
      return {leaf_->previous, leaf_->previous ? leaf_->previous->count - 1u : 0};
    }
    friend bool operator==(const Position&, const Position&) noexcept = default;

   private:
    friend class IdTree;
    Position(Leaf* leaf, uint32_t index) noexcept : leaf_(leaf), index_(leaf ? index : 0) {}
    Leaf* leaf_ = nullptr;
    uint32_t index_ = 0;
  };

  IdTree() noexcept = default;
  IdTree(IdTree&& other) noexcept { swap(other); }
  IdTree& operator=(IdTree&& other) noexcept {
    IdTree taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~IdTree() {
    while (drop_last_leaf()) {
    }
  }
  void swap(IdTree& other) noexcept {
    std::swap(root_, other.root_);
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
    std::swap(totals_, other.totals_);
    std::swap(height_, other.height_);
  }

  [[nodiscard]] uint64_t size() const noexcept { return totals_.records; }
  [[nodiscard]] bool empty() const noexcept { return totals_.records == 0; }
  [[nodiscard]] size_t memory_bytes() const noexcept { return totals_.bytes; }
  [[nodiscard]] uint64_t blocks() const noexcept { return totals_.blocks; }
  [[nodiscard]] uint64_t total_weight() const noexcept { return totals_.weight; }

  [[nodiscard]] Position first() const noexcept { return {first_, 0}; }
  [[nodiscard]] Position last() const noexcept { return {last_, last_ ? last_->count - 1u : 0}; }
  [[nodiscard]] Position at_or_after(const StreamId& id) const noexcept {
    if (!last_ || last_->last_id() < id) return {};
    Leaf* const leaf = leaf_of(id);
    const uint32_t index = lower_bound(leaf, id);
    return index < leaf->count ? Position(leaf, index) : Position(leaf->next, 0);
  }
  [[nodiscard]] Position at_or_before(const StreamId& id) const noexcept {
    if (!last_ || last_->last_id() <= id) return last();
    const Position position = at_or_after(id);
    return position->id == id ? position : position.previous();
  }
  [[nodiscard]] Position find(const StreamId& id) const noexcept {
    const Position position = at_or_after(id);
    return position && position->id == id ? position : Position();
  }

  // The record's id must be absent.
  Position insert(const Record& record) {
    Path path;
    const bool at_end = !last_ || last_->last_id() < record.id;
    Leaf* leaf = at_end ? last_ : descend(record.id, &path);
    uint32_t index = at_end ? (leaf ? leaf->count : 0) : lower_bound(leaf, record.id);
    if (!leaf || leaf->count == leaf->capacity) make_room(&leaf, &index, &path, record.id);
    open_gap(leaf, index);
    leaf->records()[index] = record;
    leaf->weight += record.weight();
    totals_.weight += record.weight();
    ++totals_.records;
    return {leaf, index};
  }

  void erase(Position position) noexcept {
    Leaf* const leaf = position.leaf_;
    const StreamId id = position->id;
    count_out(leaf, *position);
    close_gap(leaf, position.index_);
    if (leaf->count == 0) return remove_leaf(leaf, id);
    // Once for each halving, so that the search for a neighbour is rare.
    if (leaf->count <= leaf_records_max / 4 && (leaf->count & (leaf->count - 1)) == 0 && height_ != 0) join(leaf, id);
  }

  // The record at the position has a new weight, which is more by this.
  void add_weight(Position position, int64_t more) noexcept {
    position.leaf_->weight += static_cast<uint64_t>(more);
    totals_.weight += static_cast<uint64_t>(more);
  }
  // Goes over records from the first on as long as their weights add up to at most *weight, from which they are taken,
  // and something is left of it. Returns the record that was not gone over; false: all were.
  [[nodiscard]] Position skip_weight(uint64_t* weight) const noexcept {
    if (*weight > totals_.weight) {
      *weight -= totals_.weight;
      return {};
    }
    return *weight > totals_.weight / 2 ? skip_weight_from_end(weight) : skip_weight_from_begin(weight);
  }

  // Takes all records before the position out (false: all there are).
  [[nodiscard]] IdTree take_before(Position position) {
    IdTree taken;
    if (!position) {
      swap(taken);
      return taken;
    }
    if (position.leaf_ != first_) cut_before(position.leaf_, &taken);
    for (; position.index_ != 0; --position.index_) {
      taken.insert(*first());
      erase_first_of(first_);
    }
    return taken;
  }

  // Frees the leaf at the end with its records; false when there was none.
  bool drop_last_leaf() noexcept {
    if (!last_) return false;
    totals_.records -= last_->count;
    totals_.weight -= last_->weight;
    remove_leaf(last_, last_->last_id());
    return true;
  }

 private:
  // So that the blocks are just within 1 or 2 KiB.
  static constexpr uint32_t leaf_records_max = ((sizeof(Record) >= 24 ? 2048 : 1024) - sizeof(Leaf)) / sizeof(Record);
  static constexpr uint32_t inner_children_max = 84;
  static constexpr uint32_t height_max = 16;

  struct Inner : Node {
    uint32_t count;
    StreamId lows[inner_children_max];  // no id below child i is less than lows[i]; lows[0] is not looked at
    Node* children[inner_children_max];
  };
  struct Path {
    struct Step {
      Inner* inner;
      uint32_t child;
    };
    std::array<Step, height_max> steps;
    uint32_t depth = 0;
  };
  struct Totals {
    uint64_t records = 0, weight = 0;
    uint64_t blocks = 0, bytes = 0;  // leaves and inner nodes
    void add(const Totals& other) noexcept {
      records += other.records;
      weight += other.weight;
      blocks += other.blocks;
      bytes += other.bytes;
    }
    void subtract(const Totals& other) noexcept {
      records -= other.records;
      weight -= other.weight;
      blocks -= other.blocks;
      bytes -= other.bytes;
    }
  };

  [[nodiscard]] static uint32_t lower_bound(Leaf* leaf, const StreamId& id) noexcept {
    const Record* const records = leaf->records();
    uint32_t begin = 0, end = leaf->count;
    while (begin < end) {
      const uint32_t middle = (begin + end) / 2;
      if (records[middle].id < id) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }
  [[nodiscard]] static uint32_t child_of(const Inner* inner, const StreamId& id) noexcept {
    const StreamId* const above = std::upper_bound(inner->lows + 1, inner->lows + inner->count, id);
    return static_cast<uint32_t>(above - inner->lows) - 1;
  }
  [[nodiscard]] Leaf* leaf_of(const StreamId& id) const noexcept {
    Node* node = root_;
    for (uint32_t level = height_; level > 0; --level) {
      const auto* const inner = static_cast<const Inner*>(node);
      node = inner->children[child_of(inner, id)];
    }
    return static_cast<Leaf*>(node);
  }
  // The same with the way there.
  Leaf* descend(const StreamId& id, Path* path) const noexcept {
    Node* node = root_;
    for (uint32_t level = height_; level > 0; --level) {
      auto* const inner = static_cast<Inner*>(node);
      const uint32_t child = child_of(inner, id);
      path->steps[path->depth++] = {inner, child};
      node = inner->children[child];
    }
    return static_cast<Leaf*>(node);
  }

  // --- blocks ---
  template <class Kind>
  [[nodiscard]] Kind* make(size_t bytes) noexcept {
    void* const block = base::allocate(bytes);
    totals_.bytes += base::usable_size(block);
    ++totals_.blocks;
    return static_cast<Kind*>(std::memset(block, 0, sizeof(Leaf)));
  }
  void release(Node* node) noexcept {
    totals_.bytes -= base::usable_size(node);
    --totals_.blocks;
    base::release(node);
  }
  [[nodiscard]] Leaf* make_leaf(uint32_t capacity) noexcept {
    Leaf* const leaf = make<Leaf>(sizeof(Leaf) + capacity * sizeof(Record));
    leaf->capacity = static_cast<uint16_t>(capacity);
    return leaf;
  }
  [[nodiscard]] Inner* make_inner() noexcept {
    Inner* const inner = make<Inner>(sizeof(Inner));
    inner->count = 0;
    return inner;
  }

  // --- within a leaf ---
  static void move(Record* to, const Record* from, size_t count) noexcept {
    if (count != 0) std::memmove(static_cast<void*>(to), from, count * sizeof(Record));
  }
  // Room for a record at the index; the leaf is not full.
  static void open_gap(Leaf* leaf, uint32_t index) noexcept {
    Record* const records = leaf->records();
    const bool at_end = leaf->begin + leaf->count < leaf->capacity;
    if (at_end && (leaf->begin == 0 || index * 2 >= leaf->count)) {
      move(records + index + 1, records + index, leaf->count - index);
    } else {
      --leaf->begin;
      move(records - 1, records, index);
    }
    ++leaf->count;
  }
  static void close_gap(Leaf* leaf, uint32_t index) noexcept {
    Record* const records = leaf->records();
    if (index * 2 < leaf->count) {
      move(records + 1, records, index);
      ++leaf->begin;
    } else {
      move(records + index, records + index + 1, leaf->count - index - 1u);
    }
    --leaf->count;
  }
  // The record of the leaf is about to go.
  void count_out(Leaf* leaf, const Record& record) noexcept {
    leaf->weight -= record.weight();
    totals_.weight -= record.weight();
    --totals_.records;
  }
  void erase_first_of(Leaf* leaf) noexcept {
    count_out(leaf, *leaf->records());
    close_gap(leaf, 0);
  }
  // The records of `from` from `index` on go to the end of `to`.
  static void move_records(Leaf* from, uint32_t index, Leaf* to) noexcept {
    Record* const base = reinterpret_cast<Record*>(to + 1);
    if (to->begin != 0) move(base, to->records(), to->count);
    to->begin = 0;
    const uint32_t moved = from->count - index;
    move(base + to->count, from->records() + index, moved);
    uint64_t weight = 0;
    for (uint32_t i = 0; i < moved; ++i) weight += base[to->count + i].weight();
    to->count = static_cast<uint16_t>(to->count + moved);
    from->count = static_cast<uint16_t>(index);
    to->weight += weight;
    from->weight -= weight;
  }

  // --- growing ---
  // The leaf is full, or there is none: finds another place for the record.
  void make_room(Leaf** leaf, uint32_t* index, Path* path, const StreamId& id) {
    if (height_ == 0 && (!*leaf || (*leaf)->capacity < leaf_records_max)) {
      *leaf = grow_only_leaf();
      return;
    }
    if (path->depth != height_) descend(id, path);
    Leaf* const left = *leaf;
    Leaf* const right = make_leaf(leaf_records_max);
    const bool appending = left == last_ && *index == left->count;
    link_behind(left, right);
    if (!appending) move_records(left, left->count / 2, right);
    const StreamId low = appending ? id : right->records()->id;
    if (appending || *index > left->count) {
      *leaf = right;
      *index -= left->count;
    }
    add_child(path, right, low);
  }
  Leaf* grow_only_leaf() noexcept {
    Leaf* const old = first_;
    const uint32_t capacity = old ? std::min(old->capacity * 2u, leaf_records_max) : 1;
    Leaf* const leaf = make_leaf(capacity);
    if (old) {
      move_records(old, 0, leaf);
      release(old);
    }
    root_ = first_ = last_ = leaf;
    return leaf;
  }
  void link_behind(Leaf* left, Leaf* made) noexcept {
    made->previous = left;
    made->next = left->next;
    (left->next ? left->next->previous : last_) = made;
    left->next = made;
  }
  static void put_child(Inner* inner, uint32_t index, Node* child, const StreamId& low) noexcept {
    std::copy_backward(inner->lows + index, inner->lows + inner->count, inner->lows + inner->count + 1);
    std::copy_backward(inner->children + index, inner->children + inner->count, inner->children + inner->count + 1);
    inner->lows[index] = low;
    inner->children[index] = child;
    ++inner->count;
  }
  // A node that stands right behind the end of the path; its ids begin with `low`.
  void add_child(Path* path, Node* made, StreamId low) {
    while (path->depth > 0) {
      const auto [inner, child] = path->steps[--path->depth];
      if (inner->count < inner_children_max) return put_child(inner, child + 1, made, low);
      Inner* const right = make_inner();
      // Behind the last child of all: what is there stays full.
      const uint32_t kept = child + 1 == inner->count ? inner->count : inner->count / 2;
      std::copy(inner->lows + kept, inner->lows + inner->count, right->lows);
      std::copy(inner->children + kept, inner->children + inner->count, right->children);
      right->count = inner->count - kept;
      inner->count = kept;
      if (right->count == 0 || child + 1 > kept) {
        put_child(right, child + 1 - kept, made, low);
      } else {
        put_child(inner, child + 1, made, low);
      }
      made = right;
      low = right->lows[0];
    }
    TORC_ASSERT(height_ + 1 < height_max);
    Inner* const root = make_inner();
    put_child(root, 0, root_, {});
    put_child(root, 1, made, low);
    root_ = root;
    ++height_;
  }

  // --- shrinking ---
  void unlink(Leaf* leaf) noexcept {
    (leaf->previous ? leaf->previous->next : first_) = leaf->next;
    (leaf->next ? leaf->next->previous : last_) = leaf->previous;
  }
  // `id` leads to the leaf.
  void remove_leaf(Leaf* leaf, const StreamId& id) noexcept {
    Path path;
    TORC_ASSERT(descend(id, &path) == leaf);
    unlink(leaf);
    drop_child(&path);
    release(leaf);
  }
  // What the path leads to is gone.
  void drop_child(Path* path) noexcept {
    if (height_ == 0) root_ = nullptr;
    while (path->depth > 0) {
      const auto [inner, child] = path->steps[--path->depth];
      std::copy(inner->lows + child + 1, inner->lows + inner->count, inner->lows + child);
      std::copy(inner->children + child + 1, inner->children + inner->count, inner->children + child);
      if (--inner->count != 0) break;
      if (inner == root_) {
        root_ = nullptr;
        height_ = 0;
      }
      release(inner);
    }
    lower_root();
  }
  // A root of one child is none.
  void lower_root() noexcept {
    while (height_ > 0 && static_cast<Inner*>(root_)->count == 1) {
      auto* const inner = static_cast<Inner*>(root_);
      root_ = inner->children[0];
      --height_;
      release(inner);
    }
  }
  // With a neighbour under the same parent, if both fit well into one.
  void join(Leaf* leaf, const StreamId& id) noexcept {
    Path path;
    TORC_ASSERT(descend(id, &path) == leaf);
    auto& [inner, child] = path.steps[path.depth - 1];
    Leaf* left = leaf;
    Leaf* right = child + 1 < inner->count ? static_cast<Leaf*>(inner->children[child + 1]) : nullptr;
    if (right && fit_together(left, right)) {
      ++child;
    } else {
      right = leaf;
      left = child > 0 ? static_cast<Leaf*>(inner->children[child - 1]) : nullptr;
      if (!left || !fit_together(left, right)) return;
    }
    move_records(right, 0, left);
    unlink(right);
    release(right);
    drop_child(&path);
  }
  [[nodiscard]] static bool fit_together(const Leaf* left, const Leaf* right) noexcept {
    const uint32_t together = left->count + right->count;
    return together <= leaf_records_max * 3 / 4 && together <= left->capacity;
  }

  // --- weights ---
  [[nodiscard]] Position skip_weight_from_begin(uint64_t* weight) const noexcept {
    Leaf* leaf = first_;
    // Not a leaf that takes all of it: records without weight may stand at its end.
    for (; leaf && leaf->weight < *weight; leaf = leaf->next) *weight -= leaf->weight;
    Position position(leaf, 0);
    for (; position && *weight != 0 && position->weight() <= *weight; position = position.next()) {
      *weight -= position->weight();
    }
    return position;
  }
  // 0 < *weight <= total_weight(). Goes back over what may stay behind the position.
  [[nodiscard]] Position skip_weight_from_end(uint64_t* weight) const noexcept {
    uint64_t rest = totals_.weight - *weight;
    Leaf* leaf = last_;
    for (; leaf->weight <= rest; leaf = leaf->previous) rest -= leaf->weight;
    uint32_t index = leaf->count;
    for (; leaf->records()[index - 1].weight() <= rest; --index) rest -= leaf->records()[index - 1].weight();
    if (rest != 0) {
      // It lies within the weight of the record before.
      *weight = leaf->records()[index - 1].weight() - rest;
      return {leaf, index - 1};
    }
    *weight = 0;
    return index < leaf->count ? Position(leaf, index) : Position(leaf->next, 0);
  }

  // --- from tree to tree ---
  // What stands before the leaf, which is not the first one, goes to the other tree, which is empty.
  void cut_before(Leaf* leaf, IdTree* taken) {
    taken->root_ = cut_inner_nodes(leaf->records()->id);
    taken->height_ = height_;
    taken->first_ = first_;
    taken->last_ = leaf->previous;
    taken->last_->next = nullptr;
    leaf->previous = nullptr;
    first_ = leaf;
    divide_totals(taken);
    taken->lower_root();
    lower_root();
  }
  // Along the way to the id, from below: what is before it goes to new nodes beside those of the way. Returns the
  // uppermost one.
  [[nodiscard]] Node* cut_inner_nodes(const StreamId& id) {
    Path path;
    descend(id, &path);
    Node* below = nullptr;
    while (path.depth > 0) {
      const auto [inner, child] = path.steps[--path.depth];
      if (child == 0 && !below) continue;
      Inner* const made = make_inner();
      std::copy(inner->lows, inner->lows + child, made->lows);
      std::copy(inner->children, inner->children + child, made->children);
      made->count = child;
      if (below) put_child(made, child, below, inner->lows[child]);
      std::copy(inner->lows + child, inner->lows + inner->count, inner->lows);
      std::copy(inner->children + child, inner->children + inner->count, inner->children);
      inner->count -= child;
      below = made;
    }
    return below;
  }
  // This one's totals are still those of both. Only what has fewer leaves is counted: going along both at once tells
  // which that is.
  void divide_totals(IdTree* taken) noexcept {
    Totals ours, theirs;
    const Leaf *our = first_, *their = taken->first_;
    for (; our && their; our = our->next, their = their->next) {
      ours.add(totals_of(our));
      theirs.add(totals_of(their));
    }
    if (!our) {
      ours.add(inner_totals(root_, height_));
      taken->totals_ = totals_;
      taken->totals_.subtract(ours);
      totals_ = ours;
    } else {
      theirs.add(inner_totals(taken->root_, taken->height_));
      taken->totals_ = theirs;
      totals_.subtract(theirs);
    }
  }
  [[nodiscard]] static Totals totals_of(const Leaf* leaf) noexcept {
    return {.records = leaf->count, .weight = leaf->weight, .blocks = 1, .bytes = base::usable_size(leaf)};
  }
  // Of the inner nodes from this one on; as deep as the tree is high.
  [[nodiscard]] static Totals inner_totals(const Node* node, uint32_t height) noexcept {
    Totals totals;
    if (height == 0) return totals;
    const auto* const inner = static_cast<const Inner*>(node);
    totals.blocks = 1;
    totals.bytes = base::usable_size(inner);
    for (uint32_t i = 0; height > 1 && i < inner->count; ++i) {
      totals.add(inner_totals(inner->children[i], height - 1));
    }
    return totals;
  }

  Node* root_ = nullptr;
  Leaf* first_ = nullptr;
  Leaf* last_ = nullptr;
  Totals totals_;
  uint32_t height_ = 0;  // inner levels above the leaves
};

}  // namespace torc::ds
