// What the databases of one keyspace have in common.
#pragma once

#include <cstdint>

#include "base/hash.h"
#include "store/entry_editor.h"
#include "store/entry_heap.h"
#include "store/reclaimer.h"

namespace torc::store {

struct DatabaseShared {
  explicit DatabaseShared(base::HashKey key) noexcept : hash_key(key) {}

  const base::HashKey hash_key;
  EntryHeap heap;
  Reclaimer reclaimer{&heap};
  EntryEditor editor{&heap, &reclaimer};
  uint64_t growth_steps = 0;  // inserts that changed the shape of their table
};

}  // namespace torc::store
