// Asking for a cache line ahead of its use.
#pragma once

namespace torc::base {

// Never faults, whatever the address. Not __builtin_prefetch alone: GCC takes a function that does nothing but prefetch
// for one without effect, and drops the calls of it.
inline void prefetch(const void* address) noexcept {
#if defined(__x86_64__)
  asm volatile("prefetcht0 %0" : : "m"(*static_cast<const char*>(address)));
#elif defined(__aarch64__)
  asm volatile("prfm pldl1keep, %0" : : "Q"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address);
  asm volatile("");
#endif
}

}  // namespace torc::base
