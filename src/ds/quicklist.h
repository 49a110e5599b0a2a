// Quicklist: a long list as a chain of listpacks of a few KiB each, for lists that outgrow a single one. What most
// lists are used for happens at the ends and touches one node; in the middle an insertion moves at most one node's
// elements.
//
// A full node is divided where an element is inserted, and small neighbours join again then. Where nodes are divided
// and joined is Redis's rule to the letter, because the number of nodes decides when a list becomes a single listpack
// again, which OBJECT ENCODING shows. Huge elements (plain nodes) stand alone, without a listpack around them.
//
// With a compression depth, all nodes but so many at either end are compressed (LZF). Reading decompresses into a
// buffer and leaves the node as it is.
//
// Views and places are good until the next change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ds/listpack.h"
#include "ds/quicklist_node.h"

namespace torc::ds {

// How much a listpack may hold, as list-max-listpack-size says it: so many elements (and 8 KiB), or, for -1 … -5, 4, 8,
// 16, 32 or 64 KiB.
class ListpackLimit {
 public:
  explicit ListpackLimit(int64_t size) noexcept;
  [[nodiscard]] bool exceeded(uint64_t bytes, uint64_t elements) const noexcept {
    return bytes > bytes_ || elements > elements_;
  }
  // Whether a list of one node of this kind becomes a listpack: the bytes count only where the limit is one of bytes. A
  // list that shrinks must go into half of it (part 2), so that it does not change its form all the time.
  [[nodiscard]] bool holds(uint64_t bytes, uint64_t elements, uint64_t part = 1) const noexcept {
    return by_elements_ ? elements <= elements_ / part : bytes <= bytes_ / part;
  }

 private:
  uint64_t bytes_;
  uint64_t elements_;
  bool by_elements_;
};

class Quicklist {
 public:
  // size as for ListpackLimit; depth: nodes at either end that are not compressed, 0: none is. Both stay.
  Quicklist(int64_t size, int64_t depth) noexcept;
  Quicklist(Quicklist&& other) noexcept;
  Quicklist& operator=(Quicklist&&) = delete;
  ~Quicklist();

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] uint64_t nodes() const noexcept { return nodes_; }
  [[nodiscard]] const QuicklistNode* first_node() const noexcept { return head_; }
  [[nodiscard]] const QuicklistNode* last_node() const noexcept { return tail_; }
  // As given, within what is possible.
  [[nodiscard]] int32_t limit_size() const noexcept { return limit_size_; }
  [[nodiscard]] uint32_t depth() const noexcept { return depth_; }
  // All that it has allocated, itself excepted.
  [[nodiscard]] uint64_t allocated_bytes() const noexcept { return allocated_; }
  [[nodiscard]] Quicklist copy() const;

  using Element = Listpack::Element;
  // The list must not be empty.
  [[nodiscard]] Element front() const noexcept;
  [[nodiscard]] Element back() const noexcept;

  // Goes through the elements from one of them on.
  class Walker {
   public:
    // index < size(), from the first one.
    Walker(const Quicklist& list, uint64_t index, bool forward);
    Walker(const Walker&) = delete;
    Walker& operator=(const Walker&) = delete;
    // Null behind the last one.
    [[nodiscard]] const Element* get() const noexcept { return node_ ? &element_ : nullptr; }
    void step();
    // Whether the element is the item.
    [[nodiscard]] bool equals(const ListpackItem& item) const noexcept;

   private:
    friend class Quicklist;
    void enter(uint32_t index);
    void read(Listpack::Position position);
    const char* block_ = nullptr;  // the listpack
    const QuicklistNode* node_;
    Listpack::Position position_ = 0, following_ = 0;
    uint32_t index_ = 0;  // in the node
    bool forward_;
    Element element_;
    std::string buffer_;
  };

  // --- changes; elements of plain_bytes_min and more stand alone ---
  void push(std::string_view text, bool at_front, uint64_t plain_bytes_min);
  // Removes the first or last element.
  void pop(bool at_front);
  // A node of its own at the end; the listpack must not be empty.
  void append(std::string_view listpack);
  void replace(uint64_t index, std::string_view text, uint64_t plain_bytes_min);
  // Before or after the element where the walker is.
  void insert(const Walker& at, std::string_view text, bool after, uint64_t plain_bytes_min);
  // Removes up to `most` elements that equal the item (0: all of them), from the front or the back on; how many.
  uint64_t remove(const ListpackItem& item, uint64_t most, bool from_back);
  // Removes [begin, begin + count), which are there. Nodes that go wholly are returned, to be freed when there is time.
  [[nodiscard]] Quicklist erase(uint64_t begin, uint64_t count);

  // Frees up to `count` blocks (nodes, or as much of a huge one as release_bytes) of a list that nobody looks at any
  // more; true when none is left.
  bool release_some(size_t count) noexcept;
  static constexpr size_t release_bytes = 8192;
  [[nodiscard]] uint64_t blocks() const noexcept { return nodes_ + allocated_ / release_bytes; }

 private:
  using Node = QuicklistNode;
  // An element: its node, and which it is there.
  struct Place {
    Node* node;
    uint32_t index;
  };
  // Whole nodes that follow each other.
  struct Stretch {
    uint64_t nodes = 0, allocated = 0;
    void add(const Node& node) noexcept {
      ++nodes;
      allocated += node.allocated_bytes();
    }
    [[nodiscard]] Stretch plus(const Node& node) const noexcept {
      Stretch more = *this;
      more.add(node);
      return more;
    }
    friend Stretch operator-(const Stretch& a, const Stretch& b) noexcept {
      return {a.nodes - b.nodes, a.allocated - b.allocated};
    }
  };
  // What a search went past: the nodes before the place, or, when the end was nearer, those behind it.
  struct Passed {
    Stretch stretch;
    bool before = true;
  };
  [[nodiscard]] Place find(uint64_t index) const noexcept {
    Passed passed;
    return find(index, &passed);
  }
  [[nodiscard]] Place find(uint64_t index, Passed* passed) const noexcept;
  [[nodiscard]] static bool stands_alone(std::string_view text, uint64_t plain_bytes_min) noexcept;
  [[nodiscard]] bool accepts(const Node* node, std::string_view text) const noexcept;
  [[nodiscard]] bool may_join(const Node* a, const Node* b) const noexcept;
  void put_beside(Node* neighbour, Node* added, bool after) noexcept;
  void take_out(Node* node) noexcept;
  void drop(Node* node) noexcept;
  void unfold(Node* node) noexcept;
  void settle() noexcept;
  void forget_unfolded(const Node* node) noexcept;
  [[nodiscard]] Node* make_single(std::string_view text, bool plain, bool at_front) noexcept;
  void insert_at(Place place, std::string_view text, bool after, uint64_t plain_bytes_min);
  void insert_plain(Place place, std::string_view text, bool after);
  void insert_divided(Place place, std::string_view text, bool after);
  void replace_divided(Place place, std::string_view text, uint64_t plain_bytes_min);
  [[nodiscard]] Node* divide(Place place, bool after) noexcept;
  Node* join(Node* a, Node* b) noexcept;
  Node* join_around(Node* center) noexcept;
  [[nodiscard]] static std::vector<Listpack::Position> places_in(const Node& node, const ListpackItem& item,
                                                                 uint64_t most, bool from_back);
  void erase_in(Node* node, uint32_t index, uint32_t count);
  [[nodiscard]] Stretch before(const Node& node, const Passed& passed) const noexcept;
  void cut(Node* begin, Node* end, const Stretch& stretch, Quicklist* gone) noexcept;
  uint64_t remove_in(Node* node, const ListpackItem& item, uint64_t most, bool from_back);

  Node* head_ = nullptr;
  Node* tail_ = nullptr;
  uint64_t size_ = 0;
  uint64_t nodes_ = 0;
  uint64_t allocated_ = 0;
  std::vector<Node*> unfolded_;  // decompressed or made during the operation under way
  int32_t limit_size_;
  uint32_t depth_;
};

}  // namespace torc::ds
