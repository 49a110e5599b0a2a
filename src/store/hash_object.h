// HashObject: a hash that is too large, or has too long fields or values, for one block, or some of whose fields
// expire. Fields and values stand packed in a ds::PackedTable; deadlines, if there are any, beside it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "ds/packed_table.h"
#include "store/entry.h"
#include "store/field_deadlines.h"
#include "store/object.h"

namespace torc::store {

class HashObject final : public Object {
 public:
  // The key must outlive the object.
  explicit HashObject(const base::HashKey* hash_key) noexcept
      : table_(ds::PackedTable::Kind::pairs, hash_key), hash_key_(hash_key) {}

  // Overdue fields included, here and in what follows.
  [[nodiscard]] uint64_t size() const noexcept { return table_.size(); }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view field) const noexcept;
  // True when the field is new. Its deadline stays.
  bool set(std::string_view field, std::string_view value) noexcept;
  // False when there is no such field.
  bool remove(std::string_view field) noexcept;
  [[nodiscard]] const ds::PackedTable& table() const noexcept { return table_; }

  // Null: no field has one.
  [[nodiscard]] const FieldDeadlines* deadlines() const noexcept { return deadlines_.get(); }
  [[nodiscard]] std::optional<int64_t> deadline_ms(std::string_view field) const noexcept {
    return deadlines_ ? deadlines_->find(field) : std::nullopt;
  }
  [[nodiscard]] int64_t earliest_deadline_ms() const noexcept {
    return deadlines_ ? deadlines_->earliest_ms().value_or(no_deadline) : no_deadline;
  }
  // Of a field that is there. Database::index_fields() is to be told.
  void set_deadline(std::string_view field, int64_t deadline_ms);
  // False when it has none.
  bool remove_deadline(std::string_view field) noexcept;
  [[nodiscard]] bool overdue(std::string_view field, int64_t now_ms) const noexcept {
    if (!deadlines_) return false;
    const auto deadline = deadlines_->find(field);
    return deadline && *deadline < now_ms;
  }

  // What the database's index has for this hash, or no_deadline; the database's own affair.
  [[nodiscard]] int64_t indexed_deadline_ms() const noexcept { return indexed_deadline_ms_; }
  void set_indexed_deadline(int64_t deadline_ms) noexcept { indexed_deadline_ms_ = deadline_ms; }

  // It is an object for its deadlines only: it would fit a listpack. OBJECT ENCODING calls it "listpackex".
  [[nodiscard]] bool is_small() const noexcept { return small_; }
  void set_small(bool small) noexcept { small_ = small; }

  [[nodiscard]] std::unique_ptr<Object> copy() const override;
  [[nodiscard]] size_t memory_bytes() const noexcept override;
  [[nodiscard]] uint64_t blocks() const noexcept override;
  [[nodiscard]] uint64_t element_hash(std::string_view name) const noexcept override { return table_.hash(name); }
  void prefetch(uint64_t hash, Wave wave) const noexcept override {
    if (wave == Wave::first) table_.prefetch_address(hash);
    if (wave == Wave::second) table_.prefetch(hash);
    if (wave == Wave::third) table_.prefetch_item(hash);
  }
  bool release_some(size_t count) noexcept override;

 private:
  ds::PackedTable table_;
  const base::HashKey* hash_key_;
  std::unique_ptr<FieldDeadlines> deadlines_;
  int64_t indexed_deadline_ms_ = no_deadline;
  bool small_ = false;
};

}  // namespace torc::store
