// Which members of a geo set (a sorted set whose scores are places: ds/geohash.h) lie in a circle or in a box.
//
// The centre's cell, at such a size that it and its eight neighbours cover the shape, gives up to nine intervals of
// scores; what lies in them is measured. In the order of cells and scores, so the result is Redis's also when it stops
// at a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "ds/geohash.h"
#include "store/zset_view.h"

namespace torc::store {

struct GeoShape {
  enum class Kind : uint8_t { circle, box };
  Kind kind = Kind::circle;
  ds::GeoPoint centre;
  double unit_m = 1;             // of the lengths
  double radius = 0;             // of a circle
  double width = 0, height = 0;  // of a box
};

struct GeoMatch {
  std::string_view member;
  double score = 0;
  double distance_m = 0;  // from the centre
  ds::GeoPoint point;
};

class GeoSearch {
 public:
  // limit: so many matches are enough; 0: all. The views of members are good as long as this object and the set.
  GeoSearch(const ZsetView& set, const GeoShape& shape, uint64_t limit);
  [[nodiscard]] std::vector<GeoMatch>& matches() noexcept { return matches_; }

 private:
  void add_cell(const ds::GeoCell& cell);
  [[nodiscard]] bool enough() const noexcept { return limit_ != 0 && matches_.size() >= limit_; }
  [[nodiscard]] bool within(const ds::GeoPoint& point, double* distance_m) const noexcept;
  [[nodiscard]] bool within_circle(const ds::GeoPoint& point, double* distance_m) const noexcept;
  [[nodiscard]] bool within_box(const ds::GeoPoint& point, double* distance_m) const noexcept;

  const ZsetView& set_;
  const GeoShape& shape_;
  const uint64_t limit_;
  // Of a circle, computed once.
  double radius_m_, latitude_radians_, longitude_radians_, latitude_cosine_;
  double latitude_radians_max_, haversine_max_;  // with a margin: what is beyond is outside
  std::vector<GeoMatch> matches_;
  std::deque<std::string> texts_;  // of members that are stored as integers
};

// Sorts so that the first `count` are the nearest (or the farthest), in order; of equally distant ones that which was
// found first comes first.
void sort_matches(std::vector<GeoMatch>& matches, size_t count, bool farthest_first);

}  // namespace torc::store
