// What a Database consists of; for database.cc and database_walk.cc.
#pragma once

#include "base/assert.h"
#include "store/database.h"
#include "store/database_shared.h"
#include "store/entry_table.h"
#include "store/hash_object.h"

namespace torc::store {

struct Database::State {
  explicit State(DatabaseShared* shared_parts) : shared(shared_parts), table(EntryTraits{&shared_parts->hash_key}) {}

  void index_deadline(uint64_t hash, int64_t deadline_ms) {
    if (deadline_ms != no_deadline) deadlines.insert({deadline_ms, EntryTable::handle(hash)});
  }
  void forget_deadline(uint64_t hash, int64_t deadline_ms) {
    if (deadline_ms != no_deadline) TORC_ASSERT(deadlines.erase({deadline_ms, EntryTable::handle(hash)}));
  }
  // The index of hashes follows the earliest deadline of their fields.
  void index_fields(uint64_t hash, Entry* entry) {
    if (HashObject* object = hash_object(*entry)) index_earliest(hash, object, object->earliest_deadline_ms());
  }
  void forget_fields(uint64_t hash, Entry* entry) {
    if (HashObject* object = hash_object(*entry)) index_earliest(hash, object, no_deadline);
  }
  // Null unless the entry is a hash that is an object.
  [[nodiscard]] static HashObject* hash_object(const Entry& entry) noexcept {
    return entry.type() == Type::hash && entry.is_object() ? static_cast<HashObject*>(entry.object()) : nullptr;
  }
  void index_earliest(uint64_t hash, HashObject* object, int64_t deadline_ms) {
    const int64_t before_ms = object->indexed_deadline_ms();
    if (before_ms == deadline_ms) return;
    const uint32_t handle = EntryTable::handle(hash);
    if (before_ms != no_deadline) TORC_ASSERT(field_deadlines.erase({before_ms, handle}));
    if (deadline_ms != no_deadline) field_deadlines.insert({deadline_ms, handle});
    object->set_indexed_deadline(deadline_ms);
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
  // One for each hash some of whose fields expire: what its object says is indexed, not later than their earliest.
  ds::DeadlineIndex field_deadlines;
  // How far compaction has come here (so that it does not matter when databases change places).
  uint64_t compacted_round_id = 0;
  uint64_t compaction_cursor = 0;
  uint64_t compaction_visited = 0;   // entries in this round
};

}  // namespace torc::store
