// What the machine is like: memory and pages, as far as other parts choose by it.
#pragma once

#include <cstdint>

namespace torc::base {

// Physical memory in bytes.
[[nodiscard]] uint64_t physical_memory_bytes() noexcept;

}  // namespace torc::base
