// Clients that wait for keys: how they begin to (Context::wait), how they are served, and how else their waiting ends:
// their time is over, CLIENT UNBLOCK, or they go.
//
// Clients are served when the execution unit that made a key ready has ended and been propagated: each in a unit of its
// own, so what it does reaches replicas after what made it possible. Its command is executed from the beginning, with
// all that may refuse it (it may need memory, a pause may have begun); it counts as one call that took as long as all
// its attempts together.
#include <cmath>

#include "base/parse_number.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::session {

// --- beginning to wait ---

namespace {

// From now on, in milliseconds, to a deadline; 0: for ever.
std::optional<int64_t> deadline_of(const Context& context, int64_t timeout_ms) {
  if (timeout_ms < 0) {
    context.reply().error("ERR timeout is negative");
  } else if (timeout_ms > INT64_MAX - context.now_ms()) {
    context.reply().error("ERR timeout is out of range");
  } else {
    return timeout_ms == 0 ? 0 : context.now_ms() + timeout_ms;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> Context::timeout(size_t argument) const {
  const std::optional<long double> seconds = base::parse_long_double(arguments_[argument]);
  if (!seconds) {
    reply().error("ERR timeout is not a float or out of range");
    return std::nullopt;
  }
  const long double milliseconds = *seconds * 1000;
  if (milliseconds > static_cast<long double>(INT64_MAX)) {
    reply().error("ERR timeout is out of range");
    return std::nullopt;
  }
  constexpr long double least = -1;  // all that is negative is the same
  return deadline_of(*this, static_cast<int64_t>(std::ceil(milliseconds < least ? least : milliseconds)));
}

std::optional<int64_t> Context::timeout_ms(size_t argument) const {
  const auto milliseconds = integer(argument, "ERR timeout is not an integer or out of range");
  return milliseconds ? deadline_of(*this, *milliseconds) : std::nullopt;
}

bool Context::wait(std::span<const std::string_view> keys, const Wait& wait) {
  if (client_->deny_blocking()) return false;
  std::vector<store::KeyRef> names;
  names.reserve(keys.size());
  for (const std::string_view key : keys) names.push_back(make_key(key));
  session_->wait(*client_, names, wait);
  return true;
}

void Session::wait(Client& client, std::span<const store::KeyRef> keys, const Wait& wait) {
  if (!client.waiting) {
    client.waiting = std::make_unique<Waiting>();
    client.waiting->wait = wait;
  }
  blocking_.add(client, client.database, keys);
  client.hold.reason = HoldReason::blocked;
}

// --- being served ---

void Session::note_change(size_t database, std::string_view bytes) {
  const store::KeyRef key = parts_.keyspace->key(bytes);
  const store::Entry* entry = parts_.keyspace->database(database).find(key);
  if (!watches_.empty()) watches_.touched(database, bytes, entry != nullptr);
  if (!blocking_.empty()) {
    blocking_.changed(database, key, entry ? std::optional(entry->type()) : std::nullopt);
  }
}

void Session::note_ready(size_t database, std::string_view bytes) {
  const store::KeyRef key = parts_.keyspace->key(bytes);
  const store::Entry* entry = parts_.keyspace->database(database).find(key);
  if (entry) blocking_.ready(database, key, entry->type());
}

void Session::serve_ready() {
  while (blocking_.any_ready()) serve(blocking_.take_ready());
}

// Those that wait for the key now; who waits again meanwhile stands behind them.
void Session::serve(const AwaitedName& name) {
  const store::KeyRef key{name.bytes, name.hash};
  const uint64_t end = blocking_.next_place();
  uint64_t place = 0;
  while (Client* client = blocking_.waiter(name, &place, end)) {
    // The unit that brought the key may have taken its time, and so may those who were served before.
    if (span_start_cycles_ > sampled_cycles_ + resample_cycles_) sample_time();
    const store::Entry* entry = parts_.keyspace->database(name.database).find(key);
    if (entry && entry->overdue(now_ms_)) entry = nullptr;
    if (!entry && !blocking_.end_awaited(name)) return;
    const Wait& wait = client->waiting->wait;
    ++place;
    if ((entry && entry->type() == wait.type) || wait.also_when_deleted) run_again(*client);
  }
}

// May free the client.
void Session::run_again(Client& client) {
  const ClientHandle handle = client.handle;
  blocking_.remove(client);
  client.hold.reason = HoldReason::resuming;
  run_held(client);
  Client* left = find_client(handle);
  if (left && left->hold.reason == HoldReason::resuming) resumed_.push_back(handle);
}

// --- the other ends ---

// The time is over, or (error) somebody wants it to end; may free the client.
void Session::end_wait(Client& client, std::string_view error) {
  Client* const executing = executing_;
  const auto executing_arguments = executing_arguments_;
  blocking_.remove(client);
  reply_instead(client, error);
  finish_work(client);
  executing_ = executing;
  executing_arguments_ = executing_arguments;
}

// The command counts as one that was called, although nothing runs any more.
void Session::reply_instead(Client& client, std::string_view error) {
  const Waiting waiting = std::move(*client.waiting);
  client.waiting.reset();
  const Planned planned = plan_of(client.hold.batch, client.hold.first);
  const resp::RequestList& list = planned.batch->list;
  Context context(this, &client, planned.command, list.arguments_of(list.requests[planned.request]), {});
  if (client.is_silent()) client.reply.set_output(&discarded_);
  const size_t reply_before = client.reply.output().written_bytes();
  if (!error.empty()) {
    client.reply.error(error);
  } else if (waiting.wait.timeout_reply == Wait::Reply::null_array) {
    client.reply.null_array();
  } else {
    client.reply.null();
  }
  if (!error.empty()) count_errors(client, *planned.command, false);
  const size_t reply_bytes = client.reply.output().written_bytes() - reply_before;
  const CallFigures figures{waiting.cycles, client.argument_bytes, reply_bytes};
  count_call(context, figures);
}

void Session::end_overdue_waits() {
  const bool overdue = blocking_.first_overdue(now_ms_) != nullptr;
  // What had arrived when a command took its time comes first, for one tick.
  waits_go_on_ = overdue && !lookahead_.empty() && !waits_go_on_;
  if (!overdue || waits_go_on_) return;
  while (Client* client = blocking_.first_overdue(now_ms_)) end_wait(*client, {});
}

bool Session::unblock(Client& client, bool with_error) {
  if (client.hold.reason != HoldReason::blocked) return false;
  end_wait(client, with_error ? "UNBLOCKED client unblocked via CLIENT UNBLOCK" : std::string_view());
  return true;
}

}  // namespace torc::session
