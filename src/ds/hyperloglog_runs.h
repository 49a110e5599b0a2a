// The runs of a HyperLogLog's sparse form (ds/hyperloglog.h), 32 bytes at a time where the processor can. One by one
// they have to wait for each other, because each says where the next one begins; some thousand of them are walked for
// each element that is added.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ds/hyperloglog.h"

namespace torc::ds {

struct HllSkipped {
  HyperLogLog::Spot at, before;
};
// Skips blocks of a value's runs that end before the register `index`, from a spot that is not behind it. `at` is where
// the first block begins that was not skipped, `before` the one before it; both are the spot itself if none was.
// Nothing is said about the runs from `at` on: they may be too few.
[[nodiscard]] HllSkipped hll_skip_runs(const uint8_t* value, size_t size, HyperLogLog::Spot from,
                                       uint32_t index) noexcept;

// Adds how many registers have which value to the 64 numbers of the histogram. False if the runs are not those of all
// registers and no more; the histogram is of no use then.
[[nodiscard]] bool hll_count_runs(const uint8_t* runs, size_t size, uint32_t* histogram) noexcept;
// The same without special instructions, for tests and other processors.
[[nodiscard]] bool hll_count_runs_portable(const uint8_t* runs, size_t size, uint32_t* histogram) noexcept;

}  // namespace torc::ds
