// The protocol of sd_notify is one datagram, so no library is needed. A name that begins with '@' is in the abstract
// namespace: its first byte on the wire is 0.
#include "io/supervisor.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "io/owned_descriptor.h"

namespace torc::io {

bool supervisor_present(Supervisor supervisor) noexcept {
  switch (supervisor) {
    case Supervisor::systemd:
      return ::getenv("NOTIFY_SOCKET") != nullptr;
    case Supervisor::upstart:
      return ::getenv("UPSTART_JOB") != nullptr;
    case Supervisor::none:
      break;
  }
  return false;
}

Supervisor find_supervisor() noexcept {
  for (const Supervisor one : {Supervisor::upstart, Supervisor::systemd}) {
    if (supervisor_present(one)) return one;
  }
  return Supervisor::none;
}

bool notify_systemd(std::string_view state) noexcept {
  const char* const path = ::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return false;
  const size_t size = std::strlen(path);
  if (size < 2 || size >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, size);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const OwnedDescriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  const ssize_t sent =
      ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  return sent == static_cast<ssize_t>(state.size());
}

void notify_upstart() noexcept {
  ::raise(SIGSTOP);
  ::unsetenv("UPSTART_JOB");
}

}  // namespace torc::io
