// Either end turns calls into messages and messages into calls. Order within a direction is kept, which the protocol
// relies on: authenticated() before finished(), a reply before the closing that follows it.
#include "net/queued_channel.h"

#include <utility>

#include "net/network.h"

namespace torc::net {

size_t NetworkEnd::deliver(Network& network) {
  return in_->read([&network](ToNetwork&& message) {
    switch (message.kind) {
      case ToNetwork::Kind::reply:
        return network.reply({message.client, std::move(message.output), message.close});
      case ToNetwork::Kind::finished:
        return network.finished(message.batch);
      case ToNetwork::Kind::authenticated:
        return network.authenticated(message.client, message.yes);
      case ToNetwork::Kind::waits:
        return network.waits(message.client, message.yes, message.bytes);
      case ToNetwork::Kind::slices_spent:
        return network.slices_spent(message.slices);
    }
  });
}

void NetworkEnd::opened(session::ClientHandle handle, session::Peer peer) {
  out_->post(
      {.kind = ToSession::Kind::opened, .client = handle, .peer = std::make_unique<session::Peer>(std::move(peer))});
}

void NetworkEnd::requested(session::RequestBatch* batch) {
  out_->post({.kind = ToSession::Kind::requested, .client = batch->client, .batch = batch});
}

void NetworkEnd::input_held(session::ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) {
  out_->post({.kind = ToSession::Kind::input_held, .client = handle, .bytes = bytes, .memory_bytes = memory_bytes});
}

void NetworkEnd::input_ended(session::ClientHandle handle) {
  out_->post({.kind = ToSession::Kind::input_ended, .client = handle});
}

void NetworkEnd::closed(session::ClientHandle handle) {
  out_->post({.kind = ToSession::Kind::closed, .client = handle});
}

void NetworkEnd::sent(session::ClientHandle handle, uint64_t bytes, resp::Output&& spent) {
  out_->post({.kind = ToSession::Kind::sent, .client = handle, .bytes = bytes, .output = std::move(spent)});
}

size_t SessionEnd::deliver(session::ConnectionEvents& session) {
  return in_->read([this, &session](ToSession&& message) {
    switch (message.kind) {
      case ToSession::Kind::opened:
        return session.opened(message.client, std::move(*message.peer));
      case ToSession::Kind::requested:
        held_.add(static_cast<Batch*>(message.batch));
        return session.requested(message.batch);
      case ToSession::Kind::input_held:
        return session.input_held(message.client, message.bytes, message.memory_bytes);
      case ToSession::Kind::input_ended:
        return session.input_ended(message.client);
      case ToSession::Kind::closed:
        return session.closed(message.client);
      case ToSession::Kind::sent:
        return session.sent(message.client, message.bytes, std::move(message.output));
    }
  });
}

void SessionEnd::detach_held() {
  std::vector<io::BufferSlice> spent;
  for (Batch* batch : held_.all()) {
    if (!batch->slices.empty()) batch->detach(spent);
  }
  if (!spent.empty()) out_->post({.kind = ToNetwork::Kind::slices_spent, .slices = std::move(spent)});
}

void SessionEnd::reply(session::ReplyBatch&& batch) {
  out_->post({.kind = ToNetwork::Kind::reply,
              .close = batch.close,
              .client = batch.client,
              .output = std::move(batch.output)});
}

void SessionEnd::finished(session::RequestBatch* batch) {
  held_.remove(static_cast<Batch*>(batch));
  batch->list.clear();
  out_->post({.kind = ToNetwork::Kind::finished, .client = batch->client, .batch = batch});
}

void SessionEnd::authenticated(session::ClientHandle handle, bool yes) {
  out_->post({.kind = ToNetwork::Kind::authenticated, .yes = yes, .client = handle});
}

void SessionEnd::waits(session::ClientHandle handle, bool yes, uint64_t batch_bytes) {
  out_->post({.kind = ToNetwork::Kind::waits, .yes = yes, .client = handle, .bytes = batch_bytes});
}

}  // namespace torc::net
