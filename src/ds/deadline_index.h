// The index of keys that expire: a multiset of (deadline, handle), ordered, small, with bounded work per change.
//
// A B+-tree whose leaves are compressed: a leaf keeps its smallest deadline once and each entry as a handle (4 bytes)
// and the distance to that deadline in as few bytes as the leaf needs (2 when the leaf spans a minute, 3 up to 4
// hours). Leaves are blocks of the allocator's size classes up to 1 KiB and grow class by class, so they are full at
// any order of insertion. With millions of keys an entry costs about 7 bytes, the tree above it included.
//
// Every deadline of int64_t is representable; nothing saturates. Inner nodes count what is below them, so the number of
// overdue entries and a uniform sample cost one descent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/random.h"

namespace torc::ds {

struct DeadlineEntry {
  int64_t deadline_ms;
  uint32_t handle;  // Table::handle() of the item
  friend bool operator==(const DeadlineEntry&, const DeadlineEntry&) = default;
  friend auto operator<=>(const DeadlineEntry&, const DeadlineEntry&) = default;
};

class DeadlineLeaf;

class DeadlineIndex {
 public:
  DeadlineIndex() noexcept = default;
  DeadlineIndex(DeadlineIndex&& other) noexcept { swap(other); }
  DeadlineIndex& operator=(DeadlineIndex&& other) noexcept;
  ~DeadlineIndex();
  void swap(DeadlineIndex& other) noexcept;

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] size_t memory_bytes() const noexcept { return bytes_; }

  // Equal entries may be there several times (two keys can share a handle).
  void insert(DeadlineEntry entry) noexcept;
  // Removes one such entry; false if there is none.
  bool erase(DeadlineEntry entry) noexcept;

  [[nodiscard]] std::optional<int64_t> earliest_ms() const noexcept;
  // Copies the first entries with deadline ≤ until_ms in order, as many as there are, out has room for and one leaf
  // holds: 0 only if nothing is due. peek leaves them, pop removes them.
  [[nodiscard]] size_t peek(std::span<DeadlineEntry> out, int64_t until_ms) const noexcept;
  [[nodiscard]] size_t pop(std::span<DeadlineEntry> out, int64_t until_ms) noexcept;
  // How many entries have a deadline ≤ until_ms.
  [[nodiscard]] uint64_t count_until(int64_t until_ms) const noexcept;
  // The entry of this rank (0 is the earliest; < size()).
  [[nodiscard]] DeadlineEntry at(uint64_t rank) const noexcept;
  // Uniform; the index must not be empty.
  [[nodiscard]] DeadlineEntry sample(base::Random& random) const noexcept { return at(random.below(size_)); }

  // Gives back about `budget` entries (by whole leaves) without order; true when the index is empty.
  bool release_some(size_t budget) noexcept;
  void clear() noexcept { release_some(SIZE_MAX); }

  // Checks every invariant of the tree (tests): false if one is broken.
  [[nodiscard]] bool valid() const noexcept;

 private:
  struct Child;
  struct Inner;
  struct Path;

  // Ways down; they return the leaf. A path keeps the inner nodes and the children taken.
  template <class Choose>
  [[nodiscard]] DeadlineLeaf* descend_from(size_t level, Path& path, Choose choose) const noexcept;
  [[nodiscard]] DeadlineLeaf* descend(DeadlineEntry entry, Path& path) const noexcept;
  [[nodiscard]] DeadlineLeaf* descend_first(Path& path) const noexcept;
  [[nodiscard]] DeadlineLeaf* next_leaf(Path& path) const noexcept;
  [[nodiscard]] uint64_t rank_of(DeadlineEntry entry) const noexcept;
  [[nodiscard]] static size_t due_in(const DeadlineLeaf& leaf, size_t room, int64_t until_ms) noexcept;

  // Changes at the end of a path.
  void set_leaf(const Path& path, DeadlineLeaf* leaf) noexcept;
  void count(const Path& path, int64_t difference) noexcept;
  [[nodiscard]] static size_t cut_of(std::span<const DeadlineEntry> entries, size_t inserted, bool last_leaf) noexcept;
  void insert_by_splitting(Path& path, DeadlineLeaf* leaf, size_t index, DeadlineEntry entry) noexcept;
  void add_sibling(const Path& path, Child sibling) noexcept;
  void erase_at(const Path& path, DeadlineLeaf* leaf, size_t index, size_t entries) noexcept;
  void remove_child(const Path& path) noexcept;
  bool merge_leaves(Inner* parent, size_t left) noexcept;
  void merge_inner(const Path& path, size_t level) noexcept;
  bool merge_inners(Inner* parent, size_t left) noexcept;

  [[nodiscard]] Inner* make_inner() noexcept;
  void release_inner(Inner* node) noexcept;
  [[nodiscard]] DeadlineLeaf* counted(DeadlineLeaf* leaf) noexcept;
  void release_leaf(DeadlineLeaf* leaf) noexcept;

  void* root_ = nullptr;  // a leaf at height 0, else an inner node
  uint32_t height_ = 0;
  uint64_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace torc::ds
