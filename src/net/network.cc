// Slots live in slabs, since operations must not move; a slot's index is the connection's name for the session half.
#include "net/network.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/assert.h"
#include "io/sockets.h"

namespace torc::net {

// Constructed slot by slot, in place.
struct Network::Slab {
  alignas(Connection) std::byte memory[slots_per_slab * sizeof(Connection)];
  size_t used = 0;

  [[nodiscard]] Connection* at(size_t place) noexcept { return reinterpret_cast<Connection*>(memory) + place; }
  ~Slab() { std::destroy_n(at(0), used); }
};

Network::Network(io::Ring& ring, session::ConnectionEvents& events, const base::Clock& clock,
                 const NetworkOptions& options, LogFunction log)
    : context_{ring, events, clock, options, std::move(log)}, listeners_(&context_), rejections_(&context_) {}

Network::~Network() {
  for (const io::BufferSlice& slice : context_.input.spent) context_.ring.give_back(slice);
}

std::expected<void, std::string> Network::listen() {
  if (!listeners_.follow_options()) {
    return std::unexpected("Failed listening on port " + std::to_string(context_.options.port) + " (tcp), aborting.");
  }
  if (auto local = listeners_.listen_unix(); !local) return local;
  if (listeners_.listening() == 0) return std::unexpected("Configured to not listen anywhere, exiting.");
  return {};
}

// --- the tick

void Network::collect() {
  TORC_ASSERT(!inside_collect_);
  inside_collect_ = true;
  hand_back_outputs();
  listeners_.collect();
  if (!rejections_.empty()) rejections_.collect();
  if (!listeners_.accepted().empty()) accept();
  if (!context_.lingering.empty() || closing_all_) end_lingering();
  if (!context_.direct.empty()) end_slow_receives();
  collecting_.swap(context_.ready);
  size_t requests_left = context_.options.requests_per_tick;
  for (Connection* connection : collecting_) {
    const size_t requests = connection->collect(requests_left);
    requests_left -= std::min(requests, requests_left);
  }
  collecting_.clear();
  inside_collect_ = false;
}

void Network::hand_back_outputs() {
  handing_back_.swap(context_.spent_outputs);
  for (SpentOutput& spent : handing_back_) context_.events.sent(spent.client, 0, std::move(spent.output));
  handing_back_.clear();
}

void Network::end_lingering() {
  const int64_t now_us = context_.clock.monotonic_us();
  std::erase_if(context_.lingering, [&](Connection* connection) { return !connection->still_lingers(now_us); });
  if (!closing_all_ || now_us < close_until_us_) return;
  rejections_.close_all();
  for (uint32_t i = 0; i < slots_; ++i) {
    if (slot(i).in_use()) slot(i).abort();
  }
}

void Network::end_slow_receives() {
  const int64_t now_us = context_.clock.monotonic_us();
  if (now_us < context_.direct_look_us) return;
  std::erase_if(context_.direct, [&](Connection* connection) { return !connection->still_receives_direct(now_us); });
  context_.direct_look_us = now_us + context_.options.direct_patience_us;
}

void Network::detach_lent() {
  for (Batch* batch : context_.lent.all()) {
    if (batch->slices.empty()) continue;
    ++context_.stats.batches_detached;
    batch->detach(context_.input.spent);
  }
  // They need no more care, however long they stay.
  context_.lent.clear();
}

void Network::flush() {
  for (size_t i = 0; i < context_.dirty.size(); ++i) context_.dirty[i]->flush();
  context_.dirty.clear();
  for (const io::BufferSlice& slice : context_.input.spent) context_.ring.give_back(slice);
  context_.input.spent.clear();
  context_.stats.bytes_copied = context_.input.bytes_copied;
  if (!context_.starved.empty()) receive_starved();
}

// First come, first served, and no more than there are buffers: each further one would only fail again.
void Network::receive_starved() {
  const size_t count = std::min<size_t>(context_.starved.size(), context_.ring.buffers_available());
  const std::vector<Connection*> served(context_.starved.begin(),
                                        context_.starved.begin() + static_cast<ptrdiff_t>(count));
  context_.starved.erase(context_.starved.begin(), context_.starved.begin() + static_cast<ptrdiff_t>(count));
  for (Connection* connection : served) connection->receive_again();
}

bool Network::has_work() const noexcept {
  return !context_.ready.empty() || !context_.spent_outputs.empty() || !listeners_.accepted().empty();
}

int64_t Network::wanted_at_us() const noexcept {
  int64_t at_us = listeners_.wanted_at_us();
  if (closing_all_) at_us = std::min(at_us, close_until_us_);
  if (!context_.direct.empty()) at_us = std::min(at_us, context_.direct_look_us);
  for (const Connection* connection : context_.lingering) at_us = std::min(at_us, connection->linger_until_us());
  return at_us;
}

// --- connections

void Network::accept() {
  std::vector<Accepted>& accepted = listeners_.accepted();
  const size_t count = std::min(accepted.size(), context_.options.accepts_per_tick);
  for (size_t i = 0; i < count; ++i) open(accepted[i]);
  accepted.erase(accepted.begin(), accepted.begin() + static_cast<ptrdiff_t>(count));
}

void Network::open(const Accepted& accepted) {
  io::Sockets& sockets = context_.ring.sockets();
  if (closing_all_) return sockets.close(accepted.fd);
  if (context_.stats.connections >= static_cast<uint64_t>(context_.options.clients_max)) {
    return rejections_.reject(accepted.fd);
  }
  session::Peer peer;
  peer.descriptor = accepted.fd;
  peer.unix_socket = accepted.unix_socket;
  peer.loopback = accepted.unix_socket || sockets.peer_is_local(accepted.fd);
  peer.address = sockets.peer_address(accepted.fd);
  peer.local_address = sockets.local_address(accepted.fd);
  if (!accepted.unix_socket) {
    sockets.set_no_delay(accepted.fd, true);
    const int64_t keepalive_s = context_.options.keepalive_s;
    if (keepalive_s > 0) sockets.set_keepalive(accepted.fd, static_cast<int>(keepalive_s));
  }
  Connection& connection = free_slot();
  connection.open(accepted.fd, peer.loopback);
  context_.events.opened(connection.handle(), std::move(peer));
  connection.start();
}

Connection& Network::slot(uint32_t index) noexcept {
  return *slabs_[index / slots_per_slab]->at(index % slots_per_slab);
}

Connection& Network::free_slot() {
  if (!context_.free_slots.empty()) {
    const uint32_t index = context_.free_slots.back();
    context_.free_slots.pop_back();
    return slot(index);
  }
  const uint32_t index = slots_++;
  if (index % slots_per_slab == 0) slabs_.push_back(std::make_unique_for_overwrite<Slab>());
  Slab& slab = *slabs_.back();
  return *std::construct_at(slab.at(slab.used++), &context_, index);
}

Connection* Network::find(session::ClientHandle handle) noexcept {
  if (handle.index >= slots_) return nullptr;
  Connection& connection = slot(handle.index);
  return connection.in_use() && connection.handle() == handle ? &connection : nullptr;
}

// --- from the session half

void Network::reply(session::ReplyBatch&& batch) {
  Connection* connection = find(batch.client);
  if (!connection) return context_.hand_back(batch.client, std::move(batch.output));
  if (batch.close == session::CloseMode::now) {
    context_.hand_back(batch.client, std::move(batch.output));
    return connection->abort();
  }
  connection->reply(std::move(batch.output));
  // What was moved from is empty and still knows its pool.
  if (!std::exchange(context_.pool_known, true)) context_.nothing = std::move(batch.output);
  if (batch.close == session::CloseMode::after_reply) connection->finish();
}

void Network::finished(session::RequestBatch* batch) {
  Connection* connection = find(batch->client);
  TORC_ASSERT(connection);
  connection->finished(static_cast<Batch*>(batch));
}

void Network::authenticated(session::ClientHandle handle, bool yes) {
  if (Connection* connection = find(handle)) connection->set_authenticated(yes);
}

void Network::waits(session::ClientHandle handle, bool yes, uint64_t batch_bytes) {
  if (Connection* connection = find(handle)) connection->set_waits(yes, batch_bytes);
}

void Network::slices_spent(const std::vector<io::BufferSlice>& slices) {
  context_.input.spent.insert(context_.input.spent.end(), slices.begin(), slices.end());
}

// --- the end

void Network::close_all(int64_t within_us) {
  closing_all_ = true;
  close_until_us_ = context_.clock.monotonic_us() + within_us;
  listeners_.close_all();
  for (uint32_t i = 0; i < slots_; ++i) {
    if (slot(i).in_use()) slot(i).finish();
  }
}

bool Network::closed() const noexcept {
  return closing_all_ && listeners_.empty() && listeners_.accepted().empty() && rejections_.empty() &&
         context_.free_slots.size() == slots_ && context_.spent_outputs.empty();
}

void Network::reset_stats() noexcept {
  NetworkStats fresh;
  fresh.connections = context_.stats.connections;
  fresh.pinned_bytes = context_.stats.pinned_bytes;
  context_.stats = fresh;
  context_.input.bytes_copied = 0;
}

}  // namespace torc::net
