// Blob: counted bytes, immutable while shared. A large value, the reply that carries it, the log and the kernel that
// is still sending it all hold one reference each; the bytes are written once, by whoever made the blob, before it
// is shared. Counts are plain integers: they change on the keyspace thread only (another thread may own, fill and
// move a BlobRef, which changes no count).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace torc::base {

// The header of the block; the bytes follow it.
struct BlobHeader {
  uint64_t size;
  uint64_t capacity;
  uint32_t references;
};

class BlobRef {
 public:
  BlobRef() noexcept = default;
  BlobRef(const BlobRef& other) noexcept : header_(other.header_) {
    if (header_) ++header_->references;
  }
  BlobRef(BlobRef&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  BlobRef& operator=(BlobRef other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~BlobRef() {
    if (header_) reset();
  }

  // A new blob of size 0 with room for capacity_bytes, not initialised.
  static BlobRef make(size_t capacity_bytes);
  static BlobRef copy_of(std::string_view bytes);
  // Takes over a reference that detach() gave away.
  static BlobRef adopt(BlobHeader* header) noexcept { return BlobRef(header); }

  [[nodiscard]] explicit operator bool() const noexcept { return header_ != nullptr; }
  [[nodiscard]] size_t size() const noexcept { return header_->size; }
  [[nodiscard]] size_t capacity() const noexcept { return header_->capacity; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes(), header_->size}; }
  [[nodiscard]] bool unique() const noexcept { return header_->references == 1; }
  [[nodiscard]] BlobHeader* get() const noexcept { return header_; }

  // Writing is allowed to the only owner: asserted.
  [[nodiscard]] char* mutable_bytes() noexcept;
  void set_size(size_t size) noexcept;
  // The bytes become these, for which there is room and which lie elsewhere. Many of them go past the cache
  // (streaming_copy.h): for a value that waits for its reader.
  void assign(std::string_view bytes) noexcept;
  // Grows (or shrinks) the room; moves the bytes. Only for the only owner.
  void reserve(size_t capacity_bytes);
  // Gives the reference away without changing the count (for packed storage).
  [[nodiscard]] BlobHeader* detach() noexcept { return std::exchange(header_, nullptr); }
  void reset() noexcept;

 private:
  explicit BlobRef(BlobHeader* header) noexcept : header_(header) {}
  [[nodiscard]] char* bytes() const noexcept { return reinterpret_cast<char*>(header_ + 1); }
  BlobHeader* header_ = nullptr;
};

}  // namespace torc::base
