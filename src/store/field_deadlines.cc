// Table and order always have the same deadlines.
#include "store/field_deadlines.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"

namespace torc::store {

namespace {

std::string_view bytes_of(const int64_t& deadline_ms) noexcept {
  return {reinterpret_cast<const char*>(&deadline_ms), sizeof deadline_ms};
}

}  // namespace

int64_t FieldDeadlines::deadline_of(const ds::PackedTable::Item& item) noexcept {
  int64_t deadline_ms;
  TORC_ASSERT(item.value.size() == sizeof deadline_ms);
  std::memcpy(&deadline_ms, item.value.data(), sizeof deadline_ms);
  return deadline_ms;
}

size_t FieldDeadlines::memory_bytes() const noexcept {
  constexpr size_t samples = 64;
  return sizeof *this + fields_.memory_bytes_deep(samples) + order_.memory_bytes();
}

std::optional<int64_t> FieldDeadlines::find(std::string_view field) const noexcept {
  const ds::PackedTable::Position position = fields_.find(field);
  if (!position) return std::nullopt;
  return deadline_of(fields_.item(position));
}

void FieldDeadlines::set(std::string_view field, int64_t deadline_ms) noexcept {
  const uint64_t hash = fields_.hash(field);
  const ds::PackedTable::Position position = fields_.find(hash, field);
  if (position) {
    order_.erase(order_entry(hash, deadline_of(fields_.item(position))));
    fields_.set_value(position, bytes_of(deadline_ms));
  } else {
    fields_.insert(hash, field, bytes_of(deadline_ms));
  }
  order_.insert(order_entry(hash, deadline_ms));
}

bool FieldDeadlines::remove(std::string_view field) noexcept {
  const uint64_t hash = fields_.hash(field);
  const ds::PackedTable::Position position = fields_.find(hash, field);
  if (!position) return false;
  order_.erase(order_entry(hash, deadline_of(fields_.item(position))));
  fields_.erase(position);
  return true;
}

std::vector<std::string> FieldDeadlines::overdue_fields(int64_t now_ms, size_t count) const {
  std::array<ds::DeadlineEntry, 64> due;
  const size_t found = order_.peek(std::span(due).first(std::min(count, due.size())), now_ms - 1);
  std::vector<std::string> names;
  for (size_t i = 0; i < found; ++i) {
    // Fields that share hash and deadline are all found by the first of their entries.
    if (i > 0 && due[i] == due[i - 1]) continue;
    fields_.visit_near(due[i].handle, [&](const ds::PackedTable::Item& item) {
      if (deadline_of(item) != due[i].deadline_ms) return;
      if (static_cast<uint32_t>(fields_.hash(item.key)) == due[i].handle) names.emplace_back(item.key);
    });
  }
  return names;
}

void FieldDeadlines::copy_to(FieldDeadlines& empty) const noexcept {
  fields_.for_each([&empty](const ds::PackedTable::Item& item) { empty.set(item.key, deadline_of(item)); });
}

uint64_t FieldDeadlines::blocks() const noexcept {
  constexpr size_t order_block_bytes = 1024;
  return fields_.chunk_count() + order_.memory_bytes() / order_block_bytes;
}

bool FieldDeadlines::release_some(size_t count) noexcept {
  constexpr size_t entries_per_block = 64;
  return order_.release_some(count * entries_per_block) && fields_.release_some(count);
}

}  // namespace torc::store
