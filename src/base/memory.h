// Counted allocation. Every block of the process comes from mimalloc and is counted by its usable size, so that
// used_memory is exact and costs two additions per block instead of a walk or a sampling thread. Blocks of the
// process's operator new/delete are counted too (memory.cc replaces them).
//
// Counters are kept per thread and summed on demand: a thread only ever writes its own line, and a block that is
// freed by another thread than its allocator simply makes one counter negative. Only the sum has a meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace torc::base {

// Never null: an exhausted machine ends the process with a message, as Redis does. bytes may be 0.
[[nodiscard]] void* allocate(size_t bytes) noexcept;
// Keeps the contents up to the smaller of both sizes. block may be null.
[[nodiscard]] void* reallocate(void* block, size_t bytes) noexcept;
// Gives a block of allocate, reallocate or Heap back; from any thread. block may be null.
void release(void* block) noexcept;
// The bytes that the block really has (≥ what was asked for).
[[nodiscard]] size_t usable_size(const void* block) noexcept;

// Sum of the usable sizes of all live blocks of the process.
[[nodiscard]] size_t used_bytes() noexcept;
// What the allocator has of the operating system, touched or not.
[[nodiscard]] size_t committed_bytes() noexcept;
// The allocator's own figures, as text for people; empty when it has none.
[[nodiscard]] std::string allocator_report();
// Gives unused pages of this thread back to the operating system; force also collects eagerly (slow: milliseconds).
void collect(bool force) noexcept;

// A heap of its own within mimalloc, owned by the thread that makes it: blocks of one heap share no page with
// those of another. So moving all live blocks from one heap to a fresh one turns fragmentation into whole free
// pages. Blocks are given back with release(); a Heap that dies hands blocks still alive to the default heap.
class Heap {
 public:
  Heap();
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  [[nodiscard]] void* allocate(size_t bytes) noexcept;
  // Whether the block lives in this heap (reads the page header only: cheap).
  [[nodiscard]] bool owns(const void* block) const noexcept;

 private:
  void* heap_;
};

}  // namespace torc::base
