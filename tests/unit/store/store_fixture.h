// A keyspace with a fixed hash key, and short ways to ask for things.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/database.h"
#include "store/keyspace.h"

namespace torc::store {

struct StoreFixture {
  Keyspace keyspace{4, base::HashKey{0x0123456789abcdef, 0xfedcba9876543210}};
  Database& database = keyspace.database(0);

  KeyRef key(std::string_view bytes) const { return keyspace.key(bytes); }
  Entry* find(std::string_view name, size_t index = 0) { return keyspace.database(index).find(key(name)); }

  Entry* set(std::string_view name, std::string_view value, int64_t deadline_ms = no_deadline, size_t index = 0) {
    Database& target = keyspace.database(index);
    KeyRef ref = key(name);
    return target.set_string(ref, target.find(ref), {value}, deadline_ms);
  }
  bool erase(std::string_view name, size_t index = 0) {
    Entry* entry = find(name, index);
    if (entry) keyspace.database(index).erase(key(name), entry);
    return entry != nullptr;
  }
  std::optional<std::string> get(std::string_view name, size_t index = 0) {
    const Entry* entry = find(name, index);
    return entry ? std::optional(text(*entry)) : std::nullopt;
  }

  static std::string text(const Entry& entry) {
    IntegerScratch scratch;
    return std::string(entry.string(scratch));
  }
  void reclaim_all() {
    while (keyspace.reclaim_some(1000)) {
    }
  }
};

}  // namespace torc::store
