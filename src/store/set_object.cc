// A member is hashed once for looking it up and putting it in.
#include "store/set_object.h"

namespace torc::store {

namespace {

// Chunks that are looked at to estimate what long members take.
constexpr size_t memory_samples = 64;

}  // namespace

bool SetObject::add(std::string_view member) noexcept {
  const uint64_t hash = table_.hash(member);
  if (table_.find(hash, member)) return false;
  table_.insert(hash, member);
  return true;
}

bool SetObject::remove(std::string_view member) noexcept {
  const ds::PackedTable::Position position = table_.find(member);
  if (!position) return false;
  table_.erase(position);
  return true;
}

std::unique_ptr<Object> SetObject::copy() const {
  auto copied = std::make_unique<SetObject>(hash_key_);
  table_.copy_to(copied->table_);
  return copied;
}

size_t SetObject::memory_bytes() const noexcept { return sizeof *this + table_.memory_bytes_deep(memory_samples); }

}  // namespace torc::store
