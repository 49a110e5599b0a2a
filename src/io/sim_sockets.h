// Sockets without an operating system: the seam io::Sockets over the simulated network.
#pragma once

#include <string>

#include "io/sockets.h"

namespace torc::io {

class SimRing;

class SimSockets final : public Sockets {
 public:
  explicit SimSockets(SimRing& ring) noexcept : ring_(ring) {}
  [[nodiscard]] std::expected<int, SocketError> listen_tcp(const std::string& host, uint16_t port,
                                                           int backlog) override;
  [[nodiscard]] std::expected<int, SocketError> listen_unix(const std::string& path, mode_t permissions,
                                                            int backlog) override;
  [[nodiscard]] std::expected<int, SocketError> open_stream(int family) override;
  [[nodiscard]] std::expected<void, SocketError> bind_source(int fd, const std::string& host) override;
  bool set_no_delay(int fd, bool on) noexcept override;
  bool set_keepalive(int fd, int interval_s) noexcept override;
  bool set_mark(int fd, uint32_t mark) noexcept override;
  bool set_send_buffer(int fd, int bytes) noexcept override;
  [[nodiscard]] std::string peer_address(int fd) override;
  [[nodiscard]] std::string local_address(int fd) override;
  [[nodiscard]] bool peer_is_local(int fd) override;
  [[nodiscard]] uint16_t local_port(int fd) override;
  void stop_listening(int fd) noexcept override;
  void close(int fd) noexcept override;

 private:
  SimRing& ring_;
};

}  // namespace torc::io
