// Requests that wait. A client whose request cannot be run to its end now keeps the batch that it lies in: the request
// itself and those behind it, which were lent together. The network half lends no further batch meanwhile, and copies
// what is held out of its receive buffers; so a client that waits costs memory, but nothing per tick: it stands in a
// map until what it waits for happens.
//
// What was looked ahead when the request was held still comes out of the look-ahead, in order, and joins the hold
// (Hold::end moves on). When the hold is over, the requests are executed from the batch directly, and the rest of the
// batch, if the look-ahead has not come to it yet, goes its usual way. Either path may be the one that meets the
// batch's last request; that one gives the batch back.
//
// A request may wait for three reasons: a pause postponed it (CLIENT PAUSE; it is executed from its beginning, with all
// checks, as redis-server does); it is being answered in slices (then what follows it waits); or it waits for a key,
// and is executed again when one is ready (serving.cc).
#include <algorithm>
#include <utility>

#include "session/session.h"

namespace torc::session {

// --- the pause ---

void Session::pause(PauseMode mode, int64_t end_ms) {
  pause_.begin(mode, end_ms);
  if (pause_.end_if_over(now_ms_)) release_postponed();
}

void Session::unpause() {
  pause_.end();
  release_postponed();
}

namespace {

// What replicas would have to repeat, EXEC of such a thing included.
bool changes_data(const Client& client, const Command& command) noexcept {
  constexpr uint32_t changing = flag_write | flag_may_replicate;
  if (command.has(changing)) return true;
  const bool executes = command.has(flag_in_transaction) && command.name == "exec";
  return executes && (client.transaction.command_flags & changing);
}

}  // namespace

// Whether the pause is for this request: then it is held.
bool Session::postponed(Client& client, const Command& command) {
  if (pause_.mode() == PauseMode::write && !changes_data(client, command)) return false;
  client.hold.reason = HoldReason::postponed;
  client.hold.place = next_place_++;
  postponed_.emplace(client.hold.place, &client);
  return true;
}

void Session::release_postponed() {
  for (const auto& [place, client] : postponed_) {
    client->hold.reason = HoldReason::resuming;
    resumed_.push_back(client->handle);
  }
  postponed_.clear();
}

// --- holding ---

// What nobody answers when the peer is gone.
static bool is_given_up(HoldReason reason) { return reason == HoldReason::postponed || reason == HoldReason::blocked; }

// The planned request of the client has asked to wait.
void Session::park(Client& client, const Planned& planned) {
  executing_ = nullptr;
  client.reply.set_output(&client.output);
  Hold& hold = client.hold;
  hold.batch = planned.batch;
  hold.first = planned.request;
  hold.end = std::max(hold.end, planned.request + 1);
  if (client.input_ended && is_given_up(hold.reason)) return close_client(&client, CloseMode::now);
  tell_waits(client, is_given_up(hold.reason));
  account_memory(client);
}

void Session::tell_waits(Client& client, bool yes) {
  if (std::exchange(client.told_waits, yes) == yes) return;
  parts_.control->waits(client.handle, yes, yes ? client.hold.batch->wire_bytes() : 0);
}

void Session::input_ended(ClientHandle handle) {
  Client* client = find_client(handle);
  if (!client) return;
  client->input_ended = true;
  if (is_given_up(client->hold.reason)) close_client(client, CloseMode::now);
}

// The client goes: what waits is dropped. Requests that are still looked ahead give the batch back themselves.
void Session::forget_hold(Client& client) {
  if (client.hold.reason == HoldReason::postponed) postponed_.erase(client.hold.place);
  end_hold(client);
}

void Session::end_hold(Client& client) {
  const Hold hold = client.hold;
  client.hold = {};
  tell_waits(client, false);
  account_memory(client);
  if (hold.end >= hold.batch->request_count()) finish_batch(hold.batch);
}

// The first request has been answered at last; may free the client.
void Session::finish_work(Client& client) {
  client.hold.reason = HoldReason::resuming;
  ++client.hold.first;
  resumed_.push_back(client.handle);
  tell_waits(client, false);
  after_request(client);
}

// --- going on ---

// Executes what waits no longer; true when the budget was used up before.
bool Session::resume_some(uint64_t begin_cycles, uint64_t budget_cycles) {
  while (!resumed_.empty()) {
    Client* client = find_client(resumed_.front());
    if (!client || client->hold.reason != HoldReason::resuming) {
      resumed_.pop_front();
      continue;
    }
    const uint64_t before = span_start_cycles_;
    run_held(*client);
    if (span_start_cycles_ == before) [[unlikely]]
      note_unmeasured();
    if (blocking_.any_ready()) [[unlikely]]
      serve_ready();
    if (span_start_cycles_ - begin_cycles > budget_cycles) return true;
    if (span_start_cycles_ > sampled_cycles_ + resample_cycles_) sample_time();
  }
  return false;
}

Planned Session::plan_of(RequestBatch* batch, uint32_t request) const {
  Planned planned{batch, request, UINT32_MAX, 0, nullptr, nullptr};
  if (request >= batch->list.requests.size()) return planned;
  const Registry::Resolved resolved = parts_.registry->resolve(batch->list.arguments_of(batch->list.requests[request]));
  planned.command = resolved.command;
  planned.container = resolved.container;
  return planned;
}

// One request. The client may be gone afterwards, or held again.
void Session::run_held(Client& client) {
  const ClientHandle handle = client.handle;
  Hold& hold = client.hold;
  if (hold.first == hold.end || client.closing()) return end_hold(client);
  const Planned planned = plan_of(hold.batch, hold.first++);
  hold.reason = HoldReason::none;
  execute_request(client, planned);
  if (!find_client(handle)) return;
  if (client.held()) return park(client, planned);
  client.waiting.reset();
  hold.reason = HoldReason::resuming;
  tell_waits(client, false);
  after_request(client);
}

}  // namespace torc::session
