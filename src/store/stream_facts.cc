// What is told about a stream and its groups. How far a group has read is a number only as long as no entry was deleted
// in front of it; where that cannot be known, Redis's rules say what is answered, and so do these.
#include <algorithm>
#include <array>
#include <bit>

#include "store/stream_cursor.h"
#include "store/stream_object.h"

namespace torc::store {

namespace {

// Bytes that both ids begin with, as big-endian numbers of 128 bits. They differ.
int common_bytes(const ds::StreamId& first, const ds::StreamId& second) noexcept {
  if (first.ms != second.ms) return std::countl_zero(first.ms ^ second.ms) / 8;
  return 8 + std::countl_zero(first.sequence ^ second.sequence) / 8;
}

// Counts the nodes of a radix tree whose keys come in order: a leaf for each key, a node wherever keys part, and one
// more for each stretch of bytes between these.
class RadixCounter {
 public:
  void add(int common) noexcept {
    // A key hangs at the deepest place where it parts from a neighbour.
    add_leaf(std::max(previous_common_, common));
    previous_common_ = common;
    close(common);
    if (depth() < common) depths_[open_++] = common;
  }
  [[nodiscard]] uint64_t finish() noexcept {
    add_leaf(previous_common_);
    close(-1);
    return nodes_;
  }

 private:
  static constexpr int key_bytes = 16;

  [[nodiscard]] int depth() const noexcept { return open_ == 0 ? -1 : depths_[open_ - 1]; }
  void add_leaf(int parent) noexcept { nodes_ += parent + 1 < key_bytes ? 2 : 1; }
  // All places where keys part that are deeper are complete.
  void close(int common) noexcept {
    while (open_ > 0 && depth() > common) {
      const int closed = depths_[--open_];
      nodes_ += closed > std::max(depth(), common) + 1 ? 2 : 1;
    }
  }

  std::array<int, key_bytes> depths_{};
  size_t open_ = 0;
  int previous_common_ = -1;
  uint64_t nodes_ = 0;
};

// Who asks again and again while entries come must not make everybody wait.
constexpr uint64_t radix_keys_counted_max = 4096;

}  // namespace

uint64_t Stream::radix_nodes() const noexcept {
  if (nodes_.empty()) return 1;
  if (radix_nodes_ != 0) return radix_nodes_;
  RadixCounter counter;
  Nodes::Position before = nodes_.first();
  uint64_t keys = 1;
  for (auto node = before.next(); node && keys < radix_keys_counted_max; before = node, node = node.next(), ++keys) {
    counter.add(common_bytes(before->id, node->id));
  }
  const uint64_t counted = counter.finish();
  return radix_nodes_ = keys == nodes_.size() ? counted : counted * nodes_.size() / keys;
}

ds::StreamId Stream::last_live_id() const noexcept {
  StreamCursor cursor(*this, {}, ds::StreamId::max(), StreamCursor::Direction::backward);
  return cursor.next() ? cursor.entry().id : ds::StreamId{};
}

ds::StreamId Stream::edge_id() const noexcept {
  StreamCursor cursor(*this, {}, ds::StreamId::max(), StreamCursor::Direction::forward, true);
  return cursor.next() ? cursor.entry().id : ds::StreamId::max();
}

// --- groups ---

ConsumerGroup* Stream::find_group(std::string_view name) noexcept {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

ConsumerGroup* Stream::add_group(std::string_view name, const ds::StreamId& last_id, int64_t entries_read) {
  const auto [place, added] = groups_.try_emplace(std::string(name), last_id, entries_read);
  return added ? &place->second : nullptr;
}

std::unique_ptr<Stream> Stream::erase_group(std::string_view name) {
  auto discarded = std::make_unique<Stream>();
  discarded->groups_.insert(groups_.extract(groups_.find(name)));
  return discarded;
}

std::unique_ptr<Stream> Stream::erase_consumer(ConsumerGroup& group, Consumer& consumer) {
  auto discarded = std::make_unique<Stream>();
  discarded->groups_.try_emplace({}, group.erase_consumer(consumer));
  return discarded;
}

bool Stream::is_pending(const ds::StreamId& id) const noexcept {
  return std::ranges::any_of(groups_, [&](const auto& named) { return bool(named.second.pending().find(id)); });
}

bool Stream::is_referenced(const ds::StreamId& id) const noexcept {
  return is_pending(id) || std::ranges::any_of(groups_, [&](const auto& named) { return named.second.last_id < id; });
}

bool Stream::has_tombstones_from(const ds::StreamId& id) const noexcept {
  if (length_ == 0 || max_deleted_id.is_zero() || first_id_ > max_deleted_id) return false;
  return id <= max_deleted_id;
}

// How many entries were ever added up to this one.
int64_t Stream::entries_before_and_with(const ds::StreamId& id) const noexcept {
  const auto added = static_cast<int64_t>(entries_added);
  const auto before_first = static_cast<int64_t>(entries_added - length_);
  if (added == 0) return 0;
  if (length_ == 0 && id <= last_id) return added;
  if (id == last_id) return added;
  if (id > last_id) return ConsumerGroup::entries_read_unknown;
  if (!max_deleted_id.is_zero() && max_deleted_id >= first_id_) return ConsumerGroup::entries_read_unknown;
  if (id < first_id_) return before_first;
  return id == first_id_ ? one_more(before_first) : ConsumerGroup::entries_read_unknown;
}

void Stream::advance(ConsumerGroup& group, const ds::StreamId& id) const noexcept {
  if (group.entries_read != ConsumerGroup::entries_read_unknown && !has_tombstones_from(id)) {
    group.entries_read = one_more(group.entries_read);
  } else if (entries_added != 0) {
    group.entries_read = entries_before_and_with(id);
  }
  group.last_id = id;
}

std::optional<int64_t> Stream::lag(const ConsumerGroup& group) const noexcept {
  if (entries_added == 0) return 0;
  const bool counted = group.entries_read != ConsumerGroup::entries_read_unknown;
  const int64_t read =
      counted && !has_tombstones_from(group.last_id) ? group.entries_read : entries_before_and_with(group.last_id);
  if (read == ConsumerGroup::entries_read_unknown) return std::nullopt;
  return static_cast<int64_t>(entries_added - static_cast<uint64_t>(read));
}

}  // namespace torc::store
