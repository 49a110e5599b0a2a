// The machinery of the simulated ring: from queueing to delivery. What the operations do is in sim_ring_sockets.cc and
// sim_ring_files.cc.
#include "io/sim_ring.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/hash.h"

namespace torc::io {

namespace {

uint64_t checksum(const void* data, size_t size) noexcept {
  return base::siphash13({}, {static_cast<const char*>(data), size});
}

}  // namespace

SimRing::SimRing(SimWorld& world, SimNetwork& network, SimDisk& disk, std::string host)
    : world_(world),
      network_(network),
      disk_(disk),
      host_(std::move(host)),
      sockets_(*this),
      alive_(std::make_shared<bool>(true)) {
  stats_.buffers = world_.options().receive_buffers;
  stats_.buffer_bytes = stats_.buffers * world_.options().receive_buffer_bytes;
}

SimRing::~SimRing() { die(Death::kill); }

void SimRing::die(Death how) {
  if (!alive_) return;
  alive_ = nullptr;
  // Descriptors that were closed live on in their operations.
  std::vector<DescriptorRef> targets;
  for (const auto& [fd, descriptor] : descriptors_) targets.push_back(descriptor);
  for (const auto& [operation, pending] : operations_) {
    if (pending->target) targets.push_back(pending->target);
    forget(*operation);
  }
  for (const DescriptorRef& target : targets) {
    target->operations.clear();
    if (how == Death::power_cut && target->socket) target->socket->vanish();
    end_descriptor(*target);
  }
  operations_.clear();
  descriptors_.clear();
  queued_.clear();
  ready_.clear();
  slices_.clear();
  buffers_used_ = 0;
}

void SimRing::after(int64_t delay_us, std::function<void()> event) {
  world_.after(delay_us, [alive = std::weak_ptr(alive_), event = std::move(event)] {
    if (!alive.expired()) event();
  });
}

// --- Memory that is lent to operations

void SimRing::guard(Pending& pending, const void* data, size_t size) {
  pending.guards.push_back({data, size, checksum(data, size)});
}

void SimRing::guard_parts(Pending& pending, std::span<const iovec> parts) {
  TORC_ASSERT(parts.size() <= parts_max);
  guard(pending, parts.data(), parts.size_bytes());
  for (const iovec& part : parts) guard(pending, part.iov_base, part.iov_len);
}

void SimRing::guard_path(Pending& pending, const char* path) { guard(pending, path, std::strlen(path) + 1); }

void SimRing::guard_destination(Pending& pending, void* data, size_t size) {
  pending.destination = data;
  std::memset(data, static_cast<int>(world_.random().below(256)), size);
  guard(pending, data, size);
}

// --- From queueing to completion

SimRing::Pending& SimRing::add(Operation& operation, DescriptorRef target, Attempt attempt) {
  auto pending = std::make_shared<Pending>();
  pending->operation = &operation;
  pending->target = std::move(target);
  pending->attempt = std::move(attempt);
  pending->delay_us_max = world_.options().operation_us_max;
  // A dead process does nothing, and its objects must be able to die.
  if (!alive_) return *(discarded_ = std::move(pending));
  mark_queued(operation);
  if (pending->target) pending->target->operations.push_back(pending);
  operations_.emplace(&operation, pending);
  queued_.push_back(pending);
  return *pending;
}

void SimRing::submit() {
  stats_.submissions += queued_.size();
  for (const PendingRef& pending : std::exchange(queued_, {})) {
    if (pending->finished) continue;  // cancelled before it began
    if (pending->begin) pending->begin(pending);
    after(world_.delay_us(pending->delay_us_max), [this, pending] {
      pending->started = true;
      try_now(pending);
    });
  }
}

void SimRing::try_now(const PendingRef& pending) {
  while (!pending->finished) {
    Outcome outcome = pending->attempt(*pending);
    if (outcome.step == Step::blocked) return;
    post(pending, std::move(outcome));
  }
}

void SimRing::post(const PendingRef& pending, Outcome outcome) {
  if (outcome.step == Step::done) stop(pending);
  if (outcome.result == -ENOBUFS) ++stats_.buffer_shortages;
  ready_.push_back({pending, std::move(outcome)});
}

void SimRing::stop(const PendingRef& pending) {
  pending->finished = true;
  std::erase(queued_, pending);
  if (!pending->target) return;
  std::erase(pending->target->operations, pending);
  if (pending->target->closed) end_descriptor(*pending->target);
}

void SimRing::cancel(Operation& operation) {
  const auto found = operations_.find(&operation);
  if (found == operations_.end()) return;
  after(world_.delay_us(world_.options().operation_us_max), [this, pending = found->second] { cancel_now(pending); });
}

void SimRing::cancel_all() {
  for (const auto& [operation, pending] : operations_) cancel(*operation);
}

void SimRing::cancel_now(const PendingRef& pending) {
  // A notification that is owed cannot be cancelled, and what runs on another thread only sometimes.
  if (pending->finished || pending->reported || (pending->is_file && world_.chance(500))) return;
  Outcome outcome = done(-ECANCELED);
  if (pending->progress > 0) outcome.result = static_cast<int>(pending->progress);
  if (!pending->collected.empty()) {
    outcome.result = static_cast<int>(pending->collected.size());
    outcome.data = std::move(pending->collected);
  }
  post(pending, std::move(outcome));
}

// --- The tick

uint32_t SimRing::enter(const WaitPolicy& policy) {
  TORC_ASSERT(!inside_);
  if (!alive_) return 0;
  inside_ = true;
  ++stats_.enters;
  submit();
  world_.run_due();
  if (policy.wait_count > 0 && policy.timeout_us != 0) wait(policy);
  const uint32_t delivered = deliver_ready();
  inside_ = false;
  return delivered;
}

void SimRing::wait(const WaitPolicy& policy) {
  ++stats_.waits;
  if (world_.options().time_passes_in_enter) {
    const int64_t begin_us = world_.now_us();
    const int64_t end_us = policy.timeout_us < 0 ? INT64_MAX : begin_us + policy.timeout_us;
    if (policy.min_wait_us > 0) {
      ++stats_.min_waits;
      const int64_t patience_us = std::min<int64_t>(end_us, begin_us + policy.min_wait_us);
      while (!woken_ && ready_.size() < policy.wait_count && world_.advance(patience_us)) {
      }
    }
    const size_t wanted = policy.min_wait_us > 0 ? 1 : policy.wait_count;
    while (!woken_ && ready_.size() < wanted && world_.advance(end_us)) {
    }
  }
  if (std::exchange(woken_, false)) ++stats_.wakes;
}

uint32_t SimRing::deliver_ready() {
  // Only what is there now: what a completion causes waits for the next tick.
  std::vector<Ready> now = std::exchange(ready_, {});
  uint32_t delivered = 0;
  for (Ready& one : now) {
    if (!alive_) break;
    deliver_one(one);
    ++delivered;
  }
  stats_.completions += delivered;
  return delivered;
}

void SimRing::deliver_one(Ready& ready) {
  Pending& pending = *ready.pending;
  for (const Guard& guard : pending.guards) TORC_ASSERT(checksum(guard.data, guard.size) == guard.checksum);
  if (pending.destination != nullptr && !ready.outcome.data.empty()) {
    std::memcpy(pending.destination, ready.outcome.data.data(), ready.outcome.data.size());
  }
  Completion completion;
  completion.result = ready.outcome.result;
  completion.more = ready.outcome.step == Step::shot;
  completion.notification = ready.outcome.notification;
  completion.copied = ready.outcome.notification && world_.chance(500);
  if (ready.outcome.slice) completion.buffer = make_slice(ready.outcome.data);
  if (!completion.more) operations_.erase(pending.operation);
  deliver(*pending.operation, completion);
}

// --- Receive buffers

BufferSlice SimRing::make_slice(const std::string& data) {
  // Memory of its own, so that reading beyond it or after giving it back shows.
  Slice slice{std::make_unique<char[]>(data.size()), {}};
  std::memcpy(slice.memory.get(), data.data(), data.size());
  slice.guard = {slice.memory.get(), data.size(), checksum(data.data(), data.size())};
  const uint32_t id = slices_made_++;
  const BufferSlice view{slice.memory.get(), static_cast<uint32_t>(data.size()), id};
  slices_.emplace(id, std::move(slice));
  return view;
}

void SimRing::give_back(const BufferSlice& slice) noexcept {
  if (!alive_) return;
  const auto found = slices_.find(slice.buffer_id);
  TORC_ASSERT(found != slices_.end());
  const Guard& guard = found->second.guard;
  TORC_ASSERT(checksum(guard.data, guard.size) == guard.checksum);
  slices_.erase(found);
  --buffers_used_;
}

uint32_t SimRing::buffers_available() const noexcept {
  const uint32_t limit = world_.options().receive_buffers;
  return limit - std::min(limit, buffers_used_);
}

// --- Descriptors

int SimRing::number_of(DescriptorRef descriptor) {
  // The lowest free number, as the kernel gives: numbers are used again at once.
  int fd = 3;
  for (const auto& [number, other] : descriptors_) {
    if (number != fd) break;
    ++fd;
  }
  watch(descriptor);
  descriptors_.emplace(fd, std::move(descriptor));
  return fd;
}

SimRing::DescriptorRef SimRing::descriptor(int fd) const {
  const auto found = descriptors_.find(fd);
  return found == descriptors_.end() ? nullptr : found->second;
}

void SimRing::watch(const DescriptorRef& descriptor) {
  const auto changed = [this, weak = std::weak_ptr(descriptor), alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    // Not at once: the change may come out of an attempt.
    after(0, [this, weak] {
      const DescriptorRef target = weak.lock();
      if (!target) return;
      const auto operations = target->operations;
      for (const PendingRef& pending : operations) {
        if (pending->started) try_now(pending);
      }
    });
  };
  if (descriptor->socket) descriptor->socket->when_changed(changed);
  if (descriptor->listener) descriptor->listener->when_changed(changed);
}

void SimRing::drop(int fd) {
  const DescriptorRef target = descriptor(fd);
  descriptors_.erase(fd);
  target->closed = true;
  end_descriptor(*target);
}

// As in the kernel, an operation in flight keeps the file open: the peer of a socket sees no end before it has ended.
void SimRing::end_descriptor(Descriptor& descriptor) {
  if (!descriptor.operations.empty()) return;
  if (descriptor.socket) descriptor.socket->close();
  if (descriptor.listener) network_.stop_listening(descriptor.listener);
}

std::expected<std::vector<std::string>, int> SimRing::list_directory(int directory) {
  const SimDisk::NodeRef node = directory_of(directory);
  if (!node) return std::unexpected(EBADF);
  return disk_.list(node);
}

}  // namespace torc::io
