// What a command asks of a sorted set: an interval of scores, of members, or of ranks.
#pragma once

#include <cstdint>
#include <string_view>

namespace torc::store {

struct ScoreRange {
  double min = 0, max = 0;
  bool min_open = false, max_open = false;

  [[nodiscard]] bool reaches_min(double score) const noexcept { return min_open ? score > min : score >= min; }
  [[nodiscard]] bool keeps_max(double score) const noexcept { return max_open ? score < max : score <= max; }
};

// One end of an interval of members, in the order of their bytes.
struct LexBound {
  enum class Kind : uint8_t { lowest, highest, text };
  Kind kind = Kind::text;
  bool open = false;      // the text itself is outside
  std::string_view text;  // of Kind::text
};

struct LexRange {
  LexBound min, max;

  [[nodiscard]] bool reaches_min(std::string_view member) const noexcept {
    if (min.kind != LexBound::Kind::text) return min.kind == LexBound::Kind::lowest;
    return min.open ? member > min.text : member >= min.text;
  }
  [[nodiscard]] bool keeps_max(std::string_view member) const noexcept {
    if (max.kind != LexBound::Kind::text) return max.kind == LexBound::Kind::highest;
    return max.open ? member < max.text : member <= max.text;
  }
};

// Ranks from begin up to but not including end.
struct RankRange {
  uint64_t begin = 0, end = 0;
  [[nodiscard]] bool empty() const noexcept { return begin >= end; }
  [[nodiscard]] uint64_t size() const noexcept { return empty() ? 0 : end - begin; }
};

}  // namespace torc::store
