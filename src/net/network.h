// Network: the half of the server that owns sockets. Its parts of a tick, around Ring::enter():
//
//   collect()        what was accepted, received and sent since becomes events for the session half: opened(),
//                    requested(), sent(), closed(). Requests are parsed here, round robin, a bounded number each.
//   (the session half executes and calls reply() and finished(), now or later)
//   detach_lent()    at the tick's end, where one thread does both halves: batches still lent stop pinning ring buffers
//   flush()          one send per connection that has replies; ring buffers go back
//
// It uses one ring and belongs to its thread. Events are raised from collect() alone, never from within the session
// half's calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "net/connection.h"
#include "net/context.h"
#include "net/listeners.h"
#include "net/options.h"
#include "net/rejections.h"
#include "session/channel.h"

namespace torc::net {

class Network final : public session::ConnectionControl {
 public:
  // All must outlive it; options may change between calls. Nothing may be lent and the ring must have completed all
  // operations when it is destroyed: see close_all().
  Network(io::Ring& ring, session::ConnectionEvents& events, const base::Clock& clock, const NetworkOptions& options,
          LogFunction log);
  ~Network() override;

  // Listens as the options say, somewhere at least. Errors are texts for the log.
  [[nodiscard]] std::expected<void, std::string> listen();
  // Follows changed addresses or port. On failure the old listeners stay; the error is for CONFIG SET.
  [[nodiscard]] std::expected<void, std::string> listen_again() { return listeners_.follow_options(); }
  [[nodiscard]] size_t listening() const noexcept { return listeners_.listening(); }

  void collect();
  void detach_lent();
  void flush();
  // Whether the next collect() has something to do already: then do not wait for completions.
  [[nodiscard]] bool has_work() const noexcept;
  // When collect() wants to be called next for the sake of time (monotonic); INT64_MAX if it does not care.
  [[nodiscard]] int64_t wanted_at_us() const noexcept;

  // Shutdown: stops listening and receiving, lets replies leave for within_us at the most, then closes. The tick goes
  // on until closed() says that all has ended.
  void close_all(int64_t within_us);
  [[nodiscard]] bool closed() const noexcept;

  [[nodiscard]] const NetworkStats& stats() const noexcept { return context_.stats; }
  void reset_stats() noexcept;  // the counters (CONFIG RESETSTAT)

  // ConnectionControl. The replies are sent by the next flush().
  void reply(session::ReplyBatch&& batch) override;
  void finished(session::RequestBatch* batch) override;
  void authenticated(session::ClientHandle handle, bool yes) override;
  void waits(session::ClientHandle handle, bool yes, uint64_t batch_bytes) override;

  // Places of connections that are over, for new ones.
  [[nodiscard]] size_t free_slots() const noexcept { return context_.free_slots.size(); }

  // Gives slices of a batch back that another thread has detached.
  void slices_spent(const std::vector<io::BufferSlice>& slices);

 private:
  static constexpr size_t slots_per_slab = 64;
  struct Slab;

  void hand_back_outputs();
  void accept();
  void open(const Accepted& accepted);
  void end_lingering();
  void end_slow_receives();
  void receive_starved();
  [[nodiscard]] Connection* find(session::ClientHandle handle) noexcept;
  [[nodiscard]] Connection& slot(uint32_t index) noexcept;
  [[nodiscard]] Connection& free_slot();

  Context context_;
  Listeners listeners_;
  Rejections rejections_;
  std::vector<std::unique_ptr<Slab>> slabs_;
  uint32_t slots_ = 0;
  std::vector<Connection*> collecting_;  // kept for their capacity
  std::vector<SpentOutput> handing_back_;
  bool inside_collect_ = false;
  bool closing_all_ = false;
  int64_t close_until_us_ = 0;
};

}  // namespace torc::net
