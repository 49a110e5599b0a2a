// Cutting a range of ranks out of the tree, in time that depends on its height only.
//
// Two ways lead down, to the first and to the last item of the range. Above the node where they part only counts
// change. Below it each node on the left way loses the children behind the way, and each on the right one those ahead
// of it; where they part, the children between the two go. So nothing that stays gets a new parent, no node becomes
// fuller, and the tree does not grow. What goes is set aside as whole subtrees, and what a node on a way loses in a new
// node: some ten pieces a cut, which are taken apart from their ends on (take_cut).
//
// The nodes on the two ways may be left with very little. From where the ways part downward the neighbours on either
// side of the cut are joined as long as they fit into one; where they do not, one of them is well filled, and the other
// one waits for a change near it.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ds/ordered_nodes.h"

namespace torc::ds {

void OrderedNodes::set_aside_items(const Leaf* leaf, uint32_t from, uint32_t count) {
  Leaf* const made = make_leaf();
  move_items(made, 0, leaf, from, count);
  made->count = count;
  set_aside(made, 0);
}

// height: of the node.
void OrderedNodes::set_aside_children(const Inner* inner, uint32_t from, uint32_t count, uint32_t height) {
  if (count == 0) return;
  if (count == 1) return set_aside(inner->children[from], height - 1);
  Inner* const made = make_inner();
  move_children(made, 0, inner, from, count);
  made->count = count;
  set_aside(made, height);
}

void OrderedNodes::cut(uint64_t begin, uint64_t end) {
  TORC_ASSERT(begin < end && end <= size_);
  const Path first = path_at(begin), last = path_at(end - 1);
  const uint64_t count = end - begin;
  size_ -= count;
  cut_size_ += count;
  if (size_ == 0) {
    set_aside(root_, height_);
    root_ = nullptr;
    height_ = 0;
    return;
  }
  uint32_t level = 0;
  for (; level < first.depth && first.steps[level].child == last.steps[level].child; ++level) {
    first.steps[level].inner->below[first.steps[level].child] -= static_cast<uint32_t>(count);
  }
  if (level == first.depth) {
    cut_within_leaf(first, static_cast<uint32_t>(count));
  } else {
    cut_between(first, last, level);
  }
}

void OrderedNodes::cut_within_leaf(const Path& path, uint32_t count) {
  Leaf* const leaf = path.leaf;
  if (count == leaf->count) {
    detach(leaf);
    set_aside(leaf, 0);
    return drop_child(path, path.depth - 1, path.steps[path.depth - 1].child);
  }
  set_aside_items(leaf, path.index, count);
  const uint32_t behind = path.index + count;
  move_items(leaf, path.index, leaf, behind, leaf->count - behind);
  leaf->count -= count;
  if (path.index == 0) refresh_lows(path);
  merge_leaves(path);
}

// Sets aside what comes at the end of this path or behind it, under the node at this level; what is to go as a whole is
// left to whoever looks after the parent. Returns how many items stay there.
uint32_t OrderedNodes::cut_behind(const Path& path, uint32_t level) {
  uint32_t stays = path.index;
  if (stays != 0) {
    set_aside_items(path.leaf, stays, path.leaf->count - stays);
    path.leaf->count = stays;
  }
  for (uint32_t at = path.depth; at-- > level;) {
    const auto [inner, child] = path.steps[at];
    const uint32_t kept = child + (stays != 0);
    if (stays != 0) inner->below[child] = stays;
    stays += sum(inner->below, child);
    if (stays == 0) continue;
    set_aside_children(inner, kept, inner->count - kept, path.depth - at);
    inner->count = kept;
  }
  return stays;
}

// The same with what comes before the end of this path, and the item there.
uint32_t OrderedNodes::cut_ahead(const Path& path, uint32_t level) {
  const uint32_t items = path.index + 1;
  uint32_t stays = path.leaf->count - items;
  if (stays != 0) {
    set_aside_items(path.leaf, 0, items);
    move_items(path.leaf, 0, path.leaf, items, stays);
    path.leaf->count = stays;
  }
  for (uint32_t at = path.depth; at-- > level;) {
    const auto [inner, child] = path.steps[at];
    const uint32_t gone = child + (stays == 0);
    if (stays != 0) {
      inner->below[child] = stays;
      refresh_low(inner, child, path.depth - at - 1);
    }
    stays += sum(inner->below + child + 1, inner->count - child - 1);
    if (stays == 0) continue;
    set_aside_children(inner, 0, gone, path.depth - at);
    inner->count -= gone;
    move_children(inner, 0, inner, gone, inner->count);
  }
  return stays;
}

// The ways part at this level.
void OrderedNodes::cut_between(const Path& first, const Path& last, uint32_t level) {
  Leaf* const before = first.index != 0 ? first.leaf : first.leaf->previous;
  Leaf* const after = last.index + 1 != last.leaf->count ? last.leaf : last.leaf->next;
  if (before) before->next = after;
  if (after) after->previous = before;
  const uint32_t left = cut_behind(first, level + 1), right = cut_ahead(last, level + 1);
  Inner* const inner = first.steps[level].inner;
  const uint32_t left_child = first.steps[level].child, right_child = last.steps[level].child;
  const uint32_t height = first.depth - level;
  if (left != 0) inner->below[left_child] = left;
  if (right != 0) {
    inner->below[right_child] = right;
    refresh_low(inner, right_child, height - 1);
  }
  const uint32_t begin = left_child + (left != 0), end = right_child + (right == 0);
  if (begin == 0 && end == inner->count) {
    set_aside(inner, height);
    return drop_child(first, level - 1, first.steps[level - 1].child);
  }
  set_aside_children(inner, begin, end - begin, height);
  move_children(inner, begin, inner, end, inner->count - end);
  inner->count -= end - begin;
  if (begin == 0 && level > 0) refresh_lows(first, level - 1, inner->lows[0], inner->prefixes[0]);
  if (begin > 0 && begin < inner->count) mend(inner, begin - 1, height - 1);
  merge_inners(first, level);
  shrink_root();
}

// Joins two neighbouring children of this height, and what then lies side by side in them, downward as far as it fits.
void OrderedNodes::mend(Inner* parent, uint32_t left, uint32_t height) noexcept {
  for (; height > 0; --height) {
    auto* const joined = static_cast<Inner*>(parent->children[left]);
    const uint32_t children = joined->count;
    if (children + static_cast<Inner*>(parent->children[left + 1])->count > inner_children) return;
    join_inners(parent, left);
    remove_child(parent, left + 1);
    parent = joined;
    left = children - 1;
  }
  if (parent->below[left] + parent->below[left + 1] > leaf_items) return;
  join_leaves(parent, left);
  remove_child(parent, left + 1);
}

// From the end of the last piece.
size_t OrderedNodes::take_cut(void** out, size_t room) noexcept {
  if (cut_.empty()) return 0;
  Way way;
  Leaf* const leaf = last_leaf(cut_.back(), &way);
  const auto taken = static_cast<uint32_t>(std::min<size_t>(room, leaf->count));
  leaf->count -= taken;
  cut_size_ -= taken;
  std::copy_n(leaf->items + leaf->count, taken, out);
  if (leaf->count == 0) release_last_leaf(&cut_.back(), leaf, way);
  if (!cut_.back().root) cut_.pop_back();
  if (cut_.empty()) std::vector<Piece>().swap(cut_);
  return taken;
}

}  // namespace torc::ds
