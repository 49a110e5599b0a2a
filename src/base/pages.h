// Pages and the operating system: when memory that is no longer needed goes back, and in which portions.
//
// Giving a page back costs some 0.1 to 0.2 us, mostly within one system call for all of them: 512 MiB in one piece stop
// the thread for 30 ms. The allocator does it in two ways that cannot be bounded from outside: blocks above 16 MiB are
// unmapped when they are released, and the free pages of a 32 MiB segment are dropped together, some time after they
// became free, by whatever allocation comes by. Whoever frees much therefore uses the two tools below, or
// late_release.h for a block on its own.
#pragma once

#include <cstddef>

namespace torc::base {

// Drops the pages that lie wholly within the bytes; what they held is undefined afterwards. The memory stays the
// caller's and may be written again. About 40 us per MiB; nothing at all where the allocator is a sanitizer's.
void discard_pages(void* begin, size_t bytes) noexcept;

// Writes zeros; a long stretch by dropping its pages, so that none is touched (unlike memset, which costs some 0.4 ms
// per MiB of fresh memory).
void clear_bytes(void* begin, size_t bytes) noexcept;

// While one lives, a page that becomes empty goes back to the operating system with the release() of its last block,
// and not later in a bunch with others. Good for small blocks, of which hundreds share a page; wrong for large ones
// which are soon needed again, as each costs its page faults anew. Nesting and other threads' blocks do no harm.
class EagerPageReturn {
 public:
  EagerPageReturn() noexcept;
  ~EagerPageReturn();
  EagerPageReturn(const EagerPageReturn&) = delete;
  EagerPageReturn& operator=(const EagerPageReturn&) = delete;
};

}  // namespace torc::base
