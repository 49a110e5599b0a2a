// Searching by distance: GEOSEARCH and GEOSEARCHSTORE, and the older GEORADIUS and GEORADIUSBYMEMBER, which have part
// of the question at fixed places and say by an option that the answer is to be stored. The _RO ones cannot store.
//
// The order of the checks is redis-server's: the key's type comes first, and members are looked up while options are
// still being read.
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "cmd/geo_parts.h"
#include "cmd/numbers.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"
#include "store/geo_search.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::Entry;
using store::GeoMatch;
using store::GeoShape;
using store::ZsetView;

enum class Order : uint8_t { none, ascending, descending };

struct SearchRequest {
  // Of the command.
  size_t key = 1;
  bool stores_by_option = false;  // STORE and STOREDIST with a key
  bool has_options_only = false;  // GEOSEARCH and GEOSEARCHSTORE
  // Of the options.
  std::optional<size_t> destination;  // the argument
  bool stores_distances = false;
  bool with_distance = false, with_hash = false, with_point = false;
  bool from_member = false, from_point = false, by_radius = false, by_box = false;
  bool any = false;
  uint64_t count = 0;  // 0: all
  Order order = Order::none;
  GeoShape shape;
};

// Reads the words of one search.
class SearchParser {
 public:
  // entry: null when there is no such key.
  SearchParser(Context& context, SearchRequest* request, const Entry* entry)
      : context_(context), request_(*request), entry_(entry) {}

  bool centre_at_point(size_t i) {
    const auto point = point_argument(context_, i);
    if (point) request_.shape.centre = *point;
    return point.has_value();
  }

  bool centre_at_member(size_t i) {
    if (!entry_) return true;
    const auto point = point_of(ZsetView(*entry_), context_[i]);
    if (!point) return context_.fail("ERR could not decode requested zset member");
    request_.shape.centre = *point;
    return true;
  }

  bool radius(size_t i) {
    GeoShape& shape = request_.shape;
    const auto length = base::parse_double(context_[i]);
    if (!length) return context_.fail("ERR need numeric radius");
    if (*length < 0) return context_.fail("ERR radius cannot be negative");
    shape.kind = GeoShape::Kind::circle;
    shape.radius = *length;
    return unit(i + 1);
  }

  bool box(size_t i) {
    GeoShape& shape = request_.shape;
    const auto width = base::parse_double(context_[i]);
    if (!width) return context_.fail("ERR need numeric width");
    const auto height = base::parse_double(context_[i + 1]);
    if (!height) return context_.fail("ERR need numeric height");
    if (*height < 0 || *width < 0) return context_.fail("ERR height or width cannot be negative");
    shape.kind = GeoShape::Kind::box;
    shape.width = *width;
    shape.height = *height;
    return unit(i + 2);
  }

  // All words from i on.
  bool options(size_t i) {
    for (at_ = i; at_ < context_.size(); ++at_) {
      const std::optional<bool> taken = take_flag() || take_store() ? std::optional(true) : take_valued();
      if (!taken.value_or(false)) return taken ? false : context_.fail(session::errors::syntax);
    }
    return compatible();
  }

 private:
  [[nodiscard]] bool is(std::string_view word) const { return equals_lower(context_[at_], word); }
  [[nodiscard]] bool has_values(size_t values) const { return at_ + values < context_.size(); }

  bool unit(size_t i) {
    const auto meters = unit_argument(context_, i);
    if (meters) request_.shape.unit_m = *meters;
    return meters.has_value();
  }

  bool take_flag() {
    if (is("withdist")) return request_.with_distance = true;
    if (is("withhash")) return request_.with_hash = true;
    if (is("withcoord")) return request_.with_point = true;
    if (is("any")) return request_.any = true;
    if (is("asc") || is("desc")) {
      request_.order = is("asc") ? Order::ascending : Order::descending;
      return true;
    }
    return false;
  }

  bool take_store() {
    const bool distances = is("storedist");
    if (request_.stores_by_option && has_values(1) && (distances || is("store"))) {
      request_.stores_distances = distances;
      request_.destination = ++at_;
      return true;
    }
    if (!distances || !request_.has_options_only || !request_.destination) return false;
    return request_.stores_distances = true;
  }

  // Nullopt: none of these; false: the error was replied.
  std::optional<bool> take_valued() {
    if (has_values(1) && is("count")) return take_count();
    if (!request_.has_options_only) return std::nullopt;
    if (has_values(1) && !request_.from_point && is("frommember")) {
      request_.from_member = true;
      return centre_at_member(skip(1));
    }
    if (has_values(2) && !request_.from_member && is("fromlonlat")) {
      request_.from_point = true;
      return centre_at_point(skip(2));
    }
    if (has_values(2) && !request_.by_box && is("byradius")) {
      request_.by_radius = true;
      return radius(skip(2));
    }
    if (has_values(3) && !request_.by_radius && is("bybox")) {
      request_.by_box = true;
      return box(skip(3));
    }
    return std::nullopt;
  }

  // Over an option's values; returns the first of them.
  size_t skip(size_t values) {
    at_ += values;
    return at_ - values + 1;
  }

  bool take_count() {
    const auto count = context_.integer(skip(1));
    if (!count) return false;
    if (*count <= 0) return context_.fail("ERR COUNT must be > 0");
    request_.count = static_cast<uint64_t>(*count);
    return true;
  }

  bool compatible() {
    const bool with = request_.with_distance || request_.with_hash || request_.with_point;
    if (request_.destination && with) {
      return context_.fail(fmt::format("ERR {} is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
                                       request_.has_options_only ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"));
    }
    const std::string_view name = base::c_text(context_[0]);
    if (request_.has_options_only && !request_.from_member && !request_.from_point) {
      return context_.fail(fmt::format("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for {}", name));
    }
    if (request_.has_options_only && !request_.by_radius && !request_.by_box) {
      return context_.fail(fmt::format("ERR exactly one of BYRADIUS and BYBOX can be specified for {}", name));
    }
    return !request_.any || request_.count != 0 || context_.fail("ERR the ANY argument requires COUNT argument");
  }

  Context& context_;
  SearchRequest& request_;
  const Entry* entry_;
  size_t at_ = 0;
};

void reply_match(Context& context, const SearchRequest& request, const GeoMatch& match) {
  resp::Reply& reply = context.reply();
  const size_t facts = size_t{request.with_distance} + request.with_hash + request.with_point;
  if (facts != 0) reply.array(facts + 1);
  reply.bulk(match.member);
  if (request.with_distance) reply_distance(context, match.distance_m / request.shape.unit_m);
  if (request.with_hash) reply.integer(static_cast<int64_t>(ds::geo_bits(match.score)));
  if (request.with_point) reply_point(context, match.point);
}

void store_matches(Context& context, const SearchRequest& request, std::span<const GeoMatch> matches) {
  auto members = new_zset(context);
  for (const GeoMatch& match : matches) {
    const uint64_t hash = members->hash(match.member);
    if (members->find(hash, match.member)) continue;
    members->insert(hash, match.member,
                    request.stores_distances ? match.distance_m / request.shape.unit_m : match.score);
  }
  const auto changes = static_cast<int64_t>(std::max<size_t>(matches.size(), 1));
  store_members(context, context.key(*request.destination), std::move(members),
                request.has_options_only ? "geosearchstore" : "georadiusstore", changes);
}

void answer(Context& context, const SearchRequest& request, const Entry* entry) {
  if (!entry) {
    if (request.destination) return store_matches(context, request, {});
    return context.reply().empty_array();
  }
  const ZsetView set(*entry);
  store::GeoSearch search(set, request.shape, request.any ? request.count : 0);
  std::vector<GeoMatch>& matches = search.matches();
  const size_t wanted = request.count == 0 ? matches.size() : std::min<size_t>(matches.size(), request.count);
  // The nearest are wanted unless any will do.
  const bool sorted = request.order != Order::none || (request.count != 0 && !request.any);
  if (sorted) sort_matches(matches, wanted, request.order == Order::descending);
  const std::span<const GeoMatch> found = std::span(matches).first(wanted);
  if (request.destination) return store_matches(context, request, found);
  context.reply().array(found.size());
  for (const GeoMatch& match : found) reply_match(context, request, match);
}

void search(Context& context, SearchRequest request) {
  const Entry* entry = context.read(context.key(request.key));
  if (!context.require_type(entry, store::Type::zset)) return;
  if (SearchParser(context, &request, entry).options(request.key + 1)) answer(context, request, entry);
}

void geosearch(Context& context) { search(context, {.has_options_only = true}); }
void geosearchstore(Context& context) { search(context, {.key = 2, .has_options_only = true, .destination = 1}); }

void around_point(Context& context, bool stores) {
  SearchRequest request{.stores_by_option = stores};
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::zset)) return;
  SearchParser parser(context, &request, entry);
  if (parser.centre_at_point(2) && parser.radius(4) && parser.options(6)) answer(context, request, entry);
}

// Without a key, member and radius are not looked at.
void around_member(Context& context, bool stores) {
  SearchRequest request{.stores_by_option = stores};
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, store::Type::zset)) return;
  SearchParser parser(context, &request, entry);
  if (entry && !(parser.centre_at_member(2) && parser.radius(3))) return;
  if (parser.options(5)) answer(context, request, entry);
}

void georadius(Context& context) { around_point(context, true); }
void georadius_ro(Context& context) { around_point(context, false); }
void georadiusbymember(Context& context) { around_member(context, true); }
void georadiusbymember_ro(Context& context) { around_member(context, false); }

constexpr std::string_view complexity = "O(N+log(M)) for N members in the cells around the place, and M in the set";
constexpr std::string_view any_unit_case = "7.0.0=Names of units may be upper case.";

constexpr session::CommandRow searching(std::string_view name, session::Handler handler, int arity,
                                        std::string_view flags, std::string_view keys, std::string_view since,
                                        std::string_view summary, std::string_view arguments,
                                        std::string_view history, std::string_view deprecated = {}) {
  return geo_row(name, handler, arity, flags, keys, since, complexity, summary, arguments, history, deprecated);
}

constexpr session::CommandRow rows[] = {
    searching("geosearch", geosearch, -7, "readonly",
              zset_key_read, "6.2.0",
              "Finds the members of a geo set that lie in a circle or a box.",
              "key:key "
              "from=(FROMMEMBER member|fromlonlat=(FROMLONLAT longitude:double latitude:double)) "
              "by=(circle=((BYRADIUS radius:double) unit=(M|KM|FT|MI))|"
              "box=((BYBOX width:double) height:double unit=(M|KM|FT|MI))) "
              "order=[(ASC|DESC)] count-block=[(COUNT count:integer) any=[ANY]] "
              "withcoord=[WITHCOORD] withdist=[WITHDIST] withhash=[WITHHASH]",
              any_unit_case),
    searching("geosearchstore", geosearchstore, -8, "write denyoom",
              "OW UPDATE @1 range 0 1 0;RO ACCESS @2 range 0 1 0", "6.2.0",
              "Stores the members of a geo set that lie in a circle or a box under another key.",
              "destination:key source:key "
              "from=(FROMMEMBER member|fromlonlat=(FROMLONLAT longitude:double latitude:double)) "
              "by=(circle=((BYRADIUS radius:double) unit=(M|KM|FT|MI))|"
              "box=((BYBOX width:double) height:double unit=(M|KM|FT|MI))) "
              "order=[(ASC|DESC)] count-block=[(COUNT count:integer) any=[ANY]] storedist=[STOREDIST]",
              any_unit_case),
    searching("georadius", georadius, -6, "write denyoom movablekeys",
              "RO ACCESS @1 range 0 1 0;OW UPDATE @STORE:6 range 0 1 0;OW UPDATE @STOREDIST:6 range 0 1 0", "3.2.0",
              "Finds the members of a geo set around a place; stores them if it is told to.",
              "key:key longitude:double latitude:double radius:double unit=(M|KM|FT|MI) "
              "withcoord=[WITHCOORD] withdist=[WITHDIST] withhash=[WITHHASH] "
              "count-block=[(COUNT count:integer) any=[ANY]@6.2.0] order=[(ASC|DESC)]"
              " store=[(STORE storekey:key/key|STOREDIST storedistkey:key/key)]",
              "6.2.0=Added the `ANY` option for `COUNT`.;7.0.0=Names of units may be upper case.",
              "6.2.0=`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"),
    searching("georadius_ro", georadius_ro, -6, "readonly",
              zset_key_read, "3.2.10",
              "Finds the members of a geo set around a place.",
              "key:key longitude:double latitude:double radius:double unit=(M|KM|FT|MI) "
              "withcoord=[WITHCOORD] withdist=[WITHDIST] withhash=[WITHHASH] "
              "count-block=[(COUNT count:integer) any=[ANY]@6.2.0] order=[(ASC|DESC)]",
              "6.2.0=Added the `ANY` option for `COUNT`.",
              "6.2.0=`GEOSEARCH` with the `BYRADIUS` argument"),
    searching("georadiusbymember", georadiusbymember, -5, "write denyoom movablekeys",
              "RO ACCESS @1 range 0 1 0;OW UPDATE @STORE:5 range 0 1 0;OW UPDATE @STOREDIST:5 range 0 1 0", "3.2.0",
              "Finds the members of a geo set around one of them; stores them if it is told to.",
              "key:key member radius:double unit=(M|KM|FT|MI) "
              "withcoord=[WITHCOORD] withdist=[WITHDIST] withhash=[WITHHASH] "
              "count-block=[(COUNT count:integer) any=[ANY]] order=[(ASC|DESC)]"
              " store=[(STORE storekey:key/key|STOREDIST storedistkey:key/key)]",
              any_unit_case,
              "6.2.0=`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"),
    searching("georadiusbymember_ro", georadiusbymember_ro, -5, "readonly",
              zset_key_read, "3.2.10",
              "Finds the members of a geo set around one of them.",
              "key:key member radius:double unit=(M|KM|FT|MI) "
              "withcoord=[WITHCOORD] withdist=[WITHDIST] withhash=[WITHHASH] "
              "count-block=[(COUNT count:integer) any=[ANY]] order=[(ASC|DESC)]",
              {},
              "6.2.0=`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"),
};

}  // namespace

std::span<const session::CommandRow> geo_search_rows() { return rows; }

}  // namespace torc::cmd
