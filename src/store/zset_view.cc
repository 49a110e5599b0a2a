// A packed set is walked: it has a hundred members or so. Ranks of an object come from its index.
#include "store/zset_view.h"

#include <algorithm>

#include "base/parse_number.h"
#include "base/prefetch.h"

namespace torc::store {

namespace {

using ds::Listpack;
using ds::ListpackItem;

constexpr uint32_t pair = 2;

Listpack::Position next_member(Listpack pairs, Listpack::Position member) noexcept {
  return pairs.next(pairs.next(member));
}

// What is left of a range when its first ones, or its last ones, are left out.
RankRange without(RankRange ranks, bool from_end, uint64_t offset) noexcept {
  offset = std::min(offset, ranks.size());
  return from_end ? RankRange{ranks.begin, ranks.end - offset} : RankRange{ranks.begin + offset, ranks.end};
}

}  // namespace

double packed_score(Listpack pairs, Listpack::Position member) noexcept {
  const Listpack::Element score = pairs.get(pairs.next(member));
  if (score.is_integer) return static_cast<double>(score.integer);
  return base::parse_double(score.text).value_or(0);
}

double ZsetCursor::score() const noexcept {
  return block_ ? packed_score(Listpack(block_), position_) : place_.item()->score();
}

void ZsetCursor::next() noexcept {
  if (block_) {
    position_ = next_member(Listpack(block_), position_);
    return;
  }
  place_ = place_.next();
  if (!ahead_) return;
  ahead_ = ahead_.next();
  if (ahead_) base::prefetch(ahead_.item());
}

void ZsetCursor::previous() noexcept {
  if (block_) {
    const Listpack pairs(block_);
    const Listpack::Position score = pairs.previous(position_);
    position_ = score == 0 ? 0 : pairs.previous(score);
    return;
  }
  place_ = place_.previous();
  if (!ahead_) return;
  ahead_ = ahead_.previous();
  if (ahead_) base::prefetch(ahead_.item());
}

void ZsetCursor::prefetch_ahead(bool down) noexcept {
  constexpr int items_ahead = 10;
  if (block_) return;
  ahead_ = place_;
  for (int i = 0; i < items_ahead && ahead_; ++i) {
    ahead_ = down ? ahead_.previous() : ahead_.next();
    if (ahead_) base::prefetch(ahead_.item());
  }
}

ZsetView::ZsetView(const Entry& entry) noexcept {
  if (entry.is_object()) {
    object_ = static_cast<const ZsetObject*>(entry.object());
  } else {
    block_ = entry.packed().data();
  }
}

uint64_t ZsetView::size() const noexcept { return object_ ? object_->size() : listpack().size() / pair; }

std::optional<double> ZsetView::score(std::string_view member) const noexcept {
  if (object_) {
    const ZsetItem* item = object_->find(member);
    return item ? std::optional(item->score()) : std::nullopt;
  }
  const Listpack pairs = listpack();
  const Listpack::Position found = pairs.find(pairs.first(), ListpackItem(member), 1);
  return found ? std::optional(packed_score(pairs, found)) : std::nullopt;
}

std::optional<ZsetView::Ranked> ZsetView::rank(std::string_view member) const noexcept {
  if (object_) {
    const ZsetItem* item = object_->find(member);
    return item ? std::optional(Ranked{object_->rank(*item), item->score()}) : std::nullopt;
  }
  const Listpack pairs = listpack();
  const ListpackItem wanted(member);
  uint64_t rank = 0;
  for (auto at = pairs.first(); at != 0; at = next_member(pairs, at), ++rank) {
    if (pairs.equal(at, wanted)) return Ranked{rank, packed_score(pairs, at)};
  }
  return std::nullopt;
}

RankRange ZsetView::ranks(const ScoreRange& range, bool from_end, uint64_t wanted) const noexcept {
  if (object_) return object_->ranks(range);
  return from_end ? packed_ranks_from_end(range, wanted) : packed_ranks(range, wanted);
}

RankRange ZsetView::packed_ranks(const ScoreRange& range, uint64_t wanted) const noexcept {
  const Listpack pairs = listpack();
  RankRange found;
  for (auto at = pairs.first(); at != 0 && found.size() < wanted; at = next_member(pairs, at)) {
    const double score = packed_score(pairs, at);
    if (!range.keeps_max(score)) break;
    found.begin += !range.reaches_min(score);
    ++found.end;
  }
  return found;
}

RankRange ZsetView::ranks(const LexRange& range, bool from_end, uint64_t offset) const noexcept {
  if (object_) return without(object_->ranks(range), from_end, offset);
  // A range that the ends of the set show to be empty is empty, in whatever order the members are.
  ZsetCursor first = at(0), last = at(size() - 1);
  if (!first || !range.keeps_max(first.member()) || !range.reaches_min(last.member())) return {};
  if (from_end) return packed_ranks_from_end(range, offset);
  RankRange found;
  ZsetCursor cursor = first;
  for (; cursor && !range.reaches_min(cursor.member()); cursor.next()) ++found.begin;
  if (!cursor || !range.keeps_max(cursor.member())) return {};
  for (; cursor && offset > 0; cursor.next(), --offset) ++found.begin;
  found.end = found.begin;
  for (; cursor && range.keeps_max(cursor.member()); cursor.next()) ++found.end;
  return found;
}

RankRange ZsetView::packed_ranks_from_end(const ScoreRange& range, uint64_t wanted) const noexcept {
  const uint64_t last = size();
  RankRange found{last, last};
  for (ZsetCursor cursor = at(last - 1); cursor && found.size() < wanted; cursor.previous()) {
    const double score = cursor.score();
    if (!range.reaches_min(score)) break;
    found.end -= !range.keeps_max(score);
    --found.begin;
  }
  return found;
}

RankRange ZsetView::packed_ranks_from_end(const LexRange& range, uint64_t offset) const noexcept {
  RankRange found{0, size()};
  ZsetCursor cursor = at(found.end - 1);
  for (; cursor && !range.keeps_max(cursor.member()); cursor.previous()) --found.end;
  if (!cursor || !range.reaches_min(cursor.member())) return {};
  for (; cursor && offset > 0; cursor.previous(), --offset) --found.end;
  found.begin = found.end;
  for (; cursor && range.reaches_min(cursor.member()); cursor.previous()) --found.begin;
  return found;
}

ZsetCursor ZsetView::packed_at(Listpack::Position position) const noexcept {
  ZsetCursor cursor;
  cursor.block_ = block_;
  cursor.position_ = position;
  return cursor;
}

ZsetCursor ZsetView::at(uint64_t rank) const noexcept {
  if (object_) {
    ZsetCursor cursor;
    cursor.place_ = object_->at(rank);
    return cursor;
  }
  if (rank >= size()) return packed_at(0);
  return packed_at(listpack().at(static_cast<int64_t>(rank * pair)));
}

ZsetCursor ZsetView::first_in(const ScoreRange& range) const noexcept {
  if (object_) {
    ZsetCursor cursor;
    cursor.place_ = object_->first_in(range);
    return cursor;
  }
  const Listpack pairs = listpack();
  auto at = pairs.first();
  while (at != 0 && !range.reaches_min(packed_score(pairs, at))) at = next_member(pairs, at);
  return packed_at(at);
}

}  // namespace torc::store
