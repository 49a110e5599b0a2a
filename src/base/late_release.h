// Late release: blocks that are too large to be given back in one step wait here and go piece by piece.
//
// The system takes some 0.1 ms for each MiB that it is given back, in one call for a whole block (pages.h). Who frees a
// value of many blocks can do that in slices; who removes a single element, deep within a data structure, has nobody to
// leave a block of 100 MiB to. So every structure gives what may be large to release_late(), and one who has time for
// it, the store's Reclaimer, sees to the pieces.
//
// The blocks that wait are chained through their own first bytes, one chain for each thread: nothing is allocated, and
// nothing is locked. What a thread leaves behind is freed when it ends.
#pragma once

#include <cstddef>

#include "base/memory.h"

namespace torc::base {

// From here on a block waits.
inline constexpr size_t late_release_bytes_min = size_t{64} << 10;

namespace late {
void wait(void* block) noexcept;
}  // namespace late

// As release() of a block of about so many bytes, which may not be null. Until a block that waits is gone it counts as
// used.
inline void release_late(void* block, size_t bytes) noexcept {
  bytes < late_release_bytes_min ? release(block) : late::wait(block);
}

// For a block of which another one takes the place: below this its pages are kept, which the next one needs (1 MiB
// overwritten: 12 us, else 550 us).
inline constexpr size_t late_overwritten_bytes_min = size_t{8} << 20;
inline void release_overwritten(void* block, size_t bytes) noexcept {
  bytes < late_overwritten_bytes_min ? release(block) : late::wait(block);
}

// Of this thread: the blocks that wait, and their bytes that were not given back yet.
[[nodiscard]] size_t late_blocks() noexcept;
[[nodiscard]] size_t late_bytes() noexcept;

struct LatePiece {
  size_t bytes = 0;       // that went now
  bool is_last = false;   // and with them their block
};
// Gives back up to so many bytes of the block that has waited longest.
LatePiece release_late_piece(size_t bytes_max) noexcept;

}  // namespace torc::base
