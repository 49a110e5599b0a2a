// Places within a node are offsets, and nodes have no index: what is skipped is walked over.
#include "store/stream_cursor.h"

namespace torc::store {

namespace {

// How far an id is behind another one, coarsely.
uint64_t distance(const ds::StreamId& from, const ds::StreamId& to) noexcept {
  return from.ms != to.ms ? to.ms - from.ms : to.sequence - from.sequence;
}

}  // namespace

StreamCursor::StreamCursor(const Stream& stream, const ds::StreamId& begin, const ds::StreamId& end,
                           Direction direction, bool with_deleted) noexcept
    : begin_(begin),
      end_(end),
      direction_(direction),
      with_deleted_(with_deleted),
      is_ascending_(stream.is_ascending()) {
  const Stream::Nodes& nodes = stream.nodes();
  Stream::Nodes::Position position = nodes.at_or_before(direction == Direction::forward ? begin : end);
  if (!position && direction == Direction::forward) position = nodes.first();
  // All of the ids of nodes are greater, but entries may be less than that of their node.
  if (!position && !is_ascending_) position = nodes.last();
  if (!position) return;
  enter(position);
  if (direction == Direction::forward) seek();
}

void StreamCursor::enter(Stream::Nodes::Position position) noexcept {
  position_ = position;
  node_ = position->node();
  entered_ = false;
  place_ = direction_ == Direction::forward ? node_.first() : node_.end();
}

// From behind to the first entry that is in the range, if it seems to be nearer to the end.
void StreamCursor::seek() noexcept {
  if (position_->id >= begin_) return;
  const ds::StreamId last = node_.last_id();
  if (last >= begin_ && distance(position_->id, begin_) < distance(position_->id, last) / 2) return;
  place_ = node_.end();
  for (;;) {
    const ds::StreamNode::Position before = node_.before(place_);
    if (before == 0 || node_.read(before).id < begin_) return;
    place_ = before;
  }
}

bool StreamCursor::next() noexcept { return direction_ == Direction::forward ? next_forward() : next_backward(); }

// What is behind an entry (backwards: before it) is beyond it, too. A tombstone does not tell: after XSETID has led the
// last id back, what was added behind it may be less.
bool StreamCursor::ends_at(bool is_beyond) const noexcept {
  return is_beyond && (is_ascending_ || with_deleted_ || !entry_.deleted);
}

// Reads the entry at the place; false when it is not to be shown.
bool StreamCursor::accept() noexcept {
  entry_ = node_.read(place_);
  value_ = entry_.values;
  unread_elements_ = entry_.same_fields ? entry_.fields : 2 * entry_.fields;
  master_field_ = node_.master_fields();
  entered_ = true;
  return entry_.id >= begin_ && entry_.id <= end_ && (with_deleted_ || !entry_.deleted);
}

bool StreamCursor::next_forward() noexcept {
  while (position_) {
    if (entered_) place_ = node_.behind(value_, unread_elements_);
    entered_ = false;
    if (place_ == node_.end()) {
      position_ = position_.next();
      if (position_) enter(position_);
      continue;
    }
    if (accept()) return true;
    if (ends_at(entry_.id > end_)) position_ = {};
  }
  return false;
}

bool StreamCursor::next_backward() noexcept {
  while (position_) {
    place_ = node_.before(place_);
    if (place_ == 0) {
      position_ = position_.previous();
      if (position_) enter(position_);
      continue;
    }
    if (accept()) return true;
    if (ends_at(entry_.id < begin_)) position_ = {};
  }
  return false;
}

void StreamCursor::next_field(ds::Listpack::Element* field, ds::Listpack::Element* value) noexcept {
  const ds::Listpack& list = node_.list();
  *field = list.take(entry_.same_fields ? &master_field_ : &value_);
  *value = list.take(&value_);
  unread_elements_ -= entry_.same_fields ? 1 : 2;
}

}  // namespace torc::store
