// MEMORY DOCTOR: what may be wrong with the memory, if anything is. The limits are Redis's, the sentences our own.
#include <fmt/format.h>

#include "stats/memory_overview.h"

namespace torc::stats {

namespace {

constexpr uint64_t little = 5 << 20;       // less than this tells nothing
constexpr int64_t noticeable = 10 << 20;  // differences below this do not matter
constexpr uint64_t client_share_max = 200 << 10;

bool too_much(uint64_t held, uint64_t needed, double ratio_max) {
  return ratio(held, needed) > ratio_max && difference(held, needed) > noticeable;
}

}  // namespace

std::string memory_report(const MemoryOverview& memory, size_t clients) {
  if (memory.used < little) return "There is too little in memory to judge it.\n";
  std::string text;
  if (ratio(memory.peak, memory.used) > 1.5) {
    text += fmt::format(
        "- Peak: {} were in use once, {} are now. What was freed goes back to the system as pages become empty; "
        "MEMORY PURGE hurries that.\n",
        base::human_bytes(memory.peak), base::human_bytes(memory.used));
  }
  if (too_much(memory.resident, memory.used, 1.4)) {
    text += fmt::format(
        "- Resident memory: the process has {} for {} in use. After a peak that is harmless; otherwise look at "
        "allocator_frag_ratio and rss_overhead_ratio of INFO memory.\n",
        base::human_bytes(memory.resident), base::human_bytes(memory.used));
  }
  if (too_much(memory.allocator_held, memory.used, 1.1)) {
    text += fmt::format(
        "- Fragmentation: the allocator holds {} for {} in use. Entries are moved together when that is worth it; "
        "MEMORY PURGE begins it now.\n",
        base::human_bytes(memory.allocator_held), base::human_bytes(memory.used));
  }
  if (too_much(memory.resident, memory.allocator_held, 1.1)) {
    text += fmt::format("- Outside the allocator: {} of resident memory are not the allocator's.\n",
                        base::human_bytes(memory.resident - memory.allocator_held));
  }
  if (clients != 0 && memory.clients / clients > client_share_max) {
    text += fmt::format(
        "- Clients: {} on average. See CLIENT LIST for those that send or receive much (tot-mem), and "
        "maxmemory-clients for a limit.\n",
        base::human_bytes(memory.clients / clients));
  }
  return text.empty() ? "No problem with the memory was found.\n" : "Of the memory, this stands out:\n\n" + text;
}

}  // namespace torc::stats
