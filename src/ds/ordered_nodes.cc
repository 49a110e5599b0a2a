// All that changes shape works on a path from the root. Counts and first items of the nodes on it are right before and
// after each function; splitting goes upward only as far as nodes are full, and makes the root higher beforehand, so
// that every node that splits has a parent with room.
#include "ds/ordered_nodes.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <numeric>

#include "base/memory.h"
#include "base/prefetch.h"

namespace torc::ds {

namespace {

// A neighbour takes part of a full leaf if that helps for a while.
constexpr uint32_t shared_room_min = 4;

template <class T>
void open_gap(T* array, uint32_t index, uint32_t count) noexcept {
  std::memmove(array + index + 1, array + index, (count - index) * sizeof(T));
}

template <class T>
void close_gap(T* array, uint32_t index, uint32_t count) noexcept {
  std::memmove(array + index, array + index + 1, (count - index - 1) * sizeof(T));
}

}  // namespace

OrderedNodes& OrderedNodes::operator=(OrderedNodes&& other) noexcept {
  clear();
  swap(other);
  return *this;
}

void OrderedNodes::swap(OrderedNodes& other) noexcept {
  std::swap(root_, other.root_);
  std::swap(size_, other.size_);
  std::swap(height_, other.height_);
  std::swap(leaves_, other.leaves_);
  std::swap(inners_, other.inners_);
  std::swap(cut_size_, other.cut_size_);
  cut_.swap(other.cut_);
}

size_t OrderedNodes::memory_bytes() const noexcept {
  return size_t{leaves_} * sizeof(Leaf) + size_t{inners_} * sizeof(Inner) + cut_.capacity() * sizeof(Piece);
}

OrderedNodes::Leaf* OrderedNodes::make_leaf() noexcept {
  static_assert(sizeof(Leaf) <= 768 && sizeof(Inner) <= 2048);
  ++leaves_;
  auto* const leaf = static_cast<Leaf*>(base::allocate(sizeof(Leaf)));
  leaf->count = 0;
  leaf->previous = leaf->next = nullptr;
  return leaf;
}

OrderedNodes::Inner* OrderedNodes::make_inner() noexcept {
  ++inners_;
  auto* const inner = static_cast<Inner*>(base::allocate(sizeof(Inner)));
  inner->count = 0;
  return inner;
}

void OrderedNodes::release(Leaf* leaf) noexcept {
  --leaves_;
  base::release(leaf);
}

void OrderedNodes::release(Inner* inner) noexcept {
  --inners_;
  base::release(inner);
}

void OrderedNodes::move_items(Leaf* to, uint32_t to_index, const Leaf* from, uint32_t from_index,
                              uint32_t count) noexcept {
  std::memmove(to->prefixes + to_index, from->prefixes + from_index, count * sizeof to->prefixes[0]);
  std::memmove(to->items + to_index, from->items + from_index, count * sizeof to->items[0]);
}

void OrderedNodes::move_children(Inner* to, uint32_t to_index, const Inner* from, uint32_t from_index,
                                 uint32_t count) noexcept {
  std::memmove(to->prefixes + to_index, from->prefixes + from_index, count * sizeof to->prefixes[0]);
  std::memmove(to->below + to_index, from->below + from_index, count * sizeof to->below[0]);
  std::memmove(to->lows + to_index, from->lows + from_index, count * sizeof to->lows[0]);
  std::memmove(to->children + to_index, from->children + from_index, count * sizeof to->children[0]);
}

// --- ranks ---

uint32_t OrderedNodes::sum(const uint32_t* numbers, uint32_t count) noexcept {
  return std::accumulate(numbers, numbers + count, uint32_t{0});
}

uint64_t OrderedNodes::rank_of(const Path& path) noexcept {
  uint64_t rank = path.index;
  for (uint32_t level = 0; level < path.depth; ++level) {
    rank += sum(path.steps[level].inner->below, path.steps[level].child);
  }
  return rank;
}

OrderedNodes::Place OrderedNodes::place_at(uint64_t rank) const noexcept {
  if (rank >= size_) return {};
  Node* node = root_;
  for (uint32_t level = height_; level > 0; --level) {
    const auto* const inner = static_cast<Inner*>(node);
    uint32_t child = 0;
    for (; rank >= inner->below[child]; ++child) rank -= inner->below[child];
    node = inner->children[child];
  }
  return {static_cast<Leaf*>(node), static_cast<uint32_t>(rank)};
}

OrderedNodes::Path OrderedNodes::path_at(uint64_t rank) const noexcept {
  TORC_ASSERT(rank < size_);
  Path path;
  Node* node = root_;
  for (uint32_t level = height_; level > 0; --level) {
    auto* const inner = static_cast<Inner*>(node);
    uint32_t child = 0;
    for (; rank >= inner->below[child]; ++child) rank -= inner->below[child];
    path.push(inner, child);
    node = inner->children[child];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.index = static_cast<uint32_t>(rank);
  return path;
}

// The lines that a search reads before it knows where the item is.
void OrderedNodes::prefetch(const Leaf* leaf) noexcept {
  constexpr size_t line_bytes = 64;
  const auto* const first = reinterpret_cast<const char*>(leaf);
  for (size_t offset = 0; offset < offsetof(Leaf, items); offset += line_bytes) base::prefetch(first + offset);
}

// --- first items and counts ---

// The first item under the child of steps[level] changed, and so did those above it that it is the first of.
void OrderedNodes::refresh_lows(const Path& path, uint32_t level, void* low, uint32_t prefix) noexcept {
  while (true) {
    const Path::Step& step = path.steps[level];
    step.inner->lows[step.child] = low;
    step.inner->prefixes[step.child] = prefix;
    if (step.child != 0 || level == 0) return;
    --level;
  }
}

void OrderedNodes::refresh_lows(const Path& path) noexcept {
  if (path.depth != 0) refresh_lows(path, path.depth - 1, path.leaf->items[0], path.leaf->prefixes[0]);
}

// Count and first item of a child that is a leaf.
void OrderedNodes::refresh_child(Inner* inner, uint32_t child) noexcept {
  const auto* const leaf = static_cast<Leaf*>(inner->children[child]);
  inner->below[child] = leaf->count;
  inner->lows[child] = leaf->items[0];
  inner->prefixes[child] = leaf->prefixes[0];
}

// First item of a child of this height.
void OrderedNodes::refresh_low(Inner* inner, uint32_t child, uint32_t height) noexcept {
  if (height == 0) return refresh_child(inner, child);
  const auto* const node = static_cast<Inner*>(inner->children[child]);
  inner->lows[child] = node->lows[0];
  inner->prefixes[child] = node->prefixes[0];
}

void OrderedNodes::put_child(Inner* inner, uint32_t index, Node* child, uint32_t below) noexcept {
  TORC_ASSERT(inner->count < inner_children);
  open_gap(inner->prefixes, index, inner->count);
  open_gap(inner->below, index, inner->count);
  open_gap(inner->lows, index, inner->count);
  open_gap(inner->children, index, inner->count);
  inner->children[index] = child;
  inner->below[index] = below;
  ++inner->count;
}

void OrderedNodes::remove_child(Inner* inner, uint32_t index) noexcept {
  close_gap(inner->prefixes, index, inner->count);
  close_gap(inner->below, index, inner->count);
  close_gap(inner->lows, index, inner->count);
  close_gap(inner->children, index, inner->count);
  --inner->count;
}

// --- growing ---

void OrderedNodes::insert(Path path, void* item, uint32_t prefix) {
  if (!path.leaf) {
    path.leaf = make_leaf();
    root_ = path.leaf;
  }
  if (path.leaf->count == leaf_items) make_room(&path);
  Leaf* const leaf = path.leaf;
  open_gap(leaf->prefixes, path.index, leaf->count);
  open_gap(leaf->items, path.index, leaf->count);
  leaf->prefixes[path.index] = prefix;
  leaf->items[path.index] = item;
  ++leaf->count;
  ++size_;
  for (uint32_t level = 0; level < path.depth; ++level) ++path.steps[level].inner->below[path.steps[level].child];
  if (path.index == 0) refresh_lows(path);
}

// Afterwards the path leads to a leaf with room, where the item belongs.
void OrderedNodes::make_room(Path* path) {
  if (share_left(path) || share_right(path)) return;
  grow_root_if_full(path);
  split_leaf(path);
}

bool OrderedNodes::share_left(Path* path) noexcept {
  if (path->depth == 0) return false;
  Path::Step& step = path->steps[path->depth - 1];
  if (step.child == 0) return false;
  auto* const left = static_cast<Leaf*>(step.inner->children[step.child - 1]);
  const uint32_t room = leaf_items - left->count;
  if (room < shared_room_min) return false;
  const uint32_t moved = room / 2, before = left->count;
  Leaf* const leaf = path->leaf;
  move_items(left, before, leaf, 0, moved);
  move_items(leaf, 0, leaf, moved, leaf->count - moved);
  left->count += moved;
  leaf->count -= moved;
  refresh_child(step.inner, step.child - 1);
  refresh_child(step.inner, step.child);
  if (path->index >= moved) {
    path->index -= moved;
  } else {
    path->leaf = left;
    path->index += before;
    --step.child;
  }
  return true;
}

bool OrderedNodes::share_right(Path* path) noexcept {
  if (path->depth == 0) return false;
  Path::Step& step = path->steps[path->depth - 1];
  if (step.child + 1 == step.inner->count) return false;
  auto* const right = static_cast<Leaf*>(step.inner->children[step.child + 1]);
  const uint32_t room = leaf_items - right->count;
  if (room < shared_room_min) return false;
  const uint32_t moved = room / 2;
  Leaf* const leaf = path->leaf;
  move_items(right, moved, right, 0, right->count);
  leaf->count -= moved;
  move_items(right, 0, leaf, leaf->count, moved);
  right->count += moved;
  refresh_child(step.inner, step.child);
  refresh_child(step.inner, step.child + 1);
  if (path->index > leaf->count) {
    path->leaf = right;
    path->index -= leaf->count;
    ++step.child;
  }
  return true;
}

// When all nodes of the path are full, the root gets a parent.
void OrderedNodes::grow_root_if_full(Path* path) {
  for (uint32_t level = 0; level < path->depth; ++level) {
    if (path->steps[level].inner->count < inner_children) return;
  }
  TORC_ASSERT(path->depth + 1 < height_max);
  Inner* const root = make_inner();
  put_child(root, 0, root_, static_cast<uint32_t>(size_));
  refresh_low(root, 0, height_);
  std::move_backward(path->steps.begin(), path->steps.begin() + path->depth, path->steps.begin() + path->depth + 1);
  path->steps[0] = {root, 0};
  ++path->depth;
  root_ = root;
  ++height_;
}

// In halves; at the very end of the tree nearly all stays, as ascending items come there only.
void OrderedNodes::split_leaf(Path* path) {
  Leaf* const leaf = path->leaf;
  Leaf* const right = make_leaf();
  const bool appending = !leaf->next && path->index == leaf->count;
  const uint32_t kept = appending ? leaf->count - 1 : leaf->count / 2;
  right->count = leaf->count - kept;
  move_items(right, 0, leaf, kept, right->count);
  leaf->count = kept;
  right->next = leaf->next;
  right->previous = leaf;
  if (right->next) right->next->previous = right;
  leaf->next = right;
  const uint32_t level = path->depth - 1;
  add_child(path, level, right, right->count);
  refresh_child(path->steps[level].inner, path->steps[level].child + 1);
  if (path->index <= kept) return;
  path->leaf = right;
  path->index -= kept;
  ++path->steps[level].child;
}

// Puts a node, which took `below` items of the child of steps[level], behind that child. The caller sets its first
// item.
void OrderedNodes::add_child(Path* path, uint32_t level, Node* made, uint32_t below) {
  if (path->steps[level].inner->count == inner_children) split_inner(path, level);
  const Path::Step& step = path->steps[level];
  step.inner->below[step.child] -= below;
  put_child(step.inner, step.child + 1, made, below);
}

void OrderedNodes::split_inner(Path* path, uint32_t level) {
  TORC_ASSERT(level > 0);
  Inner* const inner = path->steps[level].inner;
  Inner* const right = make_inner();
  const uint32_t child = path->steps[level].child;
  const bool appending = !path->leaf->next || !path->leaf->next->next;
  const uint32_t kept = appending && child + 1 == inner->count ? inner->count - 1 : inner->count / 2;
  right->count = inner->count - kept;
  move_children(right, 0, inner, kept, right->count);
  inner->count = kept;
  add_child(path, level - 1, right, sum(right->below, right->count));
  Path::Step& parent = path->steps[level - 1];
  parent.inner->lows[parent.child + 1] = right->lows[0];
  parent.inner->prefixes[parent.child + 1] = right->prefixes[0];
  if (child < kept) return;
  path->steps[level] = {right, child - kept};
  ++parent.child;
}

// --- shrinking ---

void OrderedNodes::erase(const Path& path) noexcept {
  Leaf* const leaf = path.leaf;
  TORC_ASSERT(leaf && path.index < leaf->count);
  close_gap(leaf->prefixes, path.index, leaf->count);
  close_gap(leaf->items, path.index, leaf->count);
  --leaf->count;
  --size_;
  for (uint32_t level = 0; level < path.depth; ++level) --path.steps[level].inner->below[path.steps[level].child];
  if (leaf->count != 0) {
    if (path.index == 0) refresh_lows(path);
    return merge_leaves(path);
  }
  detach(leaf);
  release(leaf);
  if (path.depth == 0) {
    root_ = nullptr;
  } else {
    drop_child(path, path.depth - 1, path.steps[path.depth - 1].child);
  }
}

void OrderedNodes::replace(const Path& path, void* item) noexcept {
  TORC_ASSERT(path.leaf && path.index < path.leaf->count);
  path.leaf->items[path.index] = item;
  if (path.index == 0) refresh_lows(path);
}

void OrderedNodes::change_prefix(const Path& path, uint32_t prefix) noexcept {
  TORC_ASSERT(path.leaf && path.index < path.leaf->count);
  path.leaf->prefixes[path.index] = prefix;
  if (path.index == 0) refresh_lows(path);
}

// From its neighbours.
void OrderedNodes::detach(Leaf* leaf) noexcept {
  if (leaf->previous) leaf->previous->next = leaf->next;
  if (leaf->next) leaf->next->previous = leaf->previous;
}

// Removes a child (which is freed already, or set aside) of the node at this level.
void OrderedNodes::drop_child(const Path& path, uint32_t level, uint32_t child) noexcept {
  Inner* inner = path.steps[level].inner;
  remove_child(inner, child);
  while (inner->count == 0) {
    release(inner);
    if (level == 0) {
      root_ = nullptr;
      height_ = 0;
      return;
    }
    --level;
    inner = path.steps[level].inner;
    remove_child(inner, child = path.steps[level].child);
  }
  if (child == 0 && level > 0) refresh_lows(path, level - 1, inner->lows[0], inner->prefixes[0]);
  merge_inners(path, level);
  shrink_root();
}

// A leaf that is less than a quarter full joins a neighbour if both together leave room.
void OrderedNodes::merge_leaves(const Path& path) noexcept {
  if (path.depth == 0 || path.leaf->count >= leaf_items / 4) return;
  Inner* const inner = path.steps[path.depth - 1].inner;
  const uint32_t child = path.steps[path.depth - 1].child;
  const auto joins = [inner](uint32_t left) {
    return left + 1 < inner->count && inner->below[left] + inner->below[left + 1] <= leaf_items * 3 / 4;
  };
  uint32_t left = child;
  if (child > 0 && joins(child - 1)) {
    left = child - 1;
  } else if (!joins(child)) {
    return;
  }
  join_leaves(inner, left);
  drop_child(path, path.depth - 1, left + 1);
}

// The child behind `left` gives its items to that one and is freed; its place is left to the caller.
void OrderedNodes::join_leaves(Inner* parent, uint32_t left) noexcept {
  auto* const kept = static_cast<Leaf*>(parent->children[left]);
  auto* const gone = static_cast<Leaf*>(parent->children[left + 1]);
  move_items(kept, kept->count, gone, 0, gone->count);
  kept->count += gone->count;
  parent->below[left] = kept->count;
  detach(gone);
  release(gone);
}

void OrderedNodes::join_inners(Inner* parent, uint32_t left) noexcept {
  auto* const kept = static_cast<Inner*>(parent->children[left]);
  auto* const gone = static_cast<Inner*>(parent->children[left + 1]);
  move_children(kept, kept->count, gone, 0, gone->count);
  kept->count += gone->count;
  parent->below[left] += parent->below[left + 1];
  release(gone);
}

void OrderedNodes::merge_inners(const Path& path, uint32_t level) noexcept {
  for (; level > 0; --level) {
    Inner* const parent = path.steps[level - 1].inner;
    const uint32_t child = path.steps[level - 1].child;
    if (path.steps[level].inner->count >= inner_children / 4) return;
    const auto count_of = [parent](uint32_t at) { return static_cast<Inner*>(parent->children[at])->count; };
    const auto joins = [&](uint32_t at) {
      return at + 1 < parent->count && count_of(at) + count_of(at + 1) <= inner_children * 3 / 4;
    };
    const uint32_t left = child > 0 && joins(child - 1) ? child - 1 : child;
    if (!joins(left)) return;
    join_inners(parent, left);
    remove_child(parent, left + 1);
  }
}

void OrderedNodes::shrink_root() noexcept {
  while (height_ > 0 && static_cast<Inner*>(root_)->count == 1) {
    auto* const inner = static_cast<Inner*>(root_);
    root_ = inner->children[0];
    release(inner);
    --height_;
  }
}

// --- all at once ---

// `way` gets the inner nodes that lead there.
OrderedNodes::Leaf* OrderedNodes::last_leaf(const Piece& piece, Way* way) noexcept {
  Node* node = piece.root;
  for (uint32_t level = 0; level < piece.height; ++level) {
    Inner* const inner = (*way)[level] = static_cast<Inner*>(node);
    node = inner->children[inner->count - 1];
  }
  return static_cast<Leaf*>(node);
}

void OrderedNodes::release_last_leaf(Piece* piece, Leaf* leaf, const Way& way) noexcept {
  release(leaf);
  uint32_t level = piece->height;
  for (; level > 0 && --way[level - 1]->count == 0; --level) release(way[level - 1]);
  if (level == 0) *piece = {nullptr, 0};
}

void OrderedNodes::release_last_leaf(Piece* piece) noexcept {
  Way way;
  Leaf* const leaf = last_leaf(*piece, &way);
  release_last_leaf(piece, leaf, way);
}

bool OrderedNodes::release_some(size_t nodes) noexcept {
  Piece tree{root_, height_};
  for (; tree.root && nodes > 0; --nodes) release_last_leaf(&tree);
  root_ = tree.root;
  height_ = tree.height;
  for (; !root_ && !cut_.empty() && nodes > 0; --nodes) {
    release_last_leaf(&cut_.back());
    if (!cut_.back().root) cut_.pop_back();
  }
  if (root_ || !cut_.empty()) return false;
  size_ = cut_size_ = 0;
  std::vector<Piece>().swap(cut_);
  return true;
}

void OrderedNodes::clear() noexcept {
  while (!release_some(SIZE_MAX)) {
  }
}

}  // namespace torc::ds
