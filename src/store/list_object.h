// ListObject: a list that a single listpack cannot hold ("quicklist").
#pragma once

#include <memory>
#include <utility>

#include "ds/quicklist.h"
#include "store/object.h"

namespace torc::store {

class ListObject final : public Object {
 public:
  explicit ListObject(ds::Quicklist&& elements) noexcept : list(std::move(elements)) {}
  [[nodiscard]] std::unique_ptr<Object> copy() const override { return std::make_unique<ListObject>(list.copy()); }
  [[nodiscard]] size_t memory_bytes() const noexcept override { return sizeof(*this) + list.allocated_bytes(); }
  [[nodiscard]] uint64_t blocks() const noexcept override { return list.blocks(); }
  bool release_some(size_t count) noexcept override { return list.release_some(count); }

  ds::Quicklist list;
};

}  // namespace torc::store
