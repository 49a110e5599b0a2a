// The two homes of a value under change. Under a key the database moves the entry as its size needs it; loose, a string
// is the block, so that building costs no more than appending.
#include "store/value_home.h"

#include <algorithm>
#include <utility>

namespace torc::store {

char* EntryHome::resize(size_t bytes) {
  entry_ = database_->resize_packed(key_, entry_, bytes);
  return Database::packed_bytes(entry_);
}

char* EntryHome::splice(const ds::ListpackEdit& edit) {
  const auto [entry, gap] = database_->splice(key_, entry_, edit);
  entry_ = entry;
  return gap;
}

void EntryHome::become(Type type, Encoding encoding, std::string_view block) {
  entry_ = database_->set_packed(key_, entry_, type, encoding, block);
}

void EntryHome::become(Type type, Encoding encoding, std::unique_ptr<Object> object) {
  entry_ = database_->set_object(key_, entry_, type, encoding, std::move(object));
}

char* LooseHome::resize(size_t bytes) {
  block_.resize(bytes);
  return block_.data();
}

char* LooseHome::splice(const ds::ListpackEdit& edit) {
  const size_t before = block_.size(), after = before - edit.removed + edit.inserted;
  block_.resize(std::max(before, after));
  char* const gap = ds::Listpack::splice(block_.data(), edit);
  block_.resize(after);
  return gap;
}

void LooseHome::become(Type type, Encoding encoding, std::string_view block) {
  block_ = block;
  object_.reset();
  type_ = type;
  encoding_ = encoding;
}

void LooseHome::become(Type type, Encoding encoding, std::unique_ptr<Object> object) {
  block_.clear();
  object_ = std::move(object);
  type_ = type;
  encoding_ = encoding;
}

Entry* LooseHome::move_to(Database& database, const KeyRef& key, Entry* old) && {
  if (object_) return database.set_object(key, old, type_, encoding_, std::move(object_));
  return database.set_packed(key, old, type_, encoding_, block_);
}

}  // namespace torc::store
