// Looking at the table without changing it: cursors of scans, handles, samples and statistics. The first two translate
// between what is stable (bits of a hash) and the present shape of the table (table.h explains both).
#include <algorithm>
#include <cstring>

#include "ds/table_core.h"

namespace torc::ds {

namespace {

uint32_t reverse_bits(uint32_t value) noexcept {
  value = (value >> 1 & 0x55555555u) | (value & 0x55555555u) << 1;
  value = (value >> 2 & 0x33333333u) | (value & 0x33333333u) << 2;
  value = (value >> 4 & 0x0f0f0f0fu) | (value & 0x0f0f0f0fu) << 4;
  return __builtin_bswap32(value);
}

// The lowest `depth` bits, mirrored.
uint32_t mirror(uint32_t value, uint32_t depth) noexcept {
  return depth == 0 ? 0 : reverse_bits(value) >> (32 - depth);
}

}  // namespace

std::optional<TableCore::ScanPlace> TableCore::scan_place(uint64_t cursor) const noexcept {
  uint64_t prefix = cursor == 0 ? 1 : cursor >> 16;
  if (prefix == 0 || prefix >> 33 != 0) return std::nullopt;
  uint32_t depth = static_cast<uint32_t>(std::bit_width(prefix)) - 1;
  prefix ^= uint64_t{1} << depth;
  const uint32_t tag = static_cast<uint32_t>(cursor & 0xffff);
  const uint32_t address = mirror(static_cast<uint32_t>(prefix), depth);
  const uint32_t index = directory_.index_of(address);
  const uint32_t present_depth = directory_.depth(index);
  if (depth < present_depth) depth = present_depth;  // split since: its first part
  // At the beginning of a merged interval: all of it at once.
  while (tag == 0 && depth > present_depth && (address >> (depth - 1) & 1) == 0) --depth;
  return ScanPlace{index, depth, address, tag, depth > present_depth};
}

uint64_t TableCore::scan_next(const ScanPlace& place) const noexcept {
  const Segment visited = directory_.segment(place.segment);
  const uint64_t prefix = uint64_t{1} << place.depth | mirror(place.address, place.depth);
  const uint64_t next_home = visited.home(place.tag) + 1;
  if (next_home < visited.buckets())
    return prefix << 16 | ((next_home << 19) + visited.capacity - 1) / visited.capacity;
  return std::has_single_bit(prefix + 1) ? 0 : (prefix + 1) << 16;
}

TableCore::HandlePlace TableCore::handle_place(uint32_t handle, uint32_t index) const noexcept {
  const Segment target = directory_.segment(index);
  const uint32_t tag = handle & ((1u << handle_tag_bits) - 1);
  const uint32_t lowest_tag = tag << (16 - handle_tag_bits);
  const uint32_t highest_tag = lowest_tag | ((1u << (16 - handle_tag_bits)) - 1);
  const uint32_t depth = directory_.depth(index);
  const uint32_t known_bits = depth < handle_address_bits ? handle_address_bits - depth : 0;
  return {.segment = index,
          .home_first = target.home(lowest_tag),
          .home_last = target.home(highest_tag),
          .tag = tag,
          .way = static_cast<uint32_t>(uint64_t{handle >> handle_tag_bits} >> depth),
          .way_mask = (1u << std::min(known_bits, way_bits)) - 1};
}

// The segment of the item with this rank, in the order of the segments.
uint32_t TableCore::segment_of_rank(uint64_t rank) const noexcept {
  uint32_t index = 0;
  for (uint32_t count; rank >= (count = directory_.segment(index).count); ++index) rank -= count;
  return index;
}

uint32_t TableCore::random_segment(base::Random& random) const noexcept {
  constexpr uint64_t crowd_items = segment_items_shrink / 4;  // a segment, on the average
  constexpr uint64_t counted_items_max = 8192;                // more are met sooner than counted, however many segments
  TORC_ASSERT(size_ != 0);
  if (directory_.segments() == 1) return 0;
  // So few, which a crowded segment was the last of (table_core.h), would take longer to meet than to count.
  const bool in_a_crowd = size_ < counted_items_max && size_ < crowd_items * directory_.segments();
  if (size_ < 512 || in_a_crowd) return segment_of_rank(random.below(size_));
  // A segment is kept with a probability proportional to its count. One of more than 512 items is an exception
  // (table_core.h), and chosen less often than it deserves while it lasts.
  for (;;) {
    const auto index = static_cast<uint32_t>(random.below(directory_.segments()));
    if (random.next() % 512 < directory_.segment(index).count) return index;
  }
}

TablePosition TableCore::random_position(base::Random& random) const noexcept {
  const uint32_t index = random_segment(random);
  const Segment chosen = directory_.segment(index);
  for (;;) {
    Slot* const slot = chosen.slots + random.below(chosen.capacity);
    if (*slot != 0) return {slot, index, true};
  }
}

TableStats TableCore::stats() const noexcept {
  TableStats stats{.items = size_,
                   .segments = directory_.segments(),
                   .slots = directory_.slots(),
                   .bytes = memory_bytes(),
                   .segment_items_min = SegmentDirectory::count_max,
                   .segment_items_max = 0,
                   .probes = {}};
  for (uint32_t index = 0; index < directory_.segments(); ++index) {
    const Segment each = directory_.segment(index);
    stats.segment_items_min = std::min<uint64_t>(stats.segment_items_min, each.count);
    stats.segment_items_max = std::max<uint64_t>(stats.segment_items_max, each.count);
    for (uint32_t i = 0; i < each.capacity; ++i) {
      if (each.slots[i] == 0) continue;
      const uint32_t away = away_from_home(each.slots[i], i / bucket_slots, each.capacity, each.buckets());
      ++stats.probes[std::min<size_t>(away, stats.probes.size() - 1)];
    }
  }
  return stats;
}

}  // namespace torc::ds
