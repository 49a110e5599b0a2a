// Making a ring: which flags the kernel takes, what it can do, and, when it cannot, whose fault that is.
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "io/file.h"
#include "io/process.h"
#include "io/uring_ring_impl.h"

namespace torc::io {

using uring::Queue;
using uring::Sqe;

namespace {

constexpr uint32_t submission_entries_min = 64;
constexpr int memory_retries = 30;
constexpr int memory_retry_ms = 10;

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "unknown";
}

// Without these there is no ring; all came with 5.19 or before.
constexpr std::array<std::pair<uring::Opcode, const char*>, 22> required_opcodes = {{
    {uring::op_writev, "WRITEV"},
    {uring::op_fsync, "FSYNC"},
    {uring::op_poll_add, "POLL_ADD"},
    {uring::op_sendmsg, "SENDMSG"},
    {uring::op_timeout, "TIMEOUT"},
    {uring::op_accept, "ACCEPT"},
    {uring::op_connect, "CONNECT"},
    {uring::op_fallocate, "FALLOCATE"},
    {uring::op_openat, "OPENAT"},
    {uring::op_close, "CLOSE"},
    {uring::op_statx, "STATX"},
    {uring::op_read, "READ"},
    {uring::op_write, "WRITE"},
    {uring::op_send, "SEND"},
    {uring::op_recv, "RECV"},
    {uring::op_shutdown, "SHUTDOWN"},
    {uring::op_renameat, "RENAMEAT"},
    {uring::op_unlinkat, "UNLINKAT"},
    {uring::op_mkdirat, "MKDIRAT"},
    {uring::op_nop, "NOP"},
    {uring::op_async_cancel, "ASYNC_CANCEL"},
    {uring::op_fallocate, "FALLOCATE"},
}};

std::string explain(int error) {
  return uring::explain_refusal(error, read_file("/proc/sys/kernel/io_uring_disabled", 16).value_or("0"));
}

std::string too_old(const std::string& what) {
  return "the kernel (" + kernel_release() + ") is too old: its io_uring lacks " + what +
         "; Linux 5.19 or newer is needed, 6.12 or newer is best";
}

bool has_opcode(const uring::Probe& probe, uring::Opcode opcode) noexcept {
  return opcode < probe.ops_length && (probe.ops[opcode].flags & uring::probe_op_supported) != 0;
}

// Flags of an opcode show only when it is used. On a descriptor that does not exist an unknown flag gives -EINVAL and
// a known one -EBADF.
struct FlagTrial {
  uring::Opcode opcode;
  uint8_t flags;
  uint16_t io_flags;
  bool Features::*feature;
};
constexpr std::array flag_trials = {
    FlagTrial{uring::op_accept, 0, uring::accept_multishot, &Features::multishot_accept},
    FlagTrial{uring::op_recv, uring::sqe_buffer_select, uring::recv_multishot, &Features::multishot_recv},
    FlagTrial{uring::op_send_zc, 0, uring::send_zc_report_usage, &Features::zero_copy_usage},
};

void try_flags(Queue& queue, Features* features) {
  for (uint64_t i = 0; i < flag_trials.size(); ++i) {
    Sqe& sqe = *queue.next_sqe();
    sqe = {};
    sqe.opcode = flag_trials[i].opcode;
    sqe.flags = flag_trials[i].flags;
    sqe.io_flags = flag_trials[i].io_flags;
    sqe.fd = -1;
    sqe.user_data = i;
  }
  queue.publish();
  const auto count = static_cast<uint32_t>(flag_trials.size());
  static_cast<void>(uring::enter(queue.fd(), count, count, uring::enter_get_events, nullptr, 0));
  for (; queue.ready() > 0; queue.pop()) {
    const uring::Cqe& cqe = queue.peek(0);
    features->*flag_trials[cqe.user_data].feature = cqe.result == -EBADF;
  }
}

std::expected<Features, std::string> probe(Queue& queue) {
  constexpr uint32_t needed =
      uring::feature_no_drop | uring::feature_submit_stable | uring::feature_fast_poll | uring::feature_ext_arg;
  if ((queue.kernel_features() & needed) != needed) return std::unexpected(too_old("fast poll or timed waits"));
  uring::Probe probe{};
  if (uring::register_with(queue.fd(), uring::register_probe, &probe, uring::op_count) < 0) {
    return std::unexpected(too_old("probing"));
  }
  for (const auto& [opcode, name] : required_opcodes) {
    if (!has_opcode(probe, opcode)) return std::unexpected(too_old(name));
  }
  Features features;
  try_flags(queue, &features);
  features.single_issuer = (queue.setup_flags() & uring::setup_single_issuer) != 0;
  features.defer_taskrun = (queue.setup_flags() & uring::setup_defer_taskrun) != 0;
  features.no_sqarray = (queue.setup_flags() & uring::setup_no_sqarray) != 0;
  features.min_wait = (queue.kernel_features() & uring::feature_min_timeout) != 0;
  features.no_iowait = (queue.kernel_features() & uring::feature_no_iowait) != 0;
  features.incremental_buffers = true;  // found out when the buffers are registered
  features.send_zero_copy = has_opcode(probe, uring::op_send_zc);
  features.sendmsg_zero_copy = has_opcode(probe, uring::op_sendmsg_zc);
  features.ftruncate = has_opcode(probe, uring::op_ftruncate);
  return features;
}

uring::BufferRing::Plan buffer_plan(const UringOptions& options, bool incremental) {
  const uint32_t bytes = options.buffer_bytes > 0 ? options.buffer_bytes : (incremental ? 64 : 16) * 1024U;
  const uint32_t count = options.buffers > 0 ? options.buffers : (incremental ? 32 : 256);
  const uint64_t bytes_max = options.buffer_bytes_max > 0 ? options.buffer_bytes_max : (incremental ? 8 : 32) << 20;
  const auto limit = static_cast<uint32_t>(std::min<uint64_t>(bytes_max / bytes, 32768));
  return {bytes, count, std::max(count, limit), incremental};
}

std::expected<uring::BufferRing, int> make_buffers(const Queue& queue, const UringOptions& options,
                                                   Features* features) {
  if (features->incremental_buffers) {
    auto buffers = uring::BufferRing::create(queue.fd(), buffer_plan(options, true));
    if (buffers || buffers.error() != -EINVAL) return buffers;
    features->incremental_buffers = false;
  }
  return uring::BufferRing::create(queue.fd(), buffer_plan(options, false));
}

struct SetupError {
  int code;          // -errno, or 0 when text says it all
  std::string text;  // else empty
};

std::expected<std::unique_ptr<Ring>, SetupError> try_to_make(const UringOptions& options) {
  auto queue = Queue::create({options.submission_entries, options.completion_entries, options.allowed});
  if (!queue) return std::unexpected(SetupError{queue.error(), {}});
  auto found = probe(*queue);
  if (!found) return std::unexpected(SetupError{0, std::move(found.error())});
  Features features = intersection(*found, options.allowed);
  auto buffers = make_buffers(*queue, options, &features);
  if (!buffers && buffers.error() == -EINVAL) {
    return std::unexpected(SetupError{0, too_old("rings of provided buffers")});
  }
  if (!buffers) return std::unexpected(SetupError{buffers.error(), {}});
  // Blocking file operations run on kernel threads; without a limit a burst of them may start thousands.
  std::array<uint32_t, 2> workers = {options.workers_max, options.workers_max};
  static_cast<void>(uring::register_with(queue->fd(), uring::register_iowq_max_workers, workers.data(), 2));
  const int wake_fd = ::eventfd(0, EFD_CLOEXEC);
  if (wake_fd < 0) return std::unexpected(SetupError{-errno, {}});
  return std::make_unique<UringRing>(std::move(*queue), std::move(*buffers), features, wake_fd);
}

// Smaller queues only mean more system calls.
bool make_smaller(UringOptions* options) noexcept {
  if (options->submission_entries <= submission_entries_min) return false;
  options->submission_entries /= 2;
  options->completion_entries = std::max(options->completion_entries / 2, options->submission_entries * 2);
  return true;
}

}  // namespace

std::string uring::explain_refusal(int error, std::string_view disabled) {
  if (error == -EPERM && disabled.starts_with('1')) {
    return "io_uring is switched off for ordinary users by the sysctl kernel.io_uring_disabled=1: set it to 0, or run "
           "as a "
           "member of the group that the sysctl kernel.io_uring_group names";
  }
  if (error == -EPERM && disabled.starts_with('2')) {
    return "io_uring is switched off by the sysctl kernel.io_uring_disabled=2: set it to 0";
  }
  if (error == -EPERM) {
    return "io_uring is denied (EPERM) although the sysctl kernel.io_uring_disabled does not forbid it: most likely "
           "the "
           "seccomp filter of a container; allow io_uring_setup, io_uring_enter and io_uring_register";
  }
  if (error == -ENOSYS) {
    return "the kernel (" + kernel_release() +
           ") has no io_uring, or a seccomp filter hides it: Linux 5.19 or newer is needed, 6.12 or newer is best";
  }
  if (error == -ENOMEM) {
    return "no memory for io_uring: the limit of locked memory is " +
           std::to_string(locked_memory_limit_bytes() >> 10) + " KiB; raise it (ulimit -l, LimitMEMLOCK= of systemd)";
  }
  if (error == -EMFILE || error == -ENFILE) return "no descriptor left for io_uring: raise the limit (ulimit -n)";
  return "the kernel (" + kernel_release() + ") refuses io_uring: " + error_text(-error);
}

std::expected<std::unique_ptr<Ring>, std::string> make_uring_ring(const UringOptions& options) {
  UringOptions attempted = options;
  for (int patience = memory_retries;; --patience) {
    auto ring = try_to_make(attempted);
    if (ring) return std::move(*ring);
    const SetupError& error = ring.error();
    if (error.code == 0) return std::unexpected(error.text);
    if (error.code != -ENOMEM) return std::unexpected(explain(error.code));
    // Locked memory is counted per user, and a ring that was closed gives its share back only after a while: a
    // server that restarts meets its own past.
    if (patience > 0) {
      const timespec pause = {0, memory_retry_ms * 1'000'000};
      ::nanosleep(&pause, nullptr);
    } else if (!make_smaller(&attempted)) {
      return std::unexpected(explain(error.code));
    }
  }
}

}  // namespace torc::io
