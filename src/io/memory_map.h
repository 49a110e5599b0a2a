// A mapping of memory, unmapped when it dies. Mappings that the kernel writes into are kept out of forked children,
// so that neither a child's writes nor copy-on-write can part us from the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace torc::io {

class MemoryMap {
 public:
  MemoryMap() noexcept = default;
  MemoryMap(MemoryMap&& other) noexcept
      : address_(std::exchange(other.address_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryMap& operator=(MemoryMap&& other) noexcept {
    std::swap(address_, other.address_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryMap();

  // Part of what a descriptor offers. Invalid on failure, errno says why.
  static MemoryMap of_descriptor(int fd, uint64_t offset, size_t bytes) noexcept;
  // Zeroed memory of our own; from 2 MiB on aligned for huge pages, and asking for them.
  static MemoryMap anonymous(size_t bytes) noexcept;

  [[nodiscard]] explicit operator bool() const noexcept { return address_ != nullptr; }
  [[nodiscard]] char* data() const noexcept { return static_cast<char*>(address_); }
  [[nodiscard]] size_t size() const noexcept { return bytes_; }

 private:
  MemoryMap(void* address, size_t bytes) noexcept : address_(address), bytes_(bytes) {}
  void* address_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace torc::io
