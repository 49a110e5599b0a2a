// The seam between the server and the operating system: all that waits goes through a Ring. Operations are queued
// (a queued operation costs a few stores) and enter() hands all of them over at once, waits if it is told to, and
// delivers what has completed. UringRing is the real thing, SimRing a deterministic world made from a seed; the
// interface promises nothing that an implementation on epoll and threads could not keep.
//
// Rules for all operations:
// - An operation is queued once at a time (asserted) and completes at least once, in enter() and nowhere else, also
//   when it fails at once. The order of completions is not the order of submission, not even on one descriptor.
// - Memory, paths and iovec arrays that an argument points to stay untouched and alive until the last completion;
//   memory of an abandoned operation too: cancel() and wait for the completion.
// - Descriptors must be blocking ones (no O_NONBLOCK): waiting is the ring's business.
// - Results: what the system call of the same name returns, errors as -errno.
// - All calls from the one thread that made the ring, except wake().
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "io/operation.h"

namespace torc::io {

class Sockets;

// How long enter() may wait. The default only submits and reaps.
struct WaitPolicy {
  static constexpr int64_t no_timeout = -1;
  // Return when so many completions are there (a wake() counts as one); 0 does not wait at all.
  uint32_t wait_count = 0;
  // The longest wait; completions that come earlier end it. Running out of time is no error.
  int64_t timeout_us = no_timeout;
  // Above 0, wait_count is a wish: after so many microseconds one completion is enough. Batches many busy connections
  // into one wake-up at a bounded cost of latency. Kernels without it get the same in two calls.
  uint32_t min_wait_us = 0;
};

// Counters since the ring was made, for INFO and for tests.
struct RingStats {
  uint64_t enters = 0;       // calls into the kernel
  uint64_t waits = 0;        // enters that were allowed to sleep
  uint64_t min_waits = 0;    // of these, with min_wait_us
  uint64_t submissions = 0;  // operations handed over
  uint64_t completions = 0;
  uint64_t submission_flushes = 0;    // the submission queue was full, so it was submitted early
  uint64_t buffer_shortages = 0;      // receives that ended with -ENOBUFS
  uint64_t completion_overflows = 0;  // enters that found the completion queue overflowed
  uint64_t system_calls = 0;          // operations done by a plain system call, for want of an opcode
  uint64_t buffers = 0;               // receive buffers that exist now
  uint64_t buffer_bytes = 0;          // memory of these
  uint64_t wakes = 0;
};

enum class SyncKind : uint8_t { data, full };             // fdatasync or fsync
enum class TimeoutKind : uint8_t { relative, absolute };  // absolute: base::Clock::monotonic_us() (CLOCK_MONOTONIC)
enum class UnlinkKind : uint8_t { file, directory };

class Ring {
 public:
  // Parts of one send or write (IOV_MAX).
  static constexpr size_t parts_max = 1024;
  // As offset: the descriptor's own position (pipes, O_APPEND).
  static constexpr uint64_t current_position = UINT64_MAX;

  virtual ~Ring() = default;

  // --- Sockets. Accepted and opened descriptors are close-on-exec.

  // Completes once per connection with its descriptor. When `more` is false (also after a success: kernels without
  // multishot, a full completion queue) it has ended, and the caller queues it again. -EMFILE and -ENFILE end it:
  // wait before queueing again.
  virtual void accept_multishot(Operation& operation, int fd) = 0;
  // Completes per piece received, into a buffer of the ring; 0 is the end of the stream. When `more` is false it has
  // ended (also after data), and the caller queues it again, but after -ENOBUFS not before buffers_available() > 0:
  // give slices back first, queue again in the next tick.
  virtual void recv_multishot(Operation& operation, int fd) = 0;
  // The same for one piece only.
  virtual void recv(Operation& operation, int fd) = 0;
  // Into the caller's memory; with wait_all the result is short only at the end of the stream, after an error, when it
  // was cancelled, or when the kernel is short of memory (so the caller must cope), and waiting is made cheap: worth it
  // from some 100 KiB on.
  virtual void recv_into(Operation& operation, int fd, void* data, size_t size, bool wait_all) = 0;
  // Sends all parts unless an error or a signal cuts it short: the caller must cope with a short result. Never two in
  // flight on one socket, or their bytes mix. A closed peer is -EPIPE or -ECONNRESET, never a signal.
  virtual void send(Operation& operation, int fd, std::span<const iovec> parts) = 0;
  // The kernel sends from the caller's memory. Completes with the result (more: true) and, when it has let go of the
  // memory, as notification, which with a peer that does not read comes only after close. Operation and memory are
  // pinned until the completion without `more`. Without kernel support it is a send().
  virtual void send_zero_copy(Operation& operation, int fd, std::span<const iovec> parts) = 0;
  virtual void connect(Operation& operation, int fd, const sockaddr* address, socklen_t size) = 0;
  // how: SHUT_RD, SHUT_WR, SHUT_RDWR.
  virtual void shutdown(Operation& operation, int fd, int how) = 0;
  // Completes once with the events (POLLIN …) that are ready.
  virtual void poll(Operation& operation, int fd, uint32_t events) = 0;

  // --- Files. flags of read and write: RWF_NOWAIT, RWF_DSYNC …

  virtual void read(Operation& operation, int fd, void* data, size_t size, uint64_t offset, int flags = 0) = 0;
  virtual void write(Operation& operation, int fd, std::span<const iovec> parts, uint64_t offset, int flags = 0) = 0;
  virtual void fsync(Operation& operation, int fd, SyncKind kind) = 0;
  virtual void ftruncate(Operation& operation, int fd, uint64_t size) = 0;
  virtual void fallocate(Operation& operation, int fd, int mode, uint64_t offset, uint64_t size) = 0;
  virtual void openat(Operation& operation, int directory, const char* path, int flags, mode_t mode) = 0;
  // Files and sockets. Cancel (or shut down) what is in flight on a socket first: the peer gets no FIN before that
  // ends.
  virtual void close(Operation& operation, int fd) = 0;
  virtual void rename(Operation& operation, int from_directory, const char* from, int to_directory, const char* to) = 0;
  virtual void unlink(Operation& operation, int directory, const char* path, UnlinkKind kind) = 0;
  virtual void mkdir(Operation& operation, int directory, const char* path, mode_t mode) = 0;
  // flags: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW; mask: STATX_SIZE …
  virtual void stat(Operation& operation, int directory, const char* path, int flags, unsigned mask,
                    struct statx* out) = 0;

  // --- Time and cancellation.

  // Completes with -ETIME at the time (at once when it has passed), -ECANCELED after cancel().
  virtual void timeout(Operation& operation, int64_t time_us, TimeoutKind kind = TimeoutKind::relative) = 0;
  // Asks an operation in flight to end soon: it completes with -ECANCELED, or with its result when that was faster.
  // Files' operations may not be stoppable. No-op when it is not in flight.
  virtual void cancel(Operation& operation) = 0;
  // The same for all that are in flight.
  virtual void cancel_all() = 0;

  // --- Buffers of recv and recv_multishot.

  virtual void give_back(const BufferSlice& slice) noexcept = 0;
  // Buffers that a receive could use now: queue at most so many again after -ENOBUFS.
  [[nodiscard]] virtual uint32_t buffers_available() const noexcept = 0;

  // --- The tick.

  // Submits what is queued, waits as the policy says, delivers what has completed; returns the number of completions.
  // Returns early (perhaps with 0) on a signal or wake(). Not from within on_complete.
  virtual uint32_t enter(const WaitPolicy& policy) = 0;
  // Makes an enter() that waits, or else the next one, return. From any thread and from signal handlers.
  virtual void wake() noexcept = 0;
  // In a forked child: lets go of the ring, which belongs to the parent. The only call allowed there.
  virtual void abandon_in_child() noexcept = 0;

  // --- What answers at once, and must be simulated all the same.

  // Listening, socket options, addresses.
  [[nodiscard]] virtual Sockets& sockets() noexcept = 0;
  // Names in a directory, without "." and "..", sorted; or errno.
  [[nodiscard]] virtual std::expected<std::vector<std::string>, int> list_directory(int directory) = 0;
  [[nodiscard]] virtual const RingStats& stats() const noexcept = 0;
  // What it runs on and which features it uses, for the log and INFO.
  [[nodiscard]] virtual std::string describe() const = 0;
  // Operations queued and not yet completed for the last time. Shutdown: cancel_all(), then enter() until it is 0.
  [[nodiscard]] uint32_t in_flight() const noexcept { return in_flight_; }

 protected:
  void mark_queued(Operation& operation) noexcept {
    TORC_ASSERT(!operation.in_flight_);
    operation.in_flight_ = true;
    ++in_flight_;
  }
  void deliver(Operation& operation, const Completion& completion) noexcept {
    operation.in_flight_ = completion.more;
    in_flight_ -= completion.more ? 0 : 1;
    operation.on_complete(completion);
  }
  // Ends it without a completion: its process is dead.
  void forget(Operation& operation) noexcept {
    operation.in_flight_ = false;
    --in_flight_;
  }

 private:
  uint32_t in_flight_ = 0;
};

}  // namespace torc::io
