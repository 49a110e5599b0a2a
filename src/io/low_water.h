// Low-water marks of receiving sockets (SO_RCVLOWAT): how much must be there before a socket says that it is readable.
// With the mark at what a receive still wants, the kernel wakes that receive once and copies once. Without it a big
// value comes in dozens of pieces, each with its own wake-up, its own window update and the peer's answer to that,
// which on one machine costs this side's CPU.
//
// A mark outlives the receive for which it was set, and would hold back the next small request; so every receive says
// which mark it wants, and what was set last is remembered by descriptor. A descriptor that was closed and opened again
// costs one needless system call.
#pragma once

#include <cstddef>
#include <vector>

namespace torc::io {

class LowWaterMarks {
 public:
  // False where the mark cannot be had, and is at one byte then: on sockets that ignore it when they are polled (all
  // but TCP), and when the socket's buffer may not grow that far (net.ipv4.tcp_rmem).
  [[nodiscard]] bool raise(int fd, size_t bytes);
  // Anything is worth a wake-up again. Costs nothing when it was not raised.
  void lower(int fd) noexcept {
    if (static_cast<size_t>(fd) < raised_.size() && raised_[static_cast<size_t>(fd)]) reset(fd);
  }

 private:
  void reset(int fd) noexcept;
  std::vector<bool> raised_;  // by descriptor
};

}  // namespace torc::io
