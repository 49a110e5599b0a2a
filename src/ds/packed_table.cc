// Which chunk an item belongs to, and how chunks are divided and joined.
#include "ds/packed_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/memory.h"
#include "base/prefetch.h"

namespace torc::ds {

namespace {

// A pair is the length of its key (one byte below 255, otherwise 255 and eight bytes), key, value.
constexpr uint8_t wide_key = 255;
constexpr size_t wide_prefix_bytes = 1 + sizeof(uint64_t);

size_t prefix_bytes(size_t key_bytes) noexcept { return key_bytes < wide_key ? 1 : wide_prefix_bytes; }

char* write_prefix(char* out, size_t key_bytes) noexcept {
  if (key_bytes < wide_key) {
    *out = static_cast<char>(key_bytes);
    return out + 1;
  }
  *out = static_cast<char>(wide_key);
  const uint64_t wide = key_bytes;
  std::memcpy(out + 1, &wide, sizeof wide);
  return out + wide_prefix_bytes;
}

char* write(char* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

// Addresses take the low bits of a hash, so that these bits say nothing within a chunk.
uint8_t fingerprint_of(uint64_t hash) noexcept { return static_cast<uint8_t>(hash >> 56); }

uint32_t reversed(uint32_t bits) noexcept {
  bits = (bits >> 1 & 0x55555555) | (bits & 0x55555555) << 1;
  bits = (bits >> 2 & 0x33333333) | (bits & 0x33333333) << 2;
  bits = (bits >> 4 & 0x0f0f0f0f) | (bits & 0x0f0f0f0f) << 4;
  return __builtin_bswap32(bits);
}

}  // namespace

PackedTable::~PackedTable() { release_some(SIZE_MAX); }

// --- where things are ---

uint32_t PackedTable::address_of(uint64_t hash) const noexcept {
  const uint32_t mask = std::bit_ceil(chunks_) - 1;
  const uint32_t address = static_cast<uint32_t>(hash) & mask;
  return address < chunks_ ? address : address & mask >> 1;
}

// How many low bits of the hash the chunk's items have in common.
uint32_t PackedTable::depth_of(uint32_t index) const noexcept {
  const uint32_t full = std::bit_ceil(chunks_);
  const auto bits = static_cast<uint32_t>(std::countr_zero(full));
  if (chunks_ == full) return bits;
  const uint32_t level = full / 2;  // chunks that were there before this round of divisions
  return index >= level || index < chunks_ - level ? bits : bits - 1;
}

uint32_t PackedTable::chunk_at_place(uint32_t place) const noexcept { return address_of(reversed(place)); }

uint64_t PackedTable::place_after(uint32_t index) const noexcept {
  const uint64_t interval = uint64_t{1} << (32 - depth_of(index));
  const uint64_t next = reversed(index) + interval;
  return next >> 32 != 0 ? 0 : next;
}

PackedTable::Item PackedTable::parse(std::string_view bytes) const noexcept {
  if (kind_ == Kind::keys) return {bytes, {}};
  size_t key_bytes = static_cast<uint8_t>(bytes.front()), prefix = 1;
  if (key_bytes == wide_key) [[unlikely]] {
    std::memcpy(&key_bytes, bytes.data() + 1, sizeof key_bytes);
    prefix = wide_prefix_bytes;
  }
  return {bytes.substr(prefix, key_bytes), bytes.substr(prefix + key_bytes)};
}

bool PackedTable::key_equals(std::string_view bytes, std::string_view key) const noexcept {
  return parse(bytes).key == key;
}

void PackedTable::prefetch(uint64_t hash) const noexcept {
  if (chunks_ == 0) return;
  const char* const found = reinterpret_cast<const char*>(slot(address_of(hash)).chunk());
  base::prefetch(found);
  base::prefetch(found + 64);
}

void PackedTable::prefetch_item(uint64_t hash) const noexcept {
  if (chunks_ != 0) slot(address_of(hash)).chunk()->prefetch_candidate(fingerprint_of(hash));
}

PackedTable::Position PackedTable::find(uint64_t hash, std::string_view key) const noexcept {
  Position position;
  if (chunks_ == 0) return position;
  position.chunk_ = address_of(hash);
  const PackedChunk& found = *slot(position.chunk_).chunk();
  const uint8_t fingerprint = fingerprint_of(hash);
  for (uint32_t i = found.next_candidate(fingerprint, 0); i < found.size();
       i = found.next_candidate(fingerprint, i + 1)) {
    if (!key_equals(found.item(i), key)) continue;
    position.index_ = i;
    position.found_ = true;
    break;
  }
  return position;
}

PackedTable::Item PackedTable::item(Position position) const noexcept {
  return parse(slot(position.chunk_).chunk()->item(position.index_));
}

// --- changes ---

uint32_t& PackedTable::with_fullness_of(const PackedChunk& chunk) noexcept {
  return by_fullness_[std::min<size_t>(chunk.size() / fullness_items, by_fullness_.size() - 1)];
}

void PackedTable::enter(uint32_t index, PackedChunk* chunk) noexcept {
  slot(index) = PackedSlot(chunk);
  pages_[index / page_chunks].items += chunk->size();
  data_bytes_ += chunk->data_bytes();
  chunk_bytes_ += chunk->block_bytes();
  ++with_fullness_of(*chunk);
  items_most_ = std::max(items_most_, static_cast<uint16_t>(chunk->size()));
}

void PackedTable::leave(uint32_t index, const PackedChunk& chunk) noexcept {
  pages_[index / page_chunks].items -= chunk.size();
  data_bytes_ -= chunk.data_bytes();
  chunk_bytes_ -= chunk.block_bytes();
  --with_fullness_of(chunk);
}

PackedTable::Edit::Edit(PackedTable* table, uint32_t index) noexcept
    : table_(table), index_(index), chunk_(table->slot(index).chunk()) {
  table->leave(index, *chunk_);
}

PackedTable::Edit::~Edit() { table_->enter(index_, chunk_); }

void PackedTable::add_item(PackedChunk** chunk, uint64_t hash, const Item& item) noexcept {
  const uint8_t fingerprint = fingerprint_of(hash);
  if (kind_ == Kind::keys) {
    write(PackedChunk::append(chunk, fingerprint, item.key.size()), item.key);
    return;
  }
  const size_t bytes = prefix_bytes(item.key.size()) + item.key.size() + item.value.size();
  char* const out = write_prefix(PackedChunk::append(chunk, fingerprint, bytes), item.key.size());
  write(write(out, item.key), item.value);
}

void PackedTable::insert(uint64_t hash, std::string_view key, std::string_view value) noexcept {
  if (chunks_ == 0) add_chunk();
  add_item(Edit(this, address_of(hash)).chunk(), hash, {key, value});
  ++size_;
  grow(hash);
}

void PackedTable::set_value(Position position, std::string_view value) noexcept {
  const Item old = item(position);
  const size_t before = prefix_bytes(old.key.size()) + old.key.size();
  if (old.value.size() == value.size()) {
    write(const_cast<char*>(old.value.data()), value);
    return;
  }
  {
    Edit edit(this, position.chunk_);
    write(PackedChunk::resize(edit.chunk(), position.index_, before + value.size()) + before, value);
  }
  grow(position.chunk_);
}

void PackedTable::erase(Position position) noexcept {
  PackedChunk::erase(Edit(this, position.chunk_).chunk(), position.index_);
  --size_;
  for (uint32_t left = joins_max; left != 0 && may_merge(); --left) merge();
}

// --- shape ---

void PackedTable::add_chunk() noexcept {
  const uint32_t page = chunks_ / page_chunks, in_page = chunks_ % page_chunks;
  if (page == pages_.size()) pages_.push_back({nullptr, 0});
  // The first page doubles, so that a small table is small; the others come whole.
  if (page == 0 && (in_page == 0 || (in_page >= 4 && std::has_single_bit(in_page)))) {
    const size_t room = in_page == 0 ? 4 : 2 * in_page;
    pages_[0].slots = static_cast<PackedSlot*>(base::reallocate(pages_[0].slots, room * sizeof(PackedSlot)));
  } else if (page > 0 && in_page == 0) {
    pages_[page].slots = static_cast<PackedSlot*>(base::allocate(page_chunks * sizeof(PackedSlot)));
  }
  enter(chunks_, PackedChunk::make());
  ++chunks_;
}

// The last chunk is empty, or was freed already.
void PackedTable::drop_last_chunk() noexcept {
  --chunks_;
  if (chunks_ % page_chunks != 0) return;
  base::release(pages_.back().slots);
  pages_.pop_back();
}

void PackedTable::split() noexcept {
  const uint32_t level = std::bit_floor(chunks_);
  const uint32_t from = chunks_ - level;
  PackedChunk* const old = slot(from).chunk();
  TORC_ASSERT(level < uint32_t{1} << 31);
  leave(from, *old);
  enter(from, PackedChunk::make());
  add_chunk();
  {
    Edit lower(this, from), upper(this, chunks_ - 1);
    for (uint32_t i = 0; i < old->size(); ++i) {
      const bool is_upper = hash(parse(old->item(i)).key) & level;
      PackedChunk::adopt((is_upper ? upper : lower).chunk(), *old, i);
    }
  }
  PackedChunk::destroy_hollow(old);
}

// An item with these lower bits of its hash has come, or is longer now.
void PackedTable::grow(uint64_t hash) noexcept {
  if (size_ > chunk_items_grow * chunks_ || data_bytes_ > chunk_bytes_grow * chunks_) split();
  const PackedChunk& changed = *slot(address_of(hash)).chunk();
  if (changed.size() > crowded_items || changed.data_bytes() > crowded_bytes) [[unlikely]] relieve(hash);
}

// Divides in turn until the chunk of this hash has been divided; a part of it now. How much grows with the square of
// how far it is from crowded to the most that it can hold, near which the rest is done at once.
void PackedTable::relieve(uint64_t hash) noexcept {
  const auto chunk = [this, hash] { return slot(address_of(hash)).chunk(); };
  constexpr double divisions_max = 4096, nearly_full = 0.9;
  const uint32_t items = chunk()->size(), bytes = chunk()->data_bytes();
  const double way = std::max((items - double{crowded_items}) / (PackedChunk::items_max - crowded_items),
                              (bytes - double{crowded_bytes}) / (PackedChunk::data_bytes_max - crowded_bytes));
  const uint32_t divisions = way > nearly_full ? UINT32_MAX : static_cast<uint32_t>(1 + way * way * divisions_max);
  for (uint32_t i = 0; i < divisions && chunk()->size() == items; ++i) split();
}

bool PackedTable::may_merge() const noexcept {
  const bool sparse = size_ < chunk_items_shrink * chunks_ && data_bytes_ < chunk_bytes_shrink * chunks_;
  if (chunks_ <= 1 || !sparse) return false;
  const uint32_t last = chunks_ - 1;
  const PackedSlot first = slot(last - std::bit_floor(last)), second = slot(last);
  return first.size() + second.size() <= joined_items_max &&
         first.chunk()->data_bytes() + second.chunk()->data_bytes() <= joined_bytes_max;
}

void PackedTable::merge() noexcept {
  const uint32_t last = chunks_ - 1;
  PackedChunk* const old = slot(last).chunk();
  leave(last, *old);
  PackedChunk::adopt_all(Edit(this, last - std::bit_floor(last)).chunk(), *old);
  PackedChunk::destroy_hollow(old);
  drop_last_chunk();
}

// --- the whole ---

// At least what the fullest chunk has, and little more.
uint64_t PackedTable::chunk_items_bound() const noexcept {
  size_t fullest = by_fullness_.size() - 1;
  if (by_fullness_[fullest] != 0) return items_most_;
  while (by_fullness_[fullest] == 0) --fullest;
  return (fullest + 1) * fullness_items - 1;
}

PackedTable::Position PackedTable::at_rank(uint64_t rank) const noexcept {
  uint32_t page = 0;
  for (; rank >= pages_[page].items; ++page) rank -= pages_[page].items;
  Position position;
  position.found_ = true;
  position.chunk_ = page * page_chunks;
  for (uint32_t items; rank >= (items = slot(position.chunk_).size()); ++position.chunk_) rank -= items;
  position.index_ = static_cast<uint32_t>(rank);
  return position;
}

// A chunk is chosen, and taken with a probability that follows its number of items.
PackedTable::Position PackedTable::random(base::Random& random) const noexcept {
  TORC_ASSERT(size_ != 0);
  const uint64_t bound = chunk_items_bound();
  if (bound * chunks_ > refusals_max * size_) [[unlikely]] return at_rank(random.below(size_));
  Position position;
  position.found_ = true;
  do {
    position.chunk_ = static_cast<uint32_t>(random.below(chunks_));
    position.index_ = static_cast<uint32_t>(random.below(bound));
  } while (position.index_ >= slot(position.chunk_).size());
  return position;
}

// Where the item is in its chunk is only guessed: that all are of the average length, and the head no larger than need
// be. Reading the head to know would be the very wait.
void PackedTable::prefetch_random(base::Random random) const noexcept {
  if (size_ == 0) return;
  const Position position = this->random(random);
  const PackedSlot found = slot(position.chunk_);
  const char* const chunk = reinterpret_cast<const char*>(found.chunk());
  const uint64_t item_bytes = data_bytes_ / size_;
  const char* const items = chunk + sizeof(PackedChunk) + 2 * (found.size() + PackedChunk::room_step - 1);
  base::prefetch(chunk);
  base::prefetch(chunk + 64);
  base::prefetch(items + position.index_ * item_bytes);
  base::prefetch(items + (found.size() - 1) * item_bytes);
}

size_t PackedTable::memory_bytes() const noexcept {
  size_t bytes = chunk_bytes_ + pages_.capacity() * sizeof(Page);
  for (const Page& page : pages_) bytes += base::usable_size(page.slots);
  return bytes;
}

// By items, not by chunks: in a table with a crowd the chunks are as good as empty, but for some.
size_t PackedTable::memory_bytes_deep(size_t samples) const noexcept {
  uint64_t long_bytes = 0, items = 0;
  const auto look_at = [&](uint32_t step) {
    for (uint32_t i = 0; i < chunks_; i += step) {
      if (slot(i).size() == 0) continue;
      const PackedChunk& sample = *slot(i).chunk();
      long_bytes += sample.memory_bytes() - sample.block_bytes();
      items += sample.size();
    }
  };
  look_at(std::max<uint32_t>(1, static_cast<uint32_t>(chunks_ / std::max<size_t>(samples, 1))));
  if (items == 0) look_at(1);
  if (items == 0 || items == size_) return memory_bytes() + long_bytes;
  const double a_sampled_item = static_cast<double>(long_bytes) / static_cast<double>(items);
  return memory_bytes() + static_cast<size_t>(a_sampled_item * static_cast<double>(size_));
}

bool PackedTable::release_some(size_t count) noexcept {
  constexpr size_t bytes_a_chunk = 4096;  // of long items, which take as long to free as a chunk without
  while (count != 0 && chunks_ != 0) {
    PackedChunk* const last = slot(chunks_ - 1).chunk();
    leave(chunks_ - 1, *last);
    count -= std::min(count, 1 + PackedChunk::destroy(last) / bytes_a_chunk);
    drop_last_chunk();
  }
  if (chunks_ == 0) size_ = 0;
  return chunks_ == 0;
}

void PackedTable::copy_to(PackedTable& empty) const noexcept {
  TORC_ASSERT(empty.size_ == 0 && empty.kind_ == kind_);
  for_each([&empty](const Item& item) { empty.insert(empty.hash(item.key), item.key, item.value); });
}

}  // namespace torc::ds
