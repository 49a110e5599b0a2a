// FieldDeadlines: when which fields of one hash expire. It stands beside the fields, so that hashes without any such
// field, and fields without a deadline, pay nothing: a table from field to deadline, and the deadlines in order.
//
// The ordered index knows a field by 32 bits of its hash, which are those that say in which chunk of the table it is:
// from a deadline back to the field is a look into one chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ds/deadline_index.h"
#include "ds/packed_table.h"

namespace torc::store {

class FieldDeadlines {
 public:
  // The key must outlive the object.
  explicit FieldDeadlines(const base::HashKey* hash_key) noexcept : fields_(ds::PackedTable::Kind::pairs, hash_key) {}

  [[nodiscard]] uint64_t size() const noexcept { return fields_.size(); }
  [[nodiscard]] size_t memory_bytes() const noexcept;
  [[nodiscard]] std::optional<int64_t> find(std::string_view field) const noexcept;
  void set(std::string_view field, int64_t deadline_ms) noexcept;
  // False when the field has none.
  bool remove(std::string_view field) noexcept;

  [[nodiscard]] std::optional<int64_t> earliest_ms() const noexcept { return order_.earliest_ms(); }
  // Fields whose deadline is before now_ms: how many, and up to `count` of them, the earliest first.
  [[nodiscard]] uint64_t overdue(int64_t now_ms) const noexcept { return order_.count_until(now_ms - 1); }
  [[nodiscard]] std::vector<std::string> overdue_fields(int64_t now_ms, size_t count) const;

  void copy_to(FieldDeadlines& empty) const noexcept;
  [[nodiscard]] uint64_t blocks() const noexcept;
  bool release_some(size_t count) noexcept;

 private:
  [[nodiscard]] static int64_t deadline_of(const ds::PackedTable::Item& item) noexcept;
  [[nodiscard]] static ds::DeadlineEntry order_entry(uint64_t hash, int64_t deadline_ms) noexcept {
    return {deadline_ms, static_cast<uint32_t>(hash)};
  }

  ds::PackedTable fields_;  // field → 8 bytes of deadline
  ds::DeadlineIndex order_;
};

}  // namespace torc::store
