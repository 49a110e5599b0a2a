// Where a value of several elements lives while it is changed: under a key (EntryHome), or nowhere yet (LooseHome: the
// result of a union, a value that is built element by element before it gets a key). The editors of the types are
// templates over these two, so that each rule of a type is written once.
//
// Both offer the same: encoding(), size of block(), object(), and the changes resize(), splice() and become().
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "ds/listpack.h"
#include "store/database.h"
#include "store/encoding_limits.h"
#include "store/entry.h"
#include "store/object.h"

namespace torc::store {

// What decides about the form of a value, and what its tables hash with. Both must outlive the values.
struct ValueRules {
  const EncodingLimits* limits;
  const base::HashKey* hash_key;
};

class EntryHome {
 public:
  // entry is what the key has: a packed value or an object.
  EntryHome(Database* database, const KeyRef& key, Entry* entry) noexcept
      : database_(database), key_(key), entry_(entry) {}

  [[nodiscard]] Entry* entry() const noexcept { return entry_; }
  [[nodiscard]] Encoding encoding() const noexcept { return entry_->encoding(); }
  [[nodiscard]] std::string_view block() const noexcept { return entry_->packed(); }
  [[nodiscard]] Object* object() const noexcept { return entry_->object(); }

  // Makes the block so long and writable: good until the next change of the database.
  char* resize(size_t bytes);
  // Opens the gap of the plan in a listpack and returns where to write.
  char* splice(const ds::ListpackEdit& edit);
  void become(Type type, Encoding encoding, std::string_view block);
  void become(Type type, Encoding encoding, std::unique_ptr<Object> object);

 private:
  Database* database_;
  KeyRef key_;
  Entry* entry_;
};

class LooseHome {
 public:
  LooseHome(Type type, Encoding encoding, std::string_view block) : block_(block), type_(type), encoding_(encoding) {}
  LooseHome(Type type, Encoding encoding, std::unique_ptr<Object> object)
      : object_(std::move(object)), type_(type), encoding_(encoding) {}

  [[nodiscard]] Encoding encoding() const noexcept { return encoding_; }
  [[nodiscard]] std::string_view block() const noexcept { return block_; }
  [[nodiscard]] Object* object() const noexcept { return object_.get(); }

  char* resize(size_t bytes);
  char* splice(const ds::ListpackEdit& edit);
  void become(Type type, Encoding encoding, std::string_view block);
  void become(Type type, Encoding encoding, std::unique_ptr<Object> object);
  // Gives the value to the key, instead of what old (may be null) holds; the deadline stays that of old.
  Entry* move_to(Database& database, const KeyRef& key, Entry* old) &&;

 private:
  std::string block_;
  std::unique_ptr<Object> object_;
  Type type_;
  Encoding encoding_;
};

}  // namespace torc::store
