// The large form of hashes. A field is hashed once for looking it up and putting it in; deadlines are looked at only
// where there are some.
#include "store/hash_object.h"

namespace torc::store {

namespace {

// Chunks that are looked at to estimate what long values take.
constexpr size_t memory_samples = 64;

}  // namespace

std::optional<std::string_view> HashObject::find(std::string_view field) const noexcept {
  const ds::PackedTable::Position position = table_.find(field);
  if (!position) return std::nullopt;
  return table_.item(position).value;
}

bool HashObject::set(std::string_view field, std::string_view value) noexcept {
  const uint64_t hash = table_.hash(field);
  const ds::PackedTable::Position position = table_.find(hash, field);
  if (position) {
    table_.set_value(position, value);
    return false;
  }
  table_.insert(hash, field, value);
  return true;
}

bool HashObject::remove(std::string_view field) noexcept {
  const ds::PackedTable::Position position = table_.find(field);
  if (!position) return false;
  remove_deadline(field);
  table_.erase(position);
  return true;
}

void HashObject::set_deadline(std::string_view field, int64_t deadline_ms) {
  if (!deadlines_) deadlines_ = std::make_unique<FieldDeadlines>(hash_key_);
  deadlines_->set(field, deadline_ms);
}

bool HashObject::remove_deadline(std::string_view field) noexcept {
  if (!deadlines_ || !deadlines_->remove(field)) return false;
  if (deadlines_->size() == 0) deadlines_.reset();
  return true;
}

std::unique_ptr<Object> HashObject::copy() const {
  auto copied = std::make_unique<HashObject>(hash_key_);
  table_.copy_to(copied->table_);
  copied->small_ = small_;
  if (deadlines_) {
    copied->deadlines_ = std::make_unique<FieldDeadlines>(hash_key_);
    deadlines_->copy_to(*copied->deadlines_);
  }
  return copied;
}

size_t HashObject::memory_bytes() const noexcept {
  return sizeof *this + table_.memory_bytes_deep(memory_samples) + (deadlines_ ? deadlines_->memory_bytes() : 0);
}

uint64_t HashObject::blocks() const noexcept { return table_.chunk_count() + (deadlines_ ? deadlines_->blocks() : 0); }

bool HashObject::release_some(size_t count) noexcept {
  if (deadlines_) {
    if (!deadlines_->release_some(count)) return false;
    deadlines_.reset();
  }
  return table_.release_some(count);
}

}  // namespace torc::store
