// What the network half can be told, and what it tells. The first block is configuration of redis.conf's names (rows in
// settings.h); the second are constants that were measured, as variables so that tests can make them small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::net {

struct NetworkOptions {
  // Addresses or names; "*" is all of IPv4, "::*" all of IPv6, and an address behind "-" may be missing on this
  // machine.
  std::vector<std::string> bind = {"*", "-::*"};
  int64_t port = 6379;                  // 0: no TCP
  std::string unix_socket;              // path, or empty
  std::string directory;                // a relative unix_socket lies there; empty: in the working directory
  int64_t unix_socket_permissions = 0;  // 0: as the umask says
  int64_t backlog = 511;
  int64_t keepalive_s = 300;  // 0: off
  int64_t clients_max = 10000;
  uint64_t bulk_bytes_max = 512ULL << 20;
  uint64_t query_buffer_bytes_max = 1ULL << 30;
  int64_t socket_mark = 0;  // SO_MARK of the listeners; 0: none
  // Sends of at least so much go without a copy where the peer is on another machine; 0 never.
  uint64_t zero_copy_bytes_min = 32 * 1024;

  // Connections begin with the full protocol limits: no password is needed. False where a password is required; then
  // the session half lifts the small limits with authenticated().
  bool authenticated_at_start = false;
  // For tests: zero-copy sends on loopback too, where the kernel copies anyway.
  bool zero_copy_local = false;

  size_t requests_per_batch = 512;  // one connection's share of a tick
  size_t requests_per_tick = 8192;
  size_t accepts_per_tick = 64;
  // Input that may wait behind a batch that is being executed before receiving pauses.
  size_t backlog_bytes_max = 1 << 20;
  // A batch that has more than this takes no further request.
  size_t batch_bytes_max = 1 << 20;
  // A big bulk of which so much is missing is received into its blob directly, at most so much in one operation
  // (a receive of what has arrived already holds the tick up).
  size_t direct_receive_bytes_min = 128 * 1024;
  size_t direct_receive_bytes_max = 1 << 20;
  // Such a receive ends when all of it is there, or after so long: then the session half hears what has come.
  int64_t direct_patience_us = 50'000;
  // One send takes whole parts until this is exceeded; the bound of how long a send can hold the tick up.
  size_t send_bytes_max = 1 << 20;
  // How long replies may linger after the peer has closed its side.
  int64_t linger_us = 1'000'000;
  // Pause of accepting when the process is out of descriptors.
  int64_t accept_pause_us = 100'000;
};

// Counters since start, and two gauges. For INFO.
struct NetworkStats {
  uint64_t connections = 0;  // gauge: open now
  uint64_t connections_received = 0;
  uint64_t connections_rejected = 0;  // above maxclients
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
  uint64_t pinned_bytes = 0;  // gauge: bytes of values that sends in flight refer to
  uint64_t batches = 0;
  uint64_t requests = 0;
  uint64_t protocol_errors = 0;
  uint64_t query_buffer_closes = 0;  // client-query-buffer-limit
  uint64_t sends = 0;
  uint64_t short_sends = 0;
  uint64_t zero_copy_sends = 0;
  uint64_t zero_copy_copied = 0;  // of these, the kernel copied after all
  uint64_t receives_armed = 0;
  uint64_t receives_paused = 0;   // too much input behind a batch
  uint64_t direct_receives = 0;   // straight into a blob
  uint64_t direct_bytes = 0;
  uint64_t bytes_copied = 0;      // input copied out of ring buffers
  uint64_t batches_detached = 0;  // lent beyond the tick, so that their ring buffers were copied
};

// Levels of Redis's log.
enum class LogLevel : uint8_t { debug, verbose, notice, warning };
using LogFunction = std::function<void(LogLevel, std::string_view)>;

}  // namespace torc::net
