// Three system calls to raise a mark: little beside the hundreds of kilobytes for which it is done.
#include "io/low_water.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <climits>

namespace torc::io {

namespace {

int option_of(int fd, int level, int name) noexcept {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

bool set_mark(int fd, int bytes) noexcept {
  return ::setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) == 0;
}

}  // namespace

bool LowWaterMarks::raise(int fd, size_t bytes) {
  if (fd < 0) return false;
  if (bytes > INT_MAX || option_of(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP) {
    lower(fd);
    return false;
  }
  const int wanted = static_cast<int>(bytes);
  if (static_cast<size_t>(fd) >= raised_.size()) raised_.resize(static_cast<size_t>(fd) + 1);
  raised_[static_cast<size_t>(fd)] = true;
  // The kernel silently takes less than it was given.
  if (set_mark(fd, wanted) && option_of(fd, SOL_SOCKET, SO_RCVLOWAT) == wanted) return true;
  lower(fd);
  return false;
}

void LowWaterMarks::reset(int fd) noexcept {
  raised_[static_cast<size_t>(fd)] = false;
  set_mark(fd, 1);
}

}  // namespace torc::io
