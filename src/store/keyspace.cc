// Databases and the slices of background work over all of them.
#include "store/keyspace.h"

#include "base/assert.h"
#include "store/database_shared.h"

namespace torc::store {

Keyspace::Keyspace(size_t databases, base::HashKey hash_key) : shared_(std::make_unique<DatabaseShared>(hash_key)) {
  databases_.reserve(databases);
  for (size_t i = 0; i < databases; ++i) databases_.emplace_back(shared_.get());
}

Keyspace::~Keyspace() = default;

size_t Keyspace::databases() const noexcept { return databases_.size(); }

void Keyspace::set_databases(size_t databases) {
  for (const Database& database : databases_) TORC_ASSERT(database.size() == 0);
  databases_.clear();
  databases_.reserve(databases);
  for (size_t i = 0; i < databases; ++i) databases_.emplace_back(shared_.get());
}

Database& Keyspace::database(size_t index) noexcept {
  TORC_ASSERT(index < databases_.size());
  return databases_[index];
}

const base::HashKey& Keyspace::hash_key() const noexcept { return shared_->hash_key; }

void Keyspace::swap(size_t first, size_t second) noexcept { database(first).swap(database(second)); }

void Keyspace::set_access_clock(uint32_t access) noexcept { shared_->editor.set_access_clock(access); }

uint64_t Keyspace::growth_steps() const noexcept { return shared_->growth_steps; }

bool Keyspace::reclaim_some(size_t budget, const base::TimeLimit& limit) {
  return shared_->reclaimer.reclaim_some(budget, limit);
}
uint64_t Keyspace::reclaim_pending() const noexcept { return shared_->reclaimer.pending(); }
uint64_t Keyspace::reclaimed() const noexcept { return shared_->reclaimer.reclaimed(); }
void Keyspace::reset_reclaimed() noexcept { shared_->reclaimer.reset_reclaimed(); }

// True when the round is complete.
bool Keyspace::walk_on(size_t* budget) {
  for (Database& database : databases_) {
    if (*budget == 0 || !database.compact_some(budget)) return false;
  }
  return true;
}

void Keyspace::start_compaction() {
  if (shared_->heap.compacting()) return;
  shared_->heap.begin_compaction();
  compaction_walks_ = true;
}

bool Keyspace::compaction_due() const noexcept {
  return shared_->heap.compacting() || shared_->heap.worth_compacting();
}

bool Keyspace::compact_some(size_t budget) {
  EntryHeap& heap = shared_->heap;
  if (heap.worth_compacting()) start_compaction();
  if (!heap.compacting()) return false;
  while (compaction_walks_ && walk_on(&budget)) compaction_walks_ = !heap.end_round();
  // Entries that wait to be freed still lie in the old heap; emptied first, it goes without a walk over its pages.
  if (!compaction_walks_ && shared_->reclaimer.pending() == 0) heap.end_compaction();
  return heap.compacting();
}

}  // namespace torc::store
