// A hash table that holds the bytes of its items itself, packed: what stands behind large sets of short strings and
// large hashes. An item is a key and, in a table of pairs, a value.
//
// Items lie in chunks (packed_chunk.h) of some 16 to 32, chosen by their hash. A member of 16 bytes costs 18 bytes and
// its part of the chunk's head and slack, 21 in all; a block of its own and a slot of ds::Table would cost 42. A search
// reads the chunk's address, its fingerprints and lengths, and one item.
//
// Growth is linear hashing (Litwin 1980): whenever the chunks hold more on the average than they should, in items or
// in bytes, the next one in turn is divided in two, so an insertion moves one chunk's items at most, and chunks that
// were not divided yet are larger blocks, not overflowing ones. Shrinking joins the last two that were divided. Chunk
// c of n has the items whose hash ends in the bits of c, one bit more if its level was divided already.
//
// All tables hash with one key, so what comes in the order of another table's scan, or goes in the order of this one's,
// has the lower bits of its addresses in common and meets in few chunks. A crowded chunk therefore is divided before
// its turn: each insertion into it does a number of divisions, more the longer it lasts, until its turn has come. (The
// chunks that are made meanwhile are empty, and needed anyway when the rest comes.) And two chunks are not joined that
// would be crowded: then the table stays larger for a while than its items need.
//
// Beside a chunk's address stands how many items it has, so that a random choice reads no chunk that it does not take,
// and in how many chunks there are how many, which tells what the fullest one has: with that for a bound, a chunk is
// refused just so often that all items are equally likely. When that would be often (many chunks made for a crowd of a
// few dozen items), an item's rank is chosen instead, and found by the numbers of items in the pages of chunks.
//
// SCAN goes through the chunks in the order of their reversed address bits, as Redis's does through buckets: dividing
// a chunk leaves both parts where it was in that order, so each item that is there throughout is seen, and some may be
// seen twice after a shrinking. A cursor is a number below 2^32: how far the reversed bits are done.
//
// Views and positions are good until the next change. What is inserted must not lie in the table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/prefetch.h"
#include "base/random.h"
#include "ds/packed_chunk.h"
#include "ds/packed_slot.h"

namespace torc::ds {

class PackedTable {
 public:
  enum class Kind : uint8_t { keys, pairs };
  struct Item {
    std::string_view key;
    std::string_view value;  // empty in a table of keys
  };
  class Position {
   public:
    Position() noexcept = default;
    [[nodiscard]] explicit operator bool() const noexcept { return found_; }

   private:
    friend class PackedTable;
    uint32_t chunk_ = 0, index_ = 0;
    bool found_ = false;
  };

  // hash_key: what the hashes that the caller gives were made with (siphash13); it must outlive the table.
  PackedTable(Kind kind, const base::HashKey* hash_key) noexcept : hash_key_(hash_key), kind_(kind) {}
  PackedTable(const PackedTable&) = delete;
  PackedTable& operator=(const PackedTable&) = delete;
  ~PackedTable();

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] uint32_t chunk_count() const noexcept { return chunks_; }
  // All that it has allocated, long items excepted.
  [[nodiscard]] size_t memory_bytes() const noexcept;
  // The same with long items, whose part is an estimate from about `samples` chunks, unless these have all items.
  [[nodiscard]] size_t memory_bytes_deep(size_t samples) const noexcept;
  [[nodiscard]] uint64_t hash(std::string_view key) const noexcept { return base::siphash13(*hash_key_, key); }

  [[nodiscard]] Position find(uint64_t hash, std::string_view key) const noexcept;
  [[nodiscard]] Position find(std::string_view key) const noexcept { return find(hash(key), key); }
  [[nodiscard]] Item item(Position position) const noexcept;

  // The key must be absent.
  void insert(uint64_t hash, std::string_view key, std::string_view value = {}) noexcept;
  // Of a found pair.
  void set_value(Position position, std::string_view value) noexcept;
  void erase(Position position) noexcept;

  // Uniform over all items; the table must not be empty.
  [[nodiscard]] Position random(base::Random& random) const noexcept;
  // Brings the lines on their way that a choice with the generator in this state, and erasing what it finds, will read.
  void prefetch_random(base::Random random) const noexcept;
  // Calls visit(Item) for the items of one chunk and returns the next cursor; 0 begins and ends.
  template <class Visit>
  uint64_t scan(uint64_t cursor, Visit&& visit) const {
    if (chunks_ == 0) return 0;
    const uint32_t index = chunk_at_place(static_cast<uint32_t>(cursor));
    visit_chunk(*slot(index).chunk(), visit);
    return place_after(index);
  }
  // Calls visit(Item) for the items of the chunk where those with this hash are; its low 32 bits are enough.
  template <class Visit>
  void visit_near(uint64_t hash, Visit&& visit) const {
    if (chunks_ != 0) visit_chunk(*slot(address_of(hash)).chunk(), visit);
  }
  // Calls visit(Item) for all items. Not in the order of a scan, so that they may go into another table as they come.
  template <class Visit>
  void for_each(Visit&& visit) const {
    this->visit([&visit](const Item& item) {
      visit(item);
      return true;
    });
  }
  // The same until visit returns false.
  template <class Visit>
  void visit(Visit&& visit) const {
    for (uint32_t i = 0; i < chunks_; ++i) {
      if (slot(i).size() == 0) continue;
      const PackedChunk& chunk = *slot(i).chunk();
      for (uint32_t item = 0; item < chunk.size(); ++item) {
        if (!visit(parse(chunk.item(item)))) return;
      }
    }
  }
  // Bring the lines on their way that a search will read: where the chunk's address stands, the head of the chunk, the
  // item itself or the place of a new one. Each reads what the one before it fetched.
  void prefetch_address(uint64_t hash) const noexcept {
    if (chunks_ != 0) base::prefetch(&slot(address_of(hash)));
  }
  void prefetch(uint64_t hash) const noexcept;
  void prefetch_item(uint64_t hash) const noexcept;

  // Frees up to `count` chunks (fewer with long items) of a table that nobody searches any more; true if none is left.
  bool release_some(size_t count) noexcept;
  // A table with the same items.
  void copy_to(PackedTable& empty) const noexcept;

 private:
  static constexpr uint32_t page_chunks = 512;
  // On the average; chunks have between two thirds and four thirds of it.
  static constexpr uint64_t chunk_items_grow = 24, chunk_items_shrink = 10;
  static constexpr uint64_t chunk_bytes_grow = 768, chunk_bytes_shrink = 320;
  // From here on a chunk is divided before its turn; and two are joined only as long as they have no more together.
  static constexpr uint32_t crowded_items = 96, crowded_bytes = 4096;
  static constexpr uint32_t joined_items_max = 128, joined_bytes_max = 8192;
  static constexpr uint32_t joins_max = 16;  // by one erasure

  static constexpr uint32_t fullness_items = 8;
  // A random choice that is likely to be refused more often is made by rank.
  static constexpr uint64_t refusals_max = 32;

  struct Page {
    PackedSlot* slots;
    uint64_t items;  // in its chunks
  };

  // One chunk while it changes.
  class Edit {
   public:
    Edit(PackedTable* table, uint32_t index) noexcept;
    Edit(const Edit&) = delete;
    Edit& operator=(const Edit&) = delete;
    ~Edit();
    [[nodiscard]] PackedChunk** chunk() noexcept { return &chunk_; }

   private:
    PackedTable* table_;
    uint32_t index_;
    PackedChunk* chunk_;
  };

  [[nodiscard]] PackedSlot& slot(uint32_t index) const noexcept {
    return pages_[index / page_chunks].slots[index % page_chunks];
  }
  [[nodiscard]] uint32_t address_of(uint64_t hash) const noexcept;
  [[nodiscard]] uint32_t depth_of(uint32_t index) const noexcept;
  [[nodiscard]] uint32_t chunk_at_place(uint32_t place) const noexcept;
  [[nodiscard]] uint64_t place_after(uint32_t index) const noexcept;
  [[nodiscard]] Item parse(std::string_view bytes) const noexcept;
  [[nodiscard]] bool key_equals(std::string_view bytes, std::string_view key) const noexcept;
  void add_item(PackedChunk** chunk, uint64_t hash, const Item& item) noexcept;
  void add_chunk() noexcept;
  void drop_last_chunk() noexcept;
  void split() noexcept;
  void merge() noexcept;
  [[nodiscard]] bool may_merge() const noexcept;
  void grow(uint64_t hash) noexcept;
  void relieve(uint64_t hash) noexcept;
  // A chunk begins or ceases to count.
  void enter(uint32_t index, PackedChunk* chunk) noexcept;
  void leave(uint32_t index, const PackedChunk& chunk) noexcept;
  [[nodiscard]] uint32_t& with_fullness_of(const PackedChunk& chunk) noexcept;
  [[nodiscard]] uint64_t chunk_items_bound() const noexcept;
  [[nodiscard]] Position at_rank(uint64_t rank) const noexcept;

  template <class Visit>
  void visit_chunk(const PackedChunk& chunk, Visit& visit) const {
    for (uint32_t i = 0; i < chunk.size(); ++i) visit(parse(chunk.item(i)));
  }

  const base::HashKey* hash_key_;
  std::vector<Page> pages_;  // of page_chunks each; the first one grows up to that
  uint64_t size_ = 0;
  uint64_t data_bytes_ = 0;   // of all chunks' items
  uint64_t chunk_bytes_ = 0;  // of their blocks
  // How many chunks have 0 to 7 items, 8 to 15 ..., 120 or more; and what the fullest of these last had, ever.
  std::array<uint32_t, 16> by_fullness_{};
  uint32_t chunks_ = 0;
  uint16_t items_most_ = 0;
  Kind kind_;
};

}  // namespace torc::ds
