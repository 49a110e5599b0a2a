// Looking ahead: while one request runs, the cache lines of the next ones are on their way. At depth the server's time
// is cache misses, and requests that wait in the input name their keys long before they run.
//
// The window plans requests in order, across connections, and goes on by groups: while one group runs, the entries of
// the next are on their way, and the buckets of the one after that. Planning resolves the command and hashes the first
// key. The prefetches of a group stand together, because a prefetch retires only when its address is translated, and
// the page walks of neighbours overlap. What lies behind an entry (an element of its object, a long value) follows just
// before the group runs. The window keeps hashes, never pointers: the commands before may move anything.
//
// Pipelines often name one key over and over (a list that is pushed to, a hash that is filled): its hash, and what was
// fetched and found for it, serve all of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "session/channel.h"
#include "session/command.h"
#include "store/object.h"

namespace torc::store {
class Database;
class Entry;
class Keyspace;
}  // namespace torc::store

namespace torc::session {

class Registry;

// A request that was looked at ahead of its execution.
struct Planned {
  RequestBatch* batch;
  uint32_t request;          // index in batch->list.requests
  uint32_t hashed_argument;  // UINT32_MAX: none
  uint64_t hash;
  Command* command;    // null: unknown
  Command* container;  // set with command null: unknown subcommand
  bool repeats_key = false;  // of the request before it in the batch: what was fetched for that one serves this one
};

class Lookahead {
 public:
  static constexpr size_t window_max = 32;

  Lookahead(const Registry* registry, store::Keyspace* keyspace) noexcept : registry_(registry), keyspace_(keyspace) {}
  // Requests that follow all others.
  void add(RequestBatch* batch) { waiting_.push_back(batch); }
  // The next request in order, planned; nullptr when none is ready. Valid until the next call. A batch whose
  // protocol_error is set and that has no (more) requests comes as a Planned with request == list.requests.size().
  const Planned* next(size_t distance);
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_ && waiting_.empty(); }

 private:
  static constexpr size_t groups = 3;  // running, entries, buckets
  void plan_one();
  void prefetch_buckets();
  void prefetch_entries(size_t until);
  struct Element {
    const store::Object* object;
    uint64_t hash;
  };
  [[nodiscard]] static std::span<const std::string_view> arguments_of(const Planned& planned);
  [[nodiscard]] const store::Entry* entry_of(const Planned& planned) const;
  [[nodiscard]] const Planned* before_it_with_key(const Planned& planned, std::string_view key) noexcept;
  [[nodiscard]] Element element_of(const Planned& planned, const store::Entry** entry) const;
  void prefetch_elements();
  void prefetch_blobs();
  void advance(size_t distance);
  [[nodiscard]] Planned& at(size_t position) noexcept { return window_[position % window_max]; }
  const Registry* registry_;
  store::Keyspace* keyspace_;
  std::deque<RequestBatch*> waiting_;
  size_t waiting_request_ = 0;  // of waiting_.front(): the next to be planned
  std::array<Planned, window_max> window_;
  // Executed; to be executed before the next advance(); entry prefetched; bucket prefetched; planned.
  size_t begin_ = 0, group_end_ = 0, warmed_ = 0, bucketed_ = 0, end_ = 0;
  Planned current_{};
};

}  // namespace torc::session
