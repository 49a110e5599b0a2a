// A sorted set to be read, whatever form it has: a listpack of members and scores in turn, in order ("listpack"), or an
// object (zset_object.h). Commands see ranks, and cursors that go up and down from one.
//
// Views and cursors are good until the next change of the database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ds/listpack.h"
#include "store/entry.h"
#include "store/zset_object.h"
#include "store/zset_range.h"

namespace torc::store {

// A place in a sorted set; false behind either end.
class ZsetCursor {
 public:
  ZsetCursor() noexcept = default;
  [[nodiscard]] explicit operator bool() const noexcept { return block_ ? position_ != 0 : bool(place_); }
  // Good until the cursor moves.
  [[nodiscard]] std::string_view member() noexcept {
    return block_ ? ds::Listpack(block_).get(position_).string(digits_) : place_.item()->member();
  }
  [[nodiscard]] double score() const noexcept;
  void next() noexcept;
  void previous() noexcept;
  // To be said of a cursor that will go up (or down) by many places: items are asked for ahead of their use.
  void prefetch_ahead(bool down = false) noexcept;

 private:
  friend class ZsetView;
  const char* block_ = nullptr;         // of a listpack
  ds::Listpack::Position position_ = 0;  // of the member in it
  ZsetObject::Position place_, ahead_;   // of an object
  char digits_[24];                      // of a member that is stored as an integer
};

class ZsetView {
 public:
  struct Ranked {
    uint64_t rank;
    double score;
  };

  explicit ZsetView(const Entry& entry) noexcept;

  [[nodiscard]] bool is_packed() const noexcept { return object_ == nullptr; }
  // Of one that is not packed.
  [[nodiscard]] const ZsetObject& object() const noexcept { return *object_; }
  [[nodiscard]] ds::Listpack listpack() const noexcept { return ds::Listpack(block_); }  // of one that is packed

  [[nodiscard]] uint64_t size() const noexcept;
  [[nodiscard]] std::optional<double> score(std::string_view member) const noexcept;
  [[nodiscard]] std::optional<Ranked> rank(std::string_view member) const noexcept;
  // At least so many of them, from the end that is said on: a packed set is not walked further.
  [[nodiscard]] RankRange ranks(const ScoreRange& range, bool from_end = false,
                                uint64_t wanted = UINT64_MAX) const noexcept;
  // Without the first `offset` ones of that end. If scores differ, members are not in order; then it matters from which
  // end the range is looked for, and what is left out need not lie in it.
  [[nodiscard]] RankRange ranks(const LexRange& range, bool from_end = false, uint64_t offset = 0) const noexcept;
  // False from size() on.
  [[nodiscard]] ZsetCursor at(uint64_t rank) const noexcept;
  // The first member of the range or, if it is empty, whatever comes behind it.
  [[nodiscard]] ZsetCursor first_in(const ScoreRange& range) const noexcept;

 private:
  [[nodiscard]] ZsetCursor packed_at(ds::Listpack::Position position) const noexcept;
  [[nodiscard]] RankRange packed_ranks(const ScoreRange& range, uint64_t wanted) const noexcept;
  [[nodiscard]] RankRange packed_ranks_from_end(const ScoreRange& range, uint64_t wanted) const noexcept;
  [[nodiscard]] RankRange packed_ranks_from_end(const LexRange& range, uint64_t offset) const noexcept;

  const char* block_ = nullptr;
  const ZsetObject* object_ = nullptr;
};

// The score that stands behind the member at this place of a packed set.
[[nodiscard]] double packed_score(ds::Listpack pairs, ds::Listpack::Position member) noexcept;

}  // namespace torc::store
