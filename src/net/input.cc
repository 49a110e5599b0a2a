// See input.h for where bytes live. The parser remembers how far it came in an incomplete request as offsets, so the
// same bytes may be shown to it again at another address.
#include "net/input.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace torc::net {

namespace {

// How much of what arrived is tried at first to complete a request that began before; each further try takes more.
constexpr size_t completion_step_bytes = 256;
constexpr size_t completion_step_factor = 4;
constexpr size_t block_bytes_min = 1024;
constexpr size_t block_bytes_max = 64 * 1024;

}  // namespace

Input::~Input() { TORC_ASSERT(!batch_); }

void Input::arrived(const io::BufferSlice& slice, InputPool& pool) {
  std::string_view bytes(slice.data, slice.size);
  input_bytes_ += bytes.size();
  if (!stopped_ && !lent_ && backlog_.empty()) {
    if (!batch_) batch_ = pool.batches.take();
    batch_->slices.push_back(slice);
    return;
  }
  if (!stopped_) {
    if (backlog_.empty()) bytes.remove_prefix(fill_blob(bytes));
    append_to_backlog(bytes, pool);
  }
  pool.spent.push_back(slice);
}

std::span<char> Input::blob_room() {
  bool others_first = !backlog_.empty() || unparsed_slices() || stopped_;
  return others_first || parser_.blob_missing() == 0 ? std::span<char>() : parser_.blob_room();
}

void Input::blob_arrived(size_t bytes) {
  input_bytes_ += bytes;
  parser_.blob_filled(bytes);
}

Batch* Input::parse(const resp::ParserLimits& limits, const Share& share, InputPool& pool) {
  TORC_ASSERT(!lent_);
  if (stopped_ || !unparsed()) return nullptr;
  if (!batch_) batch_ = pool.batches.take();
  const Pass pass{limits, share, pool};
  parse_backlog(pass);
  parse_slices(pass);
  if (!batch_->list.empty() || stopped_) return lend();
  release_batch(pool);
  return nullptr;
}

Batch* Input::lend() {
  if (stopped_) {
    // A protocol error: what lies behind is never parsed, but requests before it may have views into the same block.
    for (Buffer& block : backlog_) batch_->buffers.push_back(std::move(block));
    backlog_.clear();
    backlog_bytes_ = 0;
  }
  lent_ = true;
  batch_->input_bytes = std::exchange(input_bytes_, 0);
  batch_->pending_bytes = held_bytes();
  batch_->pending_memory_bytes = memory_bytes();
  batch_->memory_bytes = batch_->own_bytes();
  return batch_;
}

void Input::finished(InputPool& pool) {
  TORC_ASSERT(lent_);
  lent_ = false;
  release_batch(pool);
  if (stopped_) drop_waiting(pool);
}

void Input::stop(InputPool& pool) {
  stopped_ = true;
  // A lent batch may have views into the backlog's first block.
  if (!lent_) drop_waiting(pool);
}

void Input::reset(InputPool& pool) {
  TORC_ASSERT(!lent_);
  drop_waiting(pool);
  parser_ = resp::Parser();
  input_bytes_ = 0;
  stopped_ = false;
}

bool Input::goes_on(const Pass& pass) const noexcept {
  return !stopped_ && batch_->list.requests.size() < pass.share.requests_max;
}

void Input::parse_backlog(const Pass& pass) {
  size_t blocks_done = 0, bytes = 0;
  for (Buffer& block : backlog_) {
    if (bytes > pass.share.bytes_max && !batch_->list.empty()) break;
    const size_t taken = consume(block.view(), pass);
    backlog_bytes_ -= taken;
    bytes += taken;
    block.drop_front(taken);
    if (!block.empty()) break;
    batch_->buffers.push_back(std::move(block));
    ++blocks_done;
  }
  backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<ptrdiff_t>(blocks_done));
}

void Input::parse_slices(const Pass& pass) {
  const size_t requests_before = batch_->list.requests.size();
  for (const io::BufferSlice& slice : batch_->slices) {
    std::string_view bytes(slice.data, slice.size);
    if (backlog_.empty()) bytes.remove_prefix(consume(bytes, pass));
    if (!stopped_) append_to_backlog(bytes, pass.pool);
  }
  if (batch_->list.requests.size() > requests_before) return;
  pass.pool.spent.insert(pass.pool.spent.end(), batch_->slices.begin(), batch_->slices.end());
  batch_->slices.clear();
}

// Takes what it can from the front of bytes and says how much: all, unless the batch is full or the protocol was
// violated. Views may point into bytes afterwards.
size_t Input::consume(std::string_view bytes, const Pass& pass) {
  size_t taken = 0;
  while (taken < bytes.size() && goes_on(pass)) {
    const std::string_view rest = bytes.substr(taken);
    const size_t filled = fill_blob(rest);
    if (filled > 0) {
      taken += filled;
    } else if (partial_.empty()) {
      taken += consume_in_place(rest, pass);
    } else {
      taken += complete_partial(rest, pass);
    }
  }
  return taken;
}

size_t Input::consume_in_place(std::string_view bytes, const Pass& pass) {
  resp::RequestList& list = batch_->list;
  const auto progress = parser_.parse(bytes, pass.limits, pass.share.requests_max - list.requests.size(), list);
  if (progress.status == resp::Parser::Status::error) note_error();
  if (progress.status != resp::Parser::Status::need_more) return progress.consumed;
  bytes.remove_prefix(progress.consumed);
  append_to_partial(bytes.substr(0, bytes.size() - progress.absorbed), pass.pool);
  return progress.consumed + bytes.size();
}

// Appends from bytes to the partial request until it is complete (or has come to a big bulk), and not much beyond.
size_t Input::complete_partial(std::string_view bytes, const Pass& pass) {
  size_t taken = 0;
  size_t step = completion_step_bytes;
  while (taken < bytes.size()) {
    const size_t size_before = partial_.size();
    const std::string_view piece = bytes.substr(taken, step);
    append_to_partial(piece, pass.pool);
    const auto progress = parser_.parse(partial_.view(), pass.limits, 1, batch_->list);
    if (progress.status == resp::Parser::Status::error) {
      note_error();
      return taken;
    }
    if (progress.consumed > 0) {
      TORC_ASSERT(progress.consumed > size_before);
      keep_behind(progress);
      return taken + (progress.absorbed > 0 ? piece.size() : progress.consumed - size_before);
    }
    taken += piece.size();
    partial_.drop_back(progress.absorbed);
    if (parser_.blob_missing() > 0) break;
    step *= completion_step_factor;
  }
  return taken;
}

// The partial request is complete: its bytes go with the batch. What was copied behind it is looked at again where it
// came from, unless a part of it is in a blob already.
void Input::keep_behind(const resp::Parser::Progress& progress) {
  Buffer done = std::move(partial_);
  partial_ = Buffer();
  if (progress.absorbed > 0) {
    const std::string_view behind = done.view().substr(progress.consumed);
    partial_.append(behind.substr(0, behind.size() - progress.absorbed));
  }
  batch_->buffers.push_back(std::move(done));
}

size_t Input::fill_blob(std::string_view bytes) {
  size_t filled = 0;
  while (filled < bytes.size() && parser_.blob_missing() > 0) {
    const std::span<char> room = parser_.blob_room();
    const size_t part = std::min(room.size(), bytes.size() - filled);
    TORC_ASSERT(part > 0);
    std::memcpy(room.data(), bytes.data() + filled, part);
    parser_.blob_filled(part);
    filled += part;
  }
  return filled;
}

void Input::append_to_partial(std::string_view bytes, InputPool& pool) {
  partial_.append(bytes);
  pool.bytes_copied += bytes.size();
}

void Input::append_to_backlog(std::string_view bytes, InputPool& pool) {
  pool.bytes_copied += bytes.size();
  backlog_bytes_ += bytes.size();
  size_t block_bytes = block_bytes_min;
  if (!backlog_.empty()) {
    bytes.remove_prefix(backlog_.back().append_within_room(bytes));
    block_bytes = std::min(backlog_.back().capacity() * 2, block_bytes_max);
  }
  if (bytes.empty()) return;
  backlog_.emplace_back(std::max(block_bytes, bytes.size())).append_within_room(bytes);
}

void Input::note_error() {
  batch_->protocol_error = parser_.error();
  stopped_ = true;
}

void Input::release_batch(InputPool& pool) {
  if (!batch_) return;
  pool.spent.insert(pool.spent.end(), batch_->slices.begin(), batch_->slices.end());
  batch_->slices.clear();
  pool.batches.give_back(batch_);
  batch_ = nullptr;
}

void Input::drop_waiting(InputPool& pool) {
  release_batch(pool);
  partial_.reset();
  backlog_.clear();
  backlog_.shrink_to_fit();
  backlog_bytes_ = 0;
}

}  // namespace torc::net
