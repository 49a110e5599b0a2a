// Large blocks are given back piece by piece: unmapping hundreds of megabytes in one call would be a pause.
#include "base/pages.h"

#include <cstdint>
#include <cstring>

#include <sys/mman.h>

#include "base/memory_backend.h"

namespace torc::base {

namespace {

// The unit of madvise() for small pages. Where the machine's are larger it refuses, and the fallback does the work.
constexpr uintptr_t page_bytes = 4096;
// Below this, zeros are written faster than pages are dropped and faulted in again.
constexpr size_t clear_by_dropping_bytes_min = size_t{1} << 20;

constinit thread_local uint32_t eager_depth [[gnu::tls_model("initial-exec")]] = 0;

struct Whole {
  char* begin;
  char* end;
};

Whole whole_pages(void* begin, size_t bytes) noexcept {
  auto first = (reinterpret_cast<uintptr_t>(begin) + page_bytes - 1) & ~(page_bytes - 1);
  auto last = (reinterpret_cast<uintptr_t>(begin) + bytes) & ~(page_bytes - 1);
  if (last < first) last = first;
  return {reinterpret_cast<char*>(first), reinterpret_cast<char*>(last)};
}

bool drop(Whole pages) noexcept {
  if (pages.begin == pages.end) return true;
  return ::madvise(pages.begin, static_cast<size_t>(pages.end - pages.begin), MADV_DONTNEED) == 0;
}

}  // namespace

void discard_pages(void* begin, size_t bytes) noexcept {
  if (backend::pages_may_be_dropped) drop(whole_pages(begin, bytes));
}

void clear_bytes(void* begin, size_t bytes) noexcept {
  if (bytes == 0) return;
  Whole pages = whole_pages(begin, bytes);
  if (!backend::pages_may_be_dropped || bytes < clear_by_dropping_bytes_min || !drop(pages)) {
    std::memset(begin, 0, bytes);
    return;
  }
  char* first = static_cast<char*>(begin);
  std::memset(first, 0, static_cast<size_t>(pages.begin - first));
  std::memset(pages.end, 0, static_cast<size_t>(first + bytes - pages.end));
}

// The allocator's setting is one for the process. When two threads are at it, the one that leaves first turns it off
// for the other, whose remaining pages then go back later: no harm.
EagerPageReturn::EagerPageReturn() noexcept {
  if (eager_depth++ == 0) backend::return_pages_at_once(true);
}

EagerPageReturn::~EagerPageReturn() {
  if (--eager_depth == 0) backend::return_pages_at_once(false);
}

}  // namespace torc::base
