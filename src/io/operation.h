// An operation in flight, as an object embedded in whoever waits for it: the ring keeps its address and nothing
// else, so that a request costs no allocation and no table. The price is a rule: the owner outlives its operations,
// and the destructor asserts it.
#pragma once

#include <cstdint>

#include "base/assert.h"

namespace torc::io {

// Received bytes in a buffer that belongs to the ring. They stay valid until Ring::give_back(slice), which is owed
// exactly once for each slice with has_buffer(). Slices of one buffer may be given back in any order.
struct BufferSlice {
  static constexpr uint32_t no_buffer = UINT32_MAX;
  const char* data = nullptr;
  uint32_t size = 0;
  uint32_t buffer_id = no_buffer;
  [[nodiscard]] bool has_buffer() const noexcept { return buffer_id != no_buffer; }
};

// What became of an operation, or of one shot of a multishot one.
struct Completion {
  int32_t result = 0;         // bytes, a descriptor, 0, or -errno
  bool more = false;          // the operation stays in flight and completes again
  bool notification = false;  // zero-copy sends: the kernel let go of the memory (result says nothing)
  bool copied = false;        // with notification: the kernel copied after all, zero-copy did not pay
  BufferSlice buffer;         // receives from the ring's own buffers with result > 0
};

// Not movable: its address is its identity. May be destroyed inside its own on_complete once it is no longer in flight.
class Operation {
 public:
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Runs inside Ring::enter(). Only moves bytes and marks what is ready; it may queue operations (this one again,
  // too, when completion.more is false) and give buffers back, but never enter(). At the last completion the
  // operation is no longer in flight when this is called.
  virtual void on_complete(const Completion& completion) noexcept = 0;
  [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }

 protected:
  Operation() noexcept = default;
  ~Operation() { TORC_ASSERT(!in_flight_); }

 private:
  friend class Ring;
  bool in_flight_ = false;
};

// An operation that calls a member function of its owner:
//   BoundOperation<Connection, &Connection::on_received> receive_{this};
template <class Owner, void (Owner::*method)(const Completion&) noexcept>
class BoundOperation final : public Operation {
 public:
  explicit BoundOperation(Owner* owner) noexcept : owner_(owner) {}
  void on_complete(const Completion& completion) noexcept override { (owner_->*method)(completion); }

 private:
  Owner* owner_;
};

}  // namespace torc::io
