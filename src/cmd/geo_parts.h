// What the two files of the geo family share.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ds/geohash.h"
#include "session/command.h"
#include "store/zset_view.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> geo_search_rows();  // GEOSEARCH[STORE] GEORADIUS[BYMEMBER][_RO]

// Longitude and latitude at arguments i and i + 1; nullopt: the error was replied.
[[nodiscard]] std::optional<ds::GeoPoint> point_argument(session::Context& context, size_t i);
// What a unit's name means in metres; nullopt: the error was replied.
[[nodiscard]] std::optional<double> unit_argument(session::Context& context, size_t i);
// Where a member is; nullopt: there is no such member.
[[nodiscard]] std::optional<ds::GeoPoint> point_of(const store::ZsetView& set, std::string_view member);
// With four digits behind the point.
void reply_distance(session::Context& context, double distance);
// [longitude, latitude]
void reply_point(session::Context& context, const ds::GeoPoint& point);

// A row of the family: what all of them have in common.
constexpr auto geo_row = [](auto... columns) { return session::family_row("geo", columns...); };

}  // namespace torc::cmd
