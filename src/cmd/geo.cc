// The rows of the geo commands, and those that do not search: GEOADD GEODIST GEOHASH GEOPOS. GEOADD is a ZADD with
// other words for the scores, and replicas are told that ZADD.
#include "cmd/geo.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/parse_number.h"
#include "cmd/geo_parts.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::Entry;
using store::ZsetView;

// The words of the ZADD; the scores lie in `scores`. Empty: an error was replied.
std::vector<std::string_view> as_zadd(Context& context, size_t first, std::vector<std::string>* scores) {
  constexpr size_t words_a_member = 3;
  const auto options = context.arguments().first(first);
  std::vector<std::string_view> words(options.begin(), options.end());
  words[0] = "zadd";
  scores->reserve((context.size() - first) / words_a_member);
  for (size_t i = first; i < context.size(); i += words_a_member) {
    const auto point = point_argument(context, i);
    if (!point) return {};
    words.push_back(scores->emplace_back(std::to_string(ds::geo_score_bits(*point))));
    words.push_back(context[i + 2]);
  }
  return words;
}

void geoadd(Context& context) {
  bool only_new = false, only_present = false;
  size_t first = 2;
  for (; first < context.size(); ++first) {
    const bool is_nx = equals_lower(context[first], "nx"), is_xx = equals_lower(context[first], "xx");
    if (!is_nx && !is_xx && !equals_lower(context[first], "ch")) break;
    only_new |= is_nx;
    only_present |= is_xx;
  }
  if ((context.size() - first) % 3 != 0 || (only_new && only_present)) {
    return context.reply().error(session::errors::syntax);
  }
  std::vector<std::string> scores;
  const std::vector<std::string_view> words = as_zadd(context, first, &scores);
  if (!words.empty() && zset_add(context, words)) context.propagate_as(words);
}

void geodist(Context& context) {
  if (context.size() > 5) return context.reply().error(session::errors::syntax);
  const auto unit_m = context.size() == 5 ? unit_argument(context, 4) : std::optional<double>(1);
  if (!unit_m) return;
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::zset)) return;
  if (!entry) return context.reply().null();
  const auto from = point_of(ZsetView(*entry), context[2]), to = point_of(ZsetView(*entry), context[3]);
  if (!from || !to) return context.reply().null();
  reply_distance(context, ds::geo_distance_m(*from, *to) / *unit_m);
}

// Calls reply_one(GeoPoint) or reply_none() for each member asked for.
template <class ReplyOne, class ReplyNone>
void reply_members(Context& context, ReplyOne reply_one, ReplyNone reply_none) {
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::zset)) return;
  context.reply().array(context.size() - 2);
  for (size_t i = 2; i < context.size(); ++i) {
    const auto point = entry ? point_of(ZsetView(*entry), context[i]) : std::nullopt;
    point ? reply_one(*point) : reply_none();
  }
}

void geohash(Context& context) {
  reply_members(
      context, [&](const ds::GeoPoint& point) { context.reply().bulk(ds::geo_text(point)); },
      [&] { context.reply().null(); });
}

void geopos(Context& context) {
  reply_members(
      context, [&](const ds::GeoPoint& point) { reply_point(context, point); },
      [&] { context.reply().null_array(); });
}

constexpr session::CommandRow rows[] = {
    geo_row("geoadd", geoadd, -5, "write denyoom", "RW UPDATE @1 range 0 1 0", "3.2.0", "O(log(N)) for each member",
            "Adds members with their places to a geo set, or moves them. Creates the key if it does not exist.",
            "key:key condition=[(NX|XX)]@6.2.0 change=[CH]@6.2.0 data=(longitude:double latitude:double member)...",
            "6.2.0=Added the `CH`, `NX` and `XX` options."),
    geo_row("geodist", geodist, -4, "readonly", zset_key_read, "3.2.0", "O(1)",
            "Gives the distance between two members of a geo set.", "key:key member1 member2 unit=[(M|KM|FT|MI)]"),
    geo_row("geohash", geohash, -2, "readonly", zset_key_read, "3.2.0", "O(1) for each member",
            "Gives the places of members of a geo set as geohash texts.", "key:key [member...]"),
    geo_row("geopos", geopos, -2, "readonly", zset_key_read, "3.2.0", "O(1) for each member",
            "Gives the longitudes and latitudes of members of a geo set.", "key:key [member...]"),
};

}  // namespace

std::optional<ds::GeoPoint> point_argument(Context& context, size_t i) {
  const auto longitude = base::parse_double(context[i]);
  const auto latitude = longitude ? base::parse_double(context[i + 1]) : std::nullopt;
  if (!latitude) {
    context.fail(session::errors::not_float);
    return std::nullopt;
  }
  const ds::GeoPoint point{*longitude, *latitude};
  if (ds::geo_valid(point)) return point;
  context.fail(fmt::format("ERR invalid longitude,latitude pair {:f},{:f}", point.longitude, point.latitude));
  return std::nullopt;
}

std::optional<double> unit_argument(Context& context, size_t i) {
  struct Unit {
    std::string_view name;
    double meters;
  };
  constexpr Unit known[] = {{"m", 1}, {"km", 1000}, {"ft", 0.3048}, {"mi", 1609.34}};
  for (const Unit& unit : known) {
    if (equals_lower(context[i], unit.name)) return unit.meters;
  }
  context.fail("ERR unsupported unit provided. please use M, KM, FT, MI");
  return std::nullopt;
}

std::optional<ds::GeoPoint> point_of(const ZsetView& set, std::string_view member) {
  const auto score = set.score(member);
  return score ? std::optional(ds::geo_decode(ds::geo_bits(*score))) : std::nullopt;
}

void reply_distance(Context& context, double distance) {
  constexpr int64_t digits = 10'000;
  constexpr double beyond = 9.2e18;  // what does not fit is the least number, as in Redis
  const double scaled = distance * static_cast<double>(digits);
  const int64_t value = std::fabs(scaled) < beyond ? std::llrint(scaled) : INT64_MIN;
  const uint64_t size = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  context.reply().bulk(fmt::format("{}{}.{:04}", value < 0 ? "-" : "", size / digits, size % digits));
}

void reply_point(Context& context, const ds::GeoPoint& point) {
  context.reply().array(2);
  context.reply().human_number(point.longitude);
  context.reply().human_number(point.latitude);
}

std::span<const session::CommandRow> geo_rows() {
  static const std::vector<session::CommandRow> all = [] {
    std::vector<session::CommandRow> joined(std::begin(rows), std::end(rows));
    const auto more = geo_search_rows();
    joined.insert(joined.end(), more.begin(), more.end());
    return joined;
  }();
  return all;
}

}  // namespace torc::cmd
