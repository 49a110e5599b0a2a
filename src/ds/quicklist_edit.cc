// Changes in the middle of a quicklist: where nodes are divided and joined. The order in which neighbours are tried,
// and the estimates of sizes, are Redis's.
#include <algorithm>
#include <string>

#include "base/assert.h"
#include "ds/quicklist.h"

namespace torc::ds {

namespace {

constexpr uint64_t element_overhead_bytes = 8;  // what an element is taken to need beside its text

}  // namespace

// No listpack can hold more than its limit, whatever the setting is.
bool Quicklist::stands_alone(std::string_view text, uint64_t plain_bytes_min) noexcept {
  constexpr uint64_t most = Listpack::bytes_max - 64;
  return text.size() >= std::min(plain_bytes_min, most);
}

bool Quicklist::accepts(const Node* node, std::string_view text) const noexcept {
  if (!node || node->plain()) return false;
  const uint64_t bytes = node->bytes() + text.size() + element_overhead_bytes;
  return !ListpackLimit(limit_size_).exceeded(bytes, node->count() + 1);
}

bool Quicklist::may_join(const Node* a, const Node* b) const noexcept {
  if (!a || !b || a->plain() || b->plain()) return false;
  const uint64_t bytes = a->bytes() + b->bytes() - Listpack::empty_bytes;
  return !ListpackLimit(limit_size_).exceeded(bytes, a->count() + b->count());
}

Quicklist::Node* Quicklist::make_single(std::string_view text, bool plain, bool at_front) noexcept {
  if (plain) return Node::make_plain(text, &allocated_);
  const ListpackItem item(text);
  Node* const node = Node::make(item.bytes(), at_front, &allocated_);
  node->insert(0, item, &allocated_);
  return node;
}

// Takes the elements behind the place, or those before it, out of its node, into one that is not linked.
Quicklist::Node* Quicklist::divide(Place place, bool after) noexcept {
  Node* const node = place.node;
  const uint32_t middle = after ? place.index + 1 : place.index;  // the first of the second part
  Node* const other = Node::make_from(node->contents(), &allocated_);
  Node* const first = after ? node : other;
  Node* const second = after ? other : node;
  const uint32_t count = node->count();
  if (middle < count) first->erase(first->listpack().at(middle), count - middle, &allocated_);
  if (middle > 0) second->erase(second->listpack().first(), middle, &allocated_);
  node->trim(&allocated_);
  other->trim(&allocated_);
  return other;
}

// b's elements follow those of a.
Quicklist::Node* Quicklist::join(Node* a, Node* b) noexcept {
  unfold(a);
  unfold(b);
  a->append_all(*b, &allocated_);
  drop(b);
  if (a->previous && a->next) a->trim(&allocated_);
  return a;
}

// Joins what fits: the two before the node, the two behind it, and it with its neighbours. What it is part of then.
Quicklist::Node* Quicklist::join_around(Node* center) noexcept {
  Node *previous = center->previous, *next = center->next;
  if (previous && may_join(previous->previous, previous)) join(previous->previous, previous);
  if (next && may_join(next, next->next)) join(next, next->next);
  if (may_join(center->previous, center)) center = join(center->previous, center);
  if (may_join(center, center->next)) center = join(center, center->next);
  return center;
}

// --- inserting ---

void Quicklist::insert(const Walker& at, std::string_view text, bool after, uint64_t plain_bytes_min) {
  Node* const node = const_cast<Node*>(at.node_);  // the walker only looks; the list is ours to change
  insert_at({node, at.index_}, text, after, plain_bytes_min);
  ++size_;
  settle();
}

void Quicklist::insert_at(Place place, std::string_view text, bool after, uint64_t plain_bytes_min) {
  Node* const node = place.node;
  if (stands_alone(text, plain_bytes_min)) return insert_plain(place, text, after);
  if (accepts(node, text)) {
    unfold(node);
    const uint32_t index = place.index + (after ? 1 : 0);
    const Listpack listpack = node->listpack();
    return node->insert(index == node->count() ? 0 : listpack.at(index), ListpackItem(text), &allocated_);
  }
  const bool at_end = after ? place.index + 1 == node->count() : place.index == 0;
  if (!at_end) return insert_divided(place, text, after);
  Node* const neighbour = after ? node->next : node->previous;
  if (!accepts(neighbour, text)) return put_beside(node, make_single(text, false, false), after);
  unfold(neighbour);
  neighbour->insert(after ? neighbour->listpack().first() : 0, ListpackItem(text), &allocated_);
}

void Quicklist::insert_plain(Place place, std::string_view text, bool after) {
  Node* const node = place.node;
  Node* const added = Node::make_plain(text, &allocated_);
  const bool at_end = after ? place.index + 1 == node->count() : place.index == 0;
  if (node->plain() || at_end) return put_beside(node, added, after);
  unfold(node);
  Node* const other = divide(place, after);
  put_beside(node, added, after);
  put_beside(added, other, after);
}

void Quicklist::insert_divided(Place place, std::string_view text, bool after) {
  Node* const node = place.node;
  unfold(node);
  Node* const other = divide(place, after);
  other->insert(after ? other->listpack().first() : 0, ListpackItem(text), &allocated_);
  put_beside(node, other, after);
  join_around(node);
}

// --- replacing ---

void Quicklist::replace(uint64_t index, std::string_view text, uint64_t plain_bytes_min) {
  const Place place = find(index);
  Node* const node = place.node;
  const bool plain = stands_alone(text, plain_bytes_min);
  if (node->plain() && plain) {
    node->set_plain(text, &allocated_);
  } else if (node->plain()) {
    insert_at(place, text, true, plain_bytes_min);
    drop(node);
  } else if (plain || node->bytes() + text.size() > Listpack::bytes_max) {
    replace_divided(place, text, plain_bytes_min);
  } else {
    unfold(node);
    node->replace(node->listpack().at(place.index), ListpackItem(text), &allocated_);
  }
  settle();
}

// The element gets a node of its own, between what was before and behind it.
void Quicklist::replace_divided(Place place, std::string_view text, uint64_t plain_bytes_min) {
  Node* const node = place.node;
  unfold(node);
  Node* const behind = place.index + 1 == node->count() ? nullptr : divide(place, true);
  Node* const added = make_single(text, stands_alone(text, plain_bytes_min), false);
  put_beside(node, added, true);
  if (behind) put_beside(added, behind, true);
  if (node->count() == 1) return drop(node);
  node->erase(node->listpack().last(), 1, &allocated_);
  join_around(added);
}

// --- removing ---

uint64_t Quicklist::remove(const ListpackItem& item, uint64_t most, bool from_back) {
  uint64_t removed = 0;
  for (Node *node = from_back ? tail_ : head_, *following = nullptr; node; node = following) {
    following = from_back ? node->previous : node->next;
    removed += remove_in(node, item, most == 0 ? 0 : most - removed, from_back);
    if (most != 0 && removed == most) break;
  }
  return removed;
}

std::vector<Listpack::Position> Quicklist::places_in(const Node& node, const ListpackItem& item, uint64_t most,
                                                     bool from_back) {
  if (node.plain()) return std::vector<Listpack::Position>(node.contents() == item.text() ? 1 : 0);
  if (!node.compressed()) return node.listpack().places_of(item, most, from_back);
  std::string buffer(node.bytes(), '\0');
  node.decompress_to(buffer.data());
  return Listpack(buffer.data()).places_of(item, most, from_back);
}

uint64_t Quicklist::remove_in(Node* node, const ListpackItem& item, uint64_t most, bool from_back) {
  const auto found = places_in(*node, item, most, from_back);
  if (found.empty()) return 0;
  size_ -= found.size();
  if (found.size() == node->count()) {
    drop(node);
  } else {
    unfold(node);
    // From behind, so that those before stay where they are.
    for (const Listpack::Position position : found) node->erase(position, 1, &allocated_);
    if (node->previous && node->next) node->trim(&allocated_);
  }
  settle();
  return found.size();
}

Quicklist Quicklist::erase(uint64_t begin, uint64_t count) {
  if (count == size_) return std::move(*this);
  Quicklist gone(limit_size_, 0);
  if (count == 0) return gone;
  TORC_ASSERT(begin < size_ && count < size_ - begin + 1);
  Passed passed_to_first, passed_to_last;
  const Place first = find(begin, &passed_to_first), last = find(begin + count - 1, &passed_to_last);
  size_ -= count;
  if (first.node == last.node) {
    erase_in(first.node, first.index, static_cast<uint32_t>(count));
  } else {
    Node* const begin_node = first.index == 0 ? first.node : first.node->next;
    Node* const end_node = last.index + 1 == last.node->count() ? last.node->next : last.node;
    if (begin_node != end_node) {
      Stretch stretch = before(*last.node, passed_to_last) - before(*first.node, passed_to_first);
      if (begin_node != first.node) stretch = stretch - Stretch().plus(*first.node);
      if (end_node != last.node) stretch = stretch.plus(*last.node);
      cut(begin_node, end_node, stretch, &gone);
      gone.size_ = count - (begin_node == first.node ? 0 : first.node->count() - first.index) -
                   (end_node == last.node ? last.index + 1 : 0);
    }
    if (first.index != 0) erase_in(first.node, first.index, first.node->count() - first.index);
    if (end_node == last.node) erase_in(last.node, 0, last.index + 1);
  }
  settle();
  return gone;
}

void Quicklist::erase_in(Node* node, uint32_t index, uint32_t count) {
  if (count == node->count()) return drop(node);
  unfold(node);
  node->erase(node->listpack().at(index), count, &allocated_);
  if (node->previous && node->next) node->trim(&allocated_);
}

// The nodes before this one, to which a search went.
Quicklist::Stretch Quicklist::before(const Node& node, const Passed& passed) const noexcept {
  if (passed.before) return passed.stretch;
  return Stretch{nodes_, allocated_} - passed.stretch.plus(node);
}

// Moves the nodes [begin, end), which are that many, to the other list, which is empty. The searches for them have
// counted: nobody should wait for another long walk through a list that is to be forgotten.
void Quicklist::cut(Node* begin, Node* end, const Stretch& stretch, Quicklist* gone) noexcept {
  Node* const last = end ? end->previous : tail_;
  (begin->previous ? begin->previous->next : head_) = end;
  (end ? end->previous : tail_) = begin->previous;
  begin->previous = last->next = nullptr;
  gone->head_ = begin;
  gone->tail_ = last;
  gone->nodes_ = stretch.nodes;
  gone->allocated_ = stretch.allocated;
  nodes_ -= stretch.nodes;
  allocated_ -= stretch.allocated;
}

}  // namespace torc::ds
