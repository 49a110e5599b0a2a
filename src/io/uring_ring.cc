// The tick of the ring: submit, wait, deliver.
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "io/file.h"
#include "io/uring_ring_impl.h"

namespace torc::io {

namespace {

// Below a quarter of the buffers a burst of the same size again could end receives with -ENOBUFS.
constexpr uint32_t low_water_divisor = 4;
// How long a ring that dies waits for what it cancels.
constexpr int64_t farewell_ns = 200'000'000;
constexpr int64_t long_time_us = 3'600'000'000;

}  // namespace

UringRing::UringRing(uring::Queue queue, uring::BufferRing buffers, const Features& features, int wake_fd)
    : queue_(std::move(queue)),
      buffers_(std::move(buffers)),
      arguments_(queue_.submission_entries()),
      features_(features),
      enter_flags_(uring::enter_get_events | (features.no_iowait ? uring::enter_no_iowait : 0)),
      wake_fd_(wake_fd) {
  stats_.buffers = buffers_.buffers();
  stats_.buffer_bytes = buffers_.memory_bytes();
  arm_wake();
}

UringRing::~UringRing() {
  cancel_synchronously();
  queue_.close();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

// The kernel must not write into memory that is about to go, and listeners should be free at once.
void UringRing::cancel_synchronously() noexcept {
  if (queue_.fd() < 0) return;
  uring::SyncCancel cancel{};
  cancel.fd = -1;
  cancel.flags = uring::cancel_all | uring::cancel_any;
  cancel.timeout = {0, farewell_ns};
  static_cast<void>(uring::register_with(queue_.fd(), uring::register_sync_cancel, &cancel, 1));
}

uint32_t UringRing::enter(const WaitPolicy& policy) {
  TORC_ASSERT(!inside_);
  inside_ = true;
  // What has completed already counts against the wait, wherever it is.
  const auto done = static_cast<uint32_t>(system_calls_.size());
  uint32_t wait_count = policy.timeout_us == 0 ? 0 : policy.wait_count - std::min(policy.wait_count, done);
  if (policy.min_wait_us > 0 && done > 0) wait_count = 0;
  // Also with nothing to submit and nothing to wait for: completions are posted in here only. A flag in shared memory
  // could say that there are none, but ticks like that are rare, and the kernel would pay for the flag in all others.
  wait_in_kernel(wait_count, policy);
  uint32_t delivered = reap();
  if (!system_calls_.empty()) [[unlikely]]
    delivered += deliver_system_calls();
  if (short_of_buffers_ || buffers_.available() < buffers_.buffers() / low_water_divisor) [[unlikely]] {
    add_buffers_if_short();
  }
  inside_ = false;
  return delivered;
}

void UringRing::wait_in_kernel(uint32_t wait_count, const WaitPolicy& policy) {
  int result;
  if (wait_count == 0) {
    result = enter_kernel(0, WaitPolicy::no_timeout, 0);
  } else if (policy.min_wait_us == 0 || wait_count == 1) {
    ++stats_.waits;
    result = enter_kernel(wait_count, policy.timeout_us, 0);
  } else {
    ++stats_.waits;
    ++stats_.min_waits;
    result = wait_for_batch(wait_count, policy);
  }
  stats_.completion_overflows += queue_.overflowed() ? 1 : 0;
  // Time ran out, a signal came, or the kernel is short of memory for the moment: the next tick goes on. Anything else
  // is a ring of another thread or process (-EEXIST), or completions that are lost for good (-EBADR).
  TORC_ASSERT(result >= 0 || result == -ETIME || result == -EINTR || result == -EAGAIN || result == -EBUSY ||
              result == -ENOMEM);
}

int UringRing::wait_for_batch(uint32_t wait_count, const WaitPolicy& policy) {
  if (features_.min_wait) {
    // Without a timeout of its own the kernel takes the patience for the timeout and comes back with nothing.
    const int64_t timeout_us = policy.timeout_us >= 0 ? policy.timeout_us : long_time_us;
    return enter_kernel(wait_count, timeout_us, policy.min_wait_us);
  }
  // Kernels before 6.12: wait for the batch as long as its patience lasts, then for anything. A busy server finds
  // something in the first call; an idle one pays a second call before it sleeps.
  const int64_t first_us = policy.min_wait_us;
  const bool bounded = policy.timeout_us >= 0;
  const int result = enter_kernel(wait_count, bounded ? std::min(first_us, policy.timeout_us) : first_us, 0);
  if (result == -EINTR || queue_.ready() > 0 || (bounded && policy.timeout_us <= first_us)) return result;
  return enter_kernel(1, bounded ? policy.timeout_us - first_us : WaitPolicy::no_timeout, 0);
}

int UringRing::enter_kernel(uint32_t wait_count, int64_t timeout_us, uint32_t min_wait_us) {
  uint32_t flags = enter_flags_;
  uring::Timespec time;
  uring::EnterArgument argument;
  const bool timed = wait_count > 0 && timeout_us >= 0;
  if (timed) {
    flags |= uring::enter_ext_arg;
    time = {timeout_us / 1'000'000, timeout_us % 1'000'000 * 1000};
    argument = {0, 0, min_wait_us, reinterpret_cast<uint64_t>(&time)};
  }
  const uint32_t queued = queue_.queued();
  queue_.publish();
  ++stats_.enters;
  const int result =
      uring::enter(queue_.fd(), queued, wait_count, flags, timed ? &argument : nullptr, timed ? sizeof argument : 0);
  stats_.submissions += queued - queue_.queued();
  return result;
}

uring::Sqe& UringRing::flush_and_next() {
  ++stats_.submission_flushes;
  while (true) {
    const uint32_t queued = queue_.queued();
    queue_.publish();
    ++stats_.enters;
    // Without GETEVENTS, so nothing completes behind the back of whoever is queueing.
    const int result = uring::enter(queue_.fd(), queued, 0, 0, nullptr, 0);
    stats_.submissions += queued - queue_.queued();
    TORC_ASSERT(result >= 0 || result == -EINTR || result == -EAGAIN || result == -EBUSY || result == -ENOMEM);
    if (uring::Sqe* sqe = queue_.next_sqe()) return *sqe;
  }
}

uint32_t UringRing::reap() {
  // Only what was there at the start: what a completion causes waits for the next tick.
  const uint32_t count = queue_.ready();
  uint32_t delivered = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uring::Cqe cqe = queue_.peek(0);
    __builtin_prefetch(reinterpret_cast<const void*>(queue_.peek(2).user_data));
    queue_.pop();
    delivered += dispatch(cqe) ? 1 : 0;
  }
  stats_.completions += delivered;
  return delivered;
}

inline bool UringRing::dispatch(const uring::Cqe& cqe) {
  if (cqe.user_data <= tag_wake) [[unlikely]] {
    if (cqe.user_data == tag_wake) on_wake(cqe.result);
    return false;
  }
  Completion completion;
  completion.result = cqe.result;
  completion.more = (cqe.flags & uring::cqe_more) != 0;
  if ((cqe.flags & uring::cqe_buffer) != 0) {
    completion.buffer =
        buffers_.take(cqe.flags >> uring::cqe_buffer_shift, cqe.result, (cqe.flags & uring::cqe_buffer_more) != 0);
  } else if ((cqe.flags & uring::cqe_notification) != 0) [[unlikely]] {
    completion.notification = true;
    completion.copied = (static_cast<uint32_t>(cqe.result) & uring::notification_copied) != 0;
    completion.result = 0;
  }
  if (cqe.result == -ENOBUFS) [[unlikely]] {
    ++stats_.buffer_shortages;
    short_of_buffers_ = true;
  }
  deliver(*reinterpret_cast<Operation*>(cqe.user_data), completion);
  return true;
}

void UringRing::arm_wake() {
  uring::Sqe& sqe = prepare_tagged(tag_wake, uring::op_read, wake_fd_);
  sqe.address = reinterpret_cast<uint64_t>(&wake_count_);
  sqe.length = sizeof wake_count_;
}

void UringRing::on_wake(int32_t result) {
  if (result > 0) {
    ++stats_.wakes;
    // Before reading again: a wake() from here on writes again.
    wake_pending_.store(false);
  }
  arm_wake();
}

void UringRing::wake() noexcept {
  if (wake_pending_.exchange(true)) return;
  const int saved_errno = errno;
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_fd_, &one, sizeof one));
  errno = saved_errno;
}

void UringRing::complete_later(Operation& operation, int result) {
  ++stats_.system_calls;
  mark_queued(operation);
  system_calls_.emplace_back(&operation, result);
}

uint32_t UringRing::deliver_system_calls() {
  being_delivered_.swap(system_calls_);
  for (const auto& [operation, result] : being_delivered_) {
    Completion completion;
    completion.result = result;
    deliver(*operation, completion);
  }
  const auto delivered = static_cast<uint32_t>(being_delivered_.size());
  stats_.completions += delivered;
  being_delivered_.clear();
  return delivered;
}

void UringRing::add_buffers_if_short() {
  short_of_buffers_ = false;
  if (!buffers_.grow()) return;
  stats_.buffers = buffers_.buffers();
  stats_.buffer_bytes = buffers_.memory_bytes();
}

void UringRing::abandon_in_child() noexcept {
  queue_.close();
  ::close(std::exchange(wake_fd_, -1));
}

std::string UringRing::describe() const { return "io_uring: " + io::describe(features_); }

std::expected<std::vector<std::string>, int> UringRing::list_directory(int directory) {
  return io::list_directory(directory);
}

}  // namespace torc::io
