// A session half for tests: a few commands that exercise the channel, and a record of what was said.
//
//   PING | ECHO x | GET n (a value of n bytes, by reference) | SUM x… (total size and hash) | AUTH (lifts the limits)
//   QUIT (closes after the reply) | KILL (closes now) | HOLD (keeps the batch until release(), as a blocked client
//   does)
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "resp/output.h"
#include "resp/reply.h"
#include "session/channel.h"

namespace torc::net {

// What GET n sends behind its header, and what SUM replies.
[[nodiscard]] std::string value_of(size_t bytes);
[[nodiscard]] std::string sum_of(const std::vector<std::string>& arguments);
[[nodiscard]] std::string encode(const std::vector<std::string>& arguments);
[[nodiscard]] std::string bulk(std::string_view bytes);

class StubSession final : public session::ConnectionEvents {
 public:
  struct Client {
    session::ClientHandle handle;
    session::Peer peer;
    resp::Output output;
    session::CloseMode close = session::CloseMode::keep;
    bool in_flush_list = false;
    bool input_ended = false;
    bool gone = false;  // closed() came, or we closed it
    uint64_t sent_bytes = 0;
    uint64_t input_held_bytes = 0;
    uint64_t input_memory_bytes = 0;
    uint64_t requests = 0;
    session::RequestBatch* held = nullptr;
    size_t held_at = 0;
  };

  ~StubSession() override;
  void connect(session::ConnectionControl* control) { control_ = control; }

  void opened(session::ClientHandle handle, session::Peer peer) override;
  void requested(session::RequestBatch* batch) override;
  void input_held(session::ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) override;
  void input_ended(session::ClientHandle handle) override;
  void closed(session::ClientHandle handle) override;
  void sent(session::ClientHandle handle, uint64_t bytes, resp::Output&& spent) override;

  // Runs what waits, at most requests_per_execute, and replies.
  void execute();
  // Lets all clients that are held go on.
  void release();
  // Sends a message that nobody asked for.
  void push(session::ClientHandle handle, std::string_view bytes);
  void close(session::ClientHandle handle, session::CloseMode mode);

  [[nodiscard]] Client* find(session::ClientHandle handle);
  [[nodiscard]] std::vector<Client*> clients();
  [[nodiscard]] bool idle() const { return waiting_.empty() && flush_list_.empty(); }

  size_t requests_per_execute = SIZE_MAX;
  bool execute_at_once = false;  // inside requested()
  bool authenticates = true;     // calls authenticated(true) in opened()

  std::atomic<uint64_t> opened_count = 0;  // read by the thread of the other half too
  std::atomic<uint64_t> closed_count = 0;
  uint64_t input_ended_count = 0;
  uint64_t batches = 0;
  uint64_t input_bytes = 0;
  uint64_t outputs_returned = 0;
  size_t requests_max_seen = 0;  // in one batch
  std::vector<std::string> protocol_errors;

 private:
  using Key = uint64_t;
  static Key key_of(session::ClientHandle handle) { return uint64_t{handle.generation} << 32 | handle.index; }
  bool run(session::RequestBatch* batch, size_t& next);
  bool call(Client& client, const std::vector<std::string_view>& arguments);
  void finish(session::RequestBatch* batch);
  void flush();
  void mark(Client& client);

  session::ConnectionControl* control_ = nullptr;
  resp::ChunkPool chunks_;
  std::map<Key, Client> clients_;
  std::map<size_t, base::BlobRef> values_;
  std::deque<std::pair<session::RequestBatch*, size_t>> waiting_;
  std::vector<session::ClientHandle> flush_list_;
  size_t left_ = 0;
};

}  // namespace torc::net
