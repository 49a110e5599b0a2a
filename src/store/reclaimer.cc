// A queue of what was let go; each slice frees so much of its head.
#include "store/reclaimer.h"

#include <algorithm>
#include <utility>

#include "base/memory.h"
#include "base/pages.h"
#include "store/entry_editor.h"
#include "store/entry_heap.h"

namespace torc::store {

namespace {

constexpr size_t piece_bytes = size_t{256} << 10;
// Units of some 100 ns.
constexpr size_t piece_units = 200;
// So that the estimate of their cost follows.
constexpr size_t entries_at_once_max = 16;
// From here on a deleted block is freed piece by piece.
constexpr size_t sliced_deleted_bytes_min = size_t{1} << 20;
// With more than this waiting, whoever overwrites a huge blob frees as much as it lets go: otherwise a client that does
// nothing else is faster than the slices.
constexpr size_t overwritten_backlog_bytes_max = size_t{128} << 20;
// For each time this much that waits, slices grow by what they were: nothing may pile up for ever.
constexpr size_t backlog_bytes = size_t{1} << 30;
constexpr size_t backlog_blocks = size_t{12} << 20;
// Behind so many waiting blocks parts are paid for, each with no more than some 0.3 ms.
constexpr uint64_t paid_backlog_blocks_min = uint64_t{64} << 10;
constexpr uint64_t paid_blocks_max = 1024;
// Objects of fewer blocks are freed at once.
constexpr uint64_t sliced_blocks_min = 64;
// In units, for one block of an object, whose page may become empty; and so many between two looks at the clock.
constexpr size_t block_units = 3;
constexpr size_t blocks_at_once_max = 4;
constexpr size_t deadline_leaf_units = 30;

size_t block_bytes(const base::BlobRef& blob) noexcept { return base::usable_size(blob.get()); }

}  // namespace

Reclaimer::~Reclaimer() {
  while (reclaim_some(1'000'000)) {
  }
}

void Reclaimer::release_hollow(Entry* entry) noexcept { heap_->release(entry); }

void Reclaimer::release_deleted(Entry* entry) noexcept {
  if (entry->is_blob()) release_deleted(EntryEditor::take_blob(entry));
  if (entry->is_object()) release_deleted(EntryEditor::take_object(entry));
  release_hollow(entry);
}

void Reclaimer::release_overwritten(base::BlobRef blob) noexcept {
  if (!blob.unique()) return;
  size_t bytes = block_bytes(blob);
  if (bytes < base::late_overwritten_bytes_min) return;
  base::release_overwritten(blob.detach(), bytes);
  size_t target_bytes = std::max(overwritten_backlog_bytes_max, base::late_bytes() - bytes);
  while (base::late_bytes() > target_bytes) release_piece();
}

void Reclaimer::release_deleted(base::BlobRef blob) noexcept {
  if (!blob.unique()) return;
  size_t bytes = block_bytes(blob);
  if (bytes >= sliced_deleted_bytes_min) return base::release_late(blob.detach(), bytes);
  base::EagerPageReturn eager;
  blob.reset();
}

void Reclaimer::release_deleted(std::unique_ptr<Object> object) {
  uint64_t blocks = object->blocks();
  if (blocks < sliced_blocks_min) {
    // Unless its few blocks are large.
    if (object->release_some(sliced_blocks_min)) return;
    blocks = object->blocks();
  }
  object_blocks_ += blocks;
  ++pending_;
  objects_.push_back({std::move(object), blocks});
}

void Reclaimer::release_part(std::unique_ptr<Object> part) {
  const uint64_t before = object_blocks_;
  release_deleted(std::move(part));
  if (before >= paid_backlog_blocks_min) owed_blocks_ += std::min(object_blocks_ - before, paid_blocks_max);
}

void Reclaimer::release_table(EntryTable table, ds::DeadlineIndex deadlines, ds::DeadlineIndex field_deadlines) {
  if (table.empty()) return;
  pending_ += table.size();
  tables_.push_back({std::move(table), std::move(deadlines), std::move(field_deadlines)});
}

bool Reclaimer::reclaim_some(size_t budget, const base::TimeLimit& limit) noexcept {
  base::EagerPageReturn eager;
  const uint64_t owed_units = std::exchange(owed_blocks_, 0) * block_units;
  const uint64_t times = 1 + base::late_bytes() / backlog_bytes + object_blocks_ / backlog_blocks +
                         owed_units / std::max<size_t>(budget, 1);
  const base::TimeLimit end = limit.times(times);
  budget *= times;
  while (budget != 0 && !end.over()) {
    size_t used = 0;
    if (base::late_blocks() != 0) {
      used = release_piece();
    } else if (!objects_.empty()) {
      used = release_object(budget);
    } else if (!tables_.empty()) {
      used = release_entries(budget);
    } else {
      break;
    }
    budget -= std::min(budget, used);
  }
  return base::late_blocks() != 0 || !objects_.empty() || !tables_.empty();
}

void Reclaimer::count_reclaimed(uint64_t things) noexcept {
  pending_ -= things;
  reclaimed_ += things;
}

size_t Reclaimer::release_piece() noexcept {
  const base::LatePiece piece = base::release_late_piece(piece_bytes);
  if (piece.is_last) ++reclaimed_;
  return block_units + piece_units * piece.bytes / piece_bytes;
}

size_t Reclaimer::release_object(size_t budget) noexcept {
  WaitingObject& waiting = objects_.front();
  const size_t blocks = std::clamp<size_t>(budget / block_units, 1, blocks_at_once_max);
  const bool done = waiting.object->release_some(blocks);
  // An estimate, which may have risen.
  const uint64_t left = done ? 0 : std::min(waiting.blocks, waiting.object->blocks());
  object_blocks_ -= waiting.blocks - left;
  waiting.blocks = left;
  if (done) {
    objects_.pop_front();
    count_reclaimed(1);
  }
  return blocks * block_units;
}

size_t Reclaimer::release_entries(size_t budget) noexcept {
  Detached& detached = tables_.back();
  // These first: as long as there are entries it is plain that something is left.
  for (ds::DeadlineIndex* index : {&detached.deadlines, &detached.field_deadlines}) {
    if (index->size() == 0) continue;
    index->release_some(1);
    return deadline_leaf_units;
  }
  uint64_t before = detached.table.size();
  size_t units = heap_->release_units(before);
  size_t entries = std::clamp<size_t>(budget / units, 1, entries_at_once_max);
  bool done = detached.table.release_some(entries, [this](Entry* entry) { release_deleted(entry); });
  count_reclaimed(before - detached.table.size());
  if (done) tables_.pop_back();
  return entries * units;
}

}  // namespace torc::store
