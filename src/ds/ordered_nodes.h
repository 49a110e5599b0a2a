// The nodes of an ordered index (ordered_index.h), and all changes of their shape: what does not depend on the type of
// the items. Cutting a range out is in ordered_cut.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace torc::ds {

class OrderedNodes {
 public:
  OrderedNodes() noexcept = default;
  OrderedNodes(OrderedNodes&& other) noexcept { swap(other); }
  OrderedNodes& operator=(OrderedNodes&& other) noexcept;
  ~OrderedNodes() { clear(); }
  void swap(OrderedNodes& other) noexcept;

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  // Items that were cut out and not yet taken.
  [[nodiscard]] uint64_t cut_size() const noexcept { return cut_size_; }
  // Of all nodes, those that were cut out too.
  [[nodiscard]] size_t memory_bytes() const noexcept;
  // Forgets all items, those that were cut out too; they live on.
  void clear() noexcept;
  // The same in steps: frees up to `nodes` nodes, from the end, and returns whether nothing is left. The index cannot
  // be searched in between.
  bool release_some(size_t nodes) noexcept;

 protected:
  // Sizes that the allocator has a class for: 768 and 2048 bytes.
  static constexpr uint32_t leaf_items = 62;
  static constexpr uint32_t inner_children = 85;
  static constexpr uint32_t height_max = 12;

  struct Node {};
  struct Leaf : Node {
    uint32_t count;
    uint32_t prefixes[leaf_items];
    Leaf* previous;
    Leaf* next;
    void* items[leaf_items];
  };
  struct Inner : Node {
    uint32_t count;
    uint32_t prefixes[inner_children];  // of lows
    uint32_t below[inner_children];     // items under each child
    void* lows[inner_children];         // the first item under each child
    Node* children[inner_children];
  };

  // The way from the root to a place in a leaf. steps[0] is the root.
  struct Path {
    struct Step {
      Inner* inner;
      uint32_t child;
    };
    std::array<Step, height_max> steps;
    uint32_t depth = 0;
    Leaf* leaf = nullptr;  // null: the tree is empty
    uint32_t index = 0;
    void push(Inner* inner, uint32_t child) noexcept {
      TORC_ASSERT(depth < height_max);
      steps[depth++] = {inner, child};
    }
  };
  struct Place {
    Leaf* leaf = nullptr;
    uint32_t index = 0;
  };

  [[nodiscard]] Node* root() const noexcept { return root_; }
  [[nodiscard]] uint32_t height() const noexcept { return height_; }

  void insert(Path path, void* item, uint32_t prefix);
  void erase(const Path& path) noexcept;
  void replace(const Path& path, void* item) noexcept;
  static void change_prefix(const Path& path, uint32_t prefix) noexcept;
  [[nodiscard]] static uint64_t rank_of(const Path& path) noexcept;
  [[nodiscard]] Place place_at(uint64_t rank) const noexcept;
  // rank < size()
  [[nodiscard]] Path path_at(uint64_t rank) const noexcept;
  static void prefetch(const Leaf* leaf) noexcept;
  // begin < end <= size()
  void cut(uint64_t begin, uint64_t end);
  size_t take_cut(void** out, size_t room) noexcept;

 private:
  // What was cut out: leaves are `height` levels below the root. Only good for being taken apart: counts and first
  // items in it are not kept.
  struct Piece {
    Node* root;
    uint32_t height;
  };
  using Way = std::array<Inner*, height_max>;

  [[nodiscard]] Leaf* make_leaf() noexcept;
  [[nodiscard]] Inner* make_inner() noexcept;
  void release(Leaf* leaf) noexcept;
  void release(Inner* inner) noexcept;

  [[nodiscard]] static uint32_t sum(const uint32_t* numbers, uint32_t count) noexcept;
  static void refresh_lows(const Path& path) noexcept;
  static void refresh_lows(const Path& path, uint32_t level, void* low, uint32_t prefix) noexcept;
  static void refresh_child(Inner* inner, uint32_t child) noexcept;
  static void refresh_low(Inner* inner, uint32_t child, uint32_t height) noexcept;
  static void move_items(Leaf* to, uint32_t to_index, const Leaf* from, uint32_t from_index, uint32_t count) noexcept;
  static void move_children(Inner* to, uint32_t to_index, const Inner* from, uint32_t from_index,
                            uint32_t count) noexcept;
  static void put_child(Inner* inner, uint32_t index, Node* child, uint32_t below) noexcept;
  static void remove_child(Inner* inner, uint32_t index) noexcept;

  void make_room(Path* path);
  [[nodiscard]] static bool share_left(Path* path) noexcept;
  [[nodiscard]] static bool share_right(Path* path) noexcept;
  void grow_root_if_full(Path* path);
  void split_leaf(Path* path);
  void split_inner(Path* path, uint32_t level);
  void add_child(Path* path, uint32_t level, Node* made, uint32_t below);

  static void detach(Leaf* leaf) noexcept;
  void drop_child(const Path& path, uint32_t level, uint32_t child) noexcept;
  void merge_leaves(const Path& path) noexcept;
  void merge_inners(const Path& path, uint32_t level) noexcept;
  void join_leaves(Inner* parent, uint32_t left) noexcept;
  void join_inners(Inner* parent, uint32_t left) noexcept;
  void shrink_root() noexcept;

  void set_aside(Node* root, uint32_t height) { cut_.push_back({root, height}); }
  void set_aside_items(const Leaf* leaf, uint32_t from, uint32_t count);
  void set_aside_children(const Inner* inner, uint32_t from, uint32_t count, uint32_t height);
  void cut_within_leaf(const Path& path, uint32_t count);
  uint32_t cut_behind(const Path& path, uint32_t level);
  uint32_t cut_ahead(const Path& path, uint32_t level);
  void cut_between(const Path& first, const Path& last, uint32_t level);
  void mend(Inner* parent, uint32_t left, uint32_t height) noexcept;

  [[nodiscard]] static Leaf* last_leaf(const Piece& piece, Way* way) noexcept;
  void release_last_leaf(Piece* piece, Leaf* leaf, const Way& way) noexcept;
  void release_last_leaf(Piece* piece) noexcept;

  Node* root_ = nullptr;
  uint64_t size_ = 0;
  uint32_t height_ = 0;  // inner levels above the leaves
  uint32_t leaves_ = 0;
  uint32_t inners_ = 0;
  uint64_t cut_size_ = 0;
  std::vector<Piece> cut_;  // the nodes of these count among leaves_ and inners_
};

}  // namespace torc::ds
