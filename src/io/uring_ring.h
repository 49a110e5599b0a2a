// The Ring on Linux's io_uring, set up by hand: what the kernel declares is in uring_abi.h, the queues that it shares
// with us in uring_queue.h, the receive buffers in buffer_ring.h, the ring made of these in uring_ring_impl.h.
//
// One thread submits and reaps (SINGLE_ISSUER, DEFER_TASKRUN), so the kernel posts completions only inside enter() and
// nothing interrupts the execution of commands. What a kernel lacks falls back to the next best, see Features.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "io/ring.h"
#include "io/uring_features.h"

namespace torc::io {

struct UringOptions {
  uint32_t submission_entries = 4096;
  uint32_t completion_entries = 16384;
  // Features that may be used if the kernel has them.
  Features allowed = Features::all();
  // Threads that the kernel may start for blocking file operations.
  uint32_t workers_max = 4;
  // Receive buffers; 0 takes what was measured best: 64 KiB × 32 with incremental buffers, else 16 KiB × 256. The ring
  // adds buffers when receives run short, up to buffer_bytes_max in all (0: 8 MiB with incremental buffers, else
  // 32 MiB, because every small request takes a whole one). The limit is also the most that one tick can receive.
  uint32_t buffer_bytes = 0;
  uint32_t buffers = 0;
  uint64_t buffer_bytes_max = 0;
};

// Makes a ring for the calling thread: no other may use it (daemonize and start threads first). The error says what
// is missing and what to change: the sysctl kernel.io_uring_disabled, a seccomp filter of a container, a kernel that
// is too old (needs 5.19), the limit of locked memory.
[[nodiscard]] std::expected<std::unique_ptr<Ring>, std::string> make_uring_ring(const UringOptions& options);

}  // namespace torc::io
