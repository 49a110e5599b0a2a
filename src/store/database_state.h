// What a Database consists of; for database.cc and database_walk.cc.
#pragma once

#include "base/assert.h"
#include "store/database.h"
#include "store/database_shared.h"
#include "store/entry_table.h"

namespace torc::store {

struct Database::State {
  explicit State(DatabaseShared* shared_parts) : shared(shared_parts), table(EntryTraits{&shared_parts->hash_key}) {}

  void index_deadline(uint64_t hash, int64_t deadline_ms) {
    if (deadline_ms != no_deadline) deadlines.insert({deadline_ms, EntryTable::handle(hash)});
  }
  void forget_deadline(uint64_t hash, int64_t deadline_ms) {
    if (deadline_ms != no_deadline) TORC_ASSERT(deadlines.erase({deadline_ms, EntryTable::handle(hash)}));
  }
  // The slot that holds this very entry.
  [[nodiscard]] EntryTable::Position position(const KeyRef& key, const Entry* entry) const {
    EntryTable::Position position = table.find(key.hash, key.bytes);
    TORC_ASSERT(position && EntryTable::item(position) == entry);
    return position;
  }

  DatabaseShared* shared;
  EntryTable table;
  ds::DeadlineIndex deadlines;   // exactly one for each entry that can expire
  // How far compaction has come here (so that it does not matter when databases change places).
  uint64_t compacted_round_id = 0;
  uint64_t compaction_cursor = 0;
  uint64_t compaction_visited = 0;   // entries in this round
};

}  // namespace torc::store
