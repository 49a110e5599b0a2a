// Places as numbers: there and back, cells and their neighbours, distances that are known.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "ds/geohash.h"

namespace torc::ds {
namespace {

GeoPoint random_point(base::Random& random) {
  return {(random.unit() * 2 - 1) * geo_longitude_max, (random.unit() * 2 - 1) * geo_latitude_max};
}

TEST(Geohash, KnownPlaces) {
  const GeoPoint palermo{13.361389, 38.115556}, catania{15.087269, 37.502669};
  EXPECT_EQ(geo_score(palermo), 3479099956230698);
  EXPECT_EQ(geo_score(catania), 3479447370796909);
  EXPECT_EQ(geo_text(geo_decode(3479099956230698)), "sqc8b49rny0");
  EXPECT_EQ(geo_text(geo_decode(3479447370796909)), "sqdtr74hyu0");
  EXPECT_NEAR(geo_distance_m(geo_decode(3479099956230698), geo_decode(3479447370796909)), 166274.1516, 0.0001);
}

TEST(Geohash, DecodesWithinAMetre) {
  base::Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const GeoPoint point = random_point(random);
    const double score = geo_score(point);
    ASSERT_LT(score, 4503599627370496.0);
    const GeoPoint decoded = geo_decode(geo_bits(score));
    ASSERT_LT(geo_distance_m(point, decoded), 0.6);
    ASSERT_EQ(geo_score(decoded), score);
  }
}

TEST(Geohash, Corners) {
  for (const double longitude : {-180.0, 180.0}) {
    for (const double latitude : {-geo_latitude_max, geo_latitude_max}) {
      const GeoPoint point{longitude, latitude};
      EXPECT_TRUE(geo_valid(point));
      const GeoPoint decoded = geo_decode(geo_bits(geo_score(point)));
      EXPECT_NEAR(decoded.longitude, longitude, 1e-5);
      EXPECT_NEAR(decoded.latitude, latitude, 1e-5);
    }
  }
  EXPECT_FALSE(geo_valid({180.1, 0}));
  EXPECT_FALSE(geo_valid({0, -85.06}));
  EXPECT_FALSE(geo_valid({std::numeric_limits<double>::infinity(), 0}));
}

TEST(Geohash, BitsOfAnyScore) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(geo_bits(0), 0u);
  EXPECT_EQ(geo_bits(1.9), 1u);
  EXPECT_EQ(geo_bits(-1), UINT64_MAX);
  EXPECT_EQ(geo_bits(9223372036854775808.0), uint64_t{1} << 63);
  EXPECT_EQ(geo_bits(1e300), 0u);
  EXPECT_EQ(geo_bits(infinity), 0u);
  EXPECT_EQ(geo_bits(-infinity), uint64_t{1} << 63);
  const GeoPoint decoded = geo_decode(UINT64_MAX);
  EXPECT_TRUE(geo_valid(decoded));
}

TEST(Geohash, ACellHoldsItsScores) {
  base::Random random(2);
  for (int i = 0; i < 5000; ++i) {
    const GeoPoint point = random_point(random);
    const auto steps = static_cast<unsigned>(1 + random.below(geo_steps_max));
    const GeoCell cell = GeoCell::around(point, steps);
    const GeoFrame area = cell.area();
    ASSERT_LE(area.longitude.min, point.longitude);
    ASSERT_GE(area.longitude.max, point.longitude);
    ASSERT_LE(area.latitude.min, point.latitude);
    ASSERT_GE(area.latitude.max, point.latitude);
    ASSERT_LE(cell.first_score(), geo_score(point));
    ASSERT_GT(cell.end_score(), geo_score(point));
  }
}

TEST(Geohash, NeighboursTouch) {
  base::Random random(3);
  for (int i = 0; i < 5000; ++i) {
    const auto steps = static_cast<unsigned>(2 + random.below(geo_steps_max - 1));
    const GeoCell cell = GeoCell::around(random_point(random), steps);
    ASSERT_EQ(cell.neighbour(0, 0), cell);
    ASSERT_EQ(cell.neighbour(1, 0).neighbour(-1, 0), cell);
    ASSERT_EQ(cell.neighbour(1, -1), cell.neighbour(1, 0).neighbour(0, -1));
    const GeoFrame area = cell.area(), east = cell.neighbour(1, 0).area(), north = cell.neighbour(0, 1).area();
    if (area.longitude.max < geo_longitude_max) {
      ASSERT_EQ(area.longitude.max, east.longitude.min);
    } else {
      ASSERT_EQ(east.longitude.min, -geo_longitude_max);
    }
    ASSERT_EQ(area.latitude.min, east.latitude.min);
    if (area.latitude.max < geo_latitude_max) {
      ASSERT_EQ(area.latitude.max, north.latitude.min);
    }
  }
}

TEST(Geohash, DistancesAreThoseOfASphere) {
  constexpr double pi = 3.14159265358979;
  EXPECT_NEAR(geo_distance_m({0, 0}, {90, 0}), geo_earth_radius_m * pi / 2, 0.01);
  EXPECT_NEAR(geo_distance_m({0, 0}, {180, 0}), geo_earth_radius_m * pi, 0.01);
  EXPECT_NEAR(geo_distance_m({10, -30}, {10, 60}), geo_earth_radius_m * pi / 2, 0.01);
  EXPECT_EQ(geo_distance_m({10, 20}, {10, 20}), 0);
}

}  // namespace
}  // namespace torc::ds
