// StreamCursor: goes over the entries of a stream whose ids are within a range, in either direction. Within the first
// node it begins at the nearer end, so that whoever waits for what comes at the end of a stream does not go over what
// is before it.
//
//   StreamCursor cursor(stream, begin, end);
//   while (cursor.next()) {
//     ... cursor.entry().id ...
//     for (uint64_t i = 0; i < cursor.entry().fields; ++i) cursor.next_field(&field, &value);   // or fewer of them
//   }
//
// The stream must not change meanwhile.
#pragma once

#include <cstdint>

#include "ds/stream_id.h"
#include "ds/stream_node.h"
#include "store/stream_object.h"

namespace torc::store {

class StreamCursor {
 public:
  enum class Direction : uint8_t { forward, backward };

  StreamCursor(const Stream& stream, const ds::StreamId& begin, const ds::StreamId& end,
               Direction direction = Direction::forward, bool with_deleted = false) noexcept;

  // To the next entry; false when there is none.
  bool next() noexcept;
  [[nodiscard]] const ds::StreamNode::Entry& entry() const noexcept { return entry_; }
  [[nodiscard]] Stream::Nodes::Position node() const noexcept { return position_; }
  void next_field(ds::Listpack::Element* field, ds::Listpack::Element* value) noexcept;

 private:
  bool next_forward() noexcept;
  bool next_backward() noexcept;
  void enter(Stream::Nodes::Position position) noexcept;
  void seek() noexcept;
  bool accept() noexcept;
  [[nodiscard]] bool ends_at(bool is_beyond) const noexcept;

  Stream::Nodes::Position position_;
  ds::StreamNode node_;
  ds::StreamId begin_, end_;
  Direction direction_;
  bool with_deleted_;
  bool is_ascending_;      // the stream
  bool entered_ = false;   // an entry was read in this node
  ds::StreamNode::Entry entry_;
  ds::StreamNode::Position place_ = 0;   // forward: where the next entry begins; backward: where the present one does
  ds::StreamNode::Position master_field_ = 0, value_ = 0;
  uint64_t unread_elements_ = 0;
};

}  // namespace torc::store
