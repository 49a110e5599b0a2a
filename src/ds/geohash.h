// Places on the earth as numbers of 52 bits that sort near places near each other: the scores of a geo set.
//
// The world (longitude ±180°, latitude ±85.05112878°, as web maps have it) is halved again and again, by longitude and
// by latitude in turn; each halving gives a bit. After 26 steps of two bits a cell is less than a metre wide, and what
// stands for a place is the middle of its cell. All cells of fewer steps are intervals of scores.
//
// Formulas, and the order in which their terms are computed, are Redis's: clients compare the digits.
#pragma once

#include <cstdint>
#include <string>

namespace torc::ds {

struct GeoPoint {
  double longitude = 0, latitude = 0;
};

struct GeoInterval {
  double min = 0, max = 0;
};

// What is halved.
struct GeoFrame {
  GeoInterval longitude, latitude;
};

inline constexpr double geo_longitude_max = 180;
inline constexpr double geo_latitude_max = 85.05112878;
inline constexpr GeoFrame geo_frame{{-geo_longitude_max, geo_longitude_max}, {-geo_latitude_max, geo_latitude_max}};
inline constexpr unsigned geo_steps_max = 26;
inline constexpr double geo_earth_radius_m = 6372797.560856;

// Whether the point can be encoded.
[[nodiscard]] bool geo_valid(const GeoPoint& point) noexcept;
// steps bits of each coordinate, interleaved, latitude lowest. The point is valid and in the frame.
[[nodiscard]] uint64_t geo_encode(const GeoFrame& frame, const GeoPoint& point, unsigned steps) noexcept;
// The score of a valid point, and before it is rounded: at 180° there are more bits than a double holds.
[[nodiscard]] uint64_t geo_score_bits(const GeoPoint& point) noexcept;
[[nodiscard]] double geo_score(const GeoPoint& point) noexcept;
// The bits that a score stands for, whatever number it is.
[[nodiscard]] uint64_t geo_bits(double score) noexcept;
// The middle of the cell; for bits that no point has, somewhere at the border.
[[nodiscard]] GeoPoint geo_decode(uint64_t bits) noexcept;
// Eleven characters of the usual geohash, which halves ±90° of latitude.
[[nodiscard]] std::string geo_text(const GeoPoint& point);

[[nodiscard]] double geo_radians(double degrees) noexcept;
[[nodiscard]] double geo_degrees(double radians) noexcept;
// Along a great circle; along a meridian.
[[nodiscard]] double geo_distance_m(const GeoPoint& from, const GeoPoint& to) noexcept;
[[nodiscard]] double geo_latitude_distance_m(double from, double to) noexcept;

// One of the 4^steps parts of the world.
struct GeoCell {
  uint64_t bits = 0;
  unsigned steps = 0;  // 0: no cell

  [[nodiscard]] static GeoCell around(const GeoPoint& point, unsigned steps) noexcept;
  [[nodiscard]] GeoFrame area() const noexcept;
  // So many cells further east and north (-1, 0, 1); at its end the world begins anew.
  [[nodiscard]] GeoCell neighbour(int east, int north) const noexcept;
  // Scores from the first up to but not including the end lie in the cell.
  [[nodiscard]] double first_score() const noexcept;
  [[nodiscard]] double end_score() const noexcept;
  friend bool operator==(const GeoCell&, const GeoCell&) = default;
};

}  // namespace torc::ds
