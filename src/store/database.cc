// Every change goes through settle(): slot and deadline index follow the entry wherever it went.
#include "store/database.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/pages.h"
#include "store/database_state.h"

namespace torc::store {

Database::Database(DatabaseShared* shared) : state_(std::make_unique<State>(shared)) {}
Database::Database(Database&&) noexcept = default;

Database& Database::operator=(Database&& other) noexcept {
  if (state_) clear();
  state_ = std::move(other.state_);
  return *this;
}

Database::~Database() {
  if (state_) clear();
}

size_t Database::size() const noexcept { return state_->table.size(); }
size_t Database::expiring_size() const noexcept { return state_->deadlines.size(); }

Entry* Database::find(const KeyRef& key) const noexcept {
  EntryTable::Position position = state_->table.find(key.hash, key.bytes);
  return position ? EntryTable::item(position) : nullptr;
}

void Database::prefetch_bucket(uint64_t hash) const noexcept { state_->table.prefetch_bucket(hash); }
void Database::prefetch_entry(uint64_t hash) const noexcept { state_->table.prefetch_items(hash); }

Entry* Database::insert(const KeyRef& key, Entry* made) {
  EntryTable& table = state_->table;
  const uint64_t slots = table.slot_count();
  const uint32_t segments = table.segment_count();
  table.insert(key.hash, made);
  if (table.slot_count() != slots || table.segment_count() != segments) ++state_->shared->growth_steps;
  state_->index_deadline(key.hash, made->deadline_ms());
  state_->index_fields(key.hash, made);
  return made;
}

// After a change: the slot and the deadline index follow.
Entry* Database::settle(const KeyRef& key, Entry* old, Entry* made, int64_t deadline_before_ms) {
  int64_t deadline_ms = made->deadline_ms();
  if (deadline_ms != deadline_before_ms) {
    state_->forget_deadline(key.hash, deadline_before_ms);
    state_->index_deadline(key.hash, deadline_ms);
  }
  if (made != old) {
    EntryTable::replace(state_->position(key, old), made);
    state_->shared->editor.release_hollow(old);
  }
  return made;
}

Entry* Database::replace(const KeyRef& key, Entry* old, EncodedValue&& value, int64_t deadline_ms) {
  EntryEditor& editor = state_->shared->editor;
  if (!old) return insert(key, editor.make(key.bytes, std::move(value), deadline_ms));
  int64_t before_ms = old->deadline_ms();
  state_->forget_fields(key.hash, old);
  Entry* made = settle(key, old, editor.replace(old, std::move(value), deadline_ms), before_ms);
  state_->index_fields(key.hash, made);
  return made;
}

Entry* Database::set_string(const KeyRef& key, Entry* old, StringInput value, int64_t deadline_ms) {
  const bool comes_in_a_blob = value.blob && *value.blob;
  if (old && deadline_ms == no_deadline && !comes_in_a_blob && EntryEditor::overwrite(old, value.bytes)) return old;
  return replace(key, old, EncodedValue::string(value), deadline_ms);
}

Entry* Database::set_integer(const KeyRef& key, Entry* old, int64_t value) {
  return replace(key, old, EncodedValue::integer(value), old ? old->deadline_ms() : no_deadline);
}

Entry* Database::set_raw(const KeyRef& key, Entry* old, std::string_view bytes) {
  return set_packed(key, old, Type::string, Encoding::raw, bytes);
}

Entry* Database::append(const KeyRef& key, Entry* old, std::string_view bytes) {
  return settle(key, old, state_->shared->editor.append(old, bytes), old->deadline_ms());
}

Entry* Database::set_range(const KeyRef& key, Entry* old, size_t offset, std::string_view bytes) {
  if (old) return settle(key, old, state_->shared->editor.set_range(old, offset, bytes), old->deadline_ms());
  char scratch[inline_value_bytes_max];
  return replace(key, nullptr, EntryEditor::padded(offset, bytes, scratch), no_deadline);
}

Entry* Database::set_packed(const KeyRef& key, Entry* old, Type type, Encoding encoding, std::string_view block) {
  return replace(key, old, EncodedValue::packed(type, encoding, block), old ? old->deadline_ms() : no_deadline);
}

Entry* Database::set_object(const KeyRef& key, Entry* old, Type type, Encoding encoding,
                            std::unique_ptr<Object> object) {
  return replace(key, old, EncodedValue::object(type, encoding, std::move(object)),
                 old ? old->deadline_ms() : no_deadline);
}

Entry* Database::resize_packed(const KeyRef& key, Entry* entry, size_t bytes) {
  return settle(key, entry, state_->shared->editor.resize_packed(entry, bytes), entry->deadline_ms());
}

Database::Spliced Database::splice(const KeyRef& key, Entry* entry, const ds::ListpackEdit& edit) {
  const size_t before = entry->packed().size();
  const size_t after = before - edit.removed + edit.inserted;
  entry = resize_packed(key, entry, std::max(before, after));
  ds::Listpack::splice(packed_bytes(entry), edit);
  if (after < before) entry = resize_packed(key, entry, after);
  return {entry, packed_bytes(entry) + edit.begin};
}

void Database::let_go(std::unique_ptr<Object> object) {
  state_->shared->reclaimer.release_part(std::move(object));
}

Entry* Database::set_deadline(const KeyRef& key, Entry* entry, int64_t deadline_ms) {
  int64_t before_ms = entry->deadline_ms();
  return settle(key, entry, state_->shared->editor.set_deadline(entry, deadline_ms), before_ms);
}

void Database::index_fields(const KeyRef& key, Entry* entry) { state_->index_fields(key.hash, entry); }

size_t Database::hashes_with_deadlines() const noexcept { return state_->field_deadlines.size(); }

void Database::erase(const KeyRef& key, Entry* entry) {
  base::EagerPageReturn eager;   // for the shrinking table
  state_->table.take(state_->position(key, entry));
  state_->forget_deadline(key.hash, entry->deadline_ms());
  state_->forget_fields(key.hash, entry);
  state_->shared->reclaimer.release_deleted(entry);
}

Entry* Database::move_to(const KeyRef& from, Entry* entry, Database& target, const KeyRef& to) {
  base::EagerPageReturn eager;
  EntryTable::Position position = state_->position(from, entry);
  Entry* made = state_->shared->editor.rename(entry, to.bytes);
  state_->table.take(position);
  state_->forget_deadline(from.hash, made->deadline_ms());
  state_->forget_fields(from.hash, made);
  target.insert(to, made);
  state_->shared->editor.release_hollow(entry);
  return made;
}

Entry* Database::copy_to(const Entry& entry, Database& target, const KeyRef& to) const {
  Entry* made = state_->shared->editor.make(to.bytes, EncodedValue::of(entry), entry.deadline_ms());
  return target.insert(to, made);
}

void Database::clear() {
  EntryTable table(state_->table.traits());
  table.swap(state_->table);
  state_->shared->reclaimer.release_table(std::move(table), std::exchange(state_->deadlines, ds::DeadlineIndex()),
                                          std::exchange(state_->field_deadlines, ds::DeadlineIndex()));
}

void Database::swap(Database& other) noexcept { state_.swap(other.state_); }

}  // namespace torc::store
