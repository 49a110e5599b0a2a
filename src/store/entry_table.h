// The table of entries: ds::Table over Entry, by key.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/hash.h"
#include "ds/table.h"
#include "store/entry.h"

namespace torc::store {

struct EntryTraits {
  using Item = Entry;
  using Key = std::string_view;
  static constexpr size_t prefetch_bytes = 64;

  [[nodiscard]] uint64_t hash(const Entry& entry) const noexcept { return base::siphash13(*hash_key, entry.key()); }
  [[nodiscard]] static bool equal(const Entry& entry, Key key) noexcept { return entry.key() == key; }

  const base::HashKey* hash_key = nullptr;   // the keyspace's
};

using EntryTable = ds::Table<EntryTraits>;

}  // namespace torc::store
