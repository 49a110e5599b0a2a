// Searches of circles and boxes against measuring every member.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/random.h"
#include "store/geo_search.h"
#include "store/zset_editor.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

struct Places {
  explicit Places(bool packed) : limits{packed ? 100'000u : 0u, 100} {
    editor().create(1, 1);
    entry = store.find("geo");
  }
  ZsetEditor editor() { return {&store.database, store.key("geo"), entry, limits, &store.keyspace.hash_key()}; }
  void add(const std::string& member, const ds::GeoPoint& point) {
    ZsetEditor edit = editor();
    edit.add({}, ds::geo_score(point), member);
    entry = edit.entry();
    points[member] = ds::geo_decode(ds::geo_bits(ds::geo_score(point)));
  }
  void add_random(base::Random& random, int count, const ds::GeoPoint& around, double degrees) {
    for (int i = 0; i < count; ++i) {
      const double longitude = around.longitude + (random.unit() * 2 - 1) * degrees;
      const double latitude = around.latitude + (random.unit() * 2 - 1) * degrees;
      add((i % 2 == 0 ? "" : "m") + std::to_string(points.size()),
          {std::clamp(longitude, -180.0, 180.0), std::clamp(latitude, -85.0, 85.0)});
    }
  }

  StoreFixture store;
  ZsetLimits limits;
  Entry* entry = nullptr;
  std::map<std::string, ds::GeoPoint> points;
};

bool inside(const GeoShape& shape, const ds::GeoPoint& point) {
  if (shape.kind == GeoShape::Kind::circle) {
    return ds::geo_distance_m(shape.centre, point) <= shape.radius * shape.unit_m;
  }
  return ds::geo_latitude_distance_m(point.latitude, shape.centre.latitude) <= shape.height * shape.unit_m / 2 &&
         ds::geo_distance_m(point, {shape.centre.longitude, point.latitude}) <= shape.width * shape.unit_m / 2;
}

void check(Places& places, const GeoShape& shape) {
  const ZsetView view(*places.entry);
  GeoSearch search(view, shape, 0);
  std::set<std::string> found, expected;
  for (const GeoMatch& match : search.matches()) {
    found.emplace(match.member);
    ASSERT_EQ(match.distance_m, ds::geo_distance_m(shape.centre, match.point));
  }
  ASSERT_EQ(found.size(), search.matches().size());
  for (const auto& [member, point] : places.points) {
    if (inside(shape, point)) expected.insert(member);
  }
  ASSERT_EQ(found, expected);
}

void play(bool packed) {
  base::Random random(9);
  Places places(packed);
  for (const ds::GeoPoint& around : {ds::GeoPoint{13, 38}, {-120, -50}, {0, 0}, {100, 75}, {-30, -82}}) {
    places.add_random(random, 150, around, 3);
  }
  for (int i = 0; i < 400; ++i) {
    auto chosen = places.points.begin();
    std::advance(chosen, static_cast<int64_t>(random.below(places.points.size())));
    GeoShape shape{.centre = chosen->second};
    shape.unit_m = i % 3 == 0 ? 1 : 1000;
    const double length = std::pow(10, random.unit() * 5.5) / shape.unit_m;
    if (i % 2 == 0) {
      shape.radius = length;
    } else {
      shape.kind = GeoShape::Kind::box;
      shape.width = length;
      shape.height = length * random.unit() * 2;
    }
    check(places, shape);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(GeoSearch, FindsWhatMeasuringFindsInPackedSets) { play(true); }
TEST(GeoSearch, FindsWhatMeasuringFindsInObjects) { play(false); }

TEST(GeoSearch, StopsAtTheLimit) {
  base::Random random(10);
  Places places(false);
  places.add_random(random, 500, {13, 38}, 1);
  const GeoShape shape{.centre = {13, 38}, .unit_m = 1000, .radius = 500};
  const ZsetView view(*places.entry);
  EXPECT_EQ(GeoSearch(view, shape, 7).matches().size(), 7u);
  EXPECT_EQ(GeoSearch(view, shape, 0).matches().size(), 500u);
}

TEST(GeoSearch, NothingIsBothInAndOut) {
  base::Random random(12);
  Places places(false);
  places.add_random(random, 200, {-70, 20}, 0.01);
  // Right at the border: the distance itself decides.
  for (const auto& [member, point] : places.points) {
    const double distance_m = ds::geo_distance_m({-70, 20}, point);
    check(places, {.centre = {-70, 20}, .radius = distance_m});
    check(places, {.centre = {-70, 20}, .radius = std::nextafter(distance_m, 0)});
  }
}

TEST(GeoSearch, SortsStablyAndInPart) {
  base::Random random(4);
  std::vector<GeoMatch> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back({.score = static_cast<double>(i), .distance_m = static_cast<double>(random.below(20))});
  }
  for (const bool farthest : {false, true}) {
    std::vector<GeoMatch> whole = all;
    sort_matches(whole, whole.size(), farthest);
    for (size_t i = 1; i < whole.size(); ++i) {
      const double step = whole[i].distance_m - whole[i - 1].distance_m;
      ASSERT_TRUE(farthest ? step <= 0 : step >= 0);
      if (step == 0) {
        ASSERT_LT(whole[i - 1].score, whole[i].score);
      }
    }
    for (const size_t count : {0u, 1u, 10u, 299u}) {
      std::vector<GeoMatch> part = all;
      sort_matches(part, count, farthest);
      ASSERT_GE(part.size(), count);
      for (size_t i = 0; i < count; ++i) ASSERT_EQ(part[i].score, whole[i].score);
    }
  }
}

}  // namespace
}  // namespace torc::store
