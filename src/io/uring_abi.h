// The part of Linux's io_uring interface that we use, declared by ourselves: distributions ship headers and libraries
// older than the kernels they meet, and the flags that pay most are the newest. Names and values are the kernel's
// (Documentation: io_uring_setup(2), io_uring_enter(2), io_uring_register(2); include/uapi/linux/io_uring.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace torc::io::uring {

enum Opcode : uint8_t {
  op_nop = 0,
  op_writev = 2,
  op_fsync = 3,
  op_poll_add = 6,
  op_sendmsg = 9,
  op_timeout = 11,
  op_accept = 13,
  op_async_cancel = 14,
  op_connect = 16,
  op_fallocate = 17,
  op_openat = 18,
  op_close = 19,
  op_statx = 21,
  op_read = 22,
  op_write = 23,
  op_send = 26,
  op_recv = 27,
  op_shutdown = 34,
  op_renameat = 35,
  op_unlinkat = 36,
  op_mkdirat = 37,
  op_send_zc = 47,
  op_sendmsg_zc = 48,
  op_ftruncate = 55,
  op_count = 56,
};

// Submission queue entry.
struct alignas(64) Sqe {
  uint8_t opcode;
  uint8_t flags;
  uint16_t io_flags;  // "ioprio": multishot and zero-copy flags
  int32_t fd;
  uint64_t offset;  // or addr2
  uint64_t address;
  uint32_t length;
  uint32_t op_flags;  // msg_flags, fsync_flags, open_flags …
  uint64_t user_data;
  uint16_t buffer_group;
  uint16_t personality;
  uint32_t file_index;
  uint64_t address3;
  uint64_t reserved;
};
static_assert(sizeof(Sqe) == 64);

// Completion queue entry.
struct Cqe {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
};
static_assert(sizeof(Cqe) == 16);

inline constexpr uint8_t sqe_buffer_select = 1 << 5;
inline constexpr uint8_t sqe_skip_success = 1 << 6;

inline constexpr uint16_t accept_multishot = 1 << 0;
inline constexpr uint16_t recv_multishot = 1 << 1;
inline constexpr uint16_t poll_first = 1 << 0;  // of a receive: not before the socket says that it is readable
inline constexpr uint16_t send_zc_report_usage = 1 << 3;
inline constexpr uint32_t notification_copied = 1U << 31;
inline constexpr uint32_t fsync_datasync = 1 << 0;
inline constexpr uint32_t timeout_absolute = 1 << 0;
inline constexpr uint32_t cancel_all = 1 << 0;
inline constexpr uint32_t cancel_any = 1 << 2;

inline constexpr uint32_t cqe_buffer = 1 << 0;
inline constexpr uint32_t cqe_more = 1 << 1;
inline constexpr uint32_t cqe_notification = 1 << 3;
inline constexpr uint32_t cqe_buffer_more = 1 << 4;
inline constexpr uint32_t cqe_buffer_shift = 16;

inline constexpr uint32_t setup_cq_size = 1 << 3;
inline constexpr uint32_t setup_clamp = 1 << 4;
inline constexpr uint32_t setup_submit_all = 1 << 7;
inline constexpr uint32_t setup_coop_taskrun = 1 << 8;
inline constexpr uint32_t setup_single_issuer = 1 << 12;
inline constexpr uint32_t setup_defer_taskrun = 1 << 13;
inline constexpr uint32_t setup_no_sqarray = 1 << 16;

inline constexpr uint32_t feature_single_mmap = 1 << 0;
inline constexpr uint32_t feature_no_drop = 1 << 1;
inline constexpr uint32_t feature_submit_stable = 1 << 2;
inline constexpr uint32_t feature_fast_poll = 1 << 5;
inline constexpr uint32_t feature_ext_arg = 1 << 8;
inline constexpr uint32_t feature_min_timeout = 1 << 15;
inline constexpr uint32_t feature_no_iowait = 1 << 17;

inline constexpr uint32_t sq_cq_overflow = 1 << 1;

inline constexpr uint32_t enter_get_events = 1 << 0;
inline constexpr uint32_t enter_ext_arg = 1 << 3;
inline constexpr uint32_t enter_no_iowait = 1 << 7;

inline constexpr uint64_t mmap_sq_ring = 0;
inline constexpr uint64_t mmap_cq_ring = 0x8000000;
inline constexpr uint64_t mmap_sqes = 0x10000000;

struct SqOffsets {
  uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, reserved1;
  uint64_t user_address;
};
struct CqOffsets {
  uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, reserved1;
  uint64_t user_address;
};
struct Params {
  uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, reserved[3];
  SqOffsets sq;
  CqOffsets cq;
};
static_assert(sizeof(Params) == 120);

// 64-bit time as the kernel reads it.
struct Timespec {
  int64_t seconds;
  int64_t nanoseconds;
};

// The extended argument of io_uring_enter.
struct EnterArgument {
  uint64_t signal_mask;
  uint32_t signal_mask_size;
  uint32_t min_wait_us;
  uint64_t timespec;
};
static_assert(sizeof(EnterArgument) == 24);

enum RegisterOpcode : uint32_t {
  register_probe = 8,
  register_iowq_max_workers = 19,
  register_pbuf_ring = 22,
  register_sync_cancel = 24,
};

struct ProbeOp {
  uint8_t opcode;
  uint8_t reserved;
  uint16_t flags;
  uint32_t reserved2;
};
inline constexpr uint16_t probe_op_supported = 1 << 0;
struct Probe {
  uint8_t last_op;
  uint8_t ops_length;
  uint16_t reserved;
  uint32_t reserved2[3];
  ProbeOp ops[op_count];
};

// One entry of a ring of provided buffers. The ring's tail lies over `reserved` of its first entry.
struct BufferEntry {
  uint64_t address;
  uint32_t length;
  uint16_t id;
  uint16_t reserved;
};
static_assert(sizeof(BufferEntry) == 16);
struct BufferRingRegistration {
  uint64_t ring_address;
  uint32_t ring_entries;
  uint16_t group;
  uint16_t flags;
  uint64_t reserved[3];
};
static_assert(sizeof(BufferRingRegistration) == 40);
inline constexpr uint16_t buffer_ring_incremental = 2;

struct SyncCancel {
  uint64_t address;
  int32_t fd;
  uint32_t flags;
  Timespec timeout;
  uint8_t opcode;
  uint8_t padding[7];
  uint64_t padding2[3];
};
static_assert(sizeof(SyncCancel) == 64);

// The system calls; each returns -errno on failure.
[[nodiscard]] int setup(uint32_t entries, Params* params) noexcept;
[[nodiscard]] int enter(int fd, uint32_t to_submit, uint32_t min_complete, uint32_t flags, const void* argument,
                        size_t argument_size) noexcept;
[[nodiscard]] int register_with(int fd, RegisterOpcode opcode, const void* argument, uint32_t count) noexcept;

}  // namespace torc::io::uring
