// socket, bind, listen and setsockopt with texts for their errors.
#include "io/sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <memory>
#include <string_view>

#include "io/file.h"
#include "io/owned_descriptor.h"

namespace torc::io {

namespace {

// A killed server's ring keeps its listeners for a moment, so the first bind has patience. Once one has succeeded, an
// address in use is somebody else's; then a running server must not wait for it.
constexpr int first_bind_retries = 50;
constexpr int later_bind_retries = 2;
constexpr int bind_retry_ms = 20;
constexpr std::string_view unknown_address = "?:0";

SocketError failed(const char* what) {
  const int code = errno;
  return {code, std::string(what) + ": " + error_text(code)};
}

struct AddressInfoDeleter {
  void operator()(addrinfo* info) const noexcept { ::freeaddrinfo(info); }
};
using AddressInfo = std::unique_ptr<addrinfo, AddressInfoDeleter>;

std::expected<AddressInfo, SocketError> look_up(const char* host, uint16_t port, int family, int flags) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host, std::to_string(port).c_str(), &hints, &list);
  if (error != 0) return std::unexpected(SocketError{0, ::gai_strerror(error)});
  return AddressInfo(list);
}

std::expected<SocketAddress, SocketError> first_address(const std::string& host, uint16_t port, int flags) {
  auto list = look_up(host.c_str(), port, AF_UNSPEC, flags);
  if (!list) return std::unexpected(std::move(list.error()));
  SocketAddress address;
  address.size = (*list)->ai_addrlen;
  std::memcpy(&address.storage, (*list)->ai_addr, address.size);
  return address;
}

bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool bind_patiently(int fd, const sockaddr* address, socklen_t size, int retries) noexcept {
  for (int attempt = 0;; ++attempt) {
    if (::bind(fd, address, size) == 0) return true;
    if (errno != EADDRINUSE || attempt == retries) return false;
    const timespec pause = {0, bind_retry_ms * 1'000'000};
    ::nanosleep(&pause, nullptr);
    errno = EADDRINUSE;
  }
}

std::expected<int, SocketError> listen_at(const addrinfo& info, int backlog, int bind_retries) {
  OwnedDescriptor fd(::socket(info.ai_family, info.ai_socktype | SOCK_CLOEXEC, info.ai_protocol));
  if (!fd) return std::unexpected(failed("socket"));
  if (info.ai_family == AF_INET6 && !set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
    return std::unexpected(failed("setsockopt IPV6_V6ONLY"));
  }
  if (!set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) return std::unexpected(failed("setsockopt SO_REUSEADDR"));
  if (!bind_patiently(fd.get(), info.ai_addr, info.ai_addrlen, bind_retries)) {
    return std::unexpected(failed("bind"));
  }
  if (::listen(fd.get(), backlog) != 0) return std::unexpected(failed("listen"));
  return fd.release();
}

using NameFunction = int (*)(int, sockaddr*, socklen_t*);

SocketAddress name_of(int fd, NameFunction name) noexcept {
  SocketAddress address;
  socklen_t size = sizeof address.storage;
  if (name(fd, reinterpret_cast<sockaddr*>(&address.storage), &size) == 0) address.size = size;
  return address;
}

std::string unix_text(const SocketAddress& address) {
  const auto& path = reinterpret_cast<const sockaddr_un&>(address.storage);
  const size_t room = address.size - std::min<size_t>(address.size, offsetof(sockaddr_un, sun_path));
  return std::string(path.sun_path, ::strnlen(path.sun_path, room));
}

}  // namespace

std::string SocketAddress::text() const {
  char host[INET6_ADDRSTRLEN] = "";
  if (size > 0 && storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    return std::string(host) + ":" + std::to_string(ntohs(address.sin_port));
  }
  if (size > 0 && storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &address.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(address.sin6_port));
  }
  if (size > 0 && storage.ss_family == AF_UNIX) return unix_text(*this) + ":0";
  return std::string(unknown_address);
}

std::expected<SocketAddress, SocketError> numeric_address(const std::string& host, uint16_t port) {
  return first_address(host, port, AI_NUMERICHOST);
}

std::expected<SocketAddress, SocketError> resolve_address(const std::string& host, uint16_t port) {
  return first_address(host, port, 0);
}

std::expected<SocketAddress, SocketError> unix_address(const std::string& path) {
  SocketAddress address;
  auto& name = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.empty() || path.size() >= sizeof name.sun_path) {
    return std::unexpected(SocketError{ENAMETOOLONG, "path of a unix socket: empty or too long"});
  }
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

std::expected<int, SocketError> SystemSockets::listen_tcp(const std::string& host, uint16_t port, int backlog) {
  const bool any = host == "*" || host == "::*";
  const int family = host.find(':') != std::string::npos ? AF_INET6 : AF_INET;
  auto list = look_up(any ? nullptr : host.c_str(), port, family, AI_PASSIVE);
  if (!list) return std::unexpected(std::move(list.error()));
  std::expected<int, SocketError> listener = std::unexpected(SocketError{EADDRNOTAVAIL, "no address"});
  for (const addrinfo* info = list->get(); info != nullptr; info = info->ai_next) {
    listener = listen_at(*info, backlog, bound_ ? later_bind_retries : first_bind_retries);
    if (listener || listener.error().code == EADDRINUSE) break;
  }
  bound_ = bound_ || listener.has_value();
  return listener;
}

std::expected<int, SocketError> SystemSockets::listen_unix(const std::string& path, mode_t permissions, int backlog) {
  auto address = unix_address(path);
  if (!address) return std::unexpected(std::move(address.error()));
  OwnedDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(failed("socket"));
  ::unlink(path.c_str());
  if (::bind(fd.get(), address->get(), address->size) != 0) return std::unexpected(failed("bind"));
  if (::listen(fd.get(), backlog) != 0) return std::unexpected(failed("listen"));
  if (permissions != 0 && ::chmod(path.c_str(), permissions) != 0) return std::unexpected(failed("chmod"));
  return fd.release();
}

std::expected<int, SocketError> SystemSockets::open_stream(int family) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::unexpected(failed("socket"));
  return fd;
}

std::expected<void, SocketError> SystemSockets::bind_source(int fd, const std::string& host) {
  auto address = numeric_address(host, 0);
  if (!address) return std::unexpected(std::move(address.error()));
  if (!set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1)) return std::unexpected(failed("setsockopt SO_REUSEADDR"));
  if (::bind(fd, address->get(), address->size) != 0) return std::unexpected(failed("bind"));
  return {};
}

bool SystemSockets::set_no_delay(int fd, bool on) noexcept {
  return set_option(fd, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

bool SystemSockets::set_keepalive(int fd, int interval_s) noexcept {
  if (interval_s <= 0) return set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 0);
  constexpr int probes = 3;
  return set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) && set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, interval_s) &&
         set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(interval_s / probes, 1)) &&
         set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

bool SystemSockets::set_mark(int fd, uint32_t mark) noexcept {
  return mark == 0 || set_option(fd, SOL_SOCKET, SO_MARK, static_cast<int>(mark));
}

bool SystemSockets::set_send_buffer(int fd, int bytes) noexcept { return set_option(fd, SOL_SOCKET, SO_SNDBUF, bytes); }

std::string SystemSockets::local_address(int fd) { return name_of(fd, ::getsockname).text(); }

std::string SystemSockets::peer_address(int fd) {
  const SocketAddress peer = name_of(fd, ::getpeername);
  // The client end of a unix socket has no name: redis shows the listener's path.
  if (peer.storage.ss_family == AF_UNIX && unix_text(peer).empty()) return local_address(fd);
  return peer.text();
}

bool SystemSockets::peer_is_local(int fd) {
  const SocketAddress peer = name_of(fd, ::getpeername);
  if (peer.size == 0) return false;
  if (peer.storage.ss_family == AF_UNIX) return true;
  const std::string text = peer.text();
  return text.starts_with("127.") || text.starts_with("[::1]:");
}

uint16_t SystemSockets::local_port(int fd) {
  const SocketAddress local = name_of(fd, ::getsockname);
  if (local.size == 0) return 0;
  if (local.storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(local.storage).sin_port);
  if (local.storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(local.storage).sin6_port);
  return 0;
}

void SystemSockets::stop_listening(int fd) noexcept { ::shutdown(fd, SHUT_RDWR); }

void SystemSockets::close(int fd) noexcept { ::close(fd); }

}  // namespace torc::io
