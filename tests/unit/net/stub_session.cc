// The commands are just enough to tell lost, doubled and damaged bytes: SUM hashes what arrived, GET sends a value that
// the client can compute. Batches are executed in the order in which they came, in slices when the test asks for it.
#include "stub_session.h"

#include <charconv>

#include "base/assert.h"
#include "base/hash.h"

namespace torc::net {

namespace {

void append_sum(uint64_t& hash, uint64_t& size, std::string_view argument) {
  hash = hash * 31 + base::siphash13({1, 2}, argument);
  size += argument.size();
}

std::string sum_text(uint64_t hash, uint64_t size) { return std::to_string(size) + ":" + std::to_string(hash); }

}  // namespace

std::string value_of(size_t bytes) {
  std::string value(bytes, '.');
  for (size_t i = 0; i < bytes; i += 61) value[i] = static_cast<char>('A' + i / 61 % 26);
  return value;
}

std::string sum_of(const std::vector<std::string>& arguments) {
  uint64_t hash = 0;
  uint64_t size = 0;
  for (const std::string& argument : arguments) append_sum(hash, size, argument);
  return bulk(sum_text(hash, size));
}

std::string bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

std::string encode(const std::vector<std::string>& arguments) {
  std::string wire = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& argument : arguments) wire += bulk(argument);
  return wire;
}

StubSession::~StubSession() = default;

void StubSession::opened(session::ClientHandle handle, session::Peer peer) {
  ++opened_count;
  const auto [place, added] =
      clients_.try_emplace(key_of(handle), Client{handle, std::move(peer), resp::Output(&chunks_)});
  TORC_ASSERT(added);
  if (authenticates) control_->authenticated(handle, true);
}

void StubSession::requested(session::RequestBatch* batch) {
  ++batches;
  input_bytes += batch->input_bytes;
  requests_max_seen = std::max(requests_max_seen, batch->list.requests.size());
  Client* client = find(batch->client);
  TORC_ASSERT(client && !client->held);
  client->input_held_bytes = batch->pending_bytes;
  client->input_memory_bytes = batch->pending_memory_bytes;
  // With two threads a batch may have been under way when we closed the client.
  if (client->gone) return finish(batch);
  waiting_.emplace_back(batch, 0);
  if (execute_at_once) execute();
}

void StubSession::input_held(session::ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) {
  Client* client = find(handle);
  TORC_ASSERT(client);
  client->input_held_bytes = bytes;
  client->input_memory_bytes = memory_bytes;
}

void StubSession::input_ended(session::ClientHandle handle) {
  ++input_ended_count;
  Client* client = find(handle);
  TORC_ASSERT(client && !client->input_ended);
  client->input_ended = true;
  if (client->held) close(handle, session::CloseMode::now);
}

void StubSession::closed(session::ClientHandle handle) {
  ++closed_count;
  Client* client = find(handle);
  TORC_ASSERT(client);
  client->gone = true;
  if (client->held) finish(std::exchange(client->held, nullptr));
  clients_.erase(key_of(handle));
}

void StubSession::sent(session::ClientHandle handle, uint64_t bytes, resp::Output&& spent) {
  outputs_returned += spent.empty() ? 0 : 1;
  spent.clear();
  if (Client* client = find(handle)) client->sent_bytes += bytes;
}

StubSession::Client* StubSession::find(session::ClientHandle handle) {
  const auto place = clients_.find(key_of(handle));
  return place == clients_.end() ? nullptr : &place->second;
}

std::vector<StubSession::Client*> StubSession::clients() {
  std::vector<Client*> list;
  for (auto& [key, client] : clients_) list.push_back(&client);
  return list;
}

void StubSession::execute() {
  left_ = requests_per_execute;
  while (!waiting_.empty() && left_ > 0) {
    auto& [batch, next] = waiting_.front();
    if (!run(batch, next)) break;
    waiting_.pop_front();
  }
  flush();
}

// False when the budget is used up before the batch is done (or handed on to be held).
bool StubSession::run(session::RequestBatch* batch, size_t& next) {
  Client* client = find(batch->client);
  const auto& requests = batch->list.requests;
  while (client && !client->gone && client->close == session::CloseMode::keep && next < requests.size()) {
    if (left_ == 0) return false;
    --left_;
    const auto views = batch->list.arguments_of(requests[next++]);
    ++client->requests;
    if (!call(*client, {views.begin(), views.end()})) {
      client->held = batch;
      client->held_at = next;
      control_->waits(client->handle, true, batch->wire_bytes());
      return true;
    }
  }
  const bool alive = client && !client->gone && client->close == session::CloseMode::keep;
  if (alive && !batch->protocol_error.empty()) {
    protocol_errors.push_back(batch->protocol_error);
    resp::Reply(&client->output, 2).error("ERR " + batch->protocol_error);
    client->close = session::CloseMode::after_reply;
    mark(*client);
  }
  finish(batch);
  return true;
}

bool StubSession::call(Client& client, const std::vector<std::string_view>& arguments) {
  resp::Reply reply(&client.output, 2);
  const std::string_view name = arguments[0];
  mark(client);
  if (name == "PING") {
    reply.status("PONG");
  } else if (name == "ECHO") {
    reply.bulk(arguments[1]);
  } else if (name == "SUM") {
    uint64_t hash = 0;
    uint64_t size = 0;
    for (size_t i = 1; i < arguments.size(); ++i) append_sum(hash, size, arguments[i]);
    reply.bulk(sum_text(hash, size));
  } else if (name == "GET") {
    size_t bytes = 0;
    std::from_chars(arguments[1].data(), arguments[1].data() + arguments[1].size(), bytes);
    base::BlobRef& value = values_[bytes];
    if (!value) value = base::BlobRef::copy_of(value_of(bytes));
    reply.bulk(value);
  } else if (name == "AUTH") {
    control_->authenticated(client.handle, true);
    reply.ok();
  } else if (name == "HOLD") {
    if (!client.input_ended) return false;
    client.close = session::CloseMode::now;
  } else if (name == "QUIT") {
    reply.ok();
    client.close = session::CloseMode::after_reply;
  } else if (name == "KILL") {
    client.close = session::CloseMode::now;
  } else {
    reply.error("ERR unknown command");
  }
  return true;
}

void StubSession::finish(session::RequestBatch* batch) { control_->finished(batch); }

void StubSession::mark(Client& client) {
  if (!std::exchange(client.in_flush_list, true)) flush_list_.push_back(client.handle);
}

void StubSession::flush() {
  for (const session::ClientHandle handle : flush_list_) {
    Client* client = find(handle);
    if (!client) continue;
    client->in_flush_list = false;
    if (client->gone) continue;
    client->gone = client->close == session::CloseMode::now;
    control_->reply({handle, std::exchange(client->output, resp::Output(&chunks_)), client->close});
  }
  flush_list_.clear();
}

void StubSession::release() {
  for (auto& [key, client] : clients_) {
    if (!client.held) continue;
    resp::Reply(&client.output, 2).ok();
    mark(client);
    control_->waits(client.handle, false, 0);
    waiting_.emplace_back(std::exchange(client.held, nullptr), client.held_at);
  }
  execute();
}

void StubSession::push(session::ClientHandle handle, std::string_view bytes) {
  Client* client = find(handle);
  TORC_ASSERT(client);
  client->output.append(bytes);
  mark(*client);
  flush();
}

void StubSession::close(session::ClientHandle handle, session::CloseMode mode) {
  Client* client = find(handle);
  TORC_ASSERT(client);
  client->close = mode;
  mark(*client);
  flush();
  if (client->held && mode == session::CloseMode::now) finish(std::exchange(client->held, nullptr));
}

}  // namespace torc::net
