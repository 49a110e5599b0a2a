// Connection: one socket's state machine, on a slot that serves one connection after the other. Completions only record
// what happened and mark the connection ready; collect() and flush(), which the tick calls, act on it.
//
// Receiving is armed (multishot, or straight into a blob) whenever update_receive() finds it wanted, and cancelled when
// not. A blocked client that is gone must not stay and take what others push, and its end comes behind all that it has
// sent: so while a request waits everything is received, up to the limit of the query buffer, and what stands behind a
// violation of the protocol is dropped.
//
// Closing is one way: abort() stops both directions, then the descriptor is closed once nothing is in flight on it, and
// the slot is free once the session half has given the batch back.
#pragma once

#include <cstdint>

#include "io/operation.h"
#include "net/context.h"
#include "net/input.h"
#include "net/output_queue.h"
#include "session/channel.h"

namespace torc::net {

class Shipment;

class Connection {
 public:
  Connection(Context* context, uint32_t index) noexcept : context_(context), index_(index) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A new peer on this free slot. local: on this machine.
  void open(int fd, bool local) noexcept;
  // Begins to receive, after the session half has heard of the connection.
  void start() { update_receive(); }

  // --- The tick.

  // Reports what was sent, parses at most requests_max requests and lends them, tears down what ended. Returns the
  // number of requests. Raises events.
  size_t collect(size_t requests_max);
  // Sends what waits, unless a send is in flight.
  void flush();
  // There are ring buffers again.
  void receive_again();
  // Gives up on sending to a peer that is gone; false when it need not be asked again.
  [[nodiscard]] bool still_lingers(int64_t now_us);
  // Ends a receive of a big bulk that has lasted too long; false when it need not be asked again.
  [[nodiscard]] bool still_receives_direct(int64_t now_us);

  // --- What the session half asks for.

  void reply(resp::Output&& output);
  void finished(Batch* batch);
  void set_waits(bool yes, uint64_t batch_bytes);
  void set_authenticated(bool yes) noexcept { authenticated_ = yes; }
  // No more input; closes when all replies are out.
  void finish();
  // Closes now.
  void abort();

  [[nodiscard]] int64_t linger_until_us() const noexcept { return linger_until_us_; }
  [[nodiscard]] bool in_use() const noexcept { return in_use_; }
  [[nodiscard]] bool closing() const noexcept { return closing_; }
  // Accepts no more replies.
  [[nodiscard]] bool finishing() const noexcept { return finishing_ || closing_; }
  [[nodiscard]] session::ClientHandle handle() const noexcept { return {index_, generation_}; }

  // --- From ZeroCopySend.

  void zero_copy_sent(int32_t result) noexcept;
  void zero_copy_does_not_pay() noexcept { zero_copy_ = false; }

 private:
  enum class ClosePhase : uint8_t { open, shutting_down, shut_down, closing, closed };

  void on_received(const io::Completion& completion) noexcept;
  void on_sent(const io::Completion& completion) noexcept;
  void on_closed(const io::Completion& completion) noexcept;

  void mark_ready();
  void mark_dirty();
  size_t serve_input(size_t requests_max);
  size_t lend(Batch* batch);
  void tell_held();
  void update_receive();
  [[nodiscard]] bool wants_direct_receive() const noexcept;
  void arm_receive(bool direct);
  void time_direct_receive();
  void end_of_input();
  [[nodiscard]] bool over_query_buffer() const noexcept;
  [[nodiscard]] size_t limited_bytes() const noexcept;
  void close_for_query_buffer();
  void settle_sent();
  void start_send();
  void start_zero_copy_send(std::span<const iovec> parts);
  [[nodiscard]] bool zero_copy_pays(std::span<const iovec> parts) const noexcept;
  void release_under_way(uint64_t bytes);
  void drop_output();
  [[nodiscard]] bool sending() const noexcept { return send_.in_flight() || zero_copy_sending_; }
  void try_close();
  void wind_down();
  void release_slot();

  Context* context_;
  int fd_ = -1;
  uint32_t index_;
  uint32_t generation_ = 0;
  int32_t sent_result_ = 0;

  // Which lists of the context this slot is in.
  bool is_ready_ = false;
  bool is_dirty_ = false;
  bool is_starved_ = false;
  bool is_lingering_ = false;
  bool is_direct_ = false;

  bool in_use_ = false;
  bool authenticated_ = false;
  bool zero_copy_ = false;          // worth trying
  bool zero_copy_sending_ = false;  // the result of one is outstanding
  bool sent_ = false;               // sent_result_ is to be settled
  bool receiving_direct_ = false;   // the receive in flight (or the last) goes into the blob
  // The last batch was of big bulks, and so may be the next: its head is awaited with a receive of one piece, as one of
  // many pieces would copy most of the bulk through the ring's buffers before it could be cancelled.
  bool is_bulky_ = false;
  bool one_piece_ = false;          // the receive in flight (or the last) is of that kind
  bool slow_ = false;               // what goes into the blob comes so slowly that each piece is reported
  bool cancelling_ = false;         // the receive in flight was cancelled
  bool paused_ = false;             // too much input waits
  bool waits_ = false;              // a request of the batch that is lent does
  bool ended_ = false;              // nothing more will be received
  bool told_ended_ = false;
  bool broken_ = false;  // nothing can be sent
  bool finishing_ = false;
  bool closing_ = false;
  bool told_closed_ = false;
  ClosePhase close_phase_ = ClosePhase::open;

  io::BoundOperation<Connection, &Connection::on_received> receive_{this};
  io::BoundOperation<Connection, &Connection::on_sent> send_{this};
  Input input_;
  OutputQueue output_;
  Shipment* shipment_ = nullptr;  // of the Output under way, when a zero-copy send refers to it
  size_t told_held_bytes_ = 0;      // input that the session half knows of
  size_t told_memory_bytes_ = 0;    // and its memory
  int64_t direct_since_us_ = 0;     // when the receive into the blob began
  int64_t linger_until_us_ = 0;
  uint64_t waiting_batch_bytes_ = 0;  // of the requests in a batch that waits, as the session half said
  io::BoundOperation<Connection, &Connection::on_closed> close_{this};
};

}  // namespace torc::net
