// The inner loops of bits.h, once for each kind of vector unit. Which of them this processor can run is asked at run
// time; the portable ones are plain C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace torc::ds {

struct BitKernels {
  // out[i] = a[i] op b[i]; out may be a or b.
  using Binary = void (*)(char* out, const char* a, const char* b, size_t bytes);

  std::string_view name;
  uint64_t (*count)(const char* bytes, size_t size);
  Binary and_, or_, xor_, and_not;  // and_not: a & ~b
  // Bits of next that were seen already are noted in again, then all of them in seen.
  void (*note)(char* seen, char* again, const char* next, size_t bytes);
};

// Those that this processor can run, the fastest first; the last one is portable.
[[nodiscard]] std::span<const BitKernels* const> usable_bit_kernels() noexcept;
[[nodiscard]] const BitKernels& best_bit_kernels() noexcept;

}  // namespace torc::ds
