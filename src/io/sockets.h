// Sockets apart from their traffic: what answers at once and so needs no operation on the ring. A seam of its own
// beside Ring, so that the simulator can make listeners and addresses up.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <string>

namespace torc::io {

struct SocketError {
  int code = 0;      // errno, or 0 when a name did not resolve
  std::string text;  // "bind: Address already in use"
};

// An address that connect() takes.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  // "1.2.3.4:6379", "[::1]:6379", "path:0" for a unix socket, "?:0" for anything else.
  [[nodiscard]] std::string text() const;
};

// A numeric IPv4 or IPv6 address; nothing is looked up.
[[nodiscard]] std::expected<SocketAddress, SocketError> numeric_address(const std::string& host, uint16_t port);
[[nodiscard]] std::expected<SocketAddress, SocketError> unix_address(const std::string& path);
// Looks names up (blocks on a name server: for start-up and cold paths only).
[[nodiscard]] std::expected<SocketAddress, SocketError> resolve_address(const std::string& host, uint16_t port);

class Sockets {
 public:
  virtual ~Sockets() = default;

  // Binds and listens. host: an address or name, "*" for all IPv4 and "::*" for all IPv6 addresses (IPv6 only, so
  // that both can be had at once). port 0 takes a free one. Retries for up to a second while the address is in use:
  // the ring of a server that was just killed keeps its listener for a moment.
  [[nodiscard]] virtual std::expected<int, SocketError> listen_tcp(const std::string& host, uint16_t port,
                                                                   int backlog) = 0;
  // Replaces what is at path. permissions 0 leaves them to the umask.
  [[nodiscard]] virtual std::expected<int, SocketError> listen_unix(const std::string& path, mode_t permissions,
                                                                    int backlog) = 0;
  // A stream socket for connect(). family: AF_INET, AF_INET6, AF_UNIX.
  [[nodiscard]] virtual std::expected<int, SocketError> open_stream(int family) = 0;
  // Binds an outgoing socket to a source address before connect().
  [[nodiscard]] virtual std::expected<void, SocketError> bind_source(int fd, const std::string& host) = 0;

  // False on failure, e.g. on a unix socket.
  virtual bool set_no_delay(int fd, bool on) noexcept = 0;
  // Probes a silent peer after interval_s, three times within another interval (rounded as redis does); 0 turns it off.
  virtual bool set_keepalive(int fd, int interval_s) noexcept = 0;
  // SO_MARK of outgoing and listening sockets (socket-mark-id); 0 does nothing.
  virtual bool set_mark(int fd, uint32_t mark) noexcept = 0;
  // Bytes that the kernel may queue for sending; tests make them small.
  virtual bool set_send_buffer(int fd, int bytes) noexcept = 0;

  // Address texts of a connected or listening socket; "?:0" when it cannot be told.
  [[nodiscard]] virtual std::string peer_address(int fd) = 0;
  [[nodiscard]] virtual std::string local_address(int fd) = 0;
  // The peer is on this machine (loopback or unix), which protected-mode asks.
  [[nodiscard]] virtual bool peer_is_local(int fd) = 0;
  [[nodiscard]] virtual uint16_t local_port(int fd) = 0;
  // A listener stops: its address is free for another one, and an accept in flight ends with an error. close() follows.
  virtual void stop_listening(int fd) noexcept = 0;
  // Closes at once; for sockets without operations in flight.
  virtual void close(int fd) noexcept = 0;
};

// The operating system's sockets.
class SystemSockets final : public Sockets {
 public:
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
  bool bound_ = false;  // a TCP listener was opened
};

}  // namespace torc::io
