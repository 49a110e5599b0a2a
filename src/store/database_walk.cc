// Those functions of Database that look for entries otherwise than by key: at random, by deadline, all of them.
#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/prefetch.h"
#include "store/database_state.h"
#include "store/table_text.h"

namespace torc::store {

namespace {

// Larger entries have pages of their own: nothing is won by moving them.
constexpr size_t moved_bytes_max = size_t{64} << 10;
constexpr size_t moved_entry_units = 3;   // besides releasing the old block

// The entry that the index means: its hash has the handle, and its own deadline is the one indexed.
Entry* indexed_entry(const EntryTable& table, const ds::DeadlineEntry& indexed) {
  Entry* found = nullptr;
  table.for_each_candidate(indexed.handle, [&](EntryTable::Position position) {
    Entry* candidate = EntryTable::item(position);
    if (candidate->deadline_ms() != indexed.deadline_ms) return false;
    found = candidate;
    return true;
  });
  TORC_ASSERT(found);
  return found;
}

// Database::sample for entries with a deadline: the lines of several are fetched together.
size_t sample_indexed(const EntryTable& table, const ds::DeadlineIndex& deadlines, std::span<Entry*> out,
                      base::Random& random) {
  const bool all = deadlines.size() <= out.size();
  if (all) out = out.first(deadlines.size());
  std::array<ds::DeadlineEntry, 16> indexed;
  for (size_t done = 0; done < out.size();) {
    const size_t count = std::min(out.size() - done, indexed.size());
    for (size_t i = 0; i < count; ++i) {
      indexed[i] = all ? deadlines.at(done + i) : deadlines.sample(random);
      table.prefetch_candidates_bucket(indexed[i].handle);
    }
    for (size_t i = 0; i < count; ++i) table.prefetch_candidates(indexed[i].handle);
    for (size_t i = 0; i < count; ++i) out[done + i] = indexed_entry(table, indexed[i]);
    done += count;
  }
  return out.size();
}

// Entries about to be moved: their lines are fetched together, which takes hardly longer than one.
class MoveBatch {
 public:
  explicit MoveBatch(DatabaseShared* shared) noexcept : shared_(shared) {}
  ~MoveBatch() { flush(); }
  MoveBatch(const MoveBatch&) = delete;
  MoveBatch& operator=(const MoveBatch&) = delete;

  void add(EntryTable::Position position) {
    base::prefetch(EntryTable::item(position));
    positions_[count_++] = position;
    if (count_ == positions_.size()) flush();
  }

 private:
  void flush() {
    for (EntryTable::Position position : std::span(positions_).first(count_)) move(position);
    count_ = 0;
  }

  void move(EntryTable::Position position) {
    Entry* old = EntryTable::item(position);
    if (old->value_offset() > moved_bytes_max) return;
    EntryTable::replace(position, shared_->editor.relocate(old));
    shared_->heap.release(old);
  }

  DatabaseShared* shared_;
  std::array<EntryTable::Position, 32> positions_;
  size_t count_ = 0;
};

}  // namespace

Entry* Database::random(base::Random& random) const {
  if (state_->table.empty()) return nullptr;
  return EntryTable::item(state_->table.random(random));
}

Entry* Database::random_expiring(base::Random& random) const {
  if (state_->deadlines.empty()) return nullptr;
  return indexed_entry(state_->table, state_->deadlines.sample(random));
}

size_t Database::sample(std::span<Entry*> out, bool expiring_only, base::Random& random) const {
  if (expiring_only) return sample_indexed(state_->table, state_->deadlines, out, random);
  const EntryTable& table = state_->table;
  if (table.size() <= out.size()) {
    size_t count = 0;
    table.for_each([&](EntryTable::Position position) { out[count++] = EntryTable::item(position); });
    return count;
  }
  for (Entry*& entry : out) {
    entry = EntryTable::item(table.random(random));
    base::prefetch(entry);
  }
  return out.size();
}

Entry* Database::first_to_expire() const {
  if (state_->deadlines.empty()) return nullptr;
  return indexed_entry(state_->table, state_->deadlines.at(0));
}

Entry* Database::first_overdue(int64_t now_ms) const {
  // The following ones will be asked for next.
  std::array<ds::DeadlineEntry, 8> due;
  size_t count = state_->deadlines.peek(due, now_ms - 1);
  if (count == 0) return nullptr;
  for (size_t i = 4; i < count; ++i) state_->table.prefetch_candidates_bucket(due[i].handle);
  for (size_t i = 1; i < std::min<size_t>(count, 4); ++i) state_->table.prefetch_candidates(due[i].handle);
  return indexed_entry(state_->table, due[0]);
}

Entry* Database::first_with_overdue_fields(int64_t now_ms) const {
  std::array<ds::DeadlineEntry, 1> due;
  if (state_->field_deadlines.peek(due, now_ms - 1) == 0) return nullptr;
  Entry* found = nullptr;
  state_->table.for_each_candidate(due[0].handle, [&](EntryTable::Position position) {
    Entry* const entry = EntryTable::item(position);
    const HashObject* const object = State::hash_object(*entry);
    if (object && object->indexed_deadline_ms() == due[0].deadline_ms) found = entry;
    return found != nullptr;
  });
  TORC_ASSERT(found != nullptr);
  return found;
}

uint64_t Database::scan(uint64_t cursor, size_t count, const std::function<void(const Entry&)>& visit) const {
  size_t visited = 0;
  // Buckets may be empty; so their number is bounded too.
  for (size_t buckets = 0; buckets < std::max<size_t>(count, 1); ++buckets) {
    cursor = state_->table.scan(cursor, [&](EntryTable::Position position) {
      visit(*EntryTable::item(position));
      ++visited;
    });
    if (cursor == 0 || visited >= count) break;
  }
  return cursor;
}

void Database::for_each(const std::function<void(const Entry&)>& visit) const {
  state_->table.for_each([&](EntryTable::Position position) { visit(*EntryTable::item(position)); });
}

int64_t Database::average_ttl_ms(int64_t now_ms, base::Random& random) const {
  constexpr int samples = 32;
  if (state_->deadlines.empty()) return 0;
  double sum_ms = 0;
  for (int i = 0; i < samples; ++i) {
    int64_t left_ms = state_->deadlines.sample(random).deadline_ms - now_ms;
    sum_ms += static_cast<double>(std::max<int64_t>(left_ms, 0));
  }
  return static_cast<int64_t>(sum_ms / samples);
}

bool Database::compact_some(size_t* budget) {
  DatabaseShared* shared = state_->shared;
  if (state_->compacted_round_id == shared->heap.round_id()) return true;
  MoveBatch batch(shared);
  size_t units = 0;
  do {
    ++units;   // a bucket; reading on in the table costs little more
    uint64_t left = state_->table.size() - std::min(state_->table.size(), state_->compaction_visited);
    size_t entry_units = moved_entry_units + shared->heap.release_units(left);
    state_->compaction_cursor = state_->table.scan(state_->compaction_cursor, [&](EntryTable::Position position) {
      ++state_->compaction_visited;
      if (!shared->heap.to_be_moved(EntryTable::item(position))) return;
      batch.add(position);
      units += entry_units;
    });
  } while (state_->compaction_cursor != 0 && units < *budget);
  *budget -= std::min(*budget, units);
  if (state_->compaction_cursor != 0) return false;
  state_->compacted_round_id = shared->heap.round_id();
  state_->compaction_visited = 0;
  return true;
}

std::string Database::table_statistics() const {
  std::string text = "[Dictionary HT]\n" + table_text(state_->table.stats());
  text += fmt::format("[Expires HT]\nDeadline index stats:\n number of elements: {}\n bytes: {}\n",
                      state_->deadlines.size(), state_->deadlines.memory_bytes());
  return text;
}

size_t Database::table_bytes() const noexcept { return state_->table.memory_bytes(); }
size_t Database::expires_bytes() const noexcept { return state_->deadlines.memory_bytes(); }

}  // namespace torc::store
