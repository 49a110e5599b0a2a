// The loop, its limits, and the effects of an eviction: each is an execution unit of its own.
#include "session/eviction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/memory.h"
#include "session/session.h"

namespace torc::session {

namespace {

constexpr size_t keys_between_looks = 16;      // at the clock
constexpr size_t reclaim_slice = 1000;         // units of some 100 ns
constexpr uint64_t default_limit_us = 500;     // at tenacity 10
constexpr uint64_t reclaim_us_max = 100;       // of one command, unless the tenacity is above the default
constexpr uint64_t background_us_max = 500;    // of one tick, whatever the tenacity
// In the order of store::EvictionPolicy.
constexpr std::array<std::string_view, 8> policy_names = {"volatile-lru", "volatile-lfu",   "volatile-random",
                                                          "volatile-ttl", "allkeys-lru",    "allkeys-lfu",
                                                          "allkeys-random", "noeviction"};

}  // namespace

size_t Eviction::uncounted_bytes() const {
  size_t sum = 0;
  for (const auto& bytes : uncounted_) sum += bytes();
  return sum;
}

size_t Eviction::counted_bytes() const {
  const size_t used = base::used_bytes();
  return used - std::min(used, uncounted_bytes());
}

bool Eviction::over_limit() const {
  const uint64_t most = session_->options().maxmemory_bytes;
  return most != 0 && base::used_bytes() > most && counted_bytes() > most;
}

bool Eviction::allowed() const { return !session_->paused().active(); }

// Linear to 500 us at 10, then growing by 15 % a step; without end at 100.
uint64_t Eviction::limit_us() const noexcept {
  constexpr int64_t linear_steps = 10, endless = 100;
  if (options_.tenacity <= linear_steps) {
    return default_limit_us * static_cast<uint64_t>(options_.tenacity) / linear_steps;
  }
  if (options_.tenacity >= endless) return UINT64_MAX;
  const double growth = std::pow(1.15, static_cast<double>(options_.tenacity - linear_steps));
  return static_cast<uint64_t>(double{default_limit_us} * growth);
}

Eviction::Outcome Eviction::perform(bool needs_memory) {
  if (!over_limit()) [[likely]] {
    return exceeded_since_us_ < 0 ? Outcome::enough : note(Outcome::enough);
  }
  if (!allowed()) return Outcome::enough;
  if (policy() != store::EvictionPolicy::noeviction) return note(evict(limit_us()));
  return note(needs_memory ? reclaim_all() : Outcome::failed);
}

bool Eviction::background() {
  if (!running_) return false;
  if (!allowed() || !over_limit()) {
    note(Outcome::enough);
  } else if (policy() == store::EvictionPolicy::noeviction) {
    note(Outcome::failed);
  } else if (session_->keyspace().reclaim_pending() == 0) {
    note(evict(std::min(limit_us(), background_us_max)));
  }
  return running_;
}

// Nobody is helped by an error while what was deleted only waits to be freed.
Eviction::Outcome Eviction::reclaim_all() {
  while (over_limit()) {
    if (session_->keyspace().reclaim_pending() == 0) return Outcome::failed;
    session_->keyspace().reclaim_some(reclaim_slice);
  }
  return Outcome::enough;
}

Eviction::Outcome Eviction::evict(uint64_t limit_us) {
  const uint64_t begin = session_->clock().cycles();
  const Outcome outcome = evict_within(limit_us);
  session_->note_work("eviction-cycle", session_->clock().cycles() - begin);
  return outcome;
}

Eviction::Outcome Eviction::evict_within(uint64_t limit_us) {
  const base::Clock& clock = session_->clock();
  const base::TimeLimit limit =
      limit_us == UINT64_MAX ? base::TimeLimit() : base::TimeLimit(clock, static_cast<int64_t>(limit_us));
  // What is too much is on its way out once something waits to be freed: nobody waits for more than a slice of it.
  const bool patient = limit_us > default_limit_us;
  for (size_t keys = 0; over_limit();) {
    if (session_->keyspace().reclaim_pending() != 0) {
      const auto slice_us = static_cast<int64_t>(std::min(limit_us, reclaim_us_max));
      const base::TimeLimit slice = patient ? base::TimeLimit() : base::TimeLimit(clock, slice_us);
      const bool more = session_->keyspace().reclaim_some(reclaim_slice, slice);
      if (more && !patient) return Outcome::running;
      keys += keys_between_looks - keys % keys_between_looks;
    } else if (!evict_one()) {
      return Outcome::failed;
    } else {
      ++keys;
    }
    if (keys % keys_between_looks == 0 && limit.over()) return Outcome::running;
  }
  return Outcome::enough;
}

Eviction::Outcome Eviction::note(Outcome outcome) noexcept {
  running_ = outcome == Outcome::running;
  const int64_t now_us = session_->clock().monotonic_us();
  if (outcome != Outcome::enough) {
    if (exceeded_since_us_ < 0) exceeded_since_us_ = now_us;
  } else if (exceeded_since_us_ >= 0) {
    exceeded_total_us_ += static_cast<uint64_t>(now_us - exceeded_since_us_);
    exceeded_since_us_ = -1;
  }
  return outcome;
}

uint64_t Eviction::exceeded_now_us() const noexcept {
  if (exceeded_since_us_ < 0) return 0;
  return static_cast<uint64_t>(session_->clock().monotonic_us() - exceeded_since_us_);
}

uint64_t Eviction::exceeded_total_us() const noexcept { return exceeded_total_us_ + exceeded_now_us(); }

bool Eviction::evict_one() {
  const store::EvictionRule rule{policy(), static_cast<size_t>(options_.samples), options_.lfu, session_->now_ms()};
  const auto victim = pool_.choose(session_->keyspace(), session_->random(), rule);
  if (!victim) return false;
  remove(*victim);
  return true;
}

void Eviction::remove(const store::EvictionPool::Victim& victim) {
  Session& session = *session_;
  session.begin_unit();
  const uint64_t begin = session.clock().cycles();
  session.keyspace().database(victim.database).erase(victim.key, victim.entry);
  session.note_work("eviction-del", session.clock().cycles() - begin);
  ++session.statistics().evicted_keys;
  session.changed(victim.database, victim.key.bytes);
  session.effects().notify(event_evicted, "evicted", victim.key.bytes, victim.database);
  session.effects().propagate(victim.database, {session.options().lazy_eviction ? "UNLINK" : "DEL", victim.key.bytes});
  session.end_unit();
}

bool Eviction::shares_integers() const noexcept {
  return session_->options().maxmemory_bytes == 0 || !store::uses_access(policy());
}

uint32_t Eviction::initial_access(int64_t now_ms) const noexcept {
  return counts_frequency() ? store::lfu_initial(now_ms) : store::lru_clock(now_ms);
}

uint32_t Eviction::counted(uint32_t access, int64_t now_ms) const noexcept {
  return store::lfu_accessed(access, now_ms, options_.lfu, session_->random());
}

base::Setting::Result Eviction::limit_changed() {
  const uint64_t most = session_->options().maxmemory_bytes;
  if (most == 0) return {};
  running_ = true;  // the next tick begins
  const size_t counted = counted_bytes();
  if (most < counted) {
    session_->log(log_warning, fmt::format("WARNING: the new maxmemory value set via CONFIG SET ({}) is smaller than "
                                           "the current memory usage ({}). This will result in key eviction and/or "
                                           "the inability to accept new write commands depending on the "
                                           "maxmemory-policy.",
                                           most, counted));
  }
  return {};
}

base::Setting::Result Eviction::policy_changed() {
  pool_.clear();
  session_->keyspace().set_access_clock(initial_access(session_->now_ms()));
  return {};
}

std::string_view Eviction::policy_name() const noexcept {
  return policy_names[static_cast<size_t>(options_.policy)];
}

base::Settings Eviction::settings() {
  base::EnumNames names;
  for (size_t i = 0; i < policy_names.size(); ++i) names.emplace_back(policy_names[i], static_cast<int>(i));
  base::Settings rows;
  rows.push_back(base::memory_setting("maxmemory", &session_->options().maxmemory_bytes, 0, UINT64_MAX, 0)
                     .when_changed([this] { return limit_changed(); }));
  rows.push_back(base::enum_setting("maxmemory-policy", &options_.policy, std::move(names),
                                    static_cast<int>(store::EvictionPolicy::noeviction))
                     .when_changed([this] { return policy_changed(); }));
  rows.push_back(base::integer_setting("maxmemory-samples", &options_.samples, 1, INT32_MAX, 5));
  rows.push_back(base::integer_setting("maxmemory-eviction-tenacity", &options_.tenacity, 0, 100, 10));
  rows.push_back(base::integer_setting("lfu-log-factor", &options_.lfu.log_factor, 0, INT32_MAX, 10));
  rows.push_back(base::integer_setting("lfu-decay-time", &options_.lfu.decay_minutes, 0, INT32_MAX, 1));
  return rows;
}

}  // namespace torc::session
