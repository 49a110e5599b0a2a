// Coordinates become fixed-point numbers of up to 32 bits within their interval; spreading their bits out, every other
// one, and laying one between the other gives the code.
#include "ds/geohash.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

namespace torc::ds {

namespace {

constexpr uint64_t even_bits = 0x5555555555555555;

// Bit i goes to bit 2i.
uint64_t spread(uint32_t number) noexcept {
  uint64_t bits = number;
  bits = (bits | bits << 16) & 0x0000FFFF0000FFFF;
  bits = (bits | bits << 8) & 0x00FF00FF00FF00FF;
  bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F;
  bits = (bits | bits << 2) & 0x3333333333333333;
  return (bits | bits << 1) & even_bits;
}

uint32_t gather(uint64_t bits) noexcept {
  bits &= even_bits;
  bits = (bits | bits >> 1) & 0x3333333333333333;
  bits = (bits | bits >> 2) & 0x0F0F0F0F0F0F0F0F;
  bits = (bits | bits >> 4) & 0x00FF00FF00FF00FF;
  bits = (bits | bits >> 8) & 0x0000FFFF0000FFFF;
  return static_cast<uint32_t>(bits | bits >> 16);
}

uint32_t fixed_point(const GeoInterval& interval, double value, unsigned steps) noexcept {
  const double part = (value - interval.min) / (interval.max - interval.min);
  // At the upper end it is 2^steps, one bit too many, as in Redis.
  return static_cast<uint32_t>(part * static_cast<double>(uint64_t{1} << steps));
}

GeoInterval interval_of(const GeoInterval& whole, uint32_t number, unsigned steps) noexcept {
  const double scale = whole.max - whole.min, parts = static_cast<double>(uint64_t{1} << steps);
  return {whole.min + (number / parts) * scale, whole.min + ((number + 1) / parts) * scale};
}

GeoFrame area_of(uint64_t bits, unsigned steps) noexcept {
  return {interval_of(geo_frame.longitude, gather(bits >> 1), steps),
          interval_of(geo_frame.latitude, gather(bits), steps)};
}

double middle(const GeoInterval& interval, const GeoInterval& limits) noexcept {
  return std::clamp((interval.min + interval.max) / 2, limits.min, limits.max);
}

// One of the two interleaved numbers, whose bits are `parity`, plus or minus one within `all`. What does not move keeps
// the bit too many of the upper end.
uint64_t move(uint64_t bits, uint64_t parity, uint64_t all, int by) noexcept {
  if (by == 0) return bits & parity;
  const uint64_t lane = parity & all;
  const uint64_t filled = bits | ~lane;  // carries pass over the other number's bits
  return (by > 0 ? filled + 1 : (bits & lane) - 1) & lane;
}

}  // namespace

bool geo_valid(const GeoPoint& point) noexcept {
  return point.longitude >= -geo_longitude_max && point.longitude <= geo_longitude_max &&
         point.latitude >= -geo_latitude_max && point.latitude <= geo_latitude_max;
}

uint64_t geo_encode(const GeoFrame& frame, const GeoPoint& point, unsigned steps) noexcept {
  return spread(fixed_point(frame.latitude, point.latitude, steps)) |
         spread(fixed_point(frame.longitude, point.longitude, steps)) << 1;
}

uint64_t geo_score_bits(const GeoPoint& point) noexcept { return geo_encode(geo_frame, point, geo_steps_max); }

double geo_score(const GeoPoint& point) noexcept { return static_cast<double>(geo_score_bits(point)); }

uint64_t geo_bits(double score) noexcept {
  constexpr double half = 9223372036854775808.0;  // 2^63
  constexpr uint64_t senseless = uint64_t{1} << 63;
  if (score >= half) return score < 2 * half ? static_cast<uint64_t>(score) : 0;
  return score >= -half ? static_cast<uint64_t>(static_cast<int64_t>(score)) : senseless;
}

GeoPoint geo_decode(uint64_t bits) noexcept {
  const GeoFrame area = area_of(bits, geo_steps_max);
  return {middle(area.longitude, geo_frame.longitude), middle(area.latitude, geo_frame.latitude)};
}

std::string geo_text(const GeoPoint& point) {
  constexpr std::string_view alphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr GeoFrame frame{{-180, 180}, {-90, 90}};
  constexpr unsigned character_bits = 5, characters = 10;
  const uint64_t bits = geo_encode(frame, point, geo_steps_max);
  std::string text;
  for (unsigned i = 1; i <= characters; ++i) {
    text += alphabet[bits >> (2 * geo_steps_max - i * character_bits) & (alphabet.size() - 1)];
  }
  return text + '0';  // for the last one 52 bits do not suffice
}

double geo_radians(double degrees) noexcept { return degrees * (std::numbers::pi / 180.0); }
double geo_degrees(double radians) noexcept { return radians / (std::numbers::pi / 180.0); }

double geo_latitude_distance_m(double from, double to) noexcept {
  return geo_earth_radius_m * std::fabs(geo_radians(to) - geo_radians(from));
}

// The haversine formula.
double geo_distance_m(const GeoPoint& from, const GeoPoint& to) noexcept {
  const double v = std::sin((geo_radians(to.longitude) - geo_radians(from.longitude)) / 2);
  if (v == 0.0) return geo_latitude_distance_m(from.latitude, to.latitude);
  const double from_latitude = geo_radians(from.latitude), to_latitude = geo_radians(to.latitude);
  const double u = std::sin((to_latitude - from_latitude) / 2);
  const double a = u * u + std::cos(from_latitude) * std::cos(to_latitude) * v * v;
  return 2.0 * geo_earth_radius_m * std::asin(std::sqrt(a));
}

GeoCell GeoCell::around(const GeoPoint& point, unsigned steps) noexcept {
  return {geo_encode(geo_frame, point, steps), steps};
}

GeoFrame GeoCell::area() const noexcept { return area_of(bits, steps); }

GeoCell GeoCell::neighbour(int east, int north) const noexcept {
  const uint64_t all = (uint64_t{1} << 2 * steps) - 1;
  return {move(bits, ~even_bits, all, east) | move(bits, even_bits, all, north), steps};
}

double GeoCell::first_score() const noexcept { return static_cast<double>(bits << 2 * (geo_steps_max - steps)); }
double GeoCell::end_score() const noexcept { return static_cast<double>((bits + 1) << 2 * (geo_steps_max - steps)); }

}  // namespace torc::ds
