// A candidate costs some sines and cosines, and most candidates are outside. So a circle first looks at the latitude,
// then at the haversine before its root and arc are taken; both with a margin that is far above the error of rounding,
// so that what decides at the border is the distance itself, computed as Redis computes it.
#include "store/geo_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace torc::store {

namespace {

using ds::GeoCell;
using ds::GeoFrame;
using ds::GeoPoint;

constexpr double margin = 1 + 1e-9;

double to_m(const GeoShape& shape, double length) noexcept { return length * shape.unit_m; }

// The intervals of longitude and latitude that the shape spans. It is widest towards the nearer pole.
GeoFrame bounds_of(const GeoShape& shape) noexcept {
  const bool is_circle = shape.kind == GeoShape::Kind::circle;
  const GeoPoint& centre = shape.centre;
  const double height_m = shape.unit_m * (is_circle ? shape.radius : shape.height / 2);
  const double width_m = shape.unit_m * (is_circle ? shape.radius : shape.width / 2);
  const double latitude_delta = ds::geo_degrees(height_m / ds::geo_earth_radius_m);
  const double widest = centre.latitude < 0 ? centre.latitude - latitude_delta : centre.latitude + latitude_delta;
  const double longitude_delta =
      ds::geo_degrees(width_m / ds::geo_earth_radius_m / std::cos(ds::geo_radians(widest)));
  return {{centre.longitude - longitude_delta, centre.longitude + longitude_delta},
          {centre.latitude - latitude_delta, centre.latitude + latitude_delta}};
}

// At how many steps nine cells are likely to cover a circle. Towards the poles cells are narrower.
unsigned steps_for(double radius_m, double latitude) noexcept {
  constexpr double mercator_max_m = 20037726.37;
  if (radius_m == 0) return ds::geo_steps_max;
  int steps = -1;
  for (; radius_m < mercator_max_m; radius_m *= 2) ++steps;
  const double from_equator = std::fabs(latitude);
  steps -= (from_equator > 66) + (from_equator > 80);
  return static_cast<unsigned>(std::clamp(steps, 1, static_cast<int>(ds::geo_steps_max)));
}

double reach_m(const GeoShape& shape) noexcept {
  if (shape.kind == GeoShape::Kind::circle) return shape.radius * shape.unit_m;
  const double half_width = shape.width / 2, half_height = shape.height / 2;
  return std::sqrt(half_width * half_width + half_height * half_height) * shape.unit_m;
}

bool neighbours_cover(const GeoCell& cell, const GeoFrame& bounds) noexcept {
  return !(cell.neighbour(0, 1).area().latitude.max < bounds.latitude.max ||
           cell.neighbour(0, -1).area().latitude.min > bounds.latitude.min ||
           cell.neighbour(1, 0).area().longitude.max < bounds.longitude.max ||
           cell.neighbour(-1, 0).area().longitude.min > bounds.longitude.min);
}

struct Direction {
  int east, north;
};

// The cell and those of its neighbours that the shape may reach, in Redis's order; a cell without steps stands for one
// that is left out.
std::array<GeoCell, 9> cells_for(const GeoShape& shape) noexcept {
  constexpr std::array<Direction, 9> directions = {
      {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}}};
  const GeoFrame bounds = bounds_of(shape);
  unsigned steps = steps_for(reach_m(shape), shape.centre.latitude);
  GeoCell cell = GeoCell::around(shape.centre, steps);
  if (steps > 1 && !neighbours_cover(cell, bounds)) cell = GeoCell::around(shape.centre, --steps);
  const GeoFrame area = cell.area();
  const bool all = steps < 2;
  const bool south = all || !(area.latitude.min < bounds.latitude.min);
  const bool north = all || !(area.latitude.max > bounds.latitude.max);
  const bool west = all || !(area.longitude.min < bounds.longitude.min);
  const bool east = all || !(area.longitude.max > bounds.longitude.max);
  std::array<GeoCell, 9> cells;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Direction& to = directions[i];
    if ((to.north < 0 && !south) || (to.north > 0 && !north) || (to.east < 0 && !west) || (to.east > 0 && !east)) {
      continue;
    }
    cells[i] = cell.neighbour(to.east, to.north);
  }
  return cells;
}

}  // namespace

GeoSearch::GeoSearch(const ZsetView& set, const GeoShape& shape, uint64_t limit)
    : set_(set),
      shape_(shape),
      limit_(limit),
      radius_m_(to_m(shape, shape.radius)),
      latitude_radians_(ds::geo_radians(shape.centre.latitude)),
      longitude_radians_(ds::geo_radians(shape.centre.longitude)),
      latitude_cosine_(std::cos(latitude_radians_)),
      latitude_radians_max_(radius_m_ / ds::geo_earth_radius_m * margin + 1e-12),
      haversine_max_(1) {
  const double half_angle = radius_m_ / ds::geo_earth_radius_m / 2;
  if (half_angle < std::numbers::pi / 2) haversine_max_ = std::sin(half_angle) * std::sin(half_angle) * margin + 1e-18;
  const std::array<GeoCell, 9> cells = cells_for(shape);
  size_t last = 0;
  for (size_t i = 0; i < cells.size() && !(enough() && !matches_.empty()); ++i) {
    // Around a huge shape, neighbours on either side are the same cell.
    if (cells[i].steps == 0 || (last != 0 && cells[i] == cells[last])) continue;
    add_cell(cells[i]);
    last = i;
  }
}

void GeoSearch::add_cell(const GeoCell& cell) {
  const ScoreRange range{.min = cell.first_score(), .max = cell.end_score(), .max_open = true};
  ZsetCursor cursor = set_.first_in(range);
  cursor.prefetch_ahead();
  for (; cursor && range.keeps_max(cursor.score()); cursor.next()) {
    GeoMatch match{.score = cursor.score()};
    match.point = ds::geo_decode(ds::geo_bits(match.score));
    if (!within(match.point, &match.distance_m)) continue;
    match.member = set_.is_packed() ? texts_.emplace_back(cursor.member()) : cursor.member();
    matches_.push_back(match);
    if (enough()) return;
  }
}

bool GeoSearch::within(const GeoPoint& point, double* distance_m) const noexcept {
  return shape_.kind == GeoShape::Kind::circle ? within_circle(point, distance_m) : within_box(point, distance_m);
}

// geo_distance_m(), with what is known of the centre.
bool GeoSearch::within_circle(const GeoPoint& point, double* distance_m) const noexcept {
  const double latitude = ds::geo_radians(point.latitude);
  if (std::fabs(latitude - latitude_radians_) > latitude_radians_max_) return false;
  const double v = std::sin((ds::geo_radians(point.longitude) - longitude_radians_) / 2);
  if (v == 0.0) {
    *distance_m = ds::geo_latitude_distance_m(shape_.centre.latitude, point.latitude);
  } else {
    const double u = std::sin((latitude - latitude_radians_) / 2);
    const double a = u * u + latitude_cosine_ * std::cos(latitude) * v * v;
    if (a > haversine_max_ && a <= 1) return false;
    *distance_m = 2.0 * ds::geo_earth_radius_m * std::asin(std::sqrt(a));
  }
  return !(*distance_m > radius_m_);
}

bool GeoSearch::within_box(const GeoPoint& point, double* distance_m) const noexcept {
  const GeoPoint& centre = shape_.centre;
  const double height_m = to_m(shape_, shape_.height), width_m = to_m(shape_, shape_.width);
  if (ds::geo_latitude_distance_m(point.latitude, centre.latitude) > height_m / 2) return false;
  if (ds::geo_distance_m(point, {centre.longitude, point.latitude}) > width_m / 2) return false;
  *distance_m = ds::geo_distance_m(centre, point);
  return true;
}

void sort_matches(std::vector<GeoMatch>& matches, size_t count, bool farthest_first) {
  const auto before = [farthest_first](const GeoMatch& first, const GeoMatch& second) {
    return farthest_first ? first.distance_m > second.distance_m : first.distance_m < second.distance_m;
  };
  if (count >= matches.size()) {
    std::ranges::stable_sort(matches, before);
    return;
  }
  // The place where a match was found stands for it until the nearest are known.
  std::vector<uint32_t> order(matches.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto place_before = [&](uint32_t first, uint32_t second) {
    if (before(matches[first], matches[second])) return true;
    return !before(matches[second], matches[first]) && first < second;
  };
  std::ranges::partial_sort(order, order.begin() + static_cast<int64_t>(count), place_before);
  std::vector<GeoMatch> sorted;
  for (size_t i = 0; i < count; ++i) sorted.push_back(matches[order[i]]);
  matches = std::move(sorted);
}

}  // namespace torc::store
