// Entries and nodes; what is told about them is in stream_facts.cc.
#include "store/stream_object.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/late_release.h"
#include "store/stream_cursor.h"

namespace torc::store {

namespace {

constexpr uint64_t node_bytes_max = uint64_t{1} << 30;
// Of a full node's block for the next node; twice what nodes have by default.
constexpr size_t room_kept_max = 8192;
// Of more nodes than these the mean tells the memory.
constexpr uint64_t nodes_weighed_max = 4096;
// Groups whose blocks are counted: those that are freed next. Each of the others is taken for one that is not little.
constexpr size_t groups_counted_max = 16;
constexpr uint64_t blocks_of_uncounted_group = 64;

bool is_full(const Stream::NodeRecord& record, ds::StreamFields fields, const EncodingLimits& limits) noexcept {
  const bool bounded = limits.stream_node_bytes != 0 && limits.stream_node_bytes <= node_bytes_max;
  uint64_t bytes = ds::Listpack(record.block).bytes();
  for (const std::string_view text : fields) bytes += text.size();
  if (bytes >= (bounded ? limits.stream_node_bytes : node_bytes_max)) return true;
  if (limits.stream_node_entries == 0) return false;
  return ds::StreamNode::entries(record.block) >= static_cast<uint64_t>(limits.stream_node_entries);
}

}  // namespace

Stream::~Stream() {
  while (!release_some(SIZE_MAX)) {
  }
}

// --- blocks ---

void Stream::replace_block(Nodes::Position node, char* block) noexcept {
  node->block = block;
  node->capacity = static_cast<uint32_t>(std::min<size_t>(base::usable_size(block), UINT32_MAX));
}

void Stream::resize(Nodes::Position node, size_t bytes) noexcept {
  replace_block(node, static_cast<char*>(base::reallocate(node->block, bytes)));
}

// Moves the node into a block that fits, and returns the one that it had; null: it fits already.
char* Stream::cut_to_size(Nodes::Position node) noexcept {
  const size_t bytes = ds::Listpack(node->block).bytes();
  if (node->capacity - bytes <= node->capacity / 8) return nullptr;
  char* const roomy = node->block;
  replace_block(node, static_cast<char*>(std::memcpy(base::allocate(bytes), roomy, bytes)));
  return roomy;
}

void Stream::set_live(Nodes::Position node, uint64_t live) noexcept {
  nodes_.add_weight(node, static_cast<int64_t>(live) - static_cast<int64_t>(node->live));
  node->live = static_cast<uint32_t>(live);
}

// A node for the entry, which goes to its end.
Stream::Nodes::Position Stream::start_node(const ds::StreamId& id, ds::StreamFields fields) {
  const Nodes::Position last = nodes_.last();
  if (!last) is_ascending_ = true;
  // There may be one of this id already: of tombstones, which go, or with lesser entries, which must not get lost.
  const Nodes::Position same = is_ascending_ ? Nodes::Position() : nodes_.find(id);
  if (same && same->live != 0) return same;
  char* block = last ? cut_to_size(last) : nullptr;
  const size_t bytes = ds::StreamNode::master_bytes_max(fields) + ds::StreamNode::entry_bytes_max(fields) +
                       ds::StreamNode::counters_growth_max;
  // The next node will probably grow as large as the one before.
  if (const size_t room = block ? base::usable_size(block) : 0; room < bytes || room > room_kept_max) {
    base::release(block);
    block = static_cast<char*>(base::allocate(bytes));
  }
  ds::StreamNode::make(block, fields);
  if (same) base::release(same->block);
  const Nodes::Position made = same ? same : nodes_.insert({id, nullptr, 0, 0});
  radix_nodes_ = 0;
  replace_block(made, block);
  return made;
}

// --- entries ---

void Stream::append(const ds::StreamId& id, ds::StreamFields fields, const EncodingLimits& limits) {
  TORC_ASSERT(last_id < id);
  Nodes::Position tail = nodes_.last();
  if (!tail || is_full(*tail, fields, limits)) tail = start_node(id, fields);
  const size_t needed = ds::Listpack(tail->block).bytes() + ds::StreamNode::entry_bytes_max(fields) +
                        ds::StreamNode::counters_growth_max;
  if (needed > tail->capacity) resize(tail, std::max<size_t>(needed, size_t{tail->capacity} * 3 / 2));
  ds::StreamNode::append(tail->block, tail->id, id, fields);
  set_live(tail, tail->live + uint64_t{1});
  if (++length_ == 1) first_id_ = id;
  ++entries_added;
  last_id = id;
}

void Stream::set_last_id(const ds::StreamId& id) noexcept {
  if (id < last_id) is_ascending_ = false;
  last_id = id;
}

bool Stream::contains(const ds::StreamId& id) const noexcept { return StreamCursor(*this, id, id).next(); }

bool Stream::erase(const ds::StreamId& id) noexcept {
  StreamCursor cursor(*this, id, id);
  if (!cursor.next()) return false;
  const Nodes::Position node = cursor.node();
  if (node->live == 1) {
    base::release_late(node->block, node->capacity);
    nodes_.erase(node);
    radix_nodes_ = 0;
  } else {
    const size_t needed = ds::Listpack(node->block).bytes() + ds::StreamNode::counters_growth_max;
    if (needed > node->capacity) resize(node, needed);
    const uint64_t deleted = node->node().deleted();
    ds::StreamNode::mark_deleted(node->block, cursor.entry());
    set_live(node, node->live - uint64_t{1});
    ds::StreamNode::set_counters(node->block, node->live, deleted + 1);
  }
  if (--length_ == 0 || id == first_id_) is_first_id_gone_ = true;
  max_deleted_id = std::max(max_deleted_id, id);
  return true;
}

void Stream::refresh_first_id() noexcept {
  if (!std::exchange(is_first_id_gone_, false)) return;
  StreamCursor cursor(*this, {}, ds::StreamId::max());
  first_id_ = cursor.next() ? cursor.entry().id : ds::StreamId{};
}

// --- trimming ---

// The first node whose last entry, deleted or not, is not less than the id.
Stream::Nodes::Position Stream::first_reaching(const ds::StreamId& id) const noexcept {
  // Whatever is before a node whose id is at most this one is less than it.
  Nodes::Position node = is_ascending_ ? nodes_.at_or_before(id) : Nodes::Position();
  if (!node) node = nodes_.first();
  while (node && node->node().last_id() < id) node = node.next();
  return node;
}

// The first node that is not to go as a whole; false: all go.
Stream::Nodes::Position Stream::first_staying(const StreamTrim& trim) const noexcept {
  constexpr uint64_t no_limit = UINT64_MAX;
  Nodes::Position by_id;
  if (trim.by == StreamTrim::By::id) {
    by_id = first_reaching(trim.id);
    if (by_id && by_id == nodes_.first()) return by_id;  // nothing goes, whatever the limit is
  }
  const uint64_t excess = trim.by == StreamTrim::By::length ? length_ - trim.length : no_limit;
  const bool is_limited = trim.limit != 0 && trim.limit < excess;
  uint64_t within_limit = is_limited ? trim.limit : excess;
  Nodes::Position by_weight;
  if (within_limit != no_limit) by_weight = nodes_.skip_weight(&within_limit);
  while (is_limited && by_weight && by_weight->live == 0) by_weight = by_weight.next();
  if (trim.by == StreamTrim::By::length) return by_weight;
  if (by_weight && (!by_id || by_weight->id < by_id->id)) return by_weight;
  return by_id;
}

uint64_t Stream::trim(const StreamTrim& trim, std::unique_ptr<Stream>* discarded) {
  if (trim.by == StreamTrim::By::nothing || nodes_.empty()) return 0;
  if (trim.by == StreamTrim::By::length && length_ <= trim.length) return 0;
  const Nodes::Position staying = first_staying(trim);
  uint64_t removed = 0;
  bool any_node = false;
  if (staying != nodes_.first()) {
    *discarded = std::make_unique<Stream>();
    (*discarded)->nodes_ = nodes_.take_before(staying);
    removed = (*discarded)->nodes_.total_weight();
    length_ -= removed;
    radix_nodes_ = 0;
    any_node = true;
  }
  if (!trim.approximate && !nodes_.empty()) removed += trim_within(nodes_.first(), trim);
  if (removed != 0 || any_node) {
    is_first_id_gone_ = true;
    refresh_first_id();
  }
  return removed;
}

// Makes tombstones of what is to go.
uint64_t Stream::trim_within(Nodes::Position record, const StreamTrim& trim) noexcept {
  const size_t needed = ds::Listpack(record->block).bytes() + ds::StreamNode::counters_growth_max;
  if (needed > record->capacity) resize(record, needed);
  const ds::StreamNode node = record->node();
  uint64_t removed = 0;
  for (auto place = node.first(); place != node.end();) {
    const ds::StreamNode::Entry entry = node.read(place);
    const bool stays = trim.by == StreamTrim::By::length ? length_ <= trim.length : entry.id >= trim.id;
    if (stays) break;
    place = node.behind(entry);
    if (entry.deleted) continue;
    ds::StreamNode::mark_deleted(record->block, entry);
    --length_;
    ++removed;
  }
  if (removed == 0) return 0;
  const uint64_t deleted = node.deleted() + removed;
  set_live(record, record->live - removed);
  ds::StreamNode::set_counters(record->block, record->live, deleted);
  return removed;
}

// --- Object ---

std::unique_ptr<Object> Stream::copy() const {
  auto made = std::make_unique<Stream>();
  for (auto node = nodes_.first(); node; node = node.next()) {
    const size_t bytes = ds::Listpack(node->block).bytes();
    auto* const block = static_cast<char*>(base::allocate(bytes));
    std::memcpy(block, node->block, bytes);
    replace_block(made->nodes_.insert({node->id, nullptr, node->live, 0}), block);
  }
  made->last_id = last_id;
  made->max_deleted_id = max_deleted_id;
  made->entries_added = entries_added;
  made->length_ = length_;
  made->first_id_ = first_id_;
  made->is_ascending_ = is_ascending_;
  for (const auto& [name, group] : groups_) {
    made->groups_.try_emplace(name, group.last_id, group.entries_read).first->second.copy_from(group);
  }
  return made;
}

size_t Stream::memory_bytes() const noexcept {
  size_t block_bytes = 0;
  uint64_t seen = 0;
  for (auto node = nodes_.first(); node && seen < nodes_weighed_max; node = node.next(), ++seen) {
    block_bytes += node->capacity;
  }
  if (seen != 0) block_bytes += block_bytes / seen * (nodes_.size() - seen);
  size_t bytes = sizeof *this + block_bytes + nodes_.memory_bytes();
  for (const auto& [name, group] : groups_) bytes += sizeof(*groups_.begin()) + 32 + group.memory_bytes();
  return bytes;
}

uint64_t Stream::blocks() const noexcept {
  uint64_t blocks = 1 + nodes_.size() + nodes_.blocks() + groups_.size();
  size_t counted = 0;
  for (const auto& [name, group] : groups_) {
    if (counted == groups_counted_max) break;
    blocks += group.blocks();
    ++counted;
  }
  return blocks + (groups_.size() - counted) * blocks_of_uncounted_group;
}

bool Stream::release_some(size_t count) noexcept {
  for (; count > 0 && !nodes_.empty(); --count) {
    const Nodes::Position last = nodes_.last();
    base::release_late(last->block, last->capacity);
    nodes_.erase(last);
  }
  while (count > 0 && !groups_.empty()) {
    if (!groups_.begin()->second.release_some(&count)) break;
    groups_.erase(groups_.begin());
  }
  return nodes_.empty() && groups_.empty();
}

}  // namespace torc::store
