// QueuedChannel: the channel between the two halves when they run on two threads, as only tests let them yet. Each end
// has the interface of the half on the other side: the network thread talks to a NetworkEnd as if it were the session,
// the session thread to a SessionEnd as if it were the network. Messages travel in batches, once per publish().
//
// What keeps the two threads apart: a batch belongs to the session thread from requested() to finished(), Outputs
// travel to the network thread and come back unchanged, and whatever counts references or returns chunks happens on the
// session thread. So finished() drops the batch's blobs there, and a batch that is held beyond a tick is copied out of
// the ring's buffers there too (detach_held()).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/batch.h"
#include "net/mailbox.h"
#include "session/channel.h"

namespace torc::net {

class Network;

// Messages, as small structs with a kind: an Output is most of their size anyway.
struct ToSession {
  enum class Kind : uint8_t { opened, requested, input_held, input_ended, closed, sent };
  Kind kind{};
  session::ClientHandle client{};
  uint64_t bytes = 0;
  uint64_t memory_bytes = 0;
  session::RequestBatch* batch = nullptr;
  std::unique_ptr<session::Peer> peer{};
  resp::Output output{nullptr};
};

struct ToNetwork {
  enum class Kind : uint8_t { reply, finished, authenticated, waits, slices_spent };
  Kind kind{};
  session::CloseMode close = session::CloseMode::keep;
  bool yes = false;
  session::ClientHandle client{};
  uint64_t bytes = 0;  // of waits
  session::RequestBatch* batch = nullptr;
  resp::Output output{nullptr};
  std::vector<io::BufferSlice> slices{};
};

// On the network thread.
class NetworkEnd final : public session::ConnectionEvents {
 public:
  NetworkEnd(Mailbox<ToSession>* out, Mailbox<ToNetwork>* in) noexcept : out_(out), in_(in) {}

  // Hands what the session half said to the network: before collect(). Returns the number of messages.
  size_t deliver(Network& network);
  // Sends what collect() and flush() raised on its way.
  void publish() { out_->publish(); }
  // Whether the session half has taken all that was raised: before it ends, since Outputs come back to its chunks.
  [[nodiscard]] bool drained() const { return out_->drained(); }
  // Around a wait that the channel's wake function ends.
  [[nodiscard]] bool may_sleep() { return in_->may_sleep(); }
  void awake() { in_->awake(); }

  void opened(session::ClientHandle handle, session::Peer peer) override;
  void requested(session::RequestBatch* batch) override;
  void input_held(session::ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) override;
  void input_ended(session::ClientHandle handle) override;
  void closed(session::ClientHandle handle) override;
  void sent(session::ClientHandle handle, uint64_t bytes, resp::Output&& spent) override;

 private:
  Mailbox<ToSession>* out_;
  Mailbox<ToNetwork>* in_;
};

// On the session thread.
class SessionEnd final : public session::ConnectionControl {
 public:
  SessionEnd(Mailbox<ToNetwork>* out, Mailbox<ToSession>* in) noexcept : out_(out), in_(in) {}

  // Hands what the network half said to the session. Returns the number of messages.
  size_t deliver(session::ConnectionEvents& session);
  // At the end of a tick: batches that are still held stop pinning ring buffers. Views copied out of them die.
  void detach_held();
  void publish() { out_->publish(); }
  [[nodiscard]] bool drained() const { return out_->drained(); }
  [[nodiscard]] bool may_sleep() { return in_->may_sleep(); }
  void awake() { in_->awake(); }

  void reply(session::ReplyBatch&& batch) override;
  void finished(session::RequestBatch* batch) override;
  void authenticated(session::ClientHandle handle, bool yes) override;
  void waits(session::ClientHandle handle, bool yes, uint64_t batch_bytes) override;

 private:
  Mailbox<ToNetwork>* out_;
  Mailbox<ToSession>* in_;
  BatchList<&Batch::held_position> held_;
};

class QueuedChannel {
 public:
  // The wake functions are called from the respective other thread; both must tolerate being called too often.
  // capacity: messages under way per direction (a power of two); more wait at their sender.
  QueuedChannel(size_t capacity, std::function<void()> wake_network, std::function<void()> wake_session)
      : to_session_(capacity, wake_session, wake_network), to_network_(capacity, wake_network, wake_session) {}

  [[nodiscard]] NetworkEnd& network_end() noexcept { return network_end_; }
  [[nodiscard]] SessionEnd& session_end() noexcept { return session_end_; }

 private:
  Mailbox<ToSession> to_session_;
  Mailbox<ToNetwork> to_network_;
  NetworkEnd network_end_{&to_session_, &to_network_};
  SessionEnd session_end_{&to_network_, &to_session_};
};

}  // namespace torc::net
