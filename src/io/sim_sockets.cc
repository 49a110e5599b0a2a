// Listeners and addresses of the simulated network.
#include "io/sim_sockets.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>

#include "io/file.h"
#include "io/sim_ring.h"

namespace torc::io {

namespace {
SocketError failure(const char* what, int code) { return {code, std::string(what) + ": " + error_text(code)}; }
}  // namespace

std::string SimRing::own_address(const std::string& host) const {
  const bool version_6 = host.find(':') != std::string::npos;
  return version_6 ? std::string(SimEndpoint::version_6_prefix) + host_ : host_;
}

SimEndpoint SimRing::endpoint_of(const sockaddr* address, socklen_t size) const {
  char host[INET6_ADDRSTRLEN] = "";
  SimEndpoint endpoint;
  if (address->sa_family == AF_UNIX) {
    endpoint.host = host_;
    endpoint.path = reinterpret_cast<const sockaddr_un*>(address)->sun_path;
  } else if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    const auto* ip = reinterpret_cast<const sockaddr_in*>(address);
    endpoint.host = ::inet_ntop(AF_INET, &ip->sin_addr, host, sizeof host);
    endpoint.port = ntohs(ip->sin_port);
  } else if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    const auto* ip = reinterpret_cast<const sockaddr_in6*>(address);
    endpoint.host = ::inet_ntop(AF_INET6, &ip->sin6_addr, host, sizeof host);
    endpoint.port = ntohs(ip->sin6_port);
  }
  if (endpoint.host.starts_with("127.") || endpoint.host == "::1") endpoint.host = own_address(endpoint.host);
  return endpoint;
}

std::expected<int, SocketError> SimSockets::listen_tcp(const std::string& host, uint16_t port, int backlog) {
  const bool own = host == "*" || host == "::*" || host == "0.0.0.0" || host == "::" || host == "localhost" ||
                   host == "::1" || host.starts_with("127.") || host == ring_.own_address(host);
  if (!own) return std::unexpected(failure("bind", EADDRNOTAVAIL));
  auto listener = ring_.network_.listen({ring_.own_address(host), port, {}}, static_cast<size_t>(backlog));
  if (!listener) return std::unexpected(failure("bind", listener.error()));
  auto descriptor = std::make_shared<SimRing::Descriptor>();
  descriptor->listener = std::move(*listener);
  return ring_.number_of(std::move(descriptor));
}

std::expected<int, SocketError> SimSockets::listen_unix(const std::string& path, mode_t, int backlog) {
  auto listener = ring_.network_.listen({ring_.host_, 0, path}, static_cast<size_t>(backlog));
  if (!listener) return std::unexpected(failure("bind", listener.error()));
  auto descriptor = std::make_shared<SimRing::Descriptor>();
  descriptor->listener = std::move(*listener);
  return ring_.number_of(std::move(descriptor));
}

std::expected<int, SocketError> SimSockets::open_stream(int family) {
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) {
    return std::unexpected(failure("socket", EAFNOSUPPORT));
  }
  return ring_.number_of(std::make_shared<SimRing::Descriptor>());
}

std::expected<void, SocketError> SimSockets::bind_source(int fd, const std::string& host) {
  const auto descriptor = ring_.descriptor(fd);
  if (!descriptor) return std::unexpected(failure("bind", EBADF));
  if (host != ring_.own_address(host)) return std::unexpected(failure("bind", EADDRNOTAVAIL));
  descriptor->source.host = host;
  return {};
}

bool SimSockets::set_no_delay(int fd, bool) noexcept {
  const auto descriptor = ring_.descriptor(fd);
  return descriptor && !descriptor->node && !(descriptor->socket && !descriptor->socket->local().path.empty());
}

bool SimSockets::set_keepalive(int fd, int) noexcept { return set_no_delay(fd, true); }

bool SimSockets::set_mark(int fd, uint32_t) noexcept { return ring_.descriptor(fd) != nullptr; }

bool SimSockets::set_send_buffer(int fd, int) noexcept { return ring_.descriptor(fd) != nullptr; }

std::string SimSockets::peer_address(int fd) {
  const auto descriptor = ring_.descriptor(fd);
  return descriptor && descriptor->socket ? descriptor->socket->peer().text() : "?:0";
}

std::string SimSockets::local_address(int fd) {
  const auto descriptor = ring_.descriptor(fd);
  if (descriptor && descriptor->socket) return descriptor->socket->local().text();
  return descriptor && descriptor->listener ? descriptor->listener->endpoint().text() : "?:0";
}

bool SimSockets::peer_is_local(int fd) {
  const auto descriptor = ring_.descriptor(fd);
  if (!descriptor || !descriptor->socket) return false;
  const std::string& host = descriptor->socket->peer().host;
  return host == ring_.own_address(host);
}

uint16_t SimSockets::local_port(int fd) {
  const auto descriptor = ring_.descriptor(fd);
  if (descriptor && descriptor->socket) return descriptor->socket->local().port;
  return descriptor && descriptor->listener ? descriptor->listener->endpoint().port : 0;
}

void SimSockets::stop_listening(int fd) noexcept {
  const auto descriptor = ring_.descriptor(fd);
  if (descriptor && descriptor->listener) ring_.network_.stop_listening(descriptor->listener);
}

void SimSockets::close(int fd) noexcept {
  if (ring_.descriptor(fd)) ring_.drop(fd);
}

}  // namespace torc::io
