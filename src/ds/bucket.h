// One cache line of the table: eight slots, looked at all at once.
//
// A slot is 64 bits: the address of an item and 21 bits of its hash.
//
//   63            48 47      43 42                                   0
//   |  tag (16)     |  way (5) |  address of the item / 16 (43)     |
//
// The tag (hash bits 48..63) decides the home bucket within a segment and rejects nearly every wrong candidate, so that
// moving slots about and probing read no item. The way holds the hash bits that the next splits of the segment ask for,
// below a marker bit: 1dcba, where a is the next one. A split takes a away and leaves 1dcb; at 1 the item is read and
// the way is filled again. So a growing table reads one item in fifteen that it moves. An empty slot is 0. Items are
// aligned to 16 bytes and live below 2^47, which is what the allocator and the kernel give.
//
// The slots in use stand at the front of their bucket: whether there is room is seen from the last slot alone.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/assert.h"

namespace torc::ds {

using Slot = uint64_t;

inline constexpr uint32_t bucket_slots = 8;
inline constexpr uint32_t slot_tag_shift = 48;
inline constexpr uint32_t slot_way_shift = 43;
inline constexpr uint64_t slot_address_mask = (uint64_t{1} << slot_way_shift) - 1;
// The number of bits of a full way, and its marker; also the way that knows no more bits.
inline constexpr uint32_t way_bits = 4;
inline constexpr uint32_t way_marker = 1u << way_bits;
inline constexpr uint32_t way_end = 1;

[[nodiscard]] inline void* slot_item(Slot slot) noexcept {
  return reinterpret_cast<void*>((slot & slot_address_mask) << 4);
}

[[nodiscard]] inline uint32_t slot_tag(Slot slot) noexcept { return static_cast<uint32_t>(slot >> slot_tag_shift); }

[[nodiscard]] inline uint32_t slot_way(Slot slot) noexcept {
  return static_cast<uint32_t>(slot >> slot_way_shift) & (2 * way_marker - 1);
}

[[nodiscard]] inline uint32_t tag_of(uint64_t hash) noexcept { return static_cast<uint32_t>(hash >> slot_tag_shift); }

// The way of an item in a segment whose items have their `depth` lowest hash bits in common.
[[nodiscard]] inline uint32_t full_way(uint64_t hash, uint32_t depth) noexcept {
  return way_marker | (static_cast<uint32_t>(hash >> depth) & (way_marker - 1));
}

[[nodiscard]] inline Slot make_slot(uint64_t hash, const void* item, uint32_t depth) noexcept {
  const auto address = reinterpret_cast<uint64_t>(item);
  TORC_ASSERT((address & 15) == 0 && address != 0 && (address >> 47) == 0);
  return (hash >> slot_tag_shift << slot_tag_shift) | uint64_t{full_way(hash, depth)} << slot_way_shift | address >> 4;
}

// The same hash bits with another address.
[[nodiscard]] inline Slot slot_with_item(Slot slot, const void* item) noexcept {
  const auto address = reinterpret_cast<uint64_t>(item);
  TORC_ASSERT((address & 15) == 0 && address != 0 && (address >> 47) == 0);
  return (slot & ~slot_address_mask) | address >> 4;
}

// The same item with another way.
[[nodiscard]] inline Slot slot_with_way(Slot slot, uint32_t way) noexcept {
  return (slot & ~(uint64_t{2 * way_marker - 1} << slot_way_shift)) | uint64_t{way} << slot_way_shift;
}

// The number of slots in use of a bucket that has room (its last slot is empty).
[[nodiscard]] inline uint32_t first_empty(const Slot* bucket, uint32_t width) noexcept {
  if (width < bucket_slots) {
    uint32_t used = 0;
    while (bucket[used] != 0) ++used;
    return used;
  }
  uint32_t used = bucket[3] != 0 ? 4 : 0;
  used += bucket[used + 1] != 0 ? 2 : 0;
  return used + (bucket[used] != 0 ? 1 : 0);
}

// The home of a tag in a segment of that many slots: proportional, also where the last bucket is narrow.
[[nodiscard]] inline uint32_t home_bucket(uint32_t tag, uint32_t capacity) noexcept { return (tag * capacity) >> 19; }

// How many buckets a slot in bucket `index` of `buckets` is behind its home, going round.
[[nodiscard]] inline uint32_t away_from_home(Slot slot, uint32_t index, uint32_t capacity, uint32_t buckets) noexcept {
  const uint32_t home = home_bucket(slot_tag(slot), capacity);
  return index >= home ? index - home : index + buckets - home;
}

// The same as below for buckets of eight slots.
namespace whole {

#if defined(__SSE2__)

// The eight tags of a whole bucket, in order.
[[nodiscard]] inline __m128i bucket_tags(const Slot* bucket) noexcept {
  const auto* lanes = reinterpret_cast<const __m128*>(bucket);
  const __m128 low = _mm_shuffle_ps(lanes[0], lanes[1], _MM_SHUFFLE(3, 1, 3, 1));
  const __m128 high = _mm_shuffle_ps(lanes[2], lanes[3], _MM_SHUFFLE(3, 1, 3, 1));
  return _mm_packs_epi32(_mm_srai_epi32(_mm_castps_si128(low), 16), _mm_srai_epi32(_mm_castps_si128(high), 16));
}

[[nodiscard]] inline uint32_t lanes_to_mask(__m128i lanes) noexcept {
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(lanes, _mm_setzero_si128())));
}

[[nodiscard]] inline uint32_t match_tag(const Slot* bucket, uint32_t tag) noexcept {
  return lanes_to_mask(_mm_cmpeq_epi16(bucket_tags(bucket), _mm_set1_epi16(static_cast<int16_t>(tag))));
}

[[nodiscard]] inline uint32_t match_displaced(const Slot* bucket, uint32_t index, uint32_t capacity, uint32_t buckets,
                                              uint32_t distance) noexcept {
  const __m128i scale = _mm_set1_epi16(static_cast<int16_t>(capacity));
  const __m128i homes = _mm_srli_epi16(_mm_mulhi_epu16(bucket_tags(bucket), scale), 3);
  __m128i away = _mm_sub_epi16(_mm_set1_epi16(static_cast<int16_t>(index)), homes);
  const __m128i wrapped = _mm_cmpgt_epi16(_mm_setzero_si128(), away);
  away = _mm_add_epi16(away, _mm_and_si128(wrapped, _mm_set1_epi16(static_cast<int16_t>(buckets))));
  return lanes_to_mask(_mm_cmpgt_epi16(away, _mm_set1_epi16(static_cast<int16_t>(distance - 1))));
}

#else

[[nodiscard]] inline uint32_t match_tag(const Slot* bucket, uint32_t tag) noexcept {
  uint32_t mask = 0;
  for (uint32_t i = 0; i < bucket_slots; ++i) mask |= (slot_tag(bucket[i]) == tag ? 1u : 0u) << i;
  return mask;
}

[[nodiscard]] inline uint32_t match_displaced(const Slot* bucket, uint32_t index, uint32_t capacity, uint32_t buckets,
                                              uint32_t distance) noexcept {
  uint32_t mask = 0;
  for (uint32_t i = 0; i < bucket_slots; ++i) {
    mask |= (away_from_home(bucket[i], index, capacity, buckets) >= distance ? 1u : 0u) << i;
  }
  return mask;
}

#endif

}  // namespace whole

// Bit i: slot i of a bucket with `width` slots has this tag. For tag 0 the empty slots are in the mask too.
[[nodiscard]] inline uint32_t match_tag(const Slot* bucket, uint32_t width, uint32_t tag) noexcept {
  if (width == bucket_slots) [[likely]]
    return whole::match_tag(bucket, tag);
  uint32_t mask = 0;
  for (uint32_t i = 0; i < width; ++i) mask |= (slot_tag(bucket[i]) == tag ? 1u : 0u) << i;
  return mask;
}

// Bit i: slot i of this bucket (number `index` of `buckets` in a segment of `capacity` slots) is at least `distance`
// buckets away from its home. Empty slots say nothing.
[[nodiscard]] inline uint32_t match_displaced(const Slot* bucket, uint32_t width, uint32_t index, uint32_t capacity,
                                              uint32_t buckets, uint32_t distance) noexcept {
  if (width == bucket_slots) [[likely]]
    return whole::match_displaced(bucket, index, capacity, buckets, distance);
  uint32_t mask = 0;
  for (uint32_t i = 0; i < width; ++i) {
    mask |= (away_from_home(bucket[i], index, capacity, buckets) >= distance ? 1u : 0u) << i;
  }
  return mask;
}

}  // namespace torc::ds
