// One function per operation: how it becomes a submission queue entry.
#include <sys/socket.h>
#include <unistd.h>

#include <fcntl.h>
#include <algorithm>
#include <cerrno>

#include "io/uring_ring_impl.h"

namespace torc::io {

using uring::Sqe;

namespace {

uint64_t address_of(const void* pointer) noexcept { return reinterpret_cast<uint64_t>(pointer); }

// A longer transfer comes back short, which the caller must cope with anyway.
uint32_t length_of(size_t size) noexcept { return static_cast<uint32_t>(std::min<size_t>(size, 1U << 30)); }

// MSG_WAITALL lets the kernel continue a partial send by itself.
constexpr uint32_t send_flags = MSG_NOSIGNAL | MSG_WAITALL;

}  // namespace

void UringRing::accept_multishot(Operation& operation, int fd) {
  Sqe& sqe = prepare(operation, uring::op_accept, fd);
  sqe.io_flags = features_.multishot_accept ? uring::accept_multishot : 0;
  sqe.op_flags = SOCK_CLOEXEC;
}

void UringRing::recv_multishot(Operation& operation, int fd) {
  marks_.lower(fd);
  Sqe& sqe = prepare(operation, uring::op_recv, fd);
  sqe.flags = uring::sqe_buffer_select;
  sqe.io_flags = features_.multishot_recv ? uring::recv_multishot : 0;
}

void UringRing::recv(Operation& operation, int fd) {
  marks_.lower(fd);
  prepare(operation, uring::op_recv, fd).flags = uring::sqe_buffer_select;
}

void UringRing::recv_into(Operation& operation, int fd, void* data, size_t size, bool wait_all) {
  Sqe& sqe = prepare(operation, uring::op_recv, fd);
  sqe.address = address_of(data);
  sqe.length = length_of(size);
  if (!wait_all) return marks_.lower(fd);
  // What is there already stays in the socket until all is. With MSG_WAITALL the rest behind a first part, which a
  // socket short of memory may give, would be below the mark and never come.
  if (marks_.raise(fd, sqe.length)) {
    sqe.io_flags = uring::poll_first;
  } else {
    sqe.op_flags = MSG_WAITALL;
  }
}

void UringRing::set_message(Sqe& sqe, std::span<const iovec> parts) noexcept {
  TORC_ASSERT(parts.size() <= parts_max);
  msghdr& message = argument_of(sqe).message;
  message = {};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  sqe.address = address_of(&message);
  sqe.length = 1;
}

void UringRing::send(Operation& operation, int fd, std::span<const iovec> parts) {
  const bool single = parts.size() == 1;
  Sqe& sqe = prepare(operation, single ? uring::op_send : uring::op_sendmsg, fd);
  sqe.op_flags = send_flags;
  if (single) {
    sqe.address = address_of(parts[0].iov_base);
    sqe.length = length_of(parts[0].iov_len);
  } else {
    set_message(sqe, parts);
  }
}

void UringRing::send_zero_copy(Operation& operation, int fd, std::span<const iovec> parts) {
  const bool single = parts.size() == 1;
  if (single ? !features_.send_zero_copy : !features_.sendmsg_zero_copy) return send(operation, fd, parts);
  Sqe& sqe = prepare(operation, single ? uring::op_send_zc : uring::op_sendmsg_zc, fd);
  sqe.op_flags = send_flags;
  sqe.io_flags = features_.zero_copy_usage ? uring::send_zc_report_usage : 0;
  if (single) {
    sqe.address = address_of(parts[0].iov_base);
    sqe.length = length_of(parts[0].iov_len);
  } else {
    set_message(sqe, parts);
  }
}

void UringRing::connect(Operation& operation, int fd, const sockaddr* address, socklen_t size) {
  Sqe& sqe = prepare(operation, uring::op_connect, fd);
  sqe.address = address_of(address);
  sqe.offset = size;
}

void UringRing::shutdown(Operation& operation, int fd, int how) {
  prepare(operation, uring::op_shutdown, fd).length = static_cast<uint32_t>(how);
}

void UringRing::poll(Operation& operation, int fd, uint32_t events) {
  prepare(operation, uring::op_poll_add, fd).op_flags = events;
}

void UringRing::read(Operation& operation, int fd, void* data, size_t size, uint64_t offset, int flags) {
  Sqe& sqe = prepare(operation, uring::op_read, fd);
  sqe.offset = offset;
  sqe.address = address_of(data);
  sqe.length = length_of(size);
  sqe.op_flags = static_cast<uint32_t>(flags);
}

void UringRing::write(Operation& operation, int fd, std::span<const iovec> parts, uint64_t offset, int flags) {
  TORC_ASSERT(parts.size() <= parts_max);
  const bool single = parts.size() == 1;
  Sqe& sqe = prepare(operation, single ? uring::op_write : uring::op_writev, fd);
  sqe.offset = offset;
  sqe.address = address_of(single ? parts[0].iov_base : parts.data());
  sqe.length = single ? length_of(parts[0].iov_len) : static_cast<uint32_t>(parts.size());
  sqe.op_flags = static_cast<uint32_t>(flags);
}

void UringRing::fsync(Operation& operation, int fd, SyncKind kind) {
  prepare(operation, uring::op_fsync, fd).op_flags = kind == SyncKind::data ? uring::fsync_datasync : 0;
}

void UringRing::ftruncate(Operation& operation, int fd, uint64_t size) {
  if (!features_.ftruncate) {
    const int result = ::ftruncate(fd, static_cast<off_t>(size));
    return complete_later(operation, result < 0 ? -errno : 0);
  }
  prepare(operation, uring::op_ftruncate, fd).offset = size;
}

void UringRing::fallocate(Operation& operation, int fd, int mode, uint64_t offset, uint64_t size) {
  Sqe& sqe = prepare(operation, uring::op_fallocate, fd);
  sqe.offset = offset;
  sqe.address = size;
  sqe.length = static_cast<uint32_t>(mode);
}

void UringRing::openat(Operation& operation, int directory, const char* path, int flags, mode_t mode) {
  Sqe& sqe = prepare(operation, uring::op_openat, directory);
  sqe.address = address_of(path);
  sqe.length = mode;
  sqe.op_flags = static_cast<uint32_t>(flags | O_CLOEXEC);
}

void UringRing::close(Operation& operation, int fd) { prepare(operation, uring::op_close, fd); }

void UringRing::rename(Operation& operation, int from_directory, const char* from, int to_directory, const char* to) {
  Sqe& sqe = prepare(operation, uring::op_renameat, from_directory);
  sqe.address = address_of(from);
  sqe.length = static_cast<uint32_t>(to_directory);
  sqe.offset = address_of(to);
}

void UringRing::unlink(Operation& operation, int directory, const char* path, UnlinkKind kind) {
  Sqe& sqe = prepare(operation, uring::op_unlinkat, directory);
  sqe.address = address_of(path);
  sqe.op_flags = kind == UnlinkKind::directory ? AT_REMOVEDIR : 0;
}

void UringRing::mkdir(Operation& operation, int directory, const char* path, mode_t mode) {
  Sqe& sqe = prepare(operation, uring::op_mkdirat, directory);
  sqe.address = address_of(path);
  sqe.length = mode;
}

void UringRing::stat(Operation& operation, int directory, const char* path, int flags, unsigned mask,
                     struct statx* out) {
  Sqe& sqe = prepare(operation, uring::op_statx, directory);
  sqe.address = address_of(path);
  sqe.length = mask;
  sqe.offset = address_of(out);
  sqe.op_flags = static_cast<uint32_t>(flags);
}

void UringRing::timeout(Operation& operation, int64_t time_us, TimeoutKind kind) {
  const int64_t time = std::max<int64_t>(time_us, 0);
  Sqe& sqe = prepare(operation, uring::op_timeout, -1);
  argument_of(sqe).time = {time / 1'000'000, time % 1'000'000 * 1000};
  sqe.address = address_of(&argument_of(sqe));
  sqe.length = 1;
  sqe.op_flags = kind == TimeoutKind::absolute ? uring::timeout_absolute : 0;
}

void UringRing::cancel(Operation& operation) {
  if (!operation.in_flight()) return;
  Sqe& sqe = prepare_tagged(tag_ignored, uring::op_async_cancel, -1);
  sqe.flags = uring::sqe_skip_success;
  sqe.address = address_of(&operation);
}

void UringRing::cancel_all() {
  Sqe& sqe = prepare_tagged(tag_ignored, uring::op_async_cancel, -1);
  sqe.flags = uring::sqe_skip_success;
  sqe.op_flags = uring::cancel_all | uring::cancel_any;
}

}  // namespace torc::io
