// An item's address is known to the table and to the index, so both change together; the table owns it. A set that is
// made as a whole (a copy, a union) is put into the table first and sorted once: appending to the index costs little
// and fills its leaves. Only a range that was cut out stays in the table for a while, as leftovers (zset_object.h).
#include "store/zset_object.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/late_release.h"
#include "base/prefetch.h"
#include "ds/size_class.h"

namespace torc::store {

namespace {

// What the allocator makes of it, without asking it: that would read the page's head.
size_t usable_bytes(std::string_view member) noexcept {
  const size_t words = (ZsetItem::block_bytes(member.size()) + 7) / 8;
  constexpr size_t words_max = 1 << 20;
  return words < words_max ? size_t{ds::size_class_for(static_cast<uint32_t>(words))} * 8 : words * 8;
}

// From so many on a range is cut out: to erase them at once takes some 0.3 µs each.
constexpr uint64_t cut_members_min = 512;
// Leftovers that are freed side by side at the most, so that their cache misses overlap; the reclaimer asks for fewer.
constexpr size_t leftovers_at_once_max = 16;

}  // namespace

// What a range that was cut out of a set leaves to do. There may be several of them: each frees as many leftovers as it
// was made for, whichever come first. If the set is freed before them, it sees to its leftovers itself.
class RemovedMembers final : public Object {
 public:
  RemovedMembers(std::shared_ptr<const ZsetObject::Home> home, uint64_t count) noexcept
      : home_(std::move(home)), left_(count) {}
  ~RemovedMembers() override {
    while (!release_some(SIZE_MAX)) {
    }
  }
  // It is no value.
  [[nodiscard]] std::unique_ptr<Object> copy() const override { return nullptr; }
  [[nodiscard]] size_t memory_bytes() const noexcept override { return sizeof *this; }
  [[nodiscard]] uint64_t blocks() const noexcept override { return left_; }
  bool release_some(size_t count) noexcept override {
    while (left_ > 0 && count > 0) {
      const size_t freed = home_->set ? home_->set->release_leftovers(count) : 0;
      if (freed == 0) left_ = 0;
      left_ -= std::min<uint64_t>(left_, freed);
      count -= freed;
    }
    return left_ == 0;
  }

 private:
  std::shared_ptr<const ZsetObject::Home> home_;
  uint64_t left_;
};

ZsetObject::~ZsetObject() {
  if (home_) home_->set = nullptr;
  while (!release_some(SIZE_MAX)) {
  }
}

void ZsetObject::release(ZsetItem* item) noexcept {
  const size_t bytes = usable_bytes(item->member());
  item_bytes_ -= bytes;
  base::release_late(item, bytes);
}

std::unique_ptr<Object> ZsetObject::copy() const {
  auto made = std::make_unique<ZsetObject>(hash_key());
  for (Position position = index_.first(); position; position = position.next()) {
    const ZsetItem& item = *position.item();
    made->insert(hash(item.member()), item.member(), item.score());
  }
  return made;
}

size_t ZsetObject::memory_bytes() const noexcept {
  return sizeof *this + table_.memory_bytes() + index_.memory_bytes() + item_bytes_;
}

uint64_t ZsetObject::blocks() const noexcept {
  constexpr uint64_t items_a_node = 48, leftovers_a_block = 8;
  // Leftovers count elsewhere (RemovedMembers), but a set that has some is not little work.
  return size() + table_.segment_count() + index_.size() / items_a_node + index_.cut_size() / leftovers_a_block;
}

bool ZsetObject::release_some(size_t count) noexcept {
  if (index_.cut_size() != 0) {
    release_leftovers(count);
    return false;
  }
  if (!index_.empty()) {
    constexpr size_t nodes_at_least = 1;
    if (!index_.release_some(std::max(count, nodes_at_least))) return false;
  }
  return table_.release_some(count, [this](ZsetItem* item) { release(item); });
}

ZsetItem* ZsetObject::find(uint64_t hash, std::string_view member) const noexcept {
  const ds::TablePosition position = table_.find(hash, member);
  if (!position.found) return nullptr;
  ZsetItem* const item = Table::item(position);
  return is_member(*item) ? item : nullptr;
}

// In the table, where a leftover with this name makes place.
ZsetItem* ZsetObject::insert_unordered(uint64_t hash, std::string_view member, double score) {
  ZsetItem* const item = ZsetItem::make(member, score);
  item_bytes_ += usable_bytes(member);
  const ds::TablePosition leftover = leftovers_ != 0 ? table_.find(hash, member) : ds::TablePosition();
  if (leftover.found) {
    Table::replace(leftover, item);
    --leftovers_;
  } else {
    table_.insert(hash, item);
  }
  return item;
}

void ZsetObject::insert(uint64_t hash, std::string_view member, double score) {
  index_.insert(insert_unordered(hash, member, score));
}

void ZsetObject::set_score(ZsetItem* item, double score) {
  index_.change(item, [item, score] { item->set_score(score); });
}

bool ZsetObject::erase(std::string_view member) {
  const ds::TablePosition position = table_.find(hash(member), member);
  if (!position.found || !is_member(*Table::item(position))) return false;
  index_.erase(*Table::item(position));
  release(table_.take(position));
  return true;
}

void ZsetObject::erase_unordered(std::string_view member) {
  const ds::TablePosition position = table_.find(hash(member), member);
  if (position.found) release(table_.take(position));
}

void ZsetObject::order() {
  std::vector<ZsetItem*> items;
  items.reserve(size());
  table_.for_each([&items](ds::TablePosition position) { items.push_back(Table::item(position)); });
  std::ranges::sort(items, [](const ZsetItem* first, const ZsetItem* second) {
    return ZsetOrder::less(*first, *second);
  });
  for (ZsetItem* item : items) index_.insert(item);
}

RankRange ZsetObject::ranks(const ScoreRange& range) const noexcept {
  const auto below = [&range](const ZsetItem& item) { return !range.reaches_min(item.score()); };
  const auto within = [&range](const ZsetItem& item) { return range.keeps_max(item.score()); };
  return {index_.count_before(ZsetOrder::prefix_of(range.min), below),
          index_.count_before(ZsetOrder::prefix_of(range.max), within)};
}

RankRange ZsetObject::ranks(const LexRange& range) const noexcept {
  return {index_.count_before([&range](const ZsetItem& item) { return !range.reaches_min(item.member()); }),
          index_.count_before([&range](const ZsetItem& item) { return range.keeps_max(item.member()); })};
}

ZsetObject::Position ZsetObject::first_in(const ScoreRange& range) const noexcept {
  return index_.first_not_before(ZsetOrder::prefix_of(range.min),
                                 [&range](const ZsetItem& item) { return !range.reaches_min(item.score()); });
}

std::unique_ptr<Object> ZsetObject::erase(const RankRange& range) {
  const uint64_t count = range.size();
  if (count < cut_members_min) {
    erase_at_once(range);
    return nullptr;
  }
  index_.cut(range.begin, range.end);
  leftovers_ += count;
  if (!home_) home_ = std::make_shared<Home>(this);
  return std::make_unique<RemovedMembers>(home_, count);
}

void ZsetObject::erase_at_once(const RankRange& range) {
  for (uint64_t left = range.size(); left > 0; --left) {
    ZsetItem* const item = index_.take(range.begin);
    table_.take(table_.find(hash(item->member()), item->member()));
    release(item);
  }
}

// Returns how many; 0: there are none.
size_t ZsetObject::release_leftovers(size_t count) noexcept {
  std::array<ZsetItem*, leftovers_at_once_max> items;
  std::array<uint64_t, leftovers_at_once_max> hashes;
  const size_t taken = index_.take_cut(std::span(items).first(std::min(count, items.size())));
  for (size_t i = 0; i < taken; ++i) base::prefetch(items[i]);
  for (size_t i = 0; i < taken; ++i) {
    hashes[i] = hash(items[i]->member());
    table_.prefetch_bucket(hashes[i]);
  }
  for (size_t i = 0; i < taken; ++i) {
    const ds::TablePosition position = table_.find(hashes[i], items[i]->member());
    if (position.found && Table::item(position) == items[i]) {
      table_.take(position);
      --leftovers_;
    }
    release(items[i]);
  }
  return taken;
}

void ZsetObject::prefetch(uint64_t hash, double score) const noexcept {
  table_.prefetch_bucket(hash);
  index_.prefetch(ZsetOrder::prefix_of(score));
}

// Two waves: the item some places away, and the bucket of one that is nearer and has arrived since.
void ZsetObject::prefetch_end(bool last) const noexcept {
  constexpr uint64_t far = 8, near = 4;
  if (size() <= far) return;
  const uint64_t end = size() - 1;
  base::prefetch(index_.at(last ? end - far : far).item());
  table_.prefetch_bucket(hash(index_.at(last ? end - near : near).item()->member()));
}

}  // namespace torc::store
