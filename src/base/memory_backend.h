// Where blocks come from; private to memory.cc. mimalloc, except under a sanitizer: its own allocator has to see every
// block, so there the libc interface is used, and what mimalloc does with heaps is imitated by a table of blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TORC_LIBC_ALLOCATOR 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TORC_LIBC_ALLOCATOR 1
#endif

#if defined(TORC_LIBC_ALLOCATOR)
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

#include <malloc.h>
#else
#include <mimalloc.h>
#endif

namespace torc::base::backend {

#if !defined(TORC_LIBC_ALLOCATOR)

inline void* allocate(size_t bytes) noexcept { return mi_malloc(bytes); }
inline void* allocate_aligned(size_t bytes, size_t alignment) noexcept {
  void* block = mi_malloc_aligned(bytes, alignment);
  if (__builtin_expect(reinterpret_cast<uintptr_t>(block) % alignment == 0, 1)) return block;
  // Release 2.0.9 takes a size that is a power of two for naturally aligned, which its pages are only up to 128 bytes.
  mi_free(block);
  return mi_malloc_aligned(bytes + 1, alignment);
}
inline void* reallocate(void* block, size_t bytes) noexcept { return mi_realloc(block, bytes); }
inline void release(void* block) noexcept { mi_free(block); }
inline size_t usable_size(const void* block) noexcept { return mi_usable_size(block); }
inline void collect(bool force) noexcept { mi_collect(force); }
// Threads count for themselves; this thread's figures are added first.
inline size_t committed_bytes() noexcept {
  size_t elapsed, user, system, resident, resident_peak, committed = 0, committed_peak, page_faults;
  mi_stats_merge();
  mi_process_info(&elapsed, &user, &system, &resident, &resident_peak, &committed, &committed_peak, &page_faults);
  return committed;
}
inline void report(void (*print)(const char*, void*), void* out) {
  mi_stats_merge();
  mi_stats_print_out(print, out);
}

inline void* heap_new() noexcept { return mi_heap_new(); }
inline void heap_delete(void* heap) noexcept { mi_heap_delete(static_cast<mi_heap_t*>(heap)); }
inline void* heap_allocate(void* heap, size_t bytes) noexcept {
  return mi_heap_malloc(static_cast<mi_heap_t*>(heap), bytes);
}
inline bool heap_owns(void* heap, const void* block) noexcept {
  return mi_heap_contains_block(static_cast<mi_heap_t*>(heap), block);
}

inline constexpr bool pages_may_be_dropped = true;

// mimalloc drops the free pages of a segment, up to 32 MiB in one call, some 25 ms after they became free. Where values
// of megabytes are overwritten all the time that is a pause every few milliseconds, and a page fault for every page
// when the memory is used again: twice redis-server's CPU for SET of 4 MiB. After a second it is likely not used again.
// MIMALLOC_DECOMMIT_DELAY in the environment wins.
inline bool set_page_delay() noexcept {
  mi_option_set_default(mi_option_decommit_delay, 1000);
  return true;
}

// mimalloc's delay is one for the process; 0 drops a page as soon as it is empty.
inline void return_pages_at_once(bool at_once) noexcept {
  static const long usual_delay_ms = mi_option_get(mi_option_decommit_delay);
  mi_option_set(mi_option_decommit_delay, at_once ? 0 : usual_delay_ms);
}

#else

inline constexpr bool pages_may_be_dropped = false;
inline bool set_page_delay() noexcept { return true; }
inline void return_pages_at_once(bool) noexcept {}

// The table's own memory is not counted, so that used_bytes() means the same with and without a sanitizer.
template <typename T>
struct UncountedAllocator {
  using value_type = T;
  UncountedAllocator() = default;
  template <typename U>
  explicit UncountedAllocator(const UncountedAllocator<U>&) noexcept {}
  T* allocate(size_t count) { return static_cast<T*>(std::malloc(count * sizeof(T))); }
  void deallocate(T* block, size_t) noexcept { std::free(block); }
  template <typename U>
  bool operator==(const UncountedAllocator<U>&) const noexcept {
    return true;
  }
};

// Which heap a block belongs to; blocks of the default heap are not listed.
class HeapTable {
 public:
  void add(const void* block, void* heap) {
    std::lock_guard lock(mutex_);
    heap_of_.emplace(block, heap);
    size_.store(heap_of_.size(), std::memory_order_relaxed);
  }
  void remove(const void* block) {
    // A block is freed after it was made: whoever frees one that is listed sees at least that one counted.
    if (size_.load(std::memory_order_relaxed) == 0) return;
    std::lock_guard lock(mutex_);
    heap_of_.erase(block);
    size_.store(heap_of_.size(), std::memory_order_relaxed);
  }
  void remove_heap(const void* heap) {
    std::lock_guard lock(mutex_);
    std::erase_if(heap_of_, [heap](const auto& entry) { return entry.second == heap; });
    size_.store(heap_of_.size(), std::memory_order_relaxed);
  }
  bool owns(const void* heap, const void* block) {
    std::lock_guard lock(mutex_);
    auto entry = heap_of_.find(block);
    return entry != heap_of_.end() && entry->second == heap;
  }

 private:
  using Entry = std::pair<const void* const, void*>;
  std::mutex mutex_;
  std::atomic<size_t> size_ = 0;
  std::unordered_map<const void*, void*, std::hash<const void*>, std::equal_to<>, UncountedAllocator<Entry>> heap_of_;
};

// Never destroyed: blocks are freed until the very end of the process.
inline HeapTable& heap_table() noexcept {
  alignas(HeapTable) static char storage[sizeof(HeapTable)];
  static HeapTable* const table = new (storage) HeapTable;
  return *table;
}

inline void* allocate(size_t bytes) noexcept { return std::malloc(bytes == 0 ? 1 : bytes); }
inline void* allocate_aligned(size_t bytes, size_t alignment) noexcept {
  void* block = nullptr;
  size_t at_least = alignment < sizeof(void*) ? sizeof(void*) : alignment;
  return posix_memalign(&block, at_least, bytes == 0 ? 1 : bytes) == 0 ? block : nullptr;
}
inline void* reallocate(void* block, size_t bytes) noexcept {
  // Off the table first: once realloc gave the address back, another thread may get it.
  heap_table().remove(block);
  return std::realloc(block, bytes == 0 ? 1 : bytes);
}
inline void release(void* block) noexcept {
  heap_table().remove(block);
  std::free(block);
}
inline size_t usable_size(const void* block) noexcept { return malloc_usable_size(const_cast<void*>(block)); }
inline void collect(bool) noexcept {}
inline size_t committed_bytes() noexcept {
  const struct mallinfo2 figures = mallinfo2();
  return figures.arena + figures.hblkhd;
}
inline void report(void (*)(const char*, void*), void*) noexcept {}

// A heap is an address that nothing else has.
inline void* heap_new() noexcept { return std::malloc(1); }
inline void heap_delete(void* heap) noexcept {
  heap_table().remove_heap(heap);
  std::free(heap);
}
inline void* heap_allocate(void* heap, size_t bytes) noexcept {
  void* block = allocate(bytes);
  if (block) heap_table().add(block, heap);
  return block;
}
inline bool heap_owns(void* heap, const void* block) noexcept { return heap_table().owns(heap, block); }

#endif

}  // namespace torc::base::backend
