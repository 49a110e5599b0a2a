// Every decision is taken from the flags as they stand when a tick asks (update_receive, flush, end_of_input,
// try_close), not in the completion that changed one; so it does not matter in which order completions come.
#include "net/connection.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/assert.h"
#include "io/sockets.h"
#include "net/zero_copy.h"

namespace torc::net {

namespace {

// A bulk that is being received directly goes on so until little is left, which comes along with what follows.
constexpr size_t direct_rest_bytes_min = 4096;
// Shorter parts cost the kernel more to pin than to copy.
constexpr size_t zero_copy_part_bytes_min = 4096;

// A client that is not known yet gets little memory, whatever the settings are (the first as in Redis).
constexpr size_t unauthenticated_query_buffer_bytes_max = 1 << 20;
constexpr size_t unauthenticated_backlog_bytes_max = 64 * 1024;

bool passing(int32_t error) noexcept { return error == -EINTR || error == -EAGAIN || error == -ECANCELED; }

}  // namespace

void Connection::open(int fd, bool local) noexcept {
  TORC_ASSERT(!in_use_);
  fd_ = fd;
  in_use_ = true;
  const NetworkOptions& options = context_->options;
  authenticated_ = options.authenticated_at_start;
  zero_copy_ = !local || options.zero_copy_local;
  ++context_->stats.connections;
  ++context_->stats.connections_received;
}

void Connection::mark_ready() {
  if (is_ready_) return;
  is_ready_ = true;
  context_->ready.push_back(this);
}

void Connection::mark_dirty() {
  if (is_dirty_) return;
  is_dirty_ = true;
  context_->dirty.push_back(this);
}

// --- receiving

void Connection::on_received(const io::Completion& completion) noexcept {
  if (!completion.more) cancelling_ = false;
  const int32_t result = completion.result;
  if (result > 0) {
    context_->stats.input_bytes += static_cast<uint32_t>(result);
    if (receiving_direct_) {
      context_->stats.direct_bytes += static_cast<uint32_t>(result);
      input_.blob_arrived(static_cast<size_t>(result));
    } else {
      input_.arrived(completion.buffer, context_->input);
    }
  } else if (result == -ENOBUFS) {
    if (!is_starved_) context_->starved.push_back(this);
    is_starved_ = true;
  } else if (!passing(result)) {
    // The end of the stream, or an error after which there is nobody to reply to.
    ended_ = true;
    broken_ = broken_ || result < 0;
  }
  if (closing_) try_close();
  mark_ready();
}

bool Connection::wants_direct_receive() const noexcept {
  const size_t missing = input_.blob_missing();
  if (missing == 0) return false;
  return missing >= (receiving_direct_ ? direct_rest_bytes_min : context_->options.direct_receive_bytes_min);
}

// Starts or cancels a receive as the state asks for.
void Connection::update_receive() {
  size_t pause_above = waits_ ? SIZE_MAX : context_->options.backlog_bytes_max;
  if (!authenticated_ && !waits_) pause_above = std::min(pause_above, unauthenticated_backlog_bytes_max);
  if (paused_) pause_above /= 2;
  const bool was_paused = std::exchange(paused_, input_.backlog_bytes() > pause_above);
  if (paused_ && !was_paused) ++context_->stats.receives_paused;
  // Behind a violation of the protocol only for the end that comes there.
  const bool wanted = !closing_ && !ended_ && !paused_ && (!input_.stopped() || waits_);
  const bool direct = wanted && wants_direct_receive();
  if (receive_.in_flight()) {
    const bool suitable = receiving_direct_ || (!direct && (one_piece_ || !is_bulky_));
    if (cancelling_ || (wanted && suitable)) return;
    cancelling_ = true;
    context_->ring.cancel(receive_);
  } else if (wanted && (direct || !is_starved_)) {
    arm_receive(direct);
  }
}

void Connection::arm_receive(bool direct) {
  ++context_->stats.receives_armed;
  std::span<char> room;
  if (direct) room = input_.blob_room();
  receiving_direct_ = !room.empty();
  if (!receiving_direct_) {
    slow_ = false;
    one_piece_ = is_bulky_;
    return one_piece_ ? context_->ring.recv(receive_, fd_) : context_->ring.recv_multishot(receive_, fd_);
  }
  ++context_->stats.direct_receives;
  if (!slow_) time_direct_receive();
  const size_t bytes = std::min(room.size(), context_->options.direct_receive_bytes_max);
  context_->ring.recv_into(receive_, fd_, room.data(), bytes, !slow_);
}

void Connection::time_direct_receive() {
  direct_since_us_ = context_->clock.monotonic_us();
  if (std::exchange(is_direct_, true)) return;
  if (context_->direct.empty()) context_->direct_look_us = direct_since_us_ + context_->options.direct_patience_us;
  context_->direct.push_back(this);
}

bool Connection::still_receives_direct(int64_t now_us) {
  is_direct_ = in_use_ && !closing_ && receiving_direct_ && receive_.in_flight() && !cancelling_;
  if (is_direct_ && now_us - direct_since_us_ >= context_->options.direct_patience_us) {
    is_direct_ = false;
    slow_ = cancelling_ = true;
    context_->ring.cancel(receive_);
  }
  return is_direct_;
}

void Connection::receive_again() {
  is_starved_ = false;
  if (in_use_) update_receive();
}

// --- collecting

size_t Connection::collect(size_t requests_max) {
  is_ready_ = false;
  if (!in_use_) return 0;
  if (sent_) settle_sent();
  const size_t requests = closing_ ? 0 : serve_input(requests_max);
  if (closing_) wind_down();
  return requests;
}

size_t Connection::serve_input(size_t requests_max) {
  Batch* batch = nullptr;
  if (!input_.lent() && input_.unparsed()) {
    if (requests_max == 0) {
      mark_ready();
      return 0;
    }
    // Before AUTH the limits may change with every request.
    const size_t share = authenticated_ ? std::min(requests_max, context_->options.requests_per_batch) : 1;
    const resp::ParserLimits limits{static_cast<int64_t>(context_->options.bulk_bytes_max), INT32_MAX, authenticated_};
    batch = input_.parse(limits, {share, context_->options.batch_bytes_max}, context_->input);
  }
  if (!batch && over_query_buffer()) close_for_query_buffer();
  if (!batch && ended_) end_of_input();
  if (batch) {
    const size_t requests = std::max<size_t>(batch->list.requests.size(), 1);
    is_bulky_ = batch->input_bytes >= context_->options.direct_receive_bytes_min * requests;
  }
  update_receive();
  if (batch) return lend(batch);
  if (!closing_) tell_held();
  return 0;
}

// Behind update_receive(), which may have made room.
void Connection::tell_held() {
  const size_t held_bytes = input_.held_bytes(), memory_bytes = input_.memory_bytes();
  if (held_bytes == told_held_bytes_ && memory_bytes == told_memory_bytes_) return;
  told_held_bytes_ = held_bytes;
  told_memory_bytes_ = memory_bytes;
  context_->events.input_held(handle(), held_bytes, memory_bytes);
}

size_t Connection::lend(Batch* batch) {
  const size_t requests = batch->list.requests.size();
  NetworkStats& stats = context_->stats;
  ++stats.batches;
  stats.requests += requests;
  stats.protocol_errors += batch->protocol_error.empty() ? 0 : 1;
  batch->client = handle();
  told_held_bytes_ = batch->pending_bytes;
  told_memory_bytes_ = batch->pending_memory_bytes;
  context_->lent.add(batch);
  context_->events.requested(batch);
  if (ended_) end_of_input();
  if (over_query_buffer()) mark_ready();
  return requests;
}

// The peer has closed its side. Requests that arrived before are served, and their replies get a chance to leave.
void Connection::end_of_input() {
  if (closing_) return;
  if (input_.lent()) {
    if (!std::exchange(told_ended_, true)) context_->events.input_ended(handle());
    return;
  }
  if (input_.unparsed()) return;
  if (broken_ || output_.empty()) return abort();
  if (linger_until_us_ != 0) return;
  linger_until_us_ = context_->clock.monotonic_us() + context_->options.linger_us;
  if (!is_lingering_) context_->lingering.push_back(this);
  is_lingering_ = true;
}

bool Connection::still_lingers(int64_t now_us) {
  is_lingering_ = in_use_ && !closing_ && linger_until_us_ != 0;
  if (is_lingering_ && now_us >= linger_until_us_) {
    is_lingering_ = false;
    abort();
  }
  return is_lingering_;
}

bool Connection::over_query_buffer() const noexcept {
  size_t most = context_->options.query_buffer_bytes_max;
  if (!authenticated_) most = std::min(most, unauthenticated_query_buffer_bytes_max);
  return limited_bytes() > most;
}

// What a client sends behind a request that waits is all its own doing, as in Redis.
size_t Connection::limited_bytes() const noexcept {
  if (!waits_) return input_.incomplete_bytes();
  return input_.request_bytes() + waiting_batch_bytes_ + input_.backlog_bytes();
}

void Connection::close_for_query_buffer() {
  ++context_->stats.query_buffer_closes;
  io::Sockets& sockets = context_->ring.sockets();
  if (context_->log) {
    context_->log(LogLevel::warning,
                  "Closing client that reached max query buffer length: addr=" + sockets.peer_address(fd_) +
                      " laddr=" + sockets.local_address(fd_) + " fd=" + std::to_string(fd_) +
                      " qbuf=" + std::to_string(limited_bytes()));
  }
  abort();
}

void Connection::set_waits(bool yes, uint64_t batch_bytes) {
  if (std::exchange(waits_, yes) == yes) return;
  waiting_batch_bytes_ = batch_bytes;
  // There may be more to receive now, or too much has come.
  mark_ready();
}

void Connection::finished(Batch* batch) {
  TORC_ASSERT(input_.lent() && input_.batch() == batch);
  if (context_->lent.holds(batch)) context_->lent.remove(batch);
  input_.finished(context_->input);
  waits_ = false;
  const bool more_to_do = input_.unparsed() || ended_ || closing_ || !receive_.in_flight();
  if (more_to_do) mark_ready();
}

// --- sending

void Connection::reply(resp::Output&& output) {
  if (output.empty() || finishing() || broken_) return context_->hand_back(handle(), std::move(output));
  if (!output_.append(output, context_->chunks)) context_->hand_back(handle(), std::move(output));
  mark_dirty();
}

void Connection::flush() {
  is_dirty_ = false;
  if (!in_use_ || closing_) return;
  if (!sending() && !sent_ && !output_.empty() && !broken_) start_send();
  const bool done = broken_ || output_.empty();
  if (done && (finishing_ || linger_until_us_ != 0)) abort();
}

void Connection::start_send() {
  NetworkStats& stats = context_->stats;
  stats.pinned_bytes -= output_.pinned_bytes();
  const std::span<const iovec> parts = output_.next_parts(context_->options.send_bytes_max, context_->parts);
  stats.pinned_bytes += output_.pinned_bytes();
  ++stats.sends;
  if (zero_copy_ && zero_copy_pays(parts)) return start_zero_copy_send(parts);
  context_->ring.send(send_, fd_, parts);
}

bool Connection::zero_copy_pays(std::span<const iovec> parts) const noexcept {
  const uint64_t bytes_min = context_->options.zero_copy_bytes_min;
  if (bytes_min == 0 || output_.remaining_bytes() < bytes_min) return false;
  size_t bytes = 0;
  for (const iovec& part : parts) bytes += part.iov_len;
  return bytes >= bytes_min && bytes / parts.size() >= zero_copy_part_bytes_min;
}

void Connection::start_zero_copy_send(std::span<const iovec> parts) {
  if (!shipment_) shipment_ = new Shipment(context_, handle());
  zero_copy_sending_ = true;
  ZeroCopySend::start(context_, this, shipment_, fd_, parts);
}

void Connection::on_sent(const io::Completion& completion) noexcept {
  sent_result_ = completion.result;
  sent_ = true;
  if (closing_) try_close();
  mark_ready();
}

void Connection::zero_copy_sent(int32_t result) noexcept {
  zero_copy_sending_ = false;
  sent_result_ = result;
  sent_ = true;
  if (closing_) try_close();
  mark_ready();
}

// Reports the progress of the send that has completed, and hands spent Outputs back.
void Connection::settle_sent() {
  sent_ = false;
  if (sent_result_ < 0 && !passing(sent_result_)) {
    // Requests that have arrived are still executed; nobody gets the replies.
    broken_ = ended_ = true;
    return drop_output();
  }
  const auto bytes = static_cast<uint32_t>(std::max(sent_result_, 0));
  context_->stats.output_bytes += bytes;
  if (output_.advance(bytes, context_->parts)) {
    release_under_way(bytes);
  } else {
    ++context_->stats.short_sends;
    if (bytes > 0) context_->events.sent(handle(), bytes, std::move(context_->nothing));
  }
  mark_dirty();
}

// What was under way is out, or given up: it goes back, with the last progress.
void Connection::release_under_way(uint64_t bytes) {
  std::vector<OutputQueue::Item>& items = output_.under_way();
  context_->stats.pinned_bytes -= output_.pinned_bytes();
  if (shipment_) {
    // The kernel may still be reading.
    context_->stats.pinned_bytes += output_.pinned_bytes();
    shipment_->take_over(std::move(items), output_.pinned_bytes());
    std::exchange(shipment_, nullptr)->release();
    items.clear();
  }
  for (OutputQueue::Item& item : items) {
    if (!item.own) context_->events.sent(handle(), std::exchange(bytes, 0), std::move(item.output));
  }
  if (bytes > 0) context_->events.sent(handle(), bytes, std::move(context_->nothing));
  output_.clear_under_way(context_->parts);
}

void Connection::drop_output() {
  release_under_way(0);
  context_->hand_back(handle(), output_.waiting());
  output_.clear_waiting();
}

// --- closing

void Connection::finish() {
  if (finishing()) return;
  finishing_ = true;
  input_.stop(context_->input);
  update_receive();
  mark_dirty();
}

void Connection::abort() {
  if (closing_) return;
  closing_ = true;
  --context_->stats.connections;
  input_.stop(context_->input);
  cancelling_ = true;
  context_->ring.cancel(receive_);
  context_->ring.cancel(send_);
  mark_ready();
  // Wakes whatever cannot be cancelled, and tells the peer even when a forked child holds the descriptor too.
  close_phase_ = ClosePhase::shutting_down;
  context_->ring.shutdown(close_, fd_, SHUT_RDWR);
}

void Connection::on_closed(const io::Completion&) noexcept {
  if (close_phase_ == ClosePhase::shutting_down) {
    close_phase_ = ClosePhase::shut_down;
    return try_close();
  }
  TORC_ASSERT(close_phase_ == ClosePhase::closing);
  close_phase_ = ClosePhase::closed;
  mark_ready();
}

void Connection::try_close() {
  if (close_phase_ != ClosePhase::shut_down || receive_.in_flight() || sending()) return;
  close_phase_ = ClosePhase::closing;
  context_->ring.close(close_, fd_);
}

void Connection::wind_down() {
  if (!sending() && !sent_) drop_output();
  if (!std::exchange(told_closed_, true)) context_->events.closed(handle());
  if (close_phase_ == ClosePhase::closed && !input_.lent()) release_slot();
}

void Connection::release_slot() {
  TORC_ASSERT(!receive_.in_flight() && !sending() && !close_.in_flight() && !shipment_);
  input_.reset(context_->input);
  in_use_ = authenticated_ = zero_copy_ = sent_ = receiving_direct_ = slow_ = cancelling_ = paused_ = false;
  waits_ = false;
  is_bulky_ = one_piece_ = false;
  told_held_bytes_ = told_memory_bytes_ = 0;
  ended_ = told_ended_ = broken_ = finishing_ = closing_ = told_closed_ = false;
  close_phase_ = ClosePhase::open;
  linger_until_us_ = 0;
  fd_ = -1;
  ++generation_;
  context_->free_slots.push_back(index_);
}

}  // namespace torc::net
