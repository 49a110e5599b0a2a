// A large sorted set ("skiplist" to OBJECT ENCODING): a table that finds a member's item, and an ordered index that
// knows the order and the ranks.
//
// An item (zset_item.h) is a block of its own, 32 bytes for a member of 16; the table owns it at about 9 bytes a slot,
// the index refers to it at about 15: 56 bytes a member. A skip list with a dictionary needs 83 to 96. The first 32
// bits of the score, made to ascend, stand in the index beside each item, so that a way down reads few items.
//
// Order is that of the scores; equal ones (0 and -0 are equal) are ordered by their members' bytes.
//
// A long range that is removed is cut out of the index at once, and then no longer belongs to the set; its items leave
// the table one after the other, in slices, when there is time (RemovedMembers). Until then the table also finds items
// that are no members any more: those that the index does not hold. Only a set with such leftovers looks there. A new
// member of the same name takes over the slot of a leftover, which is then known to the cut part of the index only;
// from there all leftovers are freed.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/hash.h"
#include "base/random.h"
#include "ds/ordered_index.h"
#include "ds/table.h"
#include "store/object.h"
#include "store/zset_item.h"
#include "store/zset_range.h"

namespace torc::store {

struct ZsetOrder {
  using Item = ZsetItem;
  // Ascends with the score. Never NaN.
  [[nodiscard]] static uint32_t prefix_of(double score) noexcept {
    const auto bits = std::bit_cast<uint64_t>(score + 0.0);  // makes 0 of -0
    return static_cast<uint32_t>((bits >> 63 ? ~bits : bits | uint64_t{1} << 63) >> 32);
  }
  [[nodiscard]] static uint32_t prefix(const ZsetItem& item) noexcept { return prefix_of(item.score()); }
  [[nodiscard]] static bool less(const ZsetItem& first, const ZsetItem& second) noexcept {
    if (first.score() != second.score()) return first.score() < second.score();
    return first.member() < second.member();
  }
};

class ZsetObject final : public Object {
 public:
  using Index = ds::OrderedIndex<ZsetOrder>;
  using Position = Index::Position;

  // hash_key must outlive the set.
  explicit ZsetObject(const base::HashKey* hash_key) noexcept : table_(TableTraits{hash_key}) {}
  ~ZsetObject() override;

  [[nodiscard]] std::unique_ptr<Object> copy() const override;
  [[nodiscard]] size_t memory_bytes() const noexcept override;
  [[nodiscard]] uint64_t blocks() const noexcept override;
  [[nodiscard]] uint64_t element_hash(std::string_view member) const noexcept override { return hash(member); }
  void prefetch(uint64_t hash, Wave wave) const noexcept override {
    if (wave == Wave::first) table_.prefetch_bucket(hash);
    if (wave == Wave::second) table_.prefetch_items(hash);
  }
  bool release_some(size_t count) noexcept override;

  [[nodiscard]] uint64_t size() const noexcept { return table_.size() - leftovers_; }
  [[nodiscard]] uint64_t hash(std::string_view member) const noexcept { return table_.traits().hash_of(member); }
  [[nodiscard]] const base::HashKey* hash_key() const noexcept { return table_.traits().hash_key; }

  [[nodiscard]] ds::TableStats table_statistics() const noexcept { return table_.stats(); }

  // --- by member ---
  // Null when there is none. hash is hash(member).
  [[nodiscard]] ZsetItem* find(uint64_t hash, std::string_view member) const noexcept;
  [[nodiscard]] ZsetItem* find(std::string_view member) const noexcept { return find(hash(member), member); }
  // Brings on their way what finding a member, and giving it this score, reads first.
  void prefetch(uint64_t hash, double score) const noexcept;
  // The member must be absent; score is not NaN.
  void insert(uint64_t hash, std::string_view member, double score);
  void set_score(ZsetItem* item, double score);
  // False when there is no such member.
  bool erase(std::string_view member);

  // --- by order ---
  [[nodiscard]] uint64_t rank(const ZsetItem& item) const noexcept { return index_.rank(item); }
  [[nodiscard]] Position at(uint64_t rank) const noexcept { return index_.at(rank); }
  [[nodiscard]] RankRange ranks(const ScoreRange& range) const noexcept;
  // Of members with equal scores; if they differ, ranks that are somewhere.
  [[nodiscard]] RankRange ranks(const LexRange& range) const noexcept;
  // The first item of the range or, if it is empty, whatever comes behind it.
  [[nodiscard]] Position first_in(const ScoreRange& range) const noexcept;
  // What is left to be freed of them, or null. It may be kept as long as one likes, and end behind the set.
  [[nodiscard]] std::unique_ptr<Object> erase(const RankRange& range);
  // Members at one end are likely to be erased next: warms what that reads.
  void prefetch_end(bool last) const noexcept;

  // --- any of them ---
  [[nodiscard]] const ZsetItem& random(base::Random& random) const noexcept {
    if (leftovers_ != 0) [[unlikely]]
      return *index_.at(random.below(size())).item();
    return *Table::item(table_.random(random));
  }
  // Calls visit(const ZsetItem&) for about eight members; 0 begins and ends. As ds::Table::scan. Leftovers are among
  // them, so that a step costs the same however many these are: is_member() tells.
  template <class Visit>
  uint64_t scan(uint64_t cursor, Visit visit) const {
    return table_.scan(cursor, [&visit](ds::TablePosition position) { visit(*Table::item(position)); });
  }

  // Of an item that scan() shows.
  [[nodiscard]] bool is_member(const ZsetItem& item) const noexcept { return leftovers_ == 0 || index_.holds(&item); }

  // --- making a whole set ---
  // Inserts into the table only; until order() is called nothing but find(), size() and erase_unordered() may be used.
  ZsetItem* insert_unordered(uint64_t hash, std::string_view member, double score);
  void erase_unordered(std::string_view member);
  void order();

 private:
  struct TableTraits {
    using Item = ZsetItem;
    using Key = std::string_view;
    static constexpr size_t prefetch_bytes = 32;
    [[nodiscard]] uint64_t hash_of(std::string_view member) const noexcept {
      return base::siphash13(*hash_key, member);
    }
    [[nodiscard]] uint64_t hash(const ZsetItem& item) const noexcept { return hash_of(item.member()); }
    [[nodiscard]] bool equal(const ZsetItem& item, std::string_view member) const noexcept {
      return item.member() == member;
    }
    const base::HashKey* hash_key;
  };
  using Table = ds::Table<TableTraits>;

  friend class RemovedMembers;
  // How the leftovers' keeper finds the set, as long as there is one.
  struct Home {
    ZsetObject* set;
  };

  void release(ZsetItem* item) noexcept;
  void erase_at_once(const RankRange& range);
  size_t release_leftovers(size_t count) noexcept;

  Table table_;
  Index index_;
  size_t item_bytes_ = 0;  // of all items' blocks
  uint64_t leftovers_ = 0;  // items in the table that the index does not hold
  std::shared_ptr<Home> home_;  // once a range was cut out
};

}  // namespace torc::store
