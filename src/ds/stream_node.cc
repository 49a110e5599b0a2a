// Reading goes from element to element; there is no index within a node, which is why they are small.
#include "ds/stream_node.h"

namespace torc::ds {

namespace {

constexpr int64_t flag_deleted = 1, flag_same_fields = 2;
// Encoding, length in front and length behind.
constexpr size_t overhead_max = 10;
constexpr size_t integer_bytes_max = 10;
// flags, ms, sequence, number of fields, elements
constexpr size_t numbers_of_entry = 5;
constexpr size_t numbers_of_master = 4;
constexpr Listpack::Position live_position = Listpack::header_bytes;

bool equals(const Listpack::Element& element, std::string_view text) noexcept {
  if (!element.is_integer) return element.text == text;
  char digits[24];
  return element.string(digits) == text;
}

uint64_t take_number(const Listpack& list, Listpack::Position* position) noexcept {
  return static_cast<uint64_t>(list.take(position).integer);
}

char* write_number(char* out, uint64_t number) noexcept {
  return ListpackItem(static_cast<int64_t>(number)).write(out);
}

bool has_fields_of_master(const Listpack& list, StreamFields fields) noexcept {
  Listpack::Position position = live_position;
  list.take(&position);
  list.take(&position);
  if (take_number(list, &position) != fields.size() / 2) return false;
  for (size_t i = 0; i < fields.size(); i += 2) {
    if (!equals(list.take(&position), fields[i])) return false;
  }
  return true;
}

// Replaces the integer at the position, whose length may change.
void set_number(char* block, Listpack::Position position, uint64_t number) noexcept {
  const ListpackItem item(static_cast<int64_t>(number));
  const ListpackEdit edit = Listpack(block).replace(position, item.bytes());
  item.write(edit.inserted == edit.removed ? block + position : Listpack::splice(block, edit));
}

}  // namespace

StreamNode::StreamNode(const char* block, const StreamId& id) noexcept : list_(block), id_(id) {
  Position position = live_position;
  list_.take(&position);
  list_.take(&position);
  master_count_ = take_number(list_, &position);
  master_fields_ = position;
  for (uint64_t i = 0; i < master_count_; ++i) list_.take(&position);
  list_.take(&position);
  first_ = position;
}

uint64_t StreamNode::live() const noexcept { return static_cast<uint64_t>(list_.get(live_position).integer); }

uint64_t StreamNode::deleted() const noexcept {
  Position position = live_position;
  list_.take(&position);
  return take_number(list_, &position);
}

uint64_t StreamNode::entries(const char* block) noexcept {
  const Listpack list(block);
  Position position = live_position;
  const uint64_t live = take_number(list, &position);
  return live + take_number(list, &position);
}

StreamNode::Entry StreamNode::read(Position place) const noexcept {
  Entry entry;
  entry.flags = place;
  const int64_t flags = list_.take(&place).integer;
  entry.deleted = flags & flag_deleted;
  entry.same_fields = flags & flag_same_fields;
  entry.id.ms = id_.ms + take_number(list_, &place);
  entry.id.sequence = id_.sequence + take_number(list_, &place);
  entry.fields = entry.same_fields ? master_count_ : take_number(list_, &place);
  entry.values = place;
  return entry;
}

StreamNode::Position StreamNode::behind(Position position, uint64_t elements) const noexcept {
  for (; elements > 0; --elements) list_.take(&position);
  list_.take(&position);
  return position;
}

StreamNode::Position StreamNode::before(Position place) const noexcept {
  if (place == first_) return 0;
  place = list_.previous(place);
  for (int64_t elements = list_.get(place).integer; elements > 0; --elements) place = list_.previous(place);
  return place;
}

StreamId StreamNode::last_id() const noexcept {
  const Position place = before(end());
  return place == 0 ? id_ : read(place).id;
}

size_t StreamNode::entry_bytes_max(StreamFields fields) noexcept {
  size_t bytes = numbers_of_entry * integer_bytes_max;
  for (const std::string_view text : fields) bytes += text.size() + overhead_max;
  return bytes;
}

size_t StreamNode::master_bytes_max(StreamFields fields) noexcept {
  size_t bytes = Listpack::empty_bytes + numbers_of_master * integer_bytes_max;
  for (size_t i = 0; i < fields.size(); i += 2) bytes += fields[i].size() + overhead_max;
  return bytes;
}

void StreamNode::make(char* block, StreamFields fields) noexcept {
  Listpack::make_empty(block);
  char* out = block + Listpack::header_bytes;
  out = write_number(out, 0);
  out = write_number(out, 0);
  out = write_number(out, fields.size() / 2);
  for (size_t i = 0; i < fields.size(); i += 2) out = ListpackItem(fields[i]).write(out);
  out = write_number(out, 0);
  Listpack::extend(block, out, numbers_of_master + fields.size() / 2);
}

void StreamNode::append(char* block, const StreamId& node_id, const StreamId& id, StreamFields fields) noexcept {
  const Listpack list(block);
  const bool same_fields = has_fields_of_master(list, fields);
  const uint64_t count = fields.size() / 2;
  const uint64_t elements = 3 + (same_fields ? count : 2 * count + 1);
  char* out = block + list.end();
  out = write_number(out, same_fields ? flag_same_fields : 0);
  out = write_number(out, id.ms - node_id.ms);
  out = write_number(out, id.sequence - node_id.sequence);
  if (!same_fields) out = write_number(out, count);
  for (size_t i = same_fields ? 1 : 0; i < fields.size(); i += same_fields ? 2 : 1) {
    out = ListpackItem(fields[i]).write(out);
  }
  out = write_number(out, elements);
  Listpack::extend(block, out, elements + 1);
  Position live = live_position;
  set_number(block, live_position, take_number(list, &live) + 1);
}

void StreamNode::mark_deleted(char* block, const Entry& entry) noexcept {
  const int64_t flags = entry.same_fields ? flag_deleted | flag_same_fields : flag_deleted;
  set_number(block, entry.flags, static_cast<uint64_t>(flags));
}

void StreamNode::set_counters(char* block, uint64_t live, uint64_t deleted) noexcept {
  set_number(block, live_position, live);
  set_number(block, Listpack(block).next(live_position), deleted);
}

}  // namespace torc::ds
