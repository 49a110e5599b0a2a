// Facts about the machine, read from the operating system once and without allocation.
#include "base/machine.h"

#include <unistd.h>

namespace torc::base {

uint64_t physical_memory_bytes() noexcept {
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes) : 0;
}

}  // namespace torc::base
