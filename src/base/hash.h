// Keyed hashing (SipHash-1-3, Aumasson and Bernstein 2012): whoever chooses the keys cannot choose the buckets.
#pragma once

#include <cstdint>
#include <string_view>

namespace torc::base {

struct HashKey {
  uint64_t low = 0;
  uint64_t high = 0;
};

[[nodiscard]] uint64_t siphash13(const HashKey& key, std::string_view bytes) noexcept;

}  // namespace torc::base
