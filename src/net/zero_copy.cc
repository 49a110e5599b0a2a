// Both objects delete themselves. At exit some may be left whose notification never came: they are leaked on purpose,
// for the kernel may still read the memory.
#include "net/zero_copy.h"

#include "net/connection.h"

namespace torc::net {

void Shipment::release() {
  if (--holders_ > 0) return;
  context_->stats.pinned_bytes -= pinned_bytes_;
  context_->hand_back(client_, items_);
  delete this;
}

void Shipment::take_over(std::vector<OutputQueue::Item>&& items, uint64_t pinned_bytes) noexcept {
  items_ = std::move(items);
  pinned_bytes_ = pinned_bytes;
}

ZeroCopySend::ZeroCopySend(Context* context, Connection* connection, Shipment* shipment, std::span<const iovec> parts)
    : context_(context),
      connection_(connection),
      shipment_(shipment),
      generation_(connection->handle().generation),
      parts_(parts.begin(), parts.end()) {
  shipment_->hold();
}

void ZeroCopySend::start(Context* context, Connection* connection, Shipment* shipment, int fd,
                         std::span<const iovec> parts) {
  auto* send = new ZeroCopySend(context, connection, shipment, parts);
  ++context->stats.zero_copy_sends;
  context->ring.send_zero_copy(*send, fd, send->parts_);
}

void ZeroCopySend::on_complete(const io::Completion& completion) noexcept {
  if (!completion.notification) {
    connection_->zero_copy_sent(completion.result);
  } else if (completion.copied) {
    ++context_->stats.zero_copy_copied;
    // The slot may have another connection by now.
    if (connection_->handle().generation == generation_) connection_->zero_copy_does_not_pay();
  }
  if (completion.more) return;
  shipment_->release();
  delete this;
}

}  // namespace torc::net
