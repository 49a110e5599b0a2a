// Keyspace: the databases of one server and what they share: the hash key, the heap that entries come from, and the
// reclaimer that frees large things in slices. It belongs to the thread that makes it, as its heap does.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "store/database.h"

namespace torc::store {

class Keyspace {
 public:
  Keyspace(size_t databases, base::HashKey hash_key);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  [[nodiscard]] size_t databases() const noexcept;
  // Only while all databases are empty (asserted).
  void set_databases(size_t databases);
  [[nodiscard]] Database& database(size_t index) noexcept;
  [[nodiscard]] const base::HashKey& hash_key() const noexcept;
  [[nodiscard]] KeyRef key(std::string_view bytes) const noexcept {
    return {bytes, base::siphash13(hash_key(), bytes)};
  }
  void swap(size_t first, size_t second) noexcept;  // SWAPDB
  // What keys that come into being get as access field (Entry::access) from now on.
  void set_access_clock(uint32_t access) noexcept;

  // --- bounded background work; each call does at most about `budget` units of some 100 ns ---
  // Frees what was let go; true while there is more.
  bool reclaim_some(size_t budget, const base::TimeLimit& limit = {});
  // Entries and blobs that wait to be freed (INFO's lazyfree_pending_objects), and freed so far.
  [[nodiscard]] uint64_t reclaim_pending() const noexcept;
  [[nodiscard]] uint64_t reclaimed() const noexcept;
  void reset_reclaimed() noexcept;
  // Moves entries out of sparsely used pages when much was freed since the last time; true while under way.
  bool compact_some(size_t budget);
  // Whether compact_some() has anything to do.
  [[nodiscard]] bool compaction_due() const noexcept;
  // Makes compact_some() begin even if little is to be won; nothing if it is under way.
  void start_compaction();

  // Inserts so far that changed the shape of their table: grew, split or rebuilt a segment.
  [[nodiscard]] uint64_t growth_steps() const noexcept;

 private:
  bool walk_on(size_t* budget);

  std::unique_ptr<DatabaseShared> shared_;
  std::vector<Database> databases_;
  bool compaction_walks_ = false;  // false while compacting: all is moved, and the old heap waits for the reclaimer
};

}  // namespace torc::store
