// Who started the process and wants to hear from it: systemd (a datagram per message to the socket that NOTIFY_SOCKET
// names) or upstart (which waits for the process to stop itself once).
#pragma once

#include <cstdint>
#include <string_view>

namespace torc::io {

enum class Supervisor : uint8_t { none, systemd, upstart };

// By the environment: upstart sets UPSTART_JOB, systemd NOTIFY_SOCKET.
[[nodiscard]] Supervisor find_supervisor() noexcept;
[[nodiscard]] bool supervisor_present(Supervisor supervisor) noexcept;
// "READY=1\nSTATUS=...": lines of sd_notify(3). False when there is no socket, or the message was not taken.
bool notify_systemd(std::string_view state) noexcept;
// SIGSTOP to ourselves; upstart lets us go on. UPSTART_JOB leaves the environment.
void notify_upstart() noexcept;

}  // namespace torc::io
