// An in-process server without sockets: a Session with its keyspace and commands, a clock that stands still, seeded
// randomness, and sinks that write down what would be notified and propagated. Requests go in as the network half would
// hand them over, one batch per run() or pipeline(), and a whole tick is made of each.
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "session/channel.h"
#include "session/effects.h"
#include "session/registry.h"
#include "session/session.h"
#include "store/keyspace.h"

namespace torc::cmd {

// Replies in readable form, one after the other: +OK, -ERR ..., :5, "bulk", nil (RESP2), null (RESP3), [a, b], {k: v},
// ~[set],
// >[push], ,1.5, #t, (123, =txt:text. Bytes that do not print are \xHH.
[[nodiscard]] std::vector<std::string> render_replies(std::string_view protocol);
// The bulk strings in a rendered reply; none may contain a quote.
[[nodiscard]] std::vector<std::string> rendered_strings(const std::string& reply);

// What a command is expected to do, in the forms of run(), events() and propagated().
struct Step {
  std::string_view command, reply, events, propagated;
};

class Harness final : session::ConnectionControl, session::EventSink, session::PropagationSink {
 public:
  using Arguments = std::vector<std::string>;
  static constexpr int64_t start_ms = 1'700'000'000'000;  // the wall clock at first

  explicit Harness(uint64_t seed = 1);
  ~Harness() override;
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  // A further client; the first one is 0.
  size_t connect();
  void disconnect(size_t client);
  // Speaks RESP2 or RESP3 from now on.
  void set_protocol(int protocol, size_t client = 0);

  // Runs one request and renders its reply; empty when there was none. A line is split as redis-cli splits it. An
  // argument of resp::blob_bytes_min or more comes in a blob of its own, as from the parser.
  std::string run(std::string_view line, size_t client = 0);
  std::string run(const Arguments& arguments, size_t client = 0);
  std::string run(std::initializer_list<std::string> arguments, size_t client = 0) {
    return run(Arguments(arguments), client);
  }
  // The same as it goes over the wire.
  std::string raw(std::string_view line, size_t client = 0);
  std::string raw(const Arguments& arguments, size_t client = 0);
  std::string raw(std::initializer_list<std::string> arguments, size_t client = 0) {
    return raw(Arguments(arguments), client);
  }
  // All lines as one batch, in one tick.
  std::vector<std::string> pipeline(const std::vector<std::string>& lines, size_t client = 0);
  // A tick with its background part, without new requests: what the client is sent meanwhile, rendered like run().
  std::string later(size_t client = 0);
  // Runs the steps one by one and compares; failures are EXPECTs that name the command.
  void play(std::initializer_list<Step> steps, size_t client = 0);

  // Of the last run, raw, pipeline or background: "set k; expire k", and "[1] set k" in database 1.
  [[nodiscard]] std::string events() const;
  [[nodiscard]] std::string propagated() const;

  void advance_ms(int64_t milliseconds) { clock_.advance_us(milliseconds * 1000); }
  // The background part of a tick.
  void background();
  [[nodiscard]] int64_t now_ms() const { return clock_.wall_us() / 1000; }

  // Makes the string under key look like a list until the harness ends or make_string() is called: what is left of
  // other types as long as there are none. The key must not be deleted or overwritten meanwhile.
  void make_list(std::string_view key, size_t database = 0);
  void make_string(std::string_view key, size_t database = 0);

  [[nodiscard]] session::Session& session() { return *session_; }
  [[nodiscard]] session::SessionOptions& options() { return session_->options(); }
  [[nodiscard]] store::Entry* entry(std::string_view key, size_t database = 0);
  [[nodiscard]] session::Client& client(size_t number) { return *session_->find_client(clients_[number].handle); }
  [[nodiscard]] bool connected(size_t number) const { return clients_[number].connected; }

 private:
  struct Connection {
    session::ClientHandle handle;
    std::string received;
    bool connected = true;
  };
  struct Batch {
    session::RequestBatch batch;
    std::deque<std::string> bytes;  // what the views point to
  };

  void reply(session::ReplyBatch&& batch) override;
  void finished(session::RequestBatch* batch) override;
  void authenticated(session::ClientHandle, bool) override {}
  void waits(session::ClientHandle, bool, uint64_t) override {}
  void event(uint32_t, std::string_view event, std::string_view key, size_t database) override;
  void propagate(size_t database, std::span<const std::string_view> arguments) override;

  [[nodiscard]] std::string exchange(const std::vector<Arguments>& requests, size_t client);
  void add_request(Batch& batch, const Arguments& arguments);
  void set_type(std::string_view key, size_t database, store::Type type);

  base::ManualClock clock_{start_ms * 1000};
  base::Random random_;
  store::Keyspace keyspace_{16, {1, 2}};
  session::Registry registry_;
  std::unique_ptr<session::Session> session_;
  std::vector<Connection> clients_;
  std::vector<std::unique_ptr<Batch>> batches_;
  std::vector<std::string> events_, propagated_;
  std::vector<std::pair<std::string, size_t>> lists_;
};

}  // namespace torc::cmd
