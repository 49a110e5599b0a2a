// The tree of the deadline index. Inner nodes are of one size (2 KiB, 85 children); leaves pack themselves and grow
// (deadline_leaf.h). Nodes know nothing of their parents: an operation keeps its way down as a path and repairs upwards
// along it, without recursion. Nodes are merged late (below a quarter, if both fit well into one), so that a change at
// the border between two sizes does not split and merge in turn.
#include "ds/deadline_index.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/assert.h"
#include "base/memory.h"
#include "base/prefetch.h"
#include "ds/deadline_leaf.h"

namespace torc::ds {

namespace {

constexpr uint32_t children_max = 85;  // 2 KiB
// Below the first number of children (bytes) a node is merged with a neighbour if both have not more than the second.
constexpr uint32_t children_few = children_max / 4;
constexpr uint32_t children_merged = children_max * 3 / 4;
constexpr size_t leaf_bytes_few = DeadlineLeaf::bytes_max / 4;
constexpr size_t leaf_bytes_merged = DeadlineLeaf::bytes_max * 3 / 4;
constexpr size_t height_max = 24;

}  // namespace

struct DeadlineIndex::Child {
  DeadlineEntry lowest;
  uint32_t items;
  void* node;
};

// Arrays of each part, so that a search for a deadline reads few lines.
struct DeadlineIndex::Inner {
  uint32_t count;
  uint32_t unused;
  // No entry of a child is below its lowest one, none of the children before is above it. Not kept up for the first
  // child.
  int64_t lowest_ms[children_max];
  void* nodes[children_max];
  uint32_t lowest_handles[children_max];
  uint32_t items[children_max];

  [[nodiscard]] DeadlineEntry lowest(size_t index) const noexcept { return {lowest_ms[index], lowest_handles[index]}; }
  [[nodiscard]] Child child(size_t index) const noexcept { return {lowest(index), items[index], nodes[index]}; }
  void set(size_t index, const Child& child) noexcept {
    lowest_ms[index] = child.lowest.deadline_ms;
    lowest_handles[index] = child.lowest.handle;
    items[index] = child.items;
    nodes[index] = child.node;
  }
  void insert(size_t index, const Child& child) noexcept {
    move(index, count, index + 1);
    set(index, child);
    ++count;
  }
  void erase(size_t index) noexcept {
    move(index + 1, count, index);
    --count;
  }
  // Appends the children of another node from `first` on, which then has none of them.
  void take_from(Inner& other, size_t first) noexcept {
    for (size_t i = first; i < other.count; ++i) set(count++, other.child(i));
    other.count = static_cast<uint32_t>(first);
  }
  // The last child whose lowest entry is below this one, or the first: where it is, if it is not the first of the next.
  [[nodiscard]] size_t child_of(DeadlineEntry entry) const noexcept {
    for (size_t line = 0; line < count; line += 64 / sizeof(int64_t)) base::prefetch(lowest_ms + line);
    size_t below = 0;
    for (size_t length = count - 1; length != 0;) {
      const size_t half = length - length / 2;
      below = lowest(below + half) < entry ? below + half : below;
      length -= half;
    }
    return below;
  }
  [[nodiscard]] uint64_t items_sum() const noexcept { return std::accumulate(items, items + count, uint64_t{0}); }

 private:
  void move(size_t first, size_t end, size_t to) noexcept {
    std::memmove(lowest_ms + to, lowest_ms + first, (end - first) * sizeof(lowest_ms[0]));
    std::memmove(nodes + to, nodes + first, (end - first) * sizeof(nodes[0]));
    std::memmove(lowest_handles + to, lowest_handles + first, (end - first) * sizeof(lowest_handles[0]));
    std::memmove(items + to, items + first, (end - first) * sizeof(items[0]));
  }
};

struct DeadlineIndex::Path {
  std::array<Inner*, height_max> nodes;
  std::array<size_t, height_max> at;
  [[nodiscard]] void*& child(size_t level) const noexcept { return nodes[level]->nodes[at[level]]; }
  [[nodiscard]] uint32_t& items(size_t level) const noexcept { return nodes[level]->items[at[level]]; }
};

DeadlineIndex& DeadlineIndex::operator=(DeadlineIndex&& other) noexcept {
  clear();
  swap(other);
  return *this;
}

DeadlineIndex::~DeadlineIndex() { clear(); }

void DeadlineIndex::swap(DeadlineIndex& other) noexcept {
  std::swap(root_, other.root_);
  std::swap(height_, other.height_);
  std::swap(size_, other.size_);
  std::swap(bytes_, other.bytes_);
}

DeadlineIndex::Inner* DeadlineIndex::make_inner() noexcept {
  bytes_ += sizeof(Inner);
  auto* const node = static_cast<Inner*>(base::allocate(sizeof(Inner)));
  node->count = 0;
  return node;
}

void DeadlineIndex::release_inner(Inner* node) noexcept {
  bytes_ -= sizeof(Inner);
  base::release(node);
}

DeadlineLeaf* DeadlineIndex::counted(DeadlineLeaf* leaf) noexcept {
  bytes_ += leaf->bytes();
  return leaf;
}

void DeadlineIndex::release_leaf(DeadlineLeaf* leaf) noexcept {
  bytes_ -= leaf->bytes();
  DeadlineLeaf::release(leaf);
}

// --- Ways down ------------------------------------------------------------------------------------------------------

template <class Choose>
DeadlineLeaf* DeadlineIndex::descend_from(size_t level, Path& path, Choose choose) const noexcept {
  void* node = level == 0 ? root_ : path.child(level - 1);
  for (; level < height_; ++level) {
    path.nodes[level] = static_cast<Inner*>(node);
    path.at[level] = choose(*path.nodes[level]);
    node = path.child(level);
  }
  return static_cast<DeadlineLeaf*>(node);
}

DeadlineLeaf* DeadlineIndex::descend(DeadlineEntry entry, Path& path) const noexcept {
  return descend_from(0, path, [&](const Inner& node) { return node.child_of(entry); });
}

DeadlineLeaf* DeadlineIndex::descend_first(Path& path) const noexcept {
  return descend_from(0, path, [](const Inner&) { return size_t{0}; });
}

DeadlineLeaf* DeadlineIndex::next_leaf(Path& path) const noexcept {
  for (size_t level = height_; level-- > 0;) {
    if (path.at[level] + 1 == path.nodes[level]->count) continue;
    ++path.at[level];
    return descend_from(level + 1, path, [](const Inner&) { return size_t{0}; });
  }
  return nullptr;
}

uint64_t DeadlineIndex::rank_of(DeadlineEntry entry) const noexcept {
  if (root_ == nullptr) return 0;
  Path path;
  uint64_t rank = descend(entry, path)->lower_bound(entry);
  for (size_t level = 0; level < height_; ++level) {
    for (size_t i = 0; i < path.at[level]; ++i) rank += path.nodes[level]->items[i];
  }
  return rank;
}

// --- Asking ---------------------------------------------------------------------------------------------------------

std::optional<int64_t> DeadlineIndex::earliest_ms() const noexcept {
  if (root_ == nullptr) return std::nullopt;
  Path path;
  return descend_first(path)->at(0).deadline_ms;
}

uint64_t DeadlineIndex::count_until(int64_t until_ms) const noexcept {
  return until_ms == INT64_MAX ? size_ : rank_of({until_ms + 1, 0});
}

DeadlineEntry DeadlineIndex::at(uint64_t rank) const noexcept {
  TORC_ASSERT(rank < size_);
  Path path;
  const DeadlineLeaf* const leaf = descend_from(0, path, [&](const Inner& node) {
    size_t index = 0;
    for (; rank >= node.items[index]; ++index) rank -= node.items[index];
    return index;
  });
  return leaf->at(static_cast<size_t>(rank));
}

size_t DeadlineIndex::due_in(const DeadlineLeaf& leaf, size_t room, int64_t until_ms) noexcept {
  const size_t due = until_ms == INT64_MAX ? leaf.count() : leaf.lower_bound({until_ms + 1, 0});
  return std::min(due, room);
}

size_t DeadlineIndex::peek(std::span<DeadlineEntry> out, int64_t until_ms) const noexcept {
  if (root_ == nullptr) return 0;
  Path path;
  const DeadlineLeaf* const first = descend_first(path);
  const size_t due = due_in(*first, out.size(), until_ms);
  for (size_t i = 0; i < due; ++i) out[i] = first->at(i);
  return due;
}

size_t DeadlineIndex::pop(std::span<DeadlineEntry> out, int64_t until_ms) noexcept {
  if (root_ == nullptr) return 0;
  Path path;
  DeadlineLeaf* const first = descend_first(path);
  const size_t due = due_in(*first, out.size(), until_ms);
  for (size_t i = 0; i < due; ++i) out[i] = first->at(i);
  if (due != 0) erase_at(path, first, 0, due);
  return due;
}

// --- Inserting ------------------------------------------------------------------------------------------------------

void DeadlineIndex::set_leaf(const Path& path, DeadlineLeaf* leaf) noexcept {
  if (height_ == 0) {
    root_ = leaf;
  } else {
    path.child(height_ - 1) = leaf;
  }
}

void DeadlineIndex::count(const Path& path, int64_t difference) noexcept {
  size_ += static_cast<uint64_t>(difference);
  TORC_ASSERT(size_ <= UINT32_MAX);
  for (size_t level = 0; level < height_; ++level) path.items(level) += static_cast<uint32_t>(difference);
}

void DeadlineIndex::insert(DeadlineEntry entry) noexcept {
  if (root_ == nullptr) {
    root_ = counted(DeadlineLeaf::make({&entry, 1}));
    size_ = 1;
    return;
  }
  Path path;
  DeadlineLeaf* const leaf = descend(entry, path);
  leaf->prefetch();
  const size_t index = leaf->lower_bound(entry);
  const size_t bytes_before = leaf->bytes();
  count(path, 1);
  if (DeadlineLeaf* const changed = leaf->insert(index, entry)) {
    bytes_ += changed->bytes() - bytes_before;
    if (changed != leaf) set_leaf(path, changed);
  } else {
    insert_by_splitting(path, leaf, index, entry);
  }
}

// Where to cut `entries` of them so that both parts fit. In the middle, except that the last leaf of the tree stays
// full when entries come in rising order, and that an entry outside of the leaf's range stands alone if its distance
// makes all others too wide.
size_t DeadlineIndex::cut_of(std::span<const DeadlineEntry> entries, size_t inserted, bool last_leaf) noexcept {
  const size_t last = entries.size() - 1;
  if (last_leaf && inserted >= last - last / 4) return inserted;
  const size_t middle = entries.size() / 2;
  auto fits = [&](size_t first, size_t end) {
    return DeadlineLeaf::needed_bytes(end - first, entries[first].deadline_ms, entries[end - 1].deadline_ms) <=
           DeadlineLeaf::bytes_max;
  };
  if (fits(0, middle) && fits(middle, entries.size())) return middle;
  return inserted == 0 ? 1 : last;
}

void DeadlineIndex::insert_by_splitting(Path& path, DeadlineLeaf* leaf, size_t index, DeadlineEntry entry) noexcept {
  std::array<DeadlineEntry, DeadlineLeaf::entries_max + 1> buffer;
  leaf->unpack(buffer.data());
  const std::span<DeadlineEntry> entries(buffer.data(), leaf->count() + 1);
  std::copy_backward(entries.begin() + static_cast<ptrdiff_t>(index), entries.end() - 1, entries.end());
  entries[index] = entry;
  bool last_leaf = true;
  for (size_t level = 0; level < height_; ++level) last_leaf &= path.at[level] + 1 == path.nodes[level]->count;
  const size_t cut = cut_of(entries, index, last_leaf);
  DeadlineLeaf* const right = counted(DeadlineLeaf::make(entries.subspan(cut)));
  release_leaf(leaf);
  set_leaf(path, counted(DeadlineLeaf::make(entries.first(cut))));
  add_sibling(path, {entries[cut], static_cast<uint32_t>(right->count()), right});
}

// Puts a node behind the one that the path ends in, which has given it some of its items.
void DeadlineIndex::add_sibling(const Path& path, Child sibling) noexcept {
  for (size_t level = height_; level-- > 0;) {
    Inner* const node = path.nodes[level];
    const size_t index = path.at[level] + 1;
    node->items[index - 1] -= sibling.items;
    if (node->count < children_max) return node->insert(index, sibling);
    // Full: the upper half, or nothing but the new child when they come in rising order, goes to a node of its own.
    Inner* const right = make_inner();
    const size_t cut = index == children_max ? children_max : children_max / 2;
    right->take_from(*node, cut);
    if (index > cut || cut == children_max) {
      right->insert(index - cut, sibling);
    } else {
      node->insert(index, sibling);
    }
    sibling = {right->lowest(0), static_cast<uint32_t>(right->items_sum()), right};
  }
  TORC_ASSERT(height_ < height_max);
  Inner* const root = make_inner();
  root->insert(0, {{INT64_MIN, 0}, static_cast<uint32_t>(size_ - sibling.items), root_});
  root->insert(1, sibling);
  root_ = root;
  ++height_;
}

// --- Erasing --------------------------------------------------------------------------------------------------------

bool DeadlineIndex::erase(DeadlineEntry entry) noexcept {
  if (root_ == nullptr) return false;
  Path path;
  DeadlineLeaf* leaf = descend(entry, path);
  leaf->prefetch();
  size_t index = leaf->lower_bound(entry);
  if (index == leaf->count()) {
    leaf = next_leaf(path);
    index = 0;
  }
  if (leaf == nullptr || leaf->at(index) != entry) return false;
  erase_at(path, leaf, index, 1);
  return true;
}

void DeadlineIndex::erase_at(const Path& path, DeadlineLeaf* leaf, size_t index, size_t entries) noexcept {
  bytes_ -= leaf->bytes();
  leaf = counted(leaf->erase(index, entries));
  set_leaf(path, leaf);
  count(path, -static_cast<int64_t>(entries));
  if (leaf->count() == 0) {
    release_leaf(leaf);
    remove_child(path);
  } else if (leaf->used_bytes() < leaf_bytes_few && height_ > 0) {
    Inner* const parent = path.nodes[height_ - 1];
    const size_t at = path.at[height_ - 1];
    if (merge_leaves(parent, at) || (at > 0 && merge_leaves(parent, at - 1))) merge_inner(path, height_ - 1);
  }
}

// The node at the end of the path is gone.
void DeadlineIndex::remove_child(const Path& path) noexcept {
  for (size_t level = height_; level-- > 0;) {
    Inner* const node = path.nodes[level];
    node->erase(path.at[level]);
    if (node->count > 0) return merge_inner(path, level);
    release_inner(node);
  }
  root_ = nullptr;
  height_ = 0;
}

bool DeadlineIndex::merge_leaves(Inner* parent, size_t left) noexcept {
  if (left + 1 >= parent->count) return false;
  DeadlineLeaf* const leaves[2] = {static_cast<DeadlineLeaf*>(parent->nodes[left]),
                                   static_cast<DeadlineLeaf*>(parent->nodes[left + 1])};
  const size_t entries = leaves[0]->count() + leaves[1]->count();
  const int64_t last_ms = leaves[1]->at(leaves[1]->count() - 1).deadline_ms;
  if (DeadlineLeaf::needed_bytes(entries, leaves[0]->at(0).deadline_ms, last_ms) > leaf_bytes_merged) return false;
  std::array<DeadlineEntry, DeadlineLeaf::entries_max> buffer;
  leaves[0]->unpack(buffer.data());
  leaves[1]->unpack(buffer.data() + leaves[0]->count());
  for (DeadlineLeaf* leaf : leaves) release_leaf(leaf);
  parent->nodes[left] = counted(DeadlineLeaf::make({buffer.data(), entries}));
  parent->items[left] = static_cast<uint32_t>(entries);
  parent->erase(left + 1);
  return true;
}

// The node at this level has lost a child. Merges it with a neighbour if there is little left, and so on upwards.
void DeadlineIndex::merge_inner(const Path& path, size_t level) noexcept {
  for (; level > 0 && path.nodes[level]->count < children_few; --level) {
    Inner* const parent = path.nodes[level - 1];
    const size_t at = path.at[level - 1];
    if (!merge_inners(parent, at) && (at == 0 || !merge_inners(parent, at - 1))) break;
  }
  while (height_ > 0 && static_cast<Inner*>(root_)->count == 1) {
    Inner* const root = static_cast<Inner*>(root_);
    root_ = root->nodes[0];
    release_inner(root);
    --height_;
  }
}

bool DeadlineIndex::merge_inners(Inner* parent, size_t left) noexcept {
  if (left + 1 >= parent->count) return false;
  auto* const target = static_cast<Inner*>(parent->nodes[left]);
  auto* const source = static_cast<Inner*>(parent->nodes[left + 1]);
  if (target->count + source->count > children_merged) return false;
  // What a node knows of the lowest entry of its first child may be out of date; the parent knows.
  source->set(0, {parent->lowest(left + 1), source->items[0], source->nodes[0]});
  target->take_from(*source, 0);
  parent->items[left] += parent->items[left + 1];
  release_inner(source);
  parent->erase(left + 1);
  return true;
}

bool DeadlineIndex::release_some(size_t budget) noexcept {
  for (size_t released = 0; root_ != nullptr && released < budget;) {
    Path path;
    DeadlineLeaf* const leaf = descend_from(0, path, [](const Inner& node) { return size_t{node.count} - 1; });
    const size_t entries = leaf->count();
    released += entries;
    count(path, -static_cast<int64_t>(entries));
    release_leaf(leaf);
    remove_child(path);
  }
  return root_ == nullptr;
}

// --- Checking -------------------------------------------------------------------------------------------------------

bool DeadlineIndex::valid() const noexcept {
  if (root_ == nullptr) return size_ == 0 && bytes_ == 0 && height_ == 0;
  struct Part {
    const void* node;
    size_t level;
    uint64_t items;
    DeadlineEntry from;
    DeadlineEntry to;
  };
  std::vector<Part> parts{{root_, 0, size_, {INT64_MIN, 0}, {INT64_MAX, UINT32_MAX}}};
  size_t bytes = 0;
  while (!parts.empty()) {
    const Part part = parts.back();
    parts.pop_back();
    if (part.level == height_) {
      const auto* const leaf = static_cast<const DeadlineLeaf*>(part.node);
      bytes += leaf->bytes();
      if (leaf->bytes() > base::usable_size(leaf)) return false;
      if (leaf->count() == 0 || leaf->count() != part.items || leaf->used_bytes() > leaf->bytes()) return false;
      DeadlineEntry before = part.from;
      for (size_t i = 0; i < leaf->count(); ++i) {
        if (leaf->at(i) < before || leaf->at(i) > part.to) return false;
        before = leaf->at(i);
      }
      continue;
    }
    const auto* const node = static_cast<const Inner*>(part.node);
    bytes += sizeof(Inner);
    if (node->count == 0 || node->count > children_max || node->items_sum() != part.items) return false;
    for (size_t i = 0; i < node->count; ++i) {
      const DeadlineEntry from = i == 0 ? part.from : node->lowest(i);
      const DeadlineEntry to = i + 1 == node->count ? part.to : node->lowest(i + 1);
      if (from < part.from || to > part.to || to < from) return false;
      parts.push_back({node->nodes[i], part.level + 1, node->items[i], from, to});
    }
  }
  return bytes == bytes_;
}

}  // namespace torc::ds
