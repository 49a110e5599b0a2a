// Client: the session half of a connection: who it is, what it is in the middle of (a transaction, watched keys), and
// the replies of this tick.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "resp/output.h"
#include "resp/reply.h"
#include "session/arguments.h"
#include "session/blocking.h"
#include "session/channel.h"

namespace torc::session {

struct Command;

// A command that waits for EXEC.
struct QueuedCommand {
  Command* command;
  OwnedArguments arguments;
  uint64_t wire_bytes;  // that it took to send
};

struct Client;

// One that watches a key. See watch.h.
struct Watcher {
  Client* client;
  size_t index;  // in the client's watched keys
  bool overdue;  // the key was, when the client came
};
// A key and who watches it, in the table of all.
using WatchedNode = std::pair<const std::string, std::vector<Watcher>>;

struct WatchedKey {
  size_t database;
  WatchedNode* node;  // null: it was touched
  size_t position;    // among its watchers
};

// MULTI's state.
struct Transaction {
  std::vector<QueuedCommand> commands;
  size_t memory_bytes = 0;
  uint64_t query_bytes = 0;    // what counts towards client-query-buffer-limit
  bool open = false;           // MULTI was given
  bool has_error = false;      // a command could not be queued: EXEC aborts
  uint32_t command_flags = 0;  // or of the queued commands' flags
};

enum class ReplyMode : uint8_t { on, off, skip_next, skipping };

// What CLIENT LIST's TYPE and client-output-buffer-limit distinguish.
enum class ClientType : uint8_t { normal, replica, pubsub, master };

// Requests that were lent and wait (holds.cc): one that could not be run to its end, and those behind it.
enum class HoldReason : uint8_t {
  none,
  postponed,  // by a pause: the first one is still to be executed
  blocked,    // the first one waits for keys (Client::waiting) and is executed again when one is ready
  working,    // the first one is being answered in slices
  resuming,   // to be executed now
};
struct Hold {
  HoldReason reason = HoldReason::none;
  RequestBatch* batch = nullptr;
  uint32_t first = 0, end = 0;  // requests of the batch; those behind `end` were not met yet
  uint64_t place = 0;           // among the postponed
};

// What ClientMemory knows of a client.
struct ClientMemoryPlace {
  uint64_t bytes = 0;  // when it was looked at last
  ClientType type = ClientType::normal;
  int8_t bucket = -1;  // none
  uint32_t index = 0;
};

struct Client {
  Client(resp::ChunkPool* pool, uint64_t client_id, ClientHandle client_handle, Peer client_peer)
      : id(client_id), handle(client_handle), peer(std::move(client_peer)), output(pool), reply(&output, 2) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  uint64_t id;  // CLIENT ID: ascending, never used again
  ClientHandle handle;
  Peer peer;
  resp::Output output;  // this tick's replies
  resp::Reply reply;

  uint32_t database = 0;
  bool authenticated = false;
  bool dirty_watch = false;  // a watched key changed: EXEC fails
  bool in_flush_list = false;
  bool no_evict = false;
  bool no_touch = false;
  size_t exec_commands = 0;    // within EXEC: of how many commands
  bool monitor = false;        // is told all commands (MONITOR)
  bool input_ended = false;    // the peer sends no more
  ClientType type = ClientType::normal;
  ReplyMode reply_mode = ReplyMode::on;
  CloseMode close = CloseMode::keep;
  Hold hold;
  bool told_waits = false;           // the network half knows that it may be held for long
  std::unique_ptr<Waiting> waiting;  // of a command that waited before; null otherwise
  Transaction transaction;
  std::vector<WatchedKey> watched;

  std::string name, library_name, library_version;
  std::string user = "default";
  int64_t created_ms = 0;           // wall clock
  int64_t last_interaction_ms = 0;  // tick clock
  int64_t activity_window = 0;      // the last one in which it sent requests
  const Command* last_command = nullptr;
  uint64_t counted_errors = 0;        // of reply.errors(): those that statistics know
  uint64_t argument_bytes = 0;        // of the command under way
  uint64_t input_pending_bytes = 0;   // qbuf
  uint64_t input_memory_bytes = 0;    // what it takes
  uint64_t output_pending_bytes = 0;  // handed to the network half, not sent
  ClientMemoryPlace memory;
  int64_t soft_limit_since_ms = 0;    // when the output passed its soft limit; 0: it has not

  // Within EXEC nothing may wait.
  [[nodiscard]] bool deny_blocking() const noexcept { return exec_commands != 0; }
  // Whether what is replied now goes nowhere (CLIENT REPLY).
  [[nodiscard]] bool is_silent() const noexcept {
    return reply_mode == ReplyMode::off || reply_mode == ReplyMode::skipping;
  }
  [[nodiscard]] bool closing() const noexcept { return close != CloseMode::keep; }
  // All that it takes, with its buffers and queued commands (tot-mem).
  [[nodiscard]] uint64_t memory_bytes() const noexcept {
    constexpr uint64_t watched_key_bytes = sizeof(WatchedKey) + 64;  // here and in the table of all
    const uint64_t held_bytes = hold.batch ? hold.batch->memory_bytes : 0;
    return sizeof(Client) + input_memory_bytes + held_bytes + argument_bytes + transaction.memory_bytes +
           watched.size() * watched_key_bytes + reply_memory_bytes();
  }
  [[nodiscard]] uint64_t reply_memory_bytes() const noexcept { return output_pending_bytes + output.memory_bytes(); }
  // Without a reply of the usual size, which leaves with the tick that makes it.
  [[nodiscard]] uint64_t lasting_memory_bytes() const noexcept {
    constexpr uint64_t passing_bytes_max = resp::chunk_bytes;
    const uint64_t reply_bytes = reply_memory_bytes();
    return memory_bytes() - (reply_bytes <= passing_bytes_max ? reply_bytes : 0);
  }
  [[nodiscard]] bool held() const noexcept { return hold.reason != HoldReason::none; }
};

}  // namespace torc::session
