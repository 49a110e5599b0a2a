// Segments are cut only where they must be: at a referenced blob, at a full chunk and at a mark. A mark leaves a gap in
// the chunk in front of the segment that follows it; the header is later written into the end of the gap, so it
// needs no segment of its own. When little follows, that is moved down over the gap instead, and the cut disappears.
#include "resp/output.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/memory.h"

namespace torc::resp {

namespace {

// Closing a gap moves at most so many bytes.
constexpr size_t moved_bytes_max = 2048;
// Splicing copies up to so many bytes instead of taking the other's chunks over.
constexpr size_t segments_kept_max = 1024;

}  // namespace

ChunkPool::~ChunkPool() { release_idle(); }

char* ChunkPool::take() {
  if (idle_.empty()) return static_cast<char*>(base::allocate(chunk_bytes));
  char* chunk = idle_.back();
  idle_.pop_back();
  rested_ = std::min(rested_, idle_.size());
  return chunk;
}

void ChunkPool::trim() noexcept {
  for (; rested_ > 0; --rested_) {
    base::release(idle_.back());
    idle_.pop_back();
  }
  rested_ = idle_.size();
}

void ChunkPool::release_idle() noexcept {
  for (char* chunk : idle_) base::release(chunk);
  idle_.clear();
  rested_ = 0;
}

void ChunkPool::give_back(char* chunk) noexcept {
  if (idle_.size() < idle_chunks_max_) {
    idle_.push_back(chunk);
  } else {
    base::release(chunk);
  }
}

Output::Output(Output&& other) noexcept
    : pool_(other.pool_),
      cursor_(std::exchange(other.cursor_, nullptr)),
      chunk_end_(std::exchange(other.chunk_end_, nullptr)),
      open_begin_(std::exchange(other.open_begin_, nullptr)),
      open_is_marked_(std::exchange(other.open_is_marked_, false)),
      overflown_(std::exchange(other.overflown_, false)),
      dropped_bytes_(std::exchange(other.dropped_bytes_, 0)),
      closed_bytes_(std::exchange(other.closed_bytes_, 0)),
      referenced_bytes_(std::exchange(other.referenced_bytes_, 0)),
      segments_(std::move(other.segments_)),
      chunks_(std::move(other.chunks_)) {}

Output& Output::operator=(Output&& other) noexcept {
  if (this == &other) return *this;
  clear();
  pool_ = other.pool_;
  cursor_ = std::exchange(other.cursor_, nullptr);
  chunk_end_ = std::exchange(other.chunk_end_, nullptr);
  open_begin_ = std::exchange(other.open_begin_, nullptr);
  open_is_marked_ = std::exchange(other.open_is_marked_, false);
  overflown_ = std::exchange(other.overflown_, false);
  dropped_bytes_ = std::exchange(other.dropped_bytes_, 0);
  closed_bytes_ = std::exchange(other.closed_bytes_, 0);
  referenced_bytes_ = std::exchange(other.referenced_bytes_, 0);
  segments_.swap(other.segments_);
  chunks_.swap(other.chunks_);
  return *this;
}

void Output::clear() noexcept {
  drop_content();
  overflown_ = false;
  dropped_bytes_ = 0;
}

void Output::drop_content() noexcept {
  for (char* chunk : chunks_) pool_->give_back(chunk);
  chunks_.clear();
  if (segments_.capacity() > segments_kept_max) {
    std::vector<Segment>().swap(segments_);
  } else {
    segments_.clear();
  }
  cursor_ = chunk_end_ = nullptr;
  open_begin_ = nullptr;
  open_is_marked_ = false;
  closed_bytes_ = referenced_bytes_ = 0;
}

void Output::begin_chunk() {
  chunks_.push_back(pool_->take());
  cursor_ = chunks_.back();
  chunk_end_ = cursor_ + chunk_bytes;
  open_begin_ = cursor_;
}

void Output::new_chunk() {
  if (overflown_ || memory_bytes() >= bytes_max_) [[unlikely]]
    return overflow();
  close_segment();
  begin_chunk();
}

// One chunk stays, to write into.
void Output::overflow() {
  dropped_bytes_ += size();
  drop_content();
  overflown_ = true;
  begin_chunk();
}

// Moves the bytes of the open segment to the closed ones. The segment behind a mark is kept although it is empty, so
// that the mark's number stays right.
void Output::close_segment() {
  auto bytes = static_cast<size_t>(cursor_ - open_begin_);
  if (bytes != 0 || open_is_marked_) {
    Segment* last = segments_.empty() ? nullptr : &segments_.back();
    bool continues = last && !open_is_marked_ && !last->blob && last->data + last->size == open_begin_;
    if (continues) {
      last->size += bytes;
    } else {
      segments_.push_back({open_begin_, bytes, {}});
    }
  }
  open_is_marked_ = false;
  open_begin_ = cursor_;
  closed_bytes_ += bytes;
}

void Output::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (cursor_ == chunk_end_) new_chunk();
    if (overflown_) [[unlikely]] {
      dropped_bytes_ += bytes.size();
      return;
    }
    size_t part = std::min(bytes.size(), static_cast<size_t>(chunk_end_ - cursor_));
    std::memcpy(cursor_, bytes.data(), part);
    cursor_ += part;
    bytes.remove_prefix(part);
  }
}

void Output::append(base::BlobRef blob, std::string_view part) {
  // A small part would keep all of the blob from being changed in place, and from being freed.
  const bool small = part.size() < reference_bytes_min || part.size() < blob.capacity() / 2;
  if (small || overflown_) return append(part);
  if (memory_bytes() >= bytes_max_) [[unlikely]] {
    overflow();
    return append(part);
  }
  close_segment();
  segments_.push_back({part.data(), part.size(), std::move(blob)});
  closed_bytes_ += part.size();
  referenced_bytes_ += part.size();
}

Output::Mark Output::mark() {
  static_cast<void>(room(mark_bytes_max));
  if (overflown_) [[unlikely]]
    return {0};
  close_segment();
  cursor_ += mark_bytes_max;
  open_begin_ = cursor_;
  open_is_marked_ = true;
  return {segments_.size()};
}

void Output::insert_at(Mark mark, std::string_view bytes) {
  if (overflown_) [[unlikely]]
    return;
  TORC_ASSERT(bytes.size() <= mark_bytes_max && mark.segment <= segments_.size());
  if (mark.segment < segments_.size()) {
    Segment& segment = segments_[mark.segment];
    segment.data -= bytes.size();
    segment.size += bytes.size();
    closed_bytes_ += bytes.size();
    std::memcpy(const_cast<char*>(segment.data), bytes.data(), bytes.size());
    return;
  }
  TORC_ASSERT(open_is_marked_);
  open_begin_ -= bytes.size();
  std::memcpy(const_cast<char*>(open_begin_), bytes.data(), bytes.size());
  close_gap(mark_bytes_max - bytes.size());
}

// Joins the open segment, in front of which a gap was left, to the one before when that is cheap.
void Output::close_gap(size_t gap_bytes) noexcept {
  if (segments_.empty()) return;
  const Segment& before = segments_.back();
  auto bytes = static_cast<size_t>(cursor_ - open_begin_);
  char* gap = const_cast<char*>(open_begin_) - gap_bytes;
  if (before.blob || before.data + before.size != gap || bytes > moved_bytes_max) return;
  std::memmove(gap, open_begin_, bytes);
  cursor_ = gap + bytes;
  open_begin_ = before.data;
  closed_bytes_ -= before.size;
  segments_.pop_back();
}

const std::vector<Output::Segment>& Output::segments() {
  close_segment();
  return segments_;
}

}  // namespace torc::resp
