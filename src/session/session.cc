// Clients, the tick and call(). A request's way through it: requested(), run(), execute_request(), call(),
// flush_replies().
#include "session/session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/memory.h"
#include "session/context.h"

namespace torc::session {

namespace {

constexpr int64_t resample_us = 100;
// Outputs whose vectors wait for the next reply; more clients than that are rarely active in one tick. Long vectors are
// rare, and must not stay behind by the thousand.
constexpr size_t spare_outputs_max = 1024;
constexpr size_t spare_outputs_bytes_max = 512 * 1024;

constexpr std::string_view protected_error =
    "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    "default "
    "user. In this mode connections are only accepted from the loopback interface. To connect from elsewhere, do one "
    "of "
    "the following: 1) set a password for the default user (requirepass); 2) run 'CONFIG SET protected-mode no' from "
    "the "
    "loopback interface, and 'CONFIG REWRITE' to make it last, if the server is not reachable from untrusted networks; "
    "3) put 'protected-mode no' into the configuration file and restart; 4) start the server with '--protected-mode "
    "no'.";

}  // namespace

Session::Session(Parts parts)
    : parts_(std::move(parts)), discarded_(&chunks_), lookahead_(parts_.registry, parts_.keyspace) {
  discarded_.limit_to(0);
  nanoseconds_per_cycle_ = static_cast<uint64_t>(1000 / parts_.clock->cycles_per_us() * 4294967296.0);
  resample_cycles_ = static_cast<uint64_t>(resample_us * parts_.clock->cycles_per_us());
  sample_time();
}

Session::~Session() = default;

void Session::log(int level, std::string_view text) const {
  if (parts_.log) parts_.log(level, text);
}

// --- from the network half ---

void Session::opened(ClientHandle handle, Peer peer) {
  if (clients_.size() <= handle.index) clients_.resize(handle.index + 1);
  auto client = std::make_unique<Client>(&chunks_, next_client_id_++, handle, std::move(peer));
  client->created_ms = client->last_interaction_ms = now_ms_;
  by_id_.emplace(client->id, client.get());
  Client& added = *(clients_[handle.index] = std::move(client));
  account_memory(added);
  ++statistics_.connections_received;
  set_authenticated(added, open_to_all());
  refuse_if_protected(added);
}

void Session::refuse_if_protected(Client& client) {
  if (!options_.protected_mode || !client.authenticated || client.peer.loopback) return;
  client.reply.error(protected_error);
  close_client(&client, CloseMode::after_reply);
}

void Session::requested(RequestBatch* batch) {
  ++statistics_.reads_processed;
  statistics_.input_bytes += batch->input_bytes;
  if (Client* client = find_client(batch->client)) {
    client->last_interaction_ms = now_ms_;
    client->input_pending_bytes = batch->pending_bytes;
    client->input_memory_bytes = batch->pending_memory_bytes;
    account_memory(*client);
    batch->database = client->database;
    active_now_ += client->activity_window != activity_window_;
    client->activity_window = activity_window_;
  }
  if (batch->list.requests.empty() && batch->protocol_error.empty()) return finish_batch(batch);
  lookahead_.add(batch);
}

void Session::closed(ClientHandle handle) {
  if (Client* client = find_client(handle)) free_client(client);
}

void Session::sent(ClientHandle handle, uint64_t bytes, resp::Output&& spent) {
  ++statistics_.writes_processed;
  statistics_.output_bytes += bytes;
  if (Client* client = find_client(handle)) {
    client->output_pending_bytes -= std::min(client->output_pending_bytes, bytes);
    account_memory(*client);
    client->last_interaction_ms = now_ms_;
  }
  spent.clear();
  const size_t kept_bytes = spare_outputs_bytes_ + spent.kept_bytes();
  if (spare_outputs_.size() == spare_outputs_max || kept_bytes > spare_outputs_bytes_max) return;
  spare_outputs_bytes_ = kept_bytes;
  spare_outputs_.push_back(std::move(spent));
}

// --- clients ---

Client* Session::find_client(ClientHandle handle) const noexcept {
  if (handle.index >= clients_.size()) return nullptr;
  Client* client = clients_[handle.index].get();
  return client && client->handle == handle ? client : nullptr;
}

void Session::mark_for_flush(Client& client) {
  if (client.in_flush_list) return;
  client.in_flush_list = true;
  flush_list_.push_back(client.handle);
}

void Session::close_client(Client* client, CloseMode mode) {
  client->close = std::max(client->close, mode);
  if (mode == CloseMode::now && client != executing_) {
    parts_.control->reply({client->handle, resp::Output(&chunks_), CloseMode::now});
    free_client(client);
    return;
  }
  mark_for_flush(*client);
}

void Session::free_client(Client* client) {
  if (client->waiting) [[unlikely]]
    blocking_.remove(*client);
  if (client->hold.batch) [[unlikely]]
    forget_hold(*client);
  if (client->monitor) [[unlikely]]
    monitors_.remove(client);
  watches_.unwatch_all(client);
  client_memory_.forget(*client);
  by_id_.erase(client->id);
  if (executing_ == client) executing_ = nullptr;
  clients_[client->handle.index].reset();
}

void Session::set_authenticated(Client& client, bool yes) {
  client.authenticated = yes;
  if (parts_.control) parts_.control->authenticated(client.handle, yes);
}

void Session::authentication_changed() {
  if (!parts_.control) return;
  for (const auto& [id, client] : by_id_) parts_.control->authenticated(client->handle, !must_log_in(*client));
}

void Session::discard_transaction(Client& client) {
  client.transaction = Transaction{};
  watches_.unwatch_all(&client);
}

// At once, also for the other commands of an EXEC.
void Session::set_reply_mode(Client& client, ReplyMode mode) {
  client.reply_mode = mode;
  client.reply.set_output(client.is_silent() ? &discarded_ : &client.output);
}

void Session::reset_client(Client& client) {
  stop_monitoring(client);
  discard_transaction(client);
  client.database = 0;
  client.reply.set_protocol(2);
  if (client.reply_mode != ReplyMode::skipping) set_reply_mode(client, ReplyMode::on);
  client.name.clear();
  client.no_evict = client.no_touch = false;
  client.user = "default";
  set_authenticated(client, open_to_all());
}

// --- the tick ---

void Session::sample_time() {
  now_ms_ = parts_.clock->wall_us() / 1000;
  sampled_cycles_ = parts_.clock->cycles();
  parts_.keyspace->set_access_clock(eviction_.initial_access(now_ms_));
}

int64_t Session::unit_time_us() noexcept {
  if (unit_time_us_ != 0) return unit_time_us_;
  const auto since_cycles = static_cast<double>(parts_.clock->cycles() - span_start_cycles_);
  return unit_time_us_ = parts_.clock->wall_us() - static_cast<int64_t>(since_cycles / parts_.clock->cycles_per_us());
}

void Session::begin_tick() {
  sample_time();
  long_command_ = false;
  if (pause_.end_if_over(now_ms_)) [[unlikely]]
    release_postponed();
  roll_activity_window();
}

void Session::roll_activity_window() {
  const int64_t window = now_ms_ / activity_window_ms;
  if (window == activity_window_) return;
  active_last_ = window == activity_window_ + 1 ? active_now_ : 0;
  active_now_ = 0;
  activity_window_ = window;
}

bool Session::execute() {
  const uint64_t begin = parts_.clock->cycles();
  const auto budget =
      static_cast<uint64_t>(static_cast<double>(options_.tick_budget_us) * parts_.clock->cycles_per_us());
  span_start_cycles_ = begin;
  // Those whose wait is over get half of the time: many may come at once, and nobody else should wait for them.
  if (!resumed_.empty()) [[unlikely]]
    static_cast<void>(resume_some(begin, budget / 2));
  while (const Planned* planned = lookahead_.next(static_cast<size_t>(options_.lookahead_distance))) {
    const uint64_t before = span_start_cycles_;
    run(*planned);
    if (blocking_.any_ready()) [[unlikely]]
      serve_ready();
    if (span_start_cycles_ == before) [[unlikely]]
      note_unmeasured();
    if (span_start_cycles_ > sampled_cycles_ + resample_cycles_) {
      long_command_ |= span_start_cycles_ - before > resample_cycles_;
      sample_time();
    }
    if (span_start_cycles_ - begin > budget) break;
  }
  if (!blocking_.empty() || waits_go_on_) [[unlikely]]
    end_overdue_waits();
  return !lookahead_.empty() || !resumed_.empty();
}

// A request that was not executed: rejected, queued or dropped. Many of them take their time, too.
void Session::note_unmeasured() noexcept {
  constexpr uint32_t requests_unmeasured_max = 16;
  if (++unmeasured_requests_ % requests_unmeasured_max == 0) span_start_cycles_ = parts_.clock->cycles();
}

void Session::run(const Planned& planned) {
  RequestBatch& batch = *planned.batch;
  Client* client = find_client(batch.client);
  if (client && client->held()) [[unlikely]] {
    client->hold.end = planned.request + 1;  // waits behind the one that is held
    return;
  }
  if (client && !client->closing()) {
    execute_request(*client, planned);
    // The command may have closed its own client at once.
    if ((client = find_client(batch.client))) {
      if (client->held()) [[unlikely]]
        return park(*client, planned);
      after_request(*client);
    }
  }
  if (planned.request + 1 >= batch.request_count()) finish_batch(&batch);
}

void Session::execute_request(Client& client, const Planned& planned) {
  RequestBatch& batch = *planned.batch;
  executing_ = &client;
  if (client.is_silent()) client.reply.set_output(&discarded_);
  if (planned.request >= batch.list.requests.size()) {
    client.reply.error("ERR " + batch.protocol_error);
    count_error_reply(client);
    client.close = CloseMode::after_reply;
    return;
  }
  const resp::Request& request = batch.list.requests[planned.request];
  const auto arguments = batch.list.arguments_of(request);
  executing_arguments_ = arguments;
  client.argument_bytes = request.wire_bytes;
  if (client.transaction.open && over_query_limit(client, request.wire_bytes)) [[unlikely]]
    return close_for_query_limit(client);
  client.last_command = planned.command;
  if (!admit(client, planned, arguments)) return;
  if (client.transaction.open && !planned.command->has(flag_in_transaction)) {
    auto blobs = blobs_of(batch.list, request);
    return enqueue(client, *planned.command, arguments, blobs);
  }
  auto blobs = blobs_of(batch.list, request);
  Context context(this, &client, planned.command, arguments, blobs);
  if (planned.hashed_argument != UINT32_MAX) {
    context.hashed_argument_ = planned.hashed_argument;
    context.hash_ = planned.hash;
  }
  call(context);
  if (client.held()) [[unlikely]]
    return_blobs(batch.list, request, blobs);
  // What the command did not take.
  if (!request_blobs_.empty()) request_blobs_.clear();
}

// The blobs of one request, their indices counted from its first argument.
std::span<resp::ArgumentBlob> Session::blobs_of(resp::RequestList& list, const resp::Request& request) {
  if (list.blobs.empty()) [[likely]]
    return {};
  const uint32_t first = request.first_argument, end = first + request.argument_count;
  const auto before = [](const resp::ArgumentBlob& blob, uint32_t argument) { return blob.argument < argument; };
  auto begin = std::lower_bound(list.blobs.begin(), list.blobs.end(), first, before);
  const auto stop = std::lower_bound(begin, list.blobs.end(), end, before);
  request_blobs_.clear();
  for (; begin != stop; ++begin) request_blobs_.push_back({begin->argument - first, std::move(begin->blob)});
  return request_blobs_;
}

// The request stays: what has not been used is its own again.
void Session::return_blobs(resp::RequestList& list, const resp::Request& request,
                           std::span<resp::ArgumentBlob> blobs) {
  auto own = std::ranges::lower_bound(list.blobs, request.first_argument, {}, &resp::ArgumentBlob::argument);
  for (resp::ArgumentBlob& blob : blobs) (own++)->blob = std::move(blob.blob);
}

void Session::after_request(Client& client) {
  executing_ = nullptr;
  client.argument_bytes = 0;
  client.reply.set_output(&client.output);
  // CLIENT UNBLOCK ends the request of another client while a silent one may still be writing here.
  if (unit_depth_ == 0 && discarded_.memory_bytes() != 0) discarded_.clear();
  if (client.reply_mode == ReplyMode::skip_next) {
    client.reply_mode = ReplyMode::skipping;
  } else if (client.reply_mode == ReplyMode::skipping) {
    client.reply_mode = ReplyMode::on;
  }
  if (client.close == CloseMode::now) return close_client(&client, CloseMode::now);
  account_memory(client);
  if (!client.output.empty() || client.closing()) mark_for_flush(client);
  if (over_output_limit(client)) close_for_output_limit(client);
}

void Session::finish_batch(RequestBatch* batch) { parts_.control->finished(batch); }

void Session::flush_replies() {
  if (monitors_.something_to_tell()) [[unlikely]]
    tell_monitors();
  for (const ClientHandle handle : flush_list_) {
    Client* client = find_client(handle);
    if (!client) continue;
    client->in_flush_list = false;
    client->output_pending_bytes += client->output.size();
    ReplyBatch batch{handle, std::move(client->output), client->close};
    account_memory(*client);
    if (!spare_outputs_.empty()) {
      spare_outputs_bytes_ -= spare_outputs_.back().kept_bytes();
      client->output = std::move(spare_outputs_.back());
      spare_outputs_.pop_back();
    }
    parts_.control->reply(std::move(batch));
  }
  flush_list_.clear();
}

// --- execution ---

void Session::call(Context& context) {
  Client& client = *context.client_;
  Command& command = *context.command_;
  const uint64_t start = unit_depth_ == 0 ? span_start_cycles_ : parts_.clock->cycles();
  const uint64_t dirty_before = statistics_.dirty;
  const uint64_t errors_before = client.reply.errors();
  const resp::Output* const output_before = &client.reply.output();
  const size_t reply_before = output_before->written_bytes();
  const size_t database = client.database;
  if (unit_depth_ == 0) {
    client.output.limit_to(output_bytes_left(client));
    unit_time_us_ = 0;
  }
  begin_unit();
  if (monitors_.empty()) [[likely]]
    command.handler(context);
  else
    call_monitored(context);
  if (statistics_.dirty != dirty_before && context.propagation_ == Context::Propagation::itself) {
    effects_.propagate(database, context.arguments_);
  }
  if (client.reply.errors() != errors_before) [[unlikely]]
    count_errors(client, command, false);
  const uint64_t end = parts_.clock->cycles();
  const bool same_output = &client.reply.output() == output_before;  // CLIENT REPLY chooses another
  const size_t reply_bytes = same_output ? output_before->written_bytes() - reply_before : 0;
  CallFigures figures{end - start, client.argument_bytes, reply_bytes};
  if (client.waiting) [[unlikely]]
    figures.cycles = client.waiting->cycles += end - start;
  if (client.hold.reason != HoldReason::blocked) [[likely]]
    count_call(context, figures);
  if (unit_depth_ == 1) {
    span_start_cycles_ = end;
    if (statistics_.dirty != dirty_before) note_growth(end - start);
  }
  if (--unit_depth_ != 0) return;
  // What other clients and the time bring is looked at when it comes.
  client.output.limit_to(SIZE_MAX);
  effects_.end_unit(!command.has(flag_touches_arbitrary_keys));
}

void Session::count_call(const Context& context, const CallFigures& figures) {
  Command& command = *context.command_;
  ++command.calls;
  ++statistics_.commands_processed;
  command.cycles += figures.cycles;
  if (options_.latency_tracking) [[likely]]
    command.record_latency(nanoseconds_of(figures.cycles));
  if (thresholds_.reached(figures)) [[unlikely]]
    observer_->called(context, figures);
}

// Rather too much than too little: the whole command counts as growth, however little of it was.
void Session::note_growth(uint64_t cycles) noexcept {
  const uint64_t steps = parts_.keyspace->growth_steps();
  if (steps == growth_steps_) [[likely]]
    return;
  growth_steps_ = steps;
  growth_cycles_max_ = std::max(growth_cycles_max_, cycles);
}

void Session::end_unit() {
  if (--unit_depth_ == 0) effects_.end_unit();
}

// Errors that a command inside EXEC wrote were counted with that command.
void Session::count_errors(Client& client, Command& command, bool rejected) {
  if (client.counted_errors == client.reply.errors()) return;
  ++(rejected ? command.rejected_calls : command.failed_calls);
  count_error_reply(client);
}

void Session::count_error_reply(Client& client) {
  client.counted_errors = client.reply.errors();
  ++statistics_.error_replies;
  const std::string_view text = client.reply.last_error();
  constexpr size_t code_bytes_max = 30;  // Redis looks no further, the '-' included
  const size_t end = text.find(' ');
  const std::string_view code = end <= code_bytes_max ? text.substr(0, end) : "ERR";
  if (const auto found = error_counts_.find(code); found != error_counts_.end()) {
    ++found->second;
  } else {
    error_counts_.emplace(code, 1);
  }
}

void Session::expire(size_t database, const store::KeyRef& key, store::Entry* entry) {
  begin_unit();
  parts_.keyspace->database(database).erase(key, entry);
  ++statistics_.expired_keys;
  changed(database, key.bytes);
  effects_.notify(event_expired, "expired", key.bytes, database);
  effects_.propagate(database, {options_.lazy_expire ? "UNLINK" : "DEL", key.bytes});
  end_unit();
}

namespace {

WatchTable::State state_in(const store::Database* database, const store::KeyRef& key, int64_t now_ms) {
  const store::Entry* entry = database ? database->find(key) : nullptr;
  if (!entry) return WatchTable::State::absent;
  return entry->overdue(now_ms) ? WatchTable::State::overdue : WatchTable::State::present;
}

std::optional<store::Type> type_in(const store::Database* database, const store::KeyRef& key) {
  const store::Entry* entry = database ? database->find(key) : nullptr;
  return entry ? std::optional(entry->type()) : std::nullopt;
}

}  // namespace

void Session::watched_replaced(size_t database, const store::Database* replacement) {
  if (watches_.empty()) return;
  const store::Database* current = &parts_.keyspace->database(database);
  const auto state = [this](const store::Database* in) {
    return [this, in](std::string_view key) { return state_in(in, parts_.keyspace->key(key), now_ms_); };
  };
  watches_.replaced(database, state(current), state(replacement));
}

// Who waits for a key is served if it is there afterwards, or was and its end is an answer.
void Session::awaited_replaced(size_t database, const store::Database* replacement) {
  if (blocking_.empty()) return;
  const store::Database* current = &parts_.keyspace->database(database);
  blocking_.replaced(database, [&](const store::KeyRef& key) {
    return std::pair(type_in(current, key), type_in(replacement, key));
  });
}

uint64_t Session::flush(int64_t database) {
  const size_t first = database < 0 ? 0 : static_cast<size_t>(database);
  const size_t end = database < 0 ? parts_.keyspace->databases() : first + 1;
  uint64_t removed = 0;
  for (size_t i = first; i < end; ++i) {
    store::Database& emptied = parts_.keyspace->database(i);
    if (emptied.size() != 0) {
      watched_replaced(i, nullptr);
      awaited_replaced(i, nullptr);
    }
    removed += emptied.size();
    emptied.clear();
  }
  return removed;
}

void Session::swap_databases(size_t first, size_t second) {
  watched_replaced(first, &parts_.keyspace->database(second));
  watched_replaced(second, &parts_.keyspace->database(first));
  awaited_replaced(first, &parts_.keyspace->database(second));
  awaited_replaced(second, &parts_.keyspace->database(first));
  parts_.keyspace->swap(first, second);
}

void Session::reset_statistics() {
  const uint64_t dirty = statistics_.dirty, denied_logins = statistics_.denied_logins;
  const size_t peak = statistics_.used_memory_peak;
  statistics_ = {};
  statistics_.dirty = dirty;
  statistics_.denied_logins = denied_logins;
  statistics_.used_memory_peak = peak;
  eviction_.reset_statistics();
  error_counts_.clear();
  parts_.registry->reset_statistics();
  parts_.keyspace->reset_reclaimed();
}

}  // namespace torc::session
