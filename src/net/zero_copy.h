// Sends without a copy. The kernel keeps on reading the memory after the send has returned, until a notification says
// that it is done; with a peer that does not read, this comes only when the kernel gives the connection up. So these
// operations and the Output that they refer to must outlive the connection: they own themselves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/operation.h"
#include "net/context.h"

namespace torc::net {

// Outputs that zero-copy sends refer to, held by these and, while they are under way, by their connection. They are
// handed back when the last lets go.
class Shipment {
 public:
  Shipment(Context* context, session::ClientHandle client) noexcept : context_(context), client_(client) {}
  void hold() noexcept { ++holders_; }
  void release();
  // The connection is done with the Outputs, of which pinned_bytes are values.
  void take_over(std::vector<OutputQueue::Item>&& items, uint64_t pinned_bytes) noexcept;

 private:
  ~Shipment() = default;
  Context* context_;
  session::ClientHandle client_;
  std::vector<OutputQueue::Item> items_;
  uint64_t pinned_bytes_ = 0;
  uint32_t holders_ = 1;  // whoever made it
};

// One send. Deletes itself after the last completion.
class ZeroCopySend final : public io::Operation {
 public:
  // Begins at once; the connection hears of the result by zero_copy_sent(), and stays on its slot until then.
  static void start(Context* context, Connection* connection, Shipment* shipment, int fd, std::span<const iovec> parts);
  void on_complete(const io::Completion& completion) noexcept override;

 private:
  ZeroCopySend(Context* context, Connection* connection, Shipment* shipment, std::span<const iovec> parts);
  ~ZeroCopySend() = default;
  Context* context_;
  Connection* connection_;
  Shipment* shipment_;
  uint32_t generation_;
  std::vector<iovec> parts_;
};

}  // namespace torc::net
