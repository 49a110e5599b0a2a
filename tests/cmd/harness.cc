// The in-process server of the command tests.
#include "harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/split_arguments.h"
#include "cmd/bitmap.h"
#include "cmd/debug.h"
#include "cmd/generic.h"
#include "cmd/geo.h"
#include "cmd/hash.h"
#include "cmd/hyperloglog.h"
#include "cmd/keyspace.h"
#include "cmd/list.h"
#include "cmd/set.h"
#include "cmd/sort.h"
#include "cmd/stream.h"
#include "cmd/string.h"
#include "cmd/zset.h"
#include "resp/parser.h"
#include "session/families.h"

namespace torc::cmd {

namespace {

std::string in_database(size_t database) { return database == 0 ? "" : "[" + std::to_string(database) + "] "; }

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

// As an array of bulk strings.
uint32_t wire_bytes(const Harness::Arguments& arguments) {
  size_t bytes = std::to_string(arguments.size()).size() + 3;
  for (const std::string& argument : arguments) bytes += std::to_string(argument.size()).size() + argument.size() + 5;
  return static_cast<uint32_t>(bytes);
}

Harness::Arguments split(std::string_view line) {
  std::vector<std::string_view> views;
  std::deque<std::string> unescaped;
  TORC_ASSERT(base::split_arguments(line, views, unescaped));
  return {views.begin(), views.end()};
}

}  // namespace

Harness::Harness(uint64_t seed) : random_(seed) {
  for (auto rows : {
           bitmap_rows(),
           debug_rows(),
           generic_rows(),
           hash_rows(),
           hyperloglog_rows(),
           keyspace_rows(),
           list_rows(),
           set_rows(),
           sort_rows(),
           stream_rows(),
           string_rows(),
           zset_rows(),
           geo_rows(),
           session::client_rows(),
           session::command_rows(),
           session::connection_rows(),
           session::monitor_rows(),
           session::transaction_rows(),
       }) {
    registry_.add(rows, nullptr);
  }
  session_ = std::make_unique<session::Session>(session::Session::Parts{
      .keyspace = &keyspace_, .registry = &registry_, .clock = &clock_, .random = &random_, .control = this});
  session_->effects().add_event_sink(this);
  session_->effects().add_propagation_sink(this);
  session_->effects().set_event_classes(UINT32_MAX);
  connect();
}

Harness::~Harness() {
  for (const auto& [key, database] : lists_) set_type(key, database, store::Type::string);
  for (size_t i = 0; i < clients_.size(); ++i) disconnect(i);
  session_.reset();
}

size_t Harness::connect() {
  const auto number = static_cast<uint32_t>(clients_.size());
  clients_.push_back({{number, 1}, {}, true});
  session_->opened(
      {number, 1},
      {.address = "127.0.0.1:" + std::to_string(50000 + number), .local_address = "127.0.0.1:6379", .loopback = true});
  return number;
}

void Harness::disconnect(size_t client) {
  if (!clients_[client].connected) return;
  clients_[client].connected = false;
  session_->closed(clients_[client].handle);
}

void Harness::set_protocol(int protocol, size_t number) { client(number).reply.set_protocol(protocol); }

// --- what the network half does ---

void Harness::reply(session::ReplyBatch&& batch) {
  Connection& connection = clients_[batch.client.index];
  const uint64_t bytes = batch.output.size();
  for (const resp::Output::Segment& segment : batch.output.segments()) {
    connection.received.append(segment.data, segment.size);
  }
  session_->sent(batch.client, bytes, std::move(batch.output));
  // A client that was closed at once is gone already.
  if (batch.close == session::CloseMode::now) connection.connected = false;
  if (batch.close == session::CloseMode::after_reply) disconnect(batch.client.index);
}

void Harness::finished(session::RequestBatch* finished) {
  const auto found = std::ranges::find_if(batches_, [&](const auto& batch) { return &batch->batch == finished; });
  TORC_ASSERT(found != batches_.end());
  // Whoever still holds a view shall see that it is dead.
  for (std::string& bytes : (*found)->bytes) std::ranges::fill(bytes, '?');
  batches_.erase(found);
}

void Harness::add_request(Batch& batch, const Arguments& arguments) {
  resp::RequestList& list = batch.batch.list;
  const auto first = static_cast<uint32_t>(list.arguments.size());
  list.requests.push_back({first, static_cast<uint32_t>(arguments.size()), wire_bytes(arguments)});
  for (const std::string& argument : arguments) {
    if (argument.size() >= resp::blob_bytes_min) {
      // With room: whoever moves the bytes while others look at them is found out.
      base::BlobRef blob = base::BlobRef::make(argument.size() * 4);
      std::ranges::copy(argument, blob.mutable_bytes());
      blob.set_size(argument.size());
      const std::string_view view = blob.view();
      list.blobs.push_back({static_cast<uint32_t>(list.arguments.size()), std::move(blob)});
      list.arguments.push_back(view);
    } else {
      list.arguments.push_back(batch.bytes.emplace_back(argument));
    }
  }
}

std::string Harness::exchange(const std::vector<Arguments>& requests, size_t client) {
  events_.clear();
  propagated_.clear();
  clients_[client].received.clear();
  auto batch = std::make_unique<Batch>();
  batch->batch.client = clients_[client].handle;
  for (const Arguments& arguments : requests) add_request(*batch, arguments);
  batches_.push_back(std::move(batch));
  session_->begin_tick();
  session_->requested(&batches_.back()->batch);
  while (session_->execute()) {
  }
  session_->flush_replies();
  return std::move(clients_[client].received);
}

std::string Harness::later(size_t client) {
  session_->begin_tick();
  while (session_->execute()) {
  }
  session_->background();
  session_->flush_replies();
  return joined(render_replies(std::exchange(clients_[client].received, {})));
}

void Harness::background() {
  events_.clear();
  propagated_.clear();
  session_->begin_tick();
  session_->background();
}

// --- sinks ---

void Harness::event(uint32_t, std::string_view event, std::string_view key, size_t database) {
  events_.push_back(in_database(database) + std::string(event) + " " + std::string(key));
}

void Harness::propagate(size_t database, std::span<const std::string_view> arguments) {
  std::string text = in_database(database);
  for (size_t i = 0; i < arguments.size(); ++i) text.append(i == 0 ? "" : " ").append(arguments[i]);
  propagated_.push_back(std::move(text));
}

std::string Harness::events() const { return joined(events_); }
std::string Harness::propagated() const { return joined(propagated_); }

// --- running ---

std::string Harness::raw(const Arguments& arguments, size_t client) { return exchange({arguments}, client); }

std::string Harness::raw(std::string_view line, size_t client) { return raw(split(line), client); }

std::string Harness::run(const Arguments& arguments, size_t client) {
  return joined(render_replies(exchange({arguments}, client)));
}

std::string Harness::run(std::string_view line, size_t client) { return run(split(line), client); }

std::vector<std::string> Harness::pipeline(const std::vector<std::string>& lines, size_t client) {
  std::vector<Arguments> requests;
  for (const std::string& line : lines) requests.push_back(split(line));
  return render_replies(exchange(requests, client));
}

void Harness::play(std::initializer_list<Step> steps, size_t client) {
  for (const Step& step : steps) {
    EXPECT_EQ(run(step.command, client), step.reply) << step.command;
    EXPECT_EQ(events(), step.events) << step.command;
    EXPECT_EQ(propagated(), step.propagated) << step.command;
  }
}

// --- the keyspace ---

store::Entry* Harness::entry(std::string_view key, size_t database) {
  return keyspace_.database(database).find(keyspace_.key(key));
}

void Harness::set_type(std::string_view key, size_t database, store::Type type) {
  store::Entry* entry = this->entry(key, database);
  TORC_ASSERT(entry != nullptr);
  // The type is the lower half of the first byte.
  auto* kind = reinterpret_cast<uint8_t*>(entry);
  *kind = static_cast<uint8_t>((*kind & 0xf0) | static_cast<uint8_t>(type));
  TORC_ASSERT(entry->type() == type);
}

void Harness::make_list(std::string_view key, size_t database) {
  set_type(key, database, store::Type::list);
  lists_.emplace_back(key, database);
}

void Harness::make_string(std::string_view key, size_t database) {
  set_type(key, database, store::Type::string);
  std::erase(lists_, std::pair(std::string(key), database));
}

}  // namespace torc::cmd
