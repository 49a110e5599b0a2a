// The three system calls of io_uring, and nothing else.
#include "io/uring_abi.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace torc::io::uring {

namespace {
int negative_errno(long result) noexcept { return result < 0 ? -errno : static_cast<int>(result); }
}  // namespace

int setup(uint32_t entries, Params* params) noexcept {
  return negative_errno(::syscall(SYS_io_uring_setup, entries, params));
}

int enter(int fd, uint32_t to_submit, uint32_t min_complete, uint32_t flags, const void* argument,
          size_t argument_size) noexcept {
  return negative_errno(::syscall(SYS_io_uring_enter, fd, to_submit, min_complete, flags, argument, argument_size));
}

int register_with(int fd, RegisterOpcode opcode, const void* argument, uint32_t count) noexcept {
  return negative_errno(::syscall(SYS_io_uring_register, fd, static_cast<uint32_t>(opcode), argument, count));
}

}  // namespace torc::io::uring
