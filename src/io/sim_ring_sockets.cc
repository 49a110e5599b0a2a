// Sockets, time: what these operations do in the simulated world.
#include <poll.h>

#include <cerrno>

#include "io/sim_ring.h"

namespace torc::io {

SimRing::Pending& SimRing::add_socket(Operation& operation, int fd, Attempt attempt) {
  DescriptorRef target = descriptor(fd);
  if (!target) return add(operation, nullptr, [](Pending&) { return done(-EBADF); });
  if (target->node) return add(operation, nullptr, [](Pending&) { return done(-ENOTSOCK); });
  return add(operation, std::move(target), std::move(attempt));
}

void SimRing::accept_multishot(Operation& operation, int fd) {
  add_socket(operation, fd, [this](Pending& pending) -> Outcome {
    if (!pending.target->listener || pending.target->listener->stopped()) return done(-EINVAL);
    auto socket = pending.target->listener->accept();
    if (!socket) return {};
    auto accepted = std::make_shared<Descriptor>();
    accepted->socket = std::move(socket);
    Outcome outcome = done(number_of(std::move(accepted)));
    if (!world_.chance(world_.options().multishot_end_permille)) outcome.step = Step::shot;
    return outcome;
  });
}

// --- Receiving

void SimRing::recv_multishot(Operation& operation, int fd) { receive(operation, fd, true); }

void SimRing::recv(Operation& operation, int fd) { receive(operation, fd, false); }

void SimRing::receive(Operation& operation, int fd, bool multishot) {
  add_socket(operation, fd, [this, multishot](Pending& pending) -> Outcome {
    if (!pending.target->socket) return done(-ENOTCONN);
    return receive_some(*pending.target->socket, multishot);
  });
}

SimRing::Outcome SimRing::receive_some(SimSocket& socket, bool multishot) {
  if (!socket.readable()) return {};
  const SimOptions& options = world_.options();
  if (buffers_available() == 0 || world_.chance(options.buffer_shortage_permille)) return done(-ENOBUFS);
  Outcome outcome;
  outcome.result = socket.read(options.receive_buffer_bytes, &outcome.data);
  if (outcome.result == -EAGAIN) return {};
  outcome.step = Step::done;
  if (outcome.result <= 0) return outcome;
  outcome.slice = true;
  ++buffers_used_;
  if (multishot && !world_.chance(options.multishot_end_permille)) outcome.step = Step::shot;
  return outcome;
}

void SimRing::recv_into(Operation& operation, int fd, void* data, size_t size, bool wait_all) {
  Pending& pending = add_socket(operation, fd, [size, wait_all](Pending& self) -> Outcome {
    if (!self.target->socket) return done(-ENOTCONN);
    return collect(self, *self.target->socket, size, wait_all);
  });
  guard_destination(pending, data, size);
}

SimRing::Outcome SimRing::collect(Pending& pending, SimSocket& socket, size_t size, bool wait_all) {
  std::string& collected = pending.collected;
  int result = 1;
  while (collected.size() < size && result > 0) {
    result = socket.read(size - collected.size(), &collected);
    if (result > 0 && !wait_all) break;
  }
  const bool waits = collected.empty() || (wait_all && collected.size() < size);
  if (result == -EAGAIN && waits) return {};
  Outcome outcome = done(collected.empty() ? result : static_cast<int>(collected.size()));
  outcome.data = std::move(collected);
  return outcome;
}

// --- Sending

void SimRing::send(Operation& operation, int fd, std::span<const iovec> parts) {
  send_parts(operation, fd, parts, false);
}

void SimRing::send_zero_copy(Operation& operation, int fd, std::span<const iovec> parts) {
  send_parts(operation, fd, parts, true);
}

void SimRing::send_parts(Operation& operation, int fd, std::span<const iovec> parts, bool zero_copy) {
  if (const DescriptorRef target = descriptor(fd)) {
    for (const PendingRef& other : target->operations) TORC_ASSERT(!other->is_send);
  }
  const std::vector<iovec> copy(parts.begin(), parts.end());
  Pending& pending = add_socket(operation, fd, [this, copy, zero_copy](Pending& self) -> Outcome {
    if (!self.reported && !self.target->socket) return done(-ENOTCONN);
    Outcome outcome = self.reported ? Outcome{} : continue_send(self, copy);
    return zero_copy ? report_zero_copy(self, std::move(outcome)) : outcome;
  });
  pending.is_send = true;
  guard_parts(pending, parts);
}

SimRing::Outcome SimRing::continue_send(Pending& pending, const std::vector<iovec>& parts) {
  size_t start = 0;  // of the part, counted over all
  for (const iovec& part : parts) {
    while (pending.progress < start + part.iov_len) {
      const size_t skipped = pending.progress - start;
      const std::string_view rest(static_cast<const char*>(part.iov_base) + skipped, part.iov_len - skipped);
      const int sent = pending.target->socket->write(rest);
      if (sent == -EAGAIN && (pending.progress == 0 || !world_.chance(world_.options().short_write_permille)))
        return {};
      if (sent < 0) return done(pending.progress > 0 ? static_cast<int>(pending.progress) : sent);
      pending.progress += static_cast<size_t>(sent);
    }
    start += part.iov_len;
  }
  return done(static_cast<int>(pending.progress));
}

SimRing::Outcome SimRing::report_zero_copy(Pending& pending, Outcome outcome) {
  if (pending.answer) {
    Outcome notification = done(0);
    notification.notification = true;
    return notification;
  }
  if (pending.reported || outcome.step == Step::blocked) return {};
  // The result now, the notification when the peer has read everything; until then the memory stays guarded. The
  // operation does not keep the socket open any more.
  pending.reported = true;
  pending.is_send = false;
  const PendingRef self = operations_.at(pending.operation);
  pending.socket = pending.target->socket;
  std::erase(pending.target->operations, self);
  pending.socket->when_drained([this, weak = std::weak_ptr(self), alive = std::weak_ptr(alive_)] {
    const PendingRef owed = weak.lock();
    if (alive.expired() || !owed) return;
    owed->answer = 0;
    after(0, [this, owed] { try_now(owed); });
  });
  outcome.step = Step::shot;
  return outcome;
}

// --- The rest

void SimRing::connect(Operation& operation, int fd, const sockaddr* address, socklen_t size) {
  Pending& pending =
      add_socket(operation, fd, [](Pending& self) -> Outcome { return self.answer ? done(*self.answer) : Outcome{}; });
  guard(pending, address, size);
  if (!pending.target) return;
  const bool connected = pending.target->socket || pending.target->listener;
  pending.begin = [this, connected, to = endpoint_of(address, size)](const PendingRef& self) {
    if (connected) {
      self->answer = -EISCONN;
      return;
    }
    const std::string from = self->target->source.host.empty() ? host_ : self->target->source.host;
    network_.connect(from, to, [this, self, alive = std::weak_ptr(alive_)](auto socket) {
      if (alive.expired() || self->finished) {
        if (socket) (*socket)->close();
        return;
      }
      self->answer = socket ? 0 : -socket.error();
      if (socket) {
        self->target->socket = std::move(*socket);
        watch(self->target);
      }
      after(0, [this, self] { try_now(self); });
    });
  };
}

void SimRing::shutdown(Operation& operation, int fd, int how) {
  add_socket(operation, fd, [this, how](Pending& self) -> Outcome {
    Descriptor& target = *self.target;
    if (target.listener) {
      network_.stop_listening(target.listener);
      return done(0);
    }
    if (!target.socket) return done(-ENOTCONN);
    if (how != SHUT_WR) target.socket->shut_read();
    if (how != SHUT_RD) target.socket->shut_write();
    return done(0);
  });
}

void SimRing::poll(Operation& operation, int fd, uint32_t events) {
  add_socket(operation, fd, [events](Pending& self) -> Outcome {
    const Descriptor& target = *self.target;
    uint32_t ready = 0;
    if (target.socket && target.socket->readable()) ready |= POLLIN;
    if (target.socket && target.socket->writable()) ready |= POLLOUT;
    if (target.listener && target.listener->has_waiting()) ready |= POLLIN;
    ready &= events;
    return ready != 0 ? done(static_cast<int>(ready)) : Outcome{};
  });
}

void SimRing::timeout(Operation& operation, int64_t time_us, TimeoutKind kind) {
  Pending& pending = add(operation, nullptr, [this](Pending& self) -> Outcome {
    return world_.now_us() >= self.due_us ? done(-ETIME) : Outcome{};
  });
  pending.delay_us_max = 0;
  pending.begin = [this, time_us, kind](const PendingRef& self) {
    const int64_t now_us = world_.now_us();
    self->due_us = kind == TimeoutKind::absolute ? time_us : now_us + time_us;
    after(self->due_us - now_us, [this, self] { try_now(self); });
  };
}

}  // namespace torc::io
