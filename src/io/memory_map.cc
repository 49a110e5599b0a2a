// mmap and munmap with an owner, for the queues and buffers that the kernel shares with us.
#include "io/memory_map.h"

#include <sys/mman.h>

namespace torc::io {

namespace {
constexpr size_t page_bytes = 4096;
constexpr size_t huge_page_bytes = 2 << 20;
}  // namespace

MemoryMap::~MemoryMap() {
  if (address_) ::munmap(address_, bytes_);
}

MemoryMap MemoryMap::of_descriptor(int fd, uint64_t offset, size_t bytes) noexcept {
  void* address =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, static_cast<off_t>(offset));
  if (address == MAP_FAILED) return {};
  ::madvise(address, bytes, MADV_DONTFORK);
  return {address, bytes};
}

MemoryMap MemoryMap::anonymous(size_t bytes) noexcept {
  bytes = (bytes + page_bytes - 1) / page_bytes * page_bytes;
  // Over-allocate, then cut both ends: mmap itself aligns to a page only.
  const bool huge = bytes >= huge_page_bytes;
  const size_t slack = huge ? huge_page_bytes : 0;
  void* address = ::mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return {};
  char* start = static_cast<char*>(address);
  if (huge) {
    const size_t before = (huge_page_bytes - reinterpret_cast<uintptr_t>(start) % huge_page_bytes) % huge_page_bytes;
    if (before > 0) ::munmap(start, before);
    start += before;
    if (slack - before > 0) ::munmap(start + bytes, slack - before);
    ::madvise(start, bytes, MADV_HUGEPAGE);
  }
  ::madvise(start, bytes, MADV_DONTFORK);
  return {start, bytes};
}

}  // namespace torc::io
