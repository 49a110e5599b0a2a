// Eviction: keeps memory below maxmemory by removing keys, before each command and, when that took too long, in the
// background. What may go is the policy's choice (store/eviction_pool.h); here stands when, how long, and with which
// effects.
//
// Memory is base::used_bytes(), which is exact, less what grows because of evictions themselves (buffers of replicas
// and of the log: uncounted()). What was deleted and waits to be freed in slices counts until it is free; so it is
// freed first, before another key goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/setting.h"
#include "store/eviction_pool.h"

namespace torc::session {

class Session;

struct EvictionOptions {
  int policy = static_cast<int>(store::EvictionPolicy::noeviction);  // a store::EvictionPolicy
  int64_t samples = 5;                                               // a database and key evicted
  int64_t tenacity = 10;                                             // 0 to 100: how long one call may take
  store::LfuRule lfu;
};

class Eviction {
 public:
  // enough: memory is below the limit, or nothing may be evicted now. running: not yet, but it goes on in the
  // background. failed: there is nothing (more) to evict.
  enum class Outcome : uint8_t { enough, running, failed };

  explicit Eviction(Session* session) noexcept : session_(session) {}

  // Evicts until memory is below the limit, for as long as the tenacity allows. needs_memory: what follows would be
  // refused otherwise; then noeviction waits until all is free that was deleted already.
  Outcome perform(bool needs_memory);
  // A slice of what perform() left; true while there is more.
  bool background();
  [[nodiscard]] bool due() const noexcept { return running_; }

  // Memory that does not count.
  void add_uncounted(std::function<size_t()> bytes) { uncounted_.push_back(std::move(bytes)); }
  [[nodiscard]] size_t uncounted_bytes() const;
  [[nodiscard]] size_t counted_bytes() const;

  [[nodiscard]] store::EvictionPolicy policy() const noexcept {
    return static_cast<store::EvictionPolicy>(options_.policy);
  }
  [[nodiscard]] std::string_view policy_name() const noexcept;
  [[nodiscard]] const EvictionOptions& options() const noexcept { return options_; }
  // Whether access fields are LFU's (store/access.h).
  [[nodiscard]] bool counts_frequency() const noexcept { return store::counts_frequency(policy()); }
  // Whether Redis would keep small integers once for all keys.
  [[nodiscard]] bool shares_integers() const noexcept;
  // The access field of a key that comes into being now.
  [[nodiscard]] uint32_t initial_access(int64_t now_ms) const noexcept;
  // The access field of an entry that is used now.
  [[nodiscard]] uint32_t accessed(uint32_t access, int64_t now_ms) const noexcept {
    if (counts_frequency()) [[unlikely]]
      return counted(access, now_ms);
    return store::lru_clock(now_ms);
  }

  // Rows for maxmemory and what belongs to it.
  [[nodiscard]] base::Settings settings();

  // Times above the limit, microseconds: all of them until now, and the present one so far (0: memory is below it).
  [[nodiscard]] uint64_t exceeded_total_us() const noexcept;
  [[nodiscard]] uint64_t exceeded_now_us() const noexcept;
  void reset_statistics() noexcept {
    exceeded_total_us_ = 0;
    exceeded_since_us_ = -1;
  }

 private:
  [[nodiscard]] uint32_t counted(uint32_t access, int64_t now_ms) const noexcept;
  [[nodiscard]] bool over_limit() const;
  [[nodiscard]] bool allowed() const;
  [[nodiscard]] uint64_t limit_us() const noexcept;
  Outcome evict(uint64_t limit_us);
  Outcome evict_within(uint64_t limit_us);
  Outcome reclaim_all();
  Outcome note(Outcome outcome) noexcept;
  bool evict_one();
  void remove(const store::EvictionPool::Victim& victim);
  base::Setting::Result limit_changed();
  base::Setting::Result policy_changed();

  Session* session_;
  EvictionOptions options_;
  bool running_ = false;
  store::EvictionPool pool_;
  std::vector<std::function<size_t()>> uncounted_;
  int64_t exceeded_since_us_ = -1;  // monotonic; -1: memory is below the limit
  uint64_t exceeded_total_us_ = 0;
};

}  // namespace torc::session
