// Copying what nobody reads soon. A value of many kilobytes is copied out of the receive buffer once and then waits for
// its reader; an ordinary copy first fetches each line of its destination from memory, only to write over it, and
// pushes out of the cache what the next requests need. Stores that go past the cache do neither: SET of 4 KiB over
// values of that size took, together with writing them in place, 2.5 us outside the kernel instead of 3.4, of 16 KiB
// 5.1 instead of 5.9.
#pragma once

#include <cstddef>

namespace torc::base {

// From here on streaming_copy() goes past the cache. It is the smallest size that was measured: the less there is to
// copy, the less pays for ordering the stores.
inline constexpr size_t streaming_copy_bytes_min = 4096;

// As std::memcpy: the areas must not overlap. Another thread that is told of the bytes afterwards sees them.
void streaming_copy(char* to, const char* from, size_t bytes) noexcept;

}  // namespace torc::base
