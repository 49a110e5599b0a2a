// The bodies of table.h: what has to know the type of the items, and is on the way of every request. The loops over
// buckets end at one with room, or when they have been all round a segment that is full.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>

#include "base/prefetch.h"
#include "ds/table.h"

namespace torc::ds {

template <class Traits>
void Table<Traits>::swap(Table& other) noexcept {
  TableCore::swap(other);
  std::swap(traits_, other.traits_);
}

template <class Traits>
ItemHasher Table<Traits>::hasher() const noexcept {
  return {[](const void* traits, const void* item) {
            return static_cast<const Traits*>(traits)->hash(*static_cast<const Item*>(item));
          },
          &traits_};
}

template <class Traits>
TablePosition Table<Traits>::find(uint64_t hash, const Key& key) const noexcept {
  const uint32_t index = directory().index_of(hash);
  const Segment segment = directory().segment(index);
  const uint32_t tag = tag_of(hash);
  uint32_t bucket = segment.home(tag);
  for (uint32_t left = segment.buckets(); left != 0; --left) {
    Slot* const slots = segment.bucket(bucket);
    const uint32_t width = segment.width(bucket);
    for (uint32_t mask = match_tag(slots, width, tag); mask != 0; mask &= mask - 1) {
      Slot* const slot = slots + std::countr_zero(mask);
      if (*slot != 0 && traits_.equal(*static_cast<const Item*>(slot_item(*slot)), key)) return {slot, index, true};
    }
    if (slots[width - 1] == 0) break;
    if (++bucket == segment.buckets()) bucket = 0;
  }
  return {};
}

template <class Traits>
void Table<Traits>::replace(Position position, Item* item) noexcept {
  TORC_ASSERT(position.found);
  *position.slot = slot_with_item(*position.slot, item);
}

template <class Traits>
typename Traits::Item* Table<Traits>::take(Position position) noexcept {
  TORC_ASSERT(position.found);
  Item* const item = Table::item(position);
  TableCore::erase(position, hasher());
  return item;
}

template <class Traits>
void Table<Traits>::prefetch_item(Slot slot) noexcept {
  const char* const first = static_cast<const char*>(slot_item(slot));
  size_t bytes = 1;
  if constexpr (requires { Traits::prefetch_bytes; }) bytes = Traits::prefetch_bytes;
  for (size_t offset = 0; offset < bytes; offset += 64) base::prefetch(first + offset);
  if (bytes > 1) base::prefetch(first + bytes - 1);
}

template <class Traits>
void Table<Traits>::prefetch_bucket(uint64_t hash) const noexcept {
  const Segment segment = directory().segment(directory().index_of(hash));
  base::prefetch(segment.bucket(segment.home(tag_of(hash))));
}

template <class Traits>
void Table<Traits>::prefetch_items(uint64_t hash) const noexcept {
  const Segment segment = directory().segment(directory().index_of(hash));
  if (segment.count == 0) return;
  const uint32_t bucket = segment.home(tag_of(hash));
  const Slot* const slots = segment.bucket(bucket);
  const uint32_t width = segment.width(bucket);
  uint32_t mask = match_tag(slots, width, tag_of(hash));
  if (mask == 0 && slots[width - 1] != 0) {
    base::prefetch(bucket + 1 == segment.buckets() ? segment.slots : slots + bucket_slots);
  }
  for (; mask != 0; mask &= mask - 1) prefetch_item(slots[std::countr_zero(mask)]);
}

template <class Traits>
template <class Visit>
uint64_t Table<Traits>::scan(uint64_t cursor, Visit&& visit) const {
  const std::optional<ScanPlace> place = scan_place(cursor);
  if (!place) return 0;
  const Segment segment = directory().segment(place->segment);
  const uint32_t home = segment.home(place->tag);
  const uint64_t address_mask = (uint64_t{1} << place->depth) - 1;
  uint32_t bucket = home;
  for (uint32_t left = segment.buckets(); left != 0; --left) {
    Slot* const slots = segment.bucket(bucket);
    const uint32_t width = segment.width(bucket);
    for (uint32_t i = 0; i < width && slots[i] != 0; ++i) prefetch_item(slots[i]);
    for (uint32_t i = 0; i < width && slots[i] != 0; ++i) {
      const uint32_t tag = slot_tag(slots[i]);
      if (tag < place->tag || segment.home(tag) != home) continue;
      const Position position{slots + i, place->segment, true};
      if (place->check_address && (traits_.hash(*item(position)) & address_mask) != place->address) continue;
      visit(position);
    }
    if (slots[width - 1] == 0) break;
    if (++bucket == segment.buckets()) bucket = 0;
  }
  return scan_next(*place);
}

template <class Traits>
template <class Visit>
void Table<Traits>::for_each(Visit&& visit) const {
  constexpr uint32_t ahead = 12;
  for (uint32_t index = 0; index < segment_count(); ++index) {
    const Segment segment = directory().segment(index);
    for (uint32_t i = 0; i < segment.capacity; ++i) {
      if (i + ahead < segment.capacity) prefetch_item(segment.slots[i + ahead]);
      if (segment.slots[i] != 0) visit(Position{segment.slots + i, index, true});
    }
  }
}

template <class Traits>
template <class Visit>
void Table<Traits>::random_bucket(base::Random& random, Visit&& visit) const {
  const uint32_t index = random_segment(random);
  const Segment segment = directory().segment(index);
  const uint32_t bucket = static_cast<uint32_t>(random.below(segment.buckets()));
  Slot* const slots = segment.bucket(bucket);
  const uint32_t width = segment.width(bucket);
  for (uint32_t i = 0; i < width && slots[i] != 0; ++i) prefetch_item(slots[i]);
  for (uint32_t i = 0; i < width && slots[i] != 0; ++i) visit(Position{slots + i, index, true});
}

template <class Traits>
uint32_t Table<Traits>::handle(uint64_t hash) noexcept {
  const uint64_t address = hash & ((uint64_t{1} << handle_address_bits) - 1);
  return static_cast<uint32_t>(address << handle_tag_bits | hash >> (64 - handle_tag_bits));
}

template <class Traits>
template <class Visit>
bool Table<Traits>::visit_candidates(const HandlePlace& place, Visit& visit) const {
  const Segment segment = directory().segment(place.segment);
  uint32_t bucket = place.home_first;
  for (uint32_t left = segment.buckets(); left != 0; --left) {
    Slot* const slots = segment.bucket(bucket);
    const uint32_t width = segment.width(bucket);
    for (uint32_t i = 0; i < width && slots[i] != 0; ++i) {
      if (place.matches(slots[i]) && visit(Position{slots + i, place.segment, true})) return true;
    }
    if (slots[width - 1] == 0) {
      if (bucket != place.home_first || place.home_last == place.home_first) return false;
      bucket = place.home_last;
    } else if (++bucket == segment.buckets()) {
      bucket = 0;
    }
  }
  return false;
}

template <class Traits>
template <class Visit>
void Table<Traits>::for_each_candidate(uint32_t handle, Visit&& visit) const {
  uint32_t address = handle >> handle_tag_bits;
  for (uint32_t index = directory().index_of(address);; index = directory().index_of(address)) {
    if (visit_candidates(handle_place(handle, index), visit)) return;
    address += uint32_t{1} << handle_address_bits;
    if (address >= segment_count() || address >> handle_address_bits == 0) return;
  }
}

template <class Traits>
void Table<Traits>::prefetch_candidates_bucket(uint32_t handle) const noexcept {
  const HandlePlace place = handle_place(handle, directory().index_of(handle >> handle_tag_bits));
  base::prefetch(directory().segment(place.segment).bucket(place.home_first));
}

template <class Traits>
void Table<Traits>::prefetch_candidates(uint32_t handle) const noexcept {
  const HandlePlace place = handle_place(handle, directory().index_of(handle >> handle_tag_bits));
  const Segment segment = directory().segment(place.segment);
  if (segment.count == 0) return;
  const Slot* const slots = segment.bucket(place.home_first);
  const uint32_t width = segment.width(place.home_first);
  for (uint32_t i = 0; i < width && slots[i] != 0; ++i) {
    if (place.matches(slots[i])) prefetch_item(slots[i]);
  }
}

template <class Traits>
template <class Release>
bool Table<Traits>::release_some(size_t budget, Release&& release) {
  std::array<void*, 32> batch;
  while (budget != 0 && !drained()) {
    const size_t taken = drain(batch.data(), std::min(budget, batch.size()));
    for (size_t i = 0; i < taken; ++i) base::prefetch(batch[i]);
    for (size_t i = 0; i < taken; ++i) release(static_cast<Item*>(batch[i]));
    budget -= std::max<size_t>(taken, 1);
  }
  return drained();
}

}  // namespace torc::ds
