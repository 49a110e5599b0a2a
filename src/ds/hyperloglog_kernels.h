// The loops over all registers of a HyperLogLog, which have to be fast: registers of 6 bits to bytes and back, and how
// often each value occurs, sixteen or 32 at a time where the processor can.
#pragma once

#include <cstdint>

namespace torc::ds {

inline constexpr uint32_t hll_registers = 16384;
inline constexpr uint32_t hll_packed_bytes = hll_registers * 6 / 8;
inline constexpr uint32_t hll_values = 64;

// out[i] = max(out[i], register i).
void hll_merge_packed(const uint8_t* packed, uint8_t* out) noexcept;
// Values below 64.
void hll_pack(const uint8_t* registers, uint8_t* packed) noexcept;
// histogram[value] = how many registers have it. Values below 64.
void hll_histogram(const uint8_t* registers, uint32_t* histogram) noexcept;
// The same without special instructions, for tests and other processors.
void hll_merge_packed_portable(const uint8_t* packed, uint8_t* out) noexcept;
void hll_pack_portable(const uint8_t* registers, uint8_t* packed) noexcept;
void hll_histogram_portable(const uint8_t* registers, uint32_t* histogram) noexcept;

}  // namespace torc::ds
