// Connections as pairs of byte queues with delays; a seed decides when what arrives.
#include "io/sim_network.h"

#include <algorithm>
#include <cerrno>

namespace torc::io {

namespace {

constexpr int64_t connect_patience_us = 127'000'000;  // Linux's default of six SYN retries
constexpr int64_t connect_retry_us = 1'000'000;

// Both addresses of a machine name it.
std::string machine(const std::string& host) {
  return host.starts_with(SimEndpoint::version_6_prefix) ? host.substr(SimEndpoint::version_6_prefix.size()) : host;
}

std::pair<std::string, std::string> ordered(const std::string& one, const std::string& other) {
  std::pair machines(machine(one), machine(other));
  if (machines.second < machines.first) std::swap(machines.first, machines.second);
  return machines;
}

}  // namespace

std::string SimEndpoint::text() const {
  if (!path.empty()) return path + ":0";
  const bool version_6 = host.find(':') != std::string::npos;
  return (version_6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// --- SimSocket

int SimSocket::read(size_t max, std::string* out) {
  if (error_ != 0) return -std::exchange(error_, 0);
  if (inbox_.empty()) return ended_ || shut_read_ ? 0 : -EAGAIN;
  SimWorld& world = network_.world();
  size_t count = std::min(max, inbox_.size());
  if (world.chance(world.options().short_read_permille)) count = world.part_of(count);
  out->append(inbox_, 0, count);
  inbox_.erase(0, count);
  // The window opens; the sender hears of it later.
  world.after(world.delay_us(world.options().network_us_max), [peer = peer_] {
    if (const auto socket = peer.lock()) socket->notify();
  });
  return static_cast<int>(count);
}

int SimSocket::write(std::string_view bytes) {
  if (error_ != 0) return -std::exchange(error_, 0);
  if (shut_write_ || gone_) return -EPIPE;
  SimWorld& world = network_.world();
  if (world.chance(world.options().reset_permille)) {
    reset();
    return -ECONNRESET;
  }
  const size_t count = std::min(bytes.size(), room());
  if (count == 0 && !bytes.empty()) return -EAGAIN;
  transmit(SegmentKind::data, std::string(bytes.substr(0, count)));
  return static_cast<int>(count);
}

void SimSocket::shut_read() {
  shut_read_ = true;
  notify();
}

void SimSocket::shut_write() {
  if (std::exchange(shut_write_, true)) return;
  transmit(SegmentKind::end, {});
  notify();
}

void SimSocket::close() {
  if (std::exchange(gone_, true)) return;
  if (!inbox_.empty()) {
    transmit(SegmentKind::reset, {});
  } else if (!shut_write_) {
    transmit(SegmentKind::end, {});
  }
  shut_read_ = shut_write_ = true;
  inbox_.clear();
  changed_ = nullptr;
}

void SimSocket::reset() {
  if (gone_) return;
  transmit(SegmentKind::reset, {});
  inbox_.clear();
  error_ = 0;
  ended_ = shut_read_ = shut_write_ = true;
  notify();
}

void SimSocket::vanish() {
  gone_ = true;
  inbox_.clear();
  under_way_.clear();
  under_way_bytes_ = 0;
  changed_ = nullptr;
}

bool SimSocket::drained() const noexcept {
  const auto peer = peer_.lock();
  return !peer || peer->gone_ || (peer->inbox_.empty() && peer->under_way_bytes_ == 0);
}

size_t SimSocket::room() const noexcept {
  const auto peer = peer_.lock();
  const size_t limit = network_.world().options().socket_buffer_bytes;
  // Towards nobody one can always send; the answer is a reset.
  if (!peer || peer->gone_) return limit;
  const size_t used = peer->inbox_.size() + peer->under_way_bytes_;
  return limit - std::min(limit, used);
}

void SimSocket::transmit(SegmentKind kind, std::string bytes) {
  const auto peer = peer_.lock();
  SimWorld& world = network_.world();
  if (!peer) {
    // Nobody is there any more: data is answered with a reset.
    if (kind == SegmentKind::data) {
      world.after(world.delay_us(world.options().network_us_max), [self = weak_from_this()] {
        if (const auto socket = self.lock()) socket->fail();
      });
    }
    return;
  }
  int64_t due_us = world.now_us() + world.delay_us(world.options().network_us_max);
  if (!peer->under_way_.empty()) due_us = std::max(due_us, peer->under_way_.back().due_us);
  peer->under_way_bytes_ += bytes.size();
  peer->under_way_.push_back({due_us, kind, std::move(bytes)});
  world.after(due_us - world.now_us(), [target = std::weak_ptr(peer)] {
    if (const auto socket = target.lock()) socket->arrive();
  });
}

void SimSocket::arrive() {
  if (!network_.reachable(local_.host, peer_endpoint_.host)) return;
  bool changed = false;
  while (!under_way_.empty() && under_way_.front().due_us <= network_.world().now_us()) {
    Segment segment = std::move(under_way_.front());
    under_way_.pop_front();
    under_way_bytes_ -= segment.bytes.size();
    take(segment);
    changed = true;
  }
  if (changed) notify();
}

void SimSocket::take(Segment& segment) {
  if (gone_ || shut_read_) {
    // Data for a socket that is gone is answered with a reset; other ends of the conversation do not matter any more.
    if (segment.kind == SegmentKind::data && gone_) transmit(SegmentKind::reset, {});
    return;
  }
  if (segment.kind == SegmentKind::data) {
    inbox_ += segment.bytes;
  } else if (segment.kind == SegmentKind::end) {
    ended_ = true;
  } else {
    fail();
  }
}

void SimSocket::fail() {
  if (gone_ || (ended_ && shut_write_)) return;
  inbox_.clear();
  // The answer to what was sent to nobody may overtake data, which must not be seen behind it.
  under_way_.clear();
  under_way_bytes_ = 0;
  error_ = ECONNRESET;
  ended_ = shut_write_ = true;
  notify();
}

void SimSocket::notify() {
  // A copy: the callback may replace itself.
  if (const auto changed = changed_) changed();
  if (when_drained_.empty() || !drained()) return;
  for (const auto& callback : std::exchange(when_drained_, {})) callback();
}

void SimSocket::when_drained(std::function<void()> drained) {
  when_drained_.push_back(std::move(drained));
  network_.world().after(0, [self = weak_from_this()] {
    if (const auto socket = self.lock()) socket->notify();
  });
}

// --- SimListener

std::shared_ptr<SimSocket> SimListener::accept() {
  if (waiting_.empty()) return nullptr;
  auto socket = std::move(waiting_.front());
  waiting_.pop_front();
  return socket;
}

// --- SimPeer

SimPeer::SimPeer(std::shared_ptr<SimSocket> socket) { attach(std::move(socket)); }

SimPeer::~SimPeer() { close(); }

void SimPeer::attach(std::shared_ptr<SimSocket> socket) {
  socket_ = std::move(socket);
  socket_->when_changed([this] { turn(); });
  turn();
}

void SimPeer::turn() {
  while (!outbox_.empty()) {
    const int count = socket_->write(outbox_);
    if (count < 0 && count != -EAGAIN && error_ == 0) error_ = -count;
    if (count <= 0) break;
    outbox_.erase(0, static_cast<size_t>(count));
  }
  if (end_sending_ && outbox_.empty()) socket_->shut_write();
  while (!reads_nothing_ && !ended_) {
    const int count = socket_->read(SIZE_MAX, &received_);
    if (count == -EAGAIN) break;
    ended_ = count <= 0;
    if (count < 0 && error_ == 0) error_ = -count;
  }
}

void SimPeer::send(std::string_view bytes) {
  outbox_ += bytes;
  if (socket_) turn();
}

std::string SimPeer::take() { return std::exchange(received_, {}); }

void SimPeer::read_nothing(bool on) {
  reads_nothing_ = on;
  if (socket_) turn();
}

void SimPeer::end_sending() {
  end_sending_ = true;
  if (socket_) turn();
}

void SimPeer::close() {
  if (!socket_) return;
  socket_->when_changed(nullptr);
  socket_->close();
  socket_ = nullptr;
}

void SimPeer::reset() {
  if (!socket_) return;
  socket_->when_changed(nullptr);
  socket_->reset();
  socket_ = nullptr;
}

// --- SimNetwork

std::expected<std::shared_ptr<SimListener>, int> SimNetwork::listen(SimEndpoint endpoint, size_t backlog) {
  if (endpoint.port == 0 && endpoint.path.empty()) endpoint.port = next_port_++;
  if (listeners_.contains(endpoint)) return std::unexpected(EADDRINUSE);
  auto listener = std::make_shared<SimListener>(endpoint, std::max<size_t>(backlog, 1));
  listeners_.emplace(std::move(endpoint), listener);
  return listener;
}

void SimNetwork::stop_listening(const std::shared_ptr<SimListener>& listener) {
  for (const auto& socket : listener->waiting_) socket->reset();
  listener->waiting_.clear();
  listener->stopped_ = true;
  if (const auto changed = listener->changed_) changed();
  std::erase_if(listeners_, [&](const auto& item) { return item.second == listener; });
}

void SimNetwork::connect(const std::string& from_host, const SimEndpoint& to, Connected connected) {
  const int64_t give_up_us = world_.now_us() + connect_patience_us;
  world_.after(world_.delay_us(world_.options().network_us_max),
               [=, this] { try_to_connect(from_host, to, give_up_us, connected); });
}

void SimNetwork::try_to_connect(const std::string& from_host, const SimEndpoint& to, int64_t give_up_us,
                                Connected connected) {
  const auto found = listeners_.find(to);
  const bool reaches = reachable(from_host, to.host);
  if (reaches && found == listeners_.end()) return connected(std::unexpected(ECONNREFUSED));
  if (reaches && found->second->waiting_.size() < found->second->backlog_) {
    return connected(join(from_host, *found->second));
  }
  if (world_.now_us() >= give_up_us) return connected(std::unexpected(ETIMEDOUT));
  world_.after(connect_retry_us, [=, this] { try_to_connect(from_host, to, give_up_us, connected); });
}

std::shared_ptr<SimSocket> SimNetwork::join(const std::string& from_host, SimListener& listener) {
  const bool unix_socket = !listener.endpoint().path.empty();
  const SimEndpoint from =
      unix_socket ? listener.endpoint() : SimEndpoint{from_host, static_cast<uint16_t>(next_port_++), {}};
  auto client = std::make_shared<SimSocket>(*this, from, listener.endpoint());
  auto server = std::make_shared<SimSocket>(*this, listener.endpoint(), from);
  client->peer_ = server;
  server->peer_ = client;
  std::erase_if(sockets_, [](const auto& socket) { return socket.expired(); });
  sockets_.push_back(client);
  sockets_.push_back(server);
  listener.waiting_.push_back(server);
  if (const auto changed = listener.changed_) changed();
  return client;
}

std::shared_ptr<SimPeer> SimNetwork::connect_peer(const std::string& from_host, const SimEndpoint& to) {
  auto peer = std::make_shared<SimPeer>();
  connect(from_host, to, [weak = std::weak_ptr(peer)](auto socket) {
    const auto alive = weak.lock();
    if (!alive) {
      if (socket) (*socket)->close();
    } else if (socket) {
      alive->attach(std::move(*socket));
    } else {
      alive->ended_ = true;
      alive->error_ = socket.error();
    }
  });
  return peer;
}

void SimNetwork::serve(const SimEndpoint& endpoint, std::function<void(std::shared_ptr<SimPeer>)> accepted) {
  const auto listener = listen(endpoint, 128).value();
  listener->when_changed([listener = listener.get(), accepted = std::move(accepted)] {
    while (auto socket = listener->accept()) accepted(std::make_shared<SimPeer>(std::move(socket)));
  });
}

void SimNetwork::partition(const std::string& one, const std::string& other) {
  partitions_.insert(ordered(one, other));
}

void SimNetwork::heal(const std::string& one, const std::string& other) {
  partitions_.erase(ordered(one, other));
  deliver_held_back();
}

void SimNetwork::heal_all() {
  partitions_.clear();
  deliver_held_back();
}

void SimNetwork::deliver_held_back() {
  const auto sockets = sockets_;
  for (const auto& weak : sockets) {
    if (const auto socket = weak.lock()) socket->arrive();
  }
}

bool SimNetwork::reachable(const std::string& one, const std::string& other) const {
  return !partitions_.contains(ordered(one, other));
}

}  // namespace torc::io
