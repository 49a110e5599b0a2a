// The chain, its ends, and walking along it. Division and joining of nodes stand in quicklist_edit.cc.
#include "ds/quicklist.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "base/late_release.h"

namespace torc::ds {

namespace {

constexpr int64_t level_max = 5;
constexpr uint64_t first_level_bytes = 4096;
constexpr uint64_t counted_bytes_max = 8192;  // whatever the number of elements
constexpr int64_t size_max = INT16_MAX;
constexpr int64_t depth_max = UINT16_MAX;
constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();

}  // namespace

ListpackLimit::ListpackLimit(int64_t size) noexcept : by_elements_(size >= 0) {
  if (by_elements_) {
    bytes_ = counted_bytes_max;
    elements_ = static_cast<uint64_t>(std::max<int64_t>(size, 1));
  } else {
    bytes_ = first_level_bytes << (std::min(-size, level_max) - 1);
    elements_ = unlimited;
  }
}

Quicklist::Quicklist(int64_t size, int64_t depth) noexcept
    : limit_size_(static_cast<int32_t>(std::clamp(size, -level_max, size_max))),
      depth_(static_cast<uint32_t>(std::clamp<int64_t>(depth, 0, depth_max))) {}

Quicklist::Quicklist(Quicklist&& other) noexcept
    : head_(std::exchange(other.head_, nullptr)),
      tail_(std::exchange(other.tail_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      nodes_(std::exchange(other.nodes_, 0)),
      allocated_(std::exchange(other.allocated_, 0)),
      limit_size_(other.limit_size_),
      depth_(other.depth_) {}

Quicklist::~Quicklist() { release_some(std::numeric_limits<size_t>::max() / release_bytes); }

bool Quicklist::release_some(size_t count) noexcept {
  while (head_ && count > 0) {
    Node* const node = head_;
    const uint64_t bytes = node->allocated_bytes();
    const uint64_t blocks = 1 + (bytes < base::late_release_bytes_min ? bytes / release_bytes : 0);
    head_ = node->next;
    Node::free(node, &allocated_);
    --nodes_;
    count -= std::min<uint64_t>(blocks, count);
  }
  return head_ == nullptr;
}

Quicklist Quicklist::copy() const {
  Quicklist made(limit_size_, depth_);
  for (const Node* node = head_; node; node = node->next) {
    Node* const added = node->copy(&made.allocated_);
    added->previous = made.tail_;
    (made.tail_ ? made.tail_->next : made.head_) = added;
    made.tail_ = added;
  }
  made.size_ = size_;
  made.nodes_ = nodes_;
  return made;
}

// --- the chain ---

void Quicklist::put_beside(Node* neighbour, Node* added, bool after) noexcept {
  added->previous = after ? neighbour : (neighbour ? neighbour->previous : nullptr);
  added->next = after ? (neighbour ? neighbour->next : nullptr) : neighbour;
  (added->previous ? added->previous->next : head_) = added;
  (added->next ? added->next->previous : tail_) = added;
  ++nodes_;
  if (depth_ != 0) unfolded_.push_back(added);
  // A node that is no end any more will hardly grow.
  if (neighbour && neighbour->previous && neighbour->next) neighbour->trim(&allocated_);
}

void Quicklist::take_out(Node* node) noexcept {
  (node->previous ? node->previous->next : head_) = node->next;
  (node->next ? node->next->previous : tail_) = node->previous;
  --nodes_;
  forget_unfolded(node);
}

void Quicklist::drop(Node* node) noexcept {
  take_out(node);
  Node::free(node, &allocated_);
}

// --- compression ---

// Before a node is changed: it must not be compressed.
void Quicklist::unfold(Node* node) noexcept {
  if (depth_ == 0) return;
  node->decompress(&allocated_);
  unfolded_.push_back(node);
}

void Quicklist::forget_unfolded(const Node* node) noexcept {
  if (!unfolded_.empty()) std::erase(unfolded_, node);
}

// After a change: the nodes at the ends are as they are, those that were opened farther in are compressed again, and so
// are those that have just come to lie there.
void Quicklist::settle() noexcept {
  if (depth_ == 0) return;
  Node *front = head_, *back = tail_;
  for (uint32_t depth = 0; depth < depth_ && front; ++depth) {
    front->decompress(&allocated_);
    back->decompress(&allocated_);
    forget_unfolded(front);
    forget_unfolded(back);
    if (front == back || front->next == back) return unfolded_.clear();
    front = front->next;
    back = back->previous;
  }
  for (Node* node : unfolded_) node->compress(&allocated_);
  unfolded_.clear();
  if (!front) return;
  front->compress(&allocated_);
  back->compress(&allocated_);
}

// --- finding ---

// From the nearer end.
Quicklist::Place Quicklist::find(uint64_t index, Passed* passed) const noexcept {
  TORC_ASSERT(index < size_);
  passed->before = index <= (size_ - 1) / 2;
  if (passed->before) {
    Node* node = head_;
    for (; index >= node->count(); node = node->next) {
      index -= node->count();
      passed->stretch.add(*node);
    }
    return {node, static_cast<uint32_t>(index)};
  }
  uint64_t behind = size_ - index;  // elements from it on
  Node* node = tail_;
  for (; behind > node->count(); node = node->previous) {
    behind -= node->count();
    passed->stretch.add(*node);
  }
  return {node, static_cast<uint32_t>(node->count() - behind)};
}

namespace {

Listpack::Element only_element(const QuicklistNode& node) noexcept { return {node.contents(), 0, false}; }

}  // namespace

Quicklist::Element Quicklist::front() const noexcept {
  if (head_->plain()) return only_element(*head_);
  const Listpack listpack = head_->listpack();
  return listpack.get(listpack.first());
}

Quicklist::Element Quicklist::back() const noexcept {
  if (tail_->plain()) return only_element(*tail_);
  const Listpack listpack = tail_->listpack();
  return listpack.get(listpack.last());
}

Quicklist::Walker::Walker(const Quicklist& list, uint64_t index, bool forward) : forward_(forward) {
  const Place place = list.find(index);
  node_ = place.node;
  enter(place.index);
}

// The element of the node, which was not looked at before.
void Quicklist::Walker::enter(uint32_t index) {
  index_ = index;
  if (node_->plain()) {
    element_ = only_element(*node_);
    return;
  }
  if (node_->compressed()) {
    buffer_.resize_and_overwrite(node_->bytes(), [this](char* out, size_t size) {
      node_->decompress_to(out);
      return size;
    });
    block_ = buffer_.data();
  } else {
    block_ = node_->contents().data();
  }
  const Listpack listpack(block_);
  read(index == 0 ? listpack.first() : index + 1 == node_->count() ? listpack.last() : listpack.at(index));
}

void Quicklist::Walker::read(Listpack::Position position) {
  position_ = position;
  following_ = Listpack(block_).read(position, &element_);
}

void Quicklist::Walker::step() {
  const bool leaves = forward_ ? index_ + 1 == node_->count() : index_ == 0;
  if (leaves) {
    node_ = forward_ ? node_->next : node_->previous;
    if (node_) enter(forward_ ? 0 : node_->count() - 1);
    return;
  }
  index_ += forward_ ? 1 : -1;
  read(forward_ ? following_ : Listpack(block_).previous(position_));
}

bool Quicklist::Walker::equals(const ListpackItem& item) const noexcept {
  return node_->plain() ? element_.text == item.text() : Listpack::equal(element_, item);
}

// --- the ends ---

void Quicklist::push(std::string_view text, bool at_front, uint64_t plain_bytes_min) {
  Node* const end = at_front ? head_ : tail_;
  ++size_;
  const bool alone = stands_alone(text, plain_bytes_min);
  if (alone || !accepts(end, text)) {
    put_beside(end, make_single(text, alone, at_front), !at_front);
    return settle();
  }
  end->insert(at_front ? end->listpack().first() : 0, ListpackItem(text), &allocated_);
}

void Quicklist::pop(bool at_front) {
  Node* const end = at_front ? head_ : tail_;
  --size_;
  if (end->count() == 1) {
    drop(end);
    return settle();
  }
  const Listpack listpack = end->listpack();
  end->erase(at_front ? listpack.first() : listpack.last(), 1, &allocated_);
}

void Quicklist::append(std::string_view listpack) {
  Node* const node = Node::make_from(listpack, &allocated_);
  size_ += node->count();
  put_beside(tail_, node, true);
  settle();
}

}  // namespace torc::ds
