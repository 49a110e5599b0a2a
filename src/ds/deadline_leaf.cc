// Packing of deadlines: searching reads the packed form in place, an insertion moves bytes, and only one that does not
// fit the base or the width of the leaf packs it anew.
#include "ds/deadline_leaf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include "base/assert.h"
#include "base/memory.h"
#include "base/prefetch.h"
#include "ds/size_class.h"

namespace torc::ds {

static_assert(std::endian::native == std::endian::little);

namespace {

size_t block_bytes(size_t used) noexcept { return size_t{size_class_for(static_cast<uint32_t>((used + 7) / 8))} * 8; }

// Deadlines may be anywhere in int64_t, so distances are unsigned.
uint64_t distance(int64_t from_ms, int64_t to_ms) noexcept {
  return static_cast<uint64_t>(to_ms) - static_cast<uint64_t>(from_ms);
}

uint8_t width_for(uint64_t distance) noexcept {
  return distance == 0 ? 1 : static_cast<uint8_t>((std::bit_width(distance) + 7) / 8);
}

}  // namespace

DeadlineLeaf::DeadlineLeaf(int64_t base_ms, uint8_t width, size_t bytes) noexcept
    : base_ms_(base_ms), bytes_(static_cast<uint16_t>(bytes)), width_(width) {
  static_assert(sizeof(DeadlineLeaf) == header_bytes);
}

DeadlineLeaf* DeadlineLeaf::allocate(int64_t base_ms, uint8_t width, size_t used) noexcept {
  const size_t bytes = block_bytes(used);
  TORC_ASSERT(bytes <= bytes_max);
  return new (base::allocate(bytes)) DeadlineLeaf(base_ms, width, bytes);
}

DeadlineLeaf* DeadlineLeaf::make(std::span<const DeadlineEntry> entries) noexcept {
  const int64_t first_ms = entries.front().deadline_ms;
  const int64_t last_ms = entries.back().deadline_ms;
  DeadlineLeaf* const leaf =
      allocate(first_ms, width_for(distance(first_ms, last_ms)), needed_bytes(entries.size(), first_ms, last_ms));
  for (size_t i = 0; i < entries.size(); ++i) leaf->write(i, entries[i]);
  leaf->count_ = static_cast<uint16_t>(entries.size());
  return leaf;
}

void DeadlineLeaf::release(DeadlineLeaf* leaf) noexcept { base::release(leaf); }

size_t DeadlineLeaf::needed_bytes(size_t count, int64_t first_ms, int64_t last_ms) noexcept {
  return header_bytes + count * (sizeof(uint32_t) + width_for(distance(first_ms, last_ms)));
}

// The distance ends where the entry ends; what the load takes in before it is shifted out. Before the first entry there
// is the header.
uint64_t DeadlineLeaf::distance_at(size_t index) const noexcept {
  uint64_t bits;
  std::memcpy(&bits, entry(index + 1) - sizeof(bits), sizeof(bits));
  return bits >> (64 - 8 * width_);
}

uint32_t DeadlineLeaf::handle_at(size_t index) const noexcept {
  uint32_t handle;
  std::memcpy(&handle, entry(index), sizeof(handle));
  return handle;
}

void DeadlineLeaf::write(size_t index, DeadlineEntry written) noexcept {
  const uint64_t bits = distance(base_ms_, written.deadline_ms);
  std::memcpy(entry(index), &written.handle, sizeof(uint32_t));
  std::memcpy(entry(index) + sizeof(uint32_t), &bits, width_);
}

DeadlineEntry DeadlineLeaf::at(size_t index) const noexcept {
  const uint64_t deadline = static_cast<uint64_t>(base_ms_) + distance_at(index);
  return {static_cast<int64_t>(deadline), handle_at(index)};
}

void DeadlineLeaf::unpack(DeadlineEntry* out) const noexcept {
  for (size_t i = 0; i < count_; ++i) out[i] = at(i);
}

size_t DeadlineLeaf::lower_bound(DeadlineEntry wanted) const noexcept {
  if (wanted.deadline_ms < base_ms_) return 0;
  const uint64_t wanted_distance = distance(base_ms_, wanted.deadline_ms);
  size_t first = 0;
  size_t length = count_;
  while (length != 0) {
    const size_t half = length / 2;
    const uint64_t here = distance_at(first + half);
    const bool below = here < wanted_distance || (here == wanted_distance && handle_at(first + half) < wanted.handle);
    first = below ? first + half + 1 : first;
    length = below ? length - half - 1 : half;
  }
  return first;
}

void DeadlineLeaf::prefetch() const noexcept {
  const char* const first = reinterpret_cast<const char*>(this);
  for (size_t offset = 0; offset < bytes_max; offset += 64) base::prefetch(first + offset);
}

bool DeadlineLeaf::reaches(int64_t deadline_ms) const noexcept {
  return deadline_ms >= base_ms_ && distance(base_ms_, deadline_ms) <= distance_max();
}

// The same entries in a block for so many bytes.
DeadlineLeaf* DeadlineLeaf::resized(size_t used) noexcept {
  DeadlineLeaf* const leaf = allocate(base_ms_, width_, used);
  leaf->count_ = count_;
  std::memcpy(leaf->entry(0), entry(0), count_ * entry_bytes());
  release(this);
  return leaf;
}

DeadlineLeaf* DeadlineLeaf::insert(size_t index, DeadlineEntry inserted) noexcept {
  if (!reaches(inserted.deadline_ms)) return insert_repacked(index, inserted);
  const size_t used = used_bytes() + entry_bytes();
  if (used > bytes_max) return nullptr;
  DeadlineLeaf* const leaf = used > bytes_ ? resized(used) : this;
  std::memmove(leaf->entry(index + 1), leaf->entry(index), (leaf->count_ - index) * leaf->entry_bytes());
  leaf->write(index, inserted);
  ++leaf->count_;
  return leaf;
}

// With another base or width. Where the base moves down it goes further than it must, within the width: deadlines that
// come in falling order do not repack the leaf each time.
DeadlineLeaf* DeadlineLeaf::insert_repacked(size_t index, DeadlineEntry inserted) noexcept {
  const int64_t last_ms = std::max(at(count_ - 1).deadline_ms, inserted.deadline_ms);
  int64_t base_ms = std::min(at(0).deadline_ms, inserted.deadline_ms);
  const uint64_t span = distance(base_ms, last_ms);
  const uint8_t width = width_for(span);
  const size_t used = header_bytes + (count_ + size_t{1}) * (sizeof(uint32_t) + width);
  if (used > bytes_max) return nullptr;
  if (index == 0) {
    const uint64_t spare = ((UINT64_MAX >> (64 - 8 * width)) - span) / 2;
    base_ms -= static_cast<int64_t>(std::min(spare, distance(INT64_MIN, base_ms)));
  }
  DeadlineLeaf* const leaf = allocate(base_ms, width, used);
  for (size_t i = 0; i < index; ++i) leaf->write(i, at(i));
  leaf->write(index, inserted);
  for (size_t i = index; i < count_; ++i) leaf->write(i + 1, at(i));
  leaf->count_ = static_cast<uint16_t>(count_ + 1);
  release(this);
  return leaf;
}

DeadlineLeaf* DeadlineLeaf::erase(size_t index, size_t count) noexcept {
  std::memmove(entry(index), entry(index + count), (count_ - index - count) * entry_bytes());
  count_ = static_cast<uint16_t>(count_ - count);
  const size_t smaller = size_t{previous_size_class(bytes_ / 8)} * 8;
  const bool worth_it = used_bytes() + 2 * entry_bytes() <= smaller && count_ != 0;
  return worth_it ? resized(used_bytes()) : this;
}

}  // namespace torc::ds
