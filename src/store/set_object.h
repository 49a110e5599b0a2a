// SetObject: a set that is too large, or has too long members, for one block: OBJECT ENCODING's "hashtable". Members
// stand packed in a ds::PackedTable; growing and shrinking move a few tens of them at a time.
#pragma once

#include <memory>
#include <string_view>

#include "ds/packed_table.h"
#include "store/object.h"

namespace torc::store {

class SetObject final : public Object {
 public:
  // The key must outlive the object.
  explicit SetObject(const base::HashKey* hash_key) noexcept
      : table_(ds::PackedTable::Kind::keys, hash_key), hash_key_(hash_key) {}

  [[nodiscard]] uint64_t size() const noexcept { return table_.size(); }
  [[nodiscard]] bool contains(std::string_view member) const noexcept { return static_cast<bool>(table_.find(member)); }
  // False when it is a member already.
  bool add(std::string_view member) noexcept;
  // False when it is none.
  bool remove(std::string_view member) noexcept;
  [[nodiscard]] ds::PackedTable& table() noexcept { return table_; }
  [[nodiscard]] const ds::PackedTable& table() const noexcept { return table_; }

  [[nodiscard]] std::unique_ptr<Object> copy() const override;
  [[nodiscard]] size_t memory_bytes() const noexcept override;
  [[nodiscard]] uint64_t blocks() const noexcept override { return table_.chunk_count(); }
  [[nodiscard]] uint64_t element_hash(std::string_view name) const noexcept override { return table_.hash(name); }
  void prefetch(uint64_t hash, Wave wave) const noexcept override {
    if (wave == Wave::first) table_.prefetch_address(hash);
    if (wave == Wave::second) table_.prefetch(hash);
    if (wave == Wave::third) table_.prefetch_item(hash);
  }
  bool release_some(size_t count) noexcept override { return table_.release_some(count); }

 private:
  ds::PackedTable table_;
  const base::HashKey* hash_key_;
};

}  // namespace torc::store
