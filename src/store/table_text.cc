// The lines are worded after Redis's, so that people find in them what they look for.
#include "store/table_text.h"

#include <fmt/format.h>

#include "ds/bucket.h"

namespace torc::store {

std::string table_text(const ds::TableStats& stats) {
  const double load =
      stats.slots == 0 ? 0 : 100.0 * static_cast<double>(stats.items) / static_cast<double>(stats.slots);
  std::string text = fmt::format(
      "Hash table stats (open addressing, buckets of {} slots):\n"
      " table size: {}\n number of elements: {}\n load: {:.1f}%\n bytes: {}\n segments: {}\n"
      " elements per segment: {} to {}\n Buckets read to find an element:\n",
      ds::bucket_slots, stats.slots, stats.items, load, stats.bytes, stats.segments, stats.segment_items_min,
      stats.segment_items_max);
  for (size_t i = 0; i < stats.probes.size(); ++i) {
    if (stats.probes[i] == 0) continue;
    const double share = 100.0 * static_cast<double>(stats.probes[i]) / static_cast<double>(stats.items);
    text +=
        fmt::format("   {}{}: {} ({:.2f}%)\n", i + 1, i + 1 == stats.probes.size() ? "+" : "", stats.probes[i], share);
  }
  return text;
}

}  // namespace torc::store
