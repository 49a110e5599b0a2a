// A place is an item, a segment of it and an offset there; sends and progress walk on from it. Segments stay where they
// are while their Output moves, since the vectors' memory moves along.
#include "net/output_queue.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "io/ring.h"

namespace torc::net {

namespace {

// A queue that was longer gives its memory back when it is empty.
constexpr size_t items_kept_max = 8;

}  // namespace

std::vector<iovec> PartsPool::take() {
  std::vector<iovec> parts;
  if (!idle_.empty()) {
    parts = std::move(idle_.back());
    idle_.pop_back();
  }
  parts.reserve(io::Ring::parts_max);
  return parts;
}

void PartsPool::give_back(std::vector<iovec>&& parts) noexcept {
  if (parts.capacity() == 0) return;
  std::vector<iovec> taken = std::move(parts);
  if (idle_.size() < idle_max) idle_.push_back(std::move(taken));
}

bool OutputQueue::append(resp::Output& output, resp::ChunkPool& own_chunks) {
  if (!worth_gathering(output)) {
    waiting_.push_back({std::move(output), false});
    return true;
  }
  if (!waiting_.back().own) waiting_.push_back({resp::Output(&own_chunks), true});
  for (const auto& segment : output.segments()) waiting_.back().output.append({segment.data, segment.size});
  return false;
}

bool OutputQueue::worth_gathering(resp::Output& output) const {
  if (waiting_.empty() || output.size() > gathered_bytes_max) return false;
  return std::ranges::none_of(output.segments(), [](const auto& segment) { return static_cast<bool>(segment.blob); });
}

std::span<const iovec> OutputQueue::next_parts(size_t bytes_max, PartsPool& pool) {
  if (remaining_bytes_ == 0) begin_next();
  // A little more than the bound goes along rather than in a send of its own.
  const size_t bytes = remaining_bytes_ <= bytes_max + bytes_max / 4 ? remaining_bytes_ : bytes_max;
  if (segments_left(inline_parts + 1) <= inline_parts) return {inline_parts_, write_parts(inline_parts_, bytes)};
  parts_ = pool.take();
  parts_.resize(segments_left(io::Ring::parts_max));
  parts_.resize(write_parts(parts_, bytes));
  return parts_;
}

void OutputQueue::begin_next() {
  TORC_ASSERT(!waiting_.empty() && under_way_.empty());
  under_way_.swap(waiting_);
  next_ = {};
  for (Item& item : under_way_) {
    remaining_bytes_ += item.output.size();
    for (const auto& segment : item.output.segments()) pinned_bytes_ += segment.blob ? segment.size : 0;
  }
  TORC_ASSERT(remaining_bytes_ > 0);
}

// How many segments are not wholly sent, counted up to `enough`.
size_t OutputQueue::segments_left(size_t enough) {
  size_t count = under_way_[next_.item].output.segments().size() - next_.segment;
  for (size_t i = next_.item + 1; i < under_way_.size() && count < enough; ++i) {
    count += under_way_[i].output.segments().size();
  }
  return std::min(count, enough);
}

// Writes as many parts as make up bytes_max or as there is room for; empty segments are left out.
size_t OutputQueue::write_parts(std::span<iovec> parts, size_t bytes_max) {
  size_t count = 0;
  Place place = next_;
  while (place.item < under_way_.size()) {
    const auto& segments = under_way_[place.item].output.segments();
    for (; place.segment < segments.size(); ++place.segment) {
      if (bytes_max == 0 || count == parts.size()) return count;
      const auto& segment = segments[place.segment];
      const size_t size = std::min(segment.size - place.offset, bytes_max);
      if (size > 0) parts[count++] = {const_cast<char*>(segment.data) + place.offset, size};
      bytes_max -= size;
      place.offset = 0;
    }
    ++place.item;
    place.segment = 0;
  }
  return count;
}

bool OutputQueue::advance(size_t bytes, PartsPool& pool) {
  TORC_ASSERT(bytes <= remaining_bytes_);
  pool.give_back(std::move(parts_));
  remaining_bytes_ -= bytes;
  if (remaining_bytes_ == 0) return true;
  next_.offset += bytes;
  while (true) {
    const auto& segments = under_way_[next_.item].output.segments();
    for (; next_.segment < segments.size(); ++next_.segment) {
      if (next_.offset < segments[next_.segment].size) return false;
      next_.offset -= segments[next_.segment].size;
    }
    ++next_.item;
    next_.segment = 0;
  }
}

void OutputQueue::clear_under_way(PartsPool& pool) noexcept {
  pool.give_back(std::move(parts_));
  clear_items(under_way_);
  remaining_bytes_ = 0;
  pinned_bytes_ = 0;
}

void OutputQueue::clear_items(std::vector<Item>& items) noexcept {
  if (items.capacity() > items_kept_max) {
    std::vector<Item>().swap(items);
  } else {
    items.clear();
  }
}

}  // namespace torc::net
