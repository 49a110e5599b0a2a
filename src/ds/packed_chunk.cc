// Searching and editing one chunk. The block grows and shrinks in the allocator's steps, so that it wastes some 6 % on
// the average.
#include "ds/packed_chunk.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/late_release.h"
#include "base/memory.h"
#include "base/prefetch.h"

namespace torc::ds {

namespace {

constexpr size_t unit_bytes = 16;

// The block of an item that is too long to stand in its chunk; its bytes follow.
struct LongItem {
  uint64_t size;
};

LongItem* long_item(const char* stored) noexcept {
  LongItem* item;
  std::memcpy(&item, stored, sizeof item);
  return item;
}

char* bytes_of(LongItem* item) noexcept { return reinterpret_cast<char*>(item + 1); }

// The bytes of the old one, which may be null, stay as far as there is room for them.
LongItem* make_long(LongItem* old, size_t bytes) noexcept {
  const bool shrinks_much = old && old->size >= base::late_overwritten_bytes_min && bytes < old->size / 2;
  auto* made = static_cast<LongItem*>(base::reallocate(shrinks_much ? nullptr : old, sizeof(LongItem) + bytes));
  made->size = bytes;
  if (!shrinks_much) return made;
  std::memcpy(bytes_of(made), bytes_of(old), bytes);
  base::release_late(old, old->size);
  return made;
}

// Returns how many bytes went now.
size_t release_long(LongItem* item) noexcept {
  const size_t bytes = item->size;
  base::release_late(item, bytes);
  return bytes < base::late_release_bytes_min ? bytes : 0;
}

void store_long(char* stored, LongItem* item) noexcept { std::memcpy(stored, &item, sizeof item); }

uint64_t load_word(const uint8_t* bytes) noexcept {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The sum of the eight bytes.
uint32_t byte_sum(uint64_t word) noexcept {
  constexpr uint64_t even = 0x00ff00ff00ff00ff;
  return static_cast<uint32_t>(((word & even) + (word >> 8 & even)) * 0x0001000100010001 >> 48);
}

// The high bit of each byte that is zero.
uint64_t zero_bytes(uint64_t word) noexcept {
  constexpr uint64_t low = 0x7f7f7f7f7f7f7f7f;
  return ~(((word & low) + low) | word | low);
}

}  // namespace

PackedChunk* PackedChunk::make() noexcept {
  auto* chunk = static_cast<PackedChunk*>(base::allocate(sizeof(PackedChunk)));
  *chunk = {};
  chunk->capacity_units_ = static_cast<uint16_t>(base::usable_size(chunk) / unit_bytes);
  return chunk;
}

size_t PackedChunk::destroy(PackedChunk* chunk) noexcept {
  const char* stored = chunk->data();
  size_t bytes = 0;
  for (uint32_t i = 0; chunk->long_items_ != 0 && i < chunk->count_; stored += chunk->stored_bytes(i++)) {
    if (chunk->lengths()[i] == long_length) bytes += release_long(long_item(stored));
  }
  base::release(chunk);
  return bytes;
}

void PackedChunk::destroy_hollow(PackedChunk* chunk) noexcept { base::release(chunk); }

// The number only tells whether lengths can be added up as they are.
void PackedChunk::count_long_items(uint32_t added) noexcept {
  long_items_ = static_cast<uint8_t>(std::min<uint32_t>(long_items_ + added, UINT8_MAX));
}

void PackedChunk::forget_long_item() noexcept {
  if (long_items_ != UINT8_MAX) --long_items_;
}

uint32_t PackedChunk::stored_bytes(uint32_t index) const noexcept {
  const uint8_t length = lengths()[index];
  return length == long_length ? sizeof(LongItem*) : length;
}

uint32_t PackedChunk::offset_of(uint32_t index) const noexcept {
  const uint8_t* length = lengths();
  uint32_t offset = 0, i = 0;
  if (long_items_ != 0) [[unlikely]] {
    for (; i < index; ++i) offset += stored_bytes(i);
    return offset;
  }
  for (; i + 8 <= index; i += 8) offset += byte_sum(load_word(length + i));
  if (i == index) return offset;
  static_assert(std::endian::native == std::endian::little);
  return offset + byte_sum(load_word(length + i) << (64 - 8 * (index - i)));
}

std::string_view PackedChunk::item(uint32_t index) const noexcept {
  const char* const stored = data() + offset_of(index);
  if (lengths()[index] != long_length) return {stored, lengths()[index]};
  LongItem* const item = long_item(stored);
  return {bytes_of(item), item->size};
}

size_t PackedChunk::memory_bytes() const noexcept {
  size_t bytes = capacity_units_ * unit_bytes;
  const char* stored = data();
  for (uint32_t i = 0; long_items_ != 0 && i < count_; stored += stored_bytes(i++)) {
    if (lengths()[i] == long_length) bytes += base::usable_size(long_item(stored));
  }
  return bytes;
}

uint32_t PackedChunk::next_candidate(uint8_t fingerprint, uint32_t index) const noexcept {
  const uint64_t pattern = fingerprint * 0x0101010101010101u;
  for (uint32_t i = index & ~7u; i < count_; i += 8) {
    uint64_t found = zero_bytes(load_word(fingerprints() + i) ^ pattern);
    if (i < index) found &= ~uint64_t{0} << 8 * (index - i);
    if (found == 0) continue;
    return std::min<uint32_t>(i + static_cast<uint32_t>(std::countr_zero(found)) / 8, count_);
  }
  return count_;
}

void PackedChunk::prefetch_candidate(uint8_t fingerprint) const noexcept {
  const uint32_t index = next_candidate(fingerprint, 0);
  if (index == count_) return base::prefetch(data() + data_bytes_);
  const char* const item = data() + offset_of(index);
  base::prefetch(item);
  base::prefetch(item + stored_bytes(index) - 1);
}

// A block for so many bytes, if the present one is too small, or more than twice too large.
void PackedChunk::refit(PackedChunk** chunk, size_t bytes) noexcept {
  const size_t capacity = (*chunk)->capacity_units_ * unit_bytes;
  if (bytes <= capacity && (bytes * 2 > capacity || capacity <= 64)) return;
  auto* moved = static_cast<PackedChunk*>(base::reallocate(*chunk, bytes));
  moved->capacity_units_ = static_cast<uint16_t>(base::usable_size(moved) / unit_bytes);
  *chunk = moved;
}

// So many items, with so many bytes in all, are about to be added.
void PackedChunk::make_room(PackedChunk** chunk, uint32_t items, uint32_t bytes) noexcept {
  const PackedChunk& old = **chunk;
  const uint32_t missing = old.count_ + items > old.room() ? old.count_ + items - old.room() : 0;
  const uint32_t steps = (missing + room_step - 1) / room_step, shift = steps * room_step;
  TORC_ASSERT(old.data_bytes_ + bytes <= data_bytes_max && old.count_ + items <= items_max);
  refit(chunk, old.used_bytes() + 2 * shift + bytes);
  if (steps == 0) return;
  PackedChunk& grown = **chunk;
  std::memmove(grown.data() + 2 * shift, grown.data(), grown.data_bytes_);
  std::memmove(grown.lengths() + shift, grown.lengths(), grown.count_);
  grown.room_steps_ = static_cast<uint8_t>(grown.room_steps_ + steps);
}

char* PackedChunk::append_stored(PackedChunk** chunk, uint8_t fingerprint, uint8_t length) noexcept {
  const uint32_t bytes = length == long_length ? sizeof(LongItem*) : length;
  make_room(chunk, 1, bytes);
  PackedChunk& grown = **chunk;
  char* const stored = grown.data() + grown.data_bytes_;
  grown.fingerprints()[grown.count_] = fingerprint;
  grown.lengths()[grown.count_] = length;
  ++grown.count_;
  grown.data_bytes_ = static_cast<uint16_t>(grown.data_bytes_ + bytes);
  return stored;
}

char* PackedChunk::append(PackedChunk** chunk, uint8_t fingerprint, size_t bytes) noexcept {
  if (bytes <= inline_bytes_max) return append_stored(chunk, fingerprint, static_cast<uint8_t>(bytes));
  LongItem* const item = make_long(nullptr, bytes);
  store_long(append_stored(chunk, fingerprint, long_length), item);
  (*chunk)->count_long_items(1);
  return bytes_of(item);
}

void PackedChunk::adopt(PackedChunk** chunk, const PackedChunk& from, uint32_t index) noexcept {
  const uint8_t length = from.lengths()[index];
  char* const stored = append_stored(chunk, from.fingerprint(index), length);
  std::memcpy(stored, from.data() + from.offset_of(index), from.stored_bytes(index));
  if (length == long_length) (*chunk)->count_long_items(1);
}

void PackedChunk::adopt_all(PackedChunk** chunk, const PackedChunk& from) noexcept {
  make_room(chunk, from.count_, from.data_bytes_);
  PackedChunk& grown = **chunk;
  std::memcpy(grown.fingerprints() + grown.count_, from.fingerprints(), from.count_);
  std::memcpy(grown.lengths() + grown.count_, from.lengths(), from.count_);
  std::memcpy(grown.data() + grown.data_bytes_, from.data(), from.data_bytes_);
  grown.count_ = static_cast<uint16_t>(grown.count_ + from.count_);
  grown.data_bytes_ = static_cast<uint16_t>(grown.data_bytes_ + from.data_bytes_);
  grown.count_long_items(from.long_items_);
}

// Makes what stands in the chunk for the item so long.
char* PackedChunk::resize_stored(PackedChunk** chunk, uint32_t index, uint32_t bytes) noexcept {
  const uint32_t offset = (*chunk)->offset_of(index), old_bytes = (*chunk)->stored_bytes(index);
  if (bytes > old_bytes) refit(chunk, (*chunk)->used_bytes() + bytes - old_bytes);
  PackedChunk& changed = **chunk;
  char* const stored = changed.data() + offset;
  std::memmove(stored + bytes, stored + old_bytes, changed.data_bytes_ - offset - old_bytes);
  TORC_ASSERT(changed.data_bytes_ + bytes - old_bytes <= UINT16_MAX);
  changed.data_bytes_ = static_cast<uint16_t>(changed.data_bytes_ + bytes - old_bytes);
  return stored;
}

char* PackedChunk::resize(PackedChunk** chunk, uint32_t index, size_t bytes) noexcept {
  const bool was_long = (*chunk)->lengths()[index] == long_length;
  const bool is_long = bytes > inline_bytes_max;
  if (!was_long && !is_long) {
    char* const stored = resize_stored(chunk, index, static_cast<uint32_t>(bytes));
    (*chunk)->lengths()[index] = static_cast<uint8_t>(bytes);
    return stored;
  }
  const std::string_view old = (*chunk)->item(index);
  LongItem* const old_item = was_long ? long_item((*chunk)->data() + (*chunk)->offset_of(index)) : nullptr;
  if (is_long) {
    LongItem* const item = make_long(old_item, bytes);
    if (!was_long) std::memcpy(bytes_of(item), old.data(), old.size());
    store_long(resize_stored(chunk, index, sizeof item), item);
    if (!was_long) (*chunk)->count_long_items(1);
    (*chunk)->lengths()[index] = long_length;
    return bytes_of(item);
  }
  char* const stored = resize_stored(chunk, index, static_cast<uint32_t>(bytes));
  std::memcpy(stored, old.data(), bytes);
  base::release_overwritten(old_item, old.size());
  (*chunk)->forget_long_item();
  (*chunk)->lengths()[index] = static_cast<uint8_t>(bytes);
  return stored;
}

// The item's bytes go. If the last one is as long, it takes their place: two lines are touched instead of all behind.
void PackedChunk::close_gap(uint32_t index) noexcept {
  const uint32_t last = count_ - 1u, bytes = stored_bytes(index);
  char* const gap = data() + offset_of(index);
  data_bytes_ = static_cast<uint16_t>(data_bytes_ - bytes);
  count_ = static_cast<uint16_t>(last);
  if (lengths()[last] == lengths()[index]) {
    std::memmove(gap, data() + data_bytes_, bytes);
    fingerprints()[index] = fingerprints()[last];
    return;
  }
  std::memmove(gap, gap + bytes, static_cast<size_t>(data() + data_bytes_ - gap));
  std::memmove(fingerprints() + index, fingerprints() + index + 1, last - index);
  std::memmove(lengths() + index, lengths() + index + 1, last - index);
}

void PackedChunk::erase(PackedChunk** chunk, uint32_t index) noexcept {
  PackedChunk& changed = **chunk;
  if (changed.lengths()[index] == long_length) {
    release_long(long_item(changed.data() + changed.offset_of(index)));
    changed.forget_long_item();
  }
  changed.close_gap(index);
  refit(chunk, changed.used_bytes());
}

}  // namespace torc::ds
