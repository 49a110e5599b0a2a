// The session's share of background work: a bounded slice a tick, so that nothing here is ever a pause. Overdue keys
// are found through the index in the order of their deadlines, never by sampling; what was deleted is freed in slices;
// and a few clients at a time are checked for their time and output limits.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/memory.h"
#include "session/client_text.h"
#include "session/session.h"

namespace torc::session {

namespace {

constexpr int64_t expire_budget_us = 100;  // at effort 1; each step of effort adds a quarter
constexpr size_t expire_batch = 16;        // expirations between two looks at the clock
constexpr size_t reclaim_budget = 1000;    // units of some 100 ns
constexpr int64_t reclaim_budget_us = 100;  // and no longer than this
constexpr size_t compact_budget = 500;     // units of some 100 ns
constexpr int64_t round_ms = 1000;         // all clients are looked at within this time
constexpr uint64_t stranger_output_bytes_max = 16 * 1024;

}  // namespace

bool Session::background_due() {
  const int64_t elapsed_ms = now_ms_ - look_after_ms_;
  if (!listings_.empty()) return true;
  if (elapsed_ms < 0 || elapsed_ms >= 1000 / std::max<int64_t>(options_.hz, 1)) return true;
  if (clients_take_too_much() || eviction_.due()) return true;
  if (parts_.keyspace->reclaim_pending() != 0 || parts_.keyspace->compaction_due()) return true;
  if (!options_.active_expire || pause_.active()) return false;
  for (size_t i = 0; i < parts_.keyspace->databases(); ++i) {
    const store::Database& database = parts_.keyspace->database(i);
    if (database.expiring_size() != 0 && database.first_overdue(now_ms_)) return true;
    if (database.hashes_with_deadlines() != 0 && database.first_with_overdue_fields(now_ms_)) return true;
  }
  return false;
}

bool Session::background() {
  const int64_t budget_us = expire_budget_us * (3 + options_.active_expire_effort) / 4;
  const uint64_t begin = parts_.clock->cycles();
  bool more = false;
  if (options_.active_expire && !pause_.active() && !options_.debug.pause_cron) {
    more = expire_some(budget_us);
    more |= expire_some_fields(budget_us);
  }
  const uint64_t expire_cycles = parts_.clock->cycles() - begin;
  statistics_.expire_cycles += expire_cycles;
  note_work("expire-cycle", expire_cycles);
  if (clients_take_too_much()) evict_clients();  // before keys, which may then stay
  more |= eviction_.background();
  more |= free_some();
  look_after_clients();
  if (!listings_.empty()) {
    list_some_clients();
    more = true;
  }
  if (blocking_.any_ready()) [[unlikely]] {  // a stream expired
    span_start_cycles_ = parts_.clock->cycles();
    serve_ready();
    more = true;
  }
  return more;
}

// The tick of a command that lasted, which is often the one that let go of much, is not made longer by the first slice:
// that has time until the next tick, though not beyond it.
bool Session::free_some() {
  const bool due = parts_.keyspace->reclaim_pending() != 0 || parts_.keyspace->compaction_due();
  freeing_postponed_ = due && long_command_ && !freeing_postponed_;
  if (freeing_postponed_) return true;
  const bool more = parts_.keyspace->reclaim_some(reclaim_budget, base::TimeLimit(*parts_.clock, reclaim_budget_us));
  return parts_.keyspace->compact_some(compact_budget) || more;
}

// Deletes overdue keys, database by database; true when the budget was used up before the keys.
bool Session::expire_some(int64_t budget_us) {
  const base::TimeLimit limit(*parts_.clock, budget_us);
  const size_t databases = parts_.keyspace->databases();
  std::string key;
  size_t expired = 0;
  for (size_t round = 0; round < databases; ++round) {
    const size_t index = (expire_database_next_ + round) % databases;
    store::Database& database = parts_.keyspace->database(index);
    if (database.expiring_size() == 0) continue;
    while (store::Entry* entry = database.first_overdue(now_ms_)) {
      key.assign(entry->key());  // the entry's own bytes are gone before the event is
      expire(index, parts_.keyspace->key(key), entry);
      if (++expired % expire_batch == 0 && limit.over()) {
        expire_database_next_ = index;
        ++statistics_.expired_time_cap_reached;
        return true;
      }
    }
  }
  expire_database_next_ = 0;
  return false;
}

void Session::look_after_clients() {
  const int64_t elapsed_ms = now_ms_ - look_after_ms_;
  const int64_t period_ms = 1000 / std::max<int64_t>(options_.hz, 1);
  if (elapsed_ms < period_ms && elapsed_ms >= 0) return;
  look_after_ms_ = now_ms_;
  if (options_.debug.pause_cron) return;
  chunks_.trim();
  statistics_.used_memory_peak = std::max(statistics_.used_memory_peak, base::used_bytes());
  size_t count = std::max<size_t>(by_id_.size() * static_cast<size_t>(period_ms) / round_ms, 5);
  auto next = by_id_.lower_bound(look_after_next_);
  for (count = std::min(count, by_id_.size()); count > 0; --count) {
    if (next == by_id_.end()) next = by_id_.begin();
    Client& client = *next->second;
    ++next;
    add_to_totals(client);
    look_after(client);
    if (next == by_id_.end()) end_round();
  }
  look_after_next_ = next == by_id_.end() ? 0 : next->first;
}

void Session::add_to_totals(const Client& client) {
  round_totals_.longest_input = std::max(round_totals_.longest_input, client.input_pending_bytes);
  round_totals_.longest_output = std::max(round_totals_.longest_output, client.output_pending_bytes);
}

void Session::end_round() { client_totals_ = std::exchange(round_totals_, {}); }

// May free the client.
void Session::look_after(Client& client) {
  client_memory_.update(client, client.memory_bytes(), options_.maxmemory_clients != 0 && !client.no_evict);
  const bool may_be_idle = client.held() || client.monitor;
  if (options_.timeout_s > 0 && !may_be_idle && now_ms_ - client.last_interaction_ms > options_.timeout_s * 1000) {
    log(1, "Closing idle client");
    return close_client(&client, CloseMode::now);
  }
  if (over_output_limit(client)) close_for_output_limit(client);
}

const OutputLimit& Session::output_limit(const Client& client) const noexcept {
  return options_.output_limits[client.type == ClientType::master ? 0 : static_cast<size_t>(client.type)];
}

size_t Session::output_bytes_left(const Client& client) const noexcept {
  const uint64_t hard_bytes = output_limit(client).hard_bytes;
  if (hard_bytes == 0) return SIZE_MAX;
  const uint64_t most = std::max<uint64_t>(hard_bytes, resp::chunk_bytes);
  return most - std::min(most, client.output_pending_bytes);
}

// Hard limit at once; soft limit when it was exceeded for its time without a break. Who still has to authenticate gets
// little, whatever the settings are, as in Redis since 7.2.8.
bool Session::over_output_limit(Client& client) {
  const OutputLimit& limit = output_limit(client);
  const bool stranger = must_log_in(client);
  // A transaction may have changed the limit after its reply had grown too large.
  const bool overflown = client.output.overflown();
  if (limit.hard_bytes == 0 && limit.soft_bytes == 0 && !stranger && !overflown) [[likely]]
    return false;
  const uint64_t memory_bytes = client.output_pending_bytes + client.output.memory_bytes();
  // As much as Redis has in a client's own buffer does not count alone.
  const uint64_t bytes = memory_bytes <= resp::chunk_bytes ? 0 : memory_bytes;
  bool over = overflown;
  over |= limit.hard_bytes != 0 && bytes >= limit.hard_bytes;
  if (stranger) over |= client.output_pending_bytes + client.output.size() > stranger_output_bytes_max;
  if (limit.soft_bytes != 0 && bytes >= limit.soft_bytes) {
    if (client.soft_limit_since_ms == 0) client.soft_limit_since_ms = now_ms_;
    over |= now_ms_ - client.soft_limit_since_ms > limit.soft_seconds * 1000;
  } else {
    client.soft_limit_since_ms = 0;
  }
  return over;
}

// What its replies took is what the limit is about: the pool does not keep it for others.
void Session::close_for_output_limit(Client& client) {
  ++statistics_.output_limit_disconnections;
  log(log_warning, fmt::format("Client {} closed for overcoming of output buffer limits.",
                               client_line(client, now_ms_)));
  close_client(&client, CloseMode::now);
  chunks_.release_idle();
}

int64_t Session::sleep_us_max() const {
  constexpr int64_t expiring_us = 10'000;  // overdue keys wait no longer than this on an idle server
  int64_t period_us = 1'000'000 / std::max<int64_t>(options_.hz, 1);
  if (const auto deadline_ms = blocking_.first_deadline_ms()) [[unlikely]] {
    // Their time is over when the deadline has passed, not when it is reached.
    const int64_t left_ms = std::clamp<int64_t>(*deadline_ms - now_ms_ + 1, 0, 1000);
    period_us = std::min(period_us, left_ms * 1000);
  }
  if (pause_.active()) {
    const int64_t left_ms = std::clamp<int64_t>(pause_.end_ms() - now_ms_, 0, 1000);
    return std::min(period_us, left_ms * 1000);
  }
  if (!options_.active_expire) return period_us;
  for (size_t i = 0; i < parts_.keyspace->databases(); ++i) {
    const store::Database& database = parts_.keyspace->database(i);
    const bool expires = database.expiring_size() != 0 || database.hashes_with_deadlines() != 0;
    if (expires) return std::min(period_us, expiring_us);
  }
  return period_us;
}

}  // namespace torc::session
