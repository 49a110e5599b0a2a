// Object: a value that one block cannot hold: a large hash, list, set or sorted set, or a stream. The entry owns it
// through a pointer. What it can do depends on its type, so commands know the class; this interface is what the store
// itself needs: to copy it, to weigh it, and to free it in slices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace torc::store {

class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;  // frees at once what release_some() has left

  [[nodiscard]] virtual std::unique_ptr<Object> copy() const = 0;
  // All that it has allocated, itself included.
  [[nodiscard]] virtual size_t memory_bytes() const noexcept = 0;
  // About how many blocks are to be freed.
  [[nodiscard]] virtual uint64_t blocks() const noexcept = 0;
  // An element is about to be looked for: what is read then should be on its way. Called with element_hash() of its
  // name in waves, each when what the one before it fetched, and it reads, is there.
  enum class Wave : uint8_t { first, second, third };
  [[nodiscard]] virtual uint64_t element_hash(std::string_view) const noexcept { return 0; }
  virtual void prefetch(uint64_t, Wave) const noexcept {}
  // Frees up to `count` blocks of a value that nobody looks at any more; true when none is left.
  virtual bool release_some(size_t count) noexcept = 0;
};

}  // namespace torc::store
