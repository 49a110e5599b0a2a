// Channel: all that the network half and the session half of the server know of each other. A connection (its ring's
// thread) and a client (the keyspace thread) share a handle and exchange batches: requests one way, replies the other.
// In one thread, as the server runs, the calls are made directly; between two, messages travel (net/queued_channel.h).
//
// Flow control: a connection has at most one RequestBatch lent out at a time. What arrives meanwhile stays with the
// network half, which stops receiving when that is too much, unless the batch waits (ConnectionControl::waits).
#pragma once

#include <cstdint>
#include <string>

#include "resp/output.h"
#include "resp/request.h"

namespace torc::session {

// Names a connection and its client. An index is used again with another generation, so a late message misses.
struct ClientHandle {
  uint32_t index = UINT32_MAX;
  uint32_t generation = 0;
  friend bool operator==(const ClientHandle&, const ClientHandle&) = default;
};

// What is known of a connection when it opens.
struct Peer {
  std::string address;  // "127.0.0.1:50000", "[::1]:50000", "/path:0" for a unix socket
  std::string local_address;
  int descriptor = -1;  // only for CLIENT LIST's fd=
  bool unix_socket = false;
  bool loopback = false;  // the peer's address is a loopback address or a unix socket (protected-mode)
};

// Requests of one connection, lent to the session half until it calls ConnectionControl::finished().
struct RequestBatch {
  ClientHandle client;
  resp::RequestList list;
  std::string protocol_error;  // the text behind "-ERR ", answered after the list; then the connection closes
  uint64_t input_bytes = 0;    // received since the last batch (statistics)
  uint64_t pending_bytes = 0;  // input held for the incomplete request (qbuf of CLIENT LIST)
  uint64_t pending_memory_bytes = 0;  // what that takes
  uint64_t memory_bytes = 0;          // what the batch itself takes: all that its views point to, and its blobs
  uint32_t database = 0;              // session half: the database to prefetch from

  // The protocol error counts as a request.
  [[nodiscard]] size_t request_count() const noexcept {
    return list.requests.size() + (protocol_error.empty() ? 0 : 1);
  }
  // What its requests took on the wire; walks over them.
  [[nodiscard]] uint64_t wire_bytes() const noexcept {
    uint64_t bytes = 0;
    for (const resp::Request& request : list.requests) bytes += request.wire_bytes;
    return bytes;
  }
};

enum class CloseMode : uint8_t { keep, after_reply, now };

// Replies of one connection for one tick.
struct ReplyBatch {
  ClientHandle client;
  resp::Output output;
  CloseMode close = CloseMode::keep;
};

// From the network half to the session half.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  virtual void opened(ClientHandle handle, Peer peer) = 0;
  // With two threads a batch may still come for a client that was closed by CloseMode::now, until closed().
  virtual void requested(RequestBatch* batch) = 0;
  // What is held of the connection's input without a batch having been lent for it: an incomplete request, or what
  // waits behind a lent batch. Told when it changes; of a big bulk that comes slowly, after direct_patience_us.
  // memory_bytes: what it takes, with the room for what has not arrived.
  virtual void input_held(ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) {
    static_cast<void>(handle);
    static_cast<void>(bytes);
    static_cast<void>(memory_bytes);
  }
  // The peer closed its side while a batch is lent out. What arrived before is still requested and answered, and
  // closed() follows when it is all finished; so a client that is blocked, or blocks later, is to be given up
  // (CloseMode::now).
  virtual void input_ended(ClientHandle handle) { static_cast<void>(handle); }
  // The connection is gone; a batch that is still lent out will be answered by finished() all the same.
  virtual void closed(ClientHandle handle) = 0;
  // Replies left: `bytes` of output went to the kernel for good. `spent` goes back to the thread that counts
  // references.
  virtual void sent(ClientHandle handle, uint64_t bytes, resp::Output&& spent) = 0;
};

// From the session half to the network half.
class ConnectionControl {
 public:
  virtual ~ConnectionControl() = default;
  virtual void reply(ReplyBatch&& batch) = 0;
  // All requests of the batch were executed (or dropped): views into it are dead.
  virtual void finished(RequestBatch* batch) = 0;
  // The small protocol limits before AUTH no longer (or again) hold.
  virtual void authenticated(ClientHandle handle, bool yes) = 0;
  // A request of the batch that is lent waits for something that may not come for long (a key, the end of a pause), or
  // no longer does. Meanwhile the peer's end is to be noticed, and client-query-buffer-limit bounds all that it sends:
  // what lies behind the batch, and batch_bytes: its wire_bytes(), or 0 if not yes. finished() ends it, too.
  virtual void waits(ClientHandle handle, bool yes, uint64_t batch_bytes) = 0;
};

}  // namespace torc::session
