// Tests of src/cmd/geo*: replies as redis-server 7.2.6 gives them.
#include <gtest/gtest.h>

#include <string>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr std::string_view syntax = "-ERR syntax error";
constexpr std::string_view bad_unit = "-ERR unsupported unit provided. please use M, KM, FT, MI";
constexpr std::string_view no_member = "-ERR could not decode requested zset member";

class Geo : public testing::TestWithParam<bool> {
 protected:
  Geo() {
    if (!GetParam()) harness.options().encodings.zset_listpack_entries = 0;
    harness.run("GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
    harness.run("SET text x");
  }
  Harness harness;
};
INSTANTIATE_TEST_SUITE_P(Forms, Geo, testing::Bool(), [](const auto& form) {
  return std::string(form.param ? "Packed" : "Object");
});

TEST_P(Geo, Geoadd) {
  harness.play({{"GEOADD g 13.361389 38.115556 a", ":1", "new g; zadd g", "zadd g 3479099956230698 a"},
                {"GEOADD g 13.361389 38.115556 a", ":0", "", ""},
                {"GEOADD g CH 15.087269 37.502669 a", ":1", "zadd g", "zadd g CH 3479447370796909 a"},
                {"GEOADD g NX 1 1 a 2 2 b", ":1", "zadd g", "zadd g NX 3377822707026402 a 3378191666521995 b"},
                {"GEOADD g nx xx 1 1 a", syntax, "", ""},
                {"GEOADD g 1 1 a 2", syntax, "", ""},
                {"GEOADD g nx ch nx", syntax, "", ""},
                {"GEOADD g incr 1 a", "-ERR value is not a valid float", "", ""},
                {"GEOADD g 200 10.5 a", "-ERR invalid longitude,latitude pair 200.000000,10.500000", "", ""},
                {"GEOADD g 1 1 b 1 -85.06 a", "-ERR invalid longitude,latitude pair 1.000000,-85.060000", "", ""},
                {"GEOADD g 1 x a", "-ERR value is not a valid float", "", ""},
                {"GEOADD text 1 1 a", wrong_type, "", ""},
                // More bits than a double holds are propagated all the same.
                {"GEOADD edge 180 2 m2", ":1", "new edge; zadd edge", "zadd edge 10133442763425025 m2"},
                {"ZSCORE edge m2", "\"10133442763425024\"", "", ""}});
}

TEST_P(Geo, Positions) {
  harness.play({{"GEOPOS Sicily Palermo x",
                 "[[\"13.36138933897018433\", \"38.11555639549629859\"], nil*]", "", ""},
                {"GEOPOS none x", "[nil*]", "keymiss none", ""},
                {"GEOPOS Sicily", "[]", "", ""},
                {"GEOPOS text x", wrong_type, "", ""},
                {"GEOHASH Sicily Palermo Catania x", "[\"sqc8b49rny0\", \"sqdtr74hyu0\", nil]", "", ""},
                {"GEOHASH none x", "[nil]", "keymiss none", ""},
                {"GEODIST Sicily Palermo Catania", "\"166274.1516\"", "", ""},
                {"GEODIST Sicily Palermo Catania KM", "\"166.2742\"", "", ""},
                {"GEODIST Sicily Palermo Catania mi", "\"103.3182\"", "", ""},
                {"GEODIST Sicily Palermo Palermo ft", "\"0.0000\"", "", ""},
                {"GEODIST Sicily Palermo x", "nil", "", ""},
                {"GEODIST none Palermo x", "nil", "keymiss none", ""},
                {"GEODIST Sicily Palermo Catania miles", bad_unit, "", ""},
                {"GEODIST Sicily Palermo Catania km x", syntax, "", ""},
                {"GEODIST text Palermo Catania", wrong_type, "", ""}});
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("GEOPOS Sicily Palermo x"), "[[,13.36138933897018433, ,38.11555639549629859], null]");
  EXPECT_EQ(harness.run("GEODIST Sicily Palermo Catania"), "\"166274.1516\"");
}

TEST_P(Geo, ScoresThatAreNoPlaces) {
  harness.run("ZADD g -1 below 1e300 above inf most 0.5 half");
  EXPECT_EQ(harness.run("GEOPOS g below above most half"),
            "[[\"180\", \"85.0511287799999991\"], [\"-179.99999731779098511\", \"-85.05112751263942528\"], "
            "[\"-179.99999731779098511\", \"-85.05112751263942528\"], "
            "[\"-179.99999731779098511\", \"-85.05112751263942528\"]]");
}

TEST_P(Geo, Geosearch) {
  harness.play({{"GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC", "[\"Catania\", \"Palermo\"]", "", ""},
                {"GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km DESC", "[\"Palermo\", \"Catania\"]", "", ""},
                {"GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 100 km", "[\"Catania\"]", "", ""},
                {"GEOSEARCH Sicily FROMMEMBER Palermo BYBOX 400 400 km WITHDIST WITHHASH COUNT 1",
                 "[[\"Palermo\", \"0.0000\", :3479099956230698]]", "", ""},
                {"GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHCOORD WITHDIST WITHHASH",
                 "[[\"Catania\", \"56.4413\", :3479447370796909, [\"15.08726745843887329\", "
                 "\"37.50266842333162032\"]], [\"Palermo\", \"190.4424\", :3479099956230698, "
                 "[\"13.36138933897018433\", \"38.11555639549629859\"]]]",
                 "", ""},
                {"GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1", "[\"Catania\"]", "", ""},
                {"GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY", "[\"Palermo\"]", "", ""},
                {"GEOSEARCH Sicily FROMLONLAT 100 37 BYRADIUS 200 km", "[]", "", ""},
                {"GEOSEARCH none FROMMEMBER x BYRADIUS 200 km", "[]", "keymiss none", ""}});
}

TEST_P(Geo, GeosearchErrors) {
  harness.play(
      {{"GEOSEARCH text FROMMEMBER x BYRADIUS 1 what", wrong_type, "", ""},
       {"GEOSEARCH Sicily FROMMEMBER x BYRADIUS 1 km", no_member, "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 what", bad_unit, "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS x km", "-ERR need numeric radius", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS -1 km", "-ERR radius cannot be negative", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYBOX x 1 km", "-ERR need numeric width", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYBOX 1 x km", "-ERR need numeric height", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYBOX 1 -1 km", "-ERR height or width cannot be negative", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 km BYBOX 1 1 km", syntax, "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo FROMLONLAT 1 1 BYRADIUS 1 km", syntax, "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo ASC DESC ASC",
        "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH", "", ""},
       {"geosearch Sicily BYRADIUS 1 km ASC ASC",
        "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 km COUNT 0", "-ERR COUNT must be > 0", "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 km ANY", "-ERR the ANY argument requires COUNT argument", "",
        ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 km STORE d", syntax, "", ""},
       {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 km STOREDIST", syntax, "", ""}});
}

TEST_P(Geo, Geosearchstore) {
  harness.run("SET d x");
  harness.play({{"GEOSEARCHSTORE d Sicily FROMLONLAT 15 37 BYRADIUS 200 km", ":2", "geosearchstore d",
                 "GEOSEARCHSTORE d Sicily FROMLONLAT 15 37 BYRADIUS 200 km"},
                {"ZSCORE d Palermo", "\"3479099956230698\"", "", ""},
                {"GEOSEARCHSTORE e Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 STOREDIST", ":1",
                 "new e; geosearchstore e",
                 "GEOSEARCHSTORE e Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 STOREDIST"},
                {"ZRANGE e 0 -1 WITHSCORES", "[\"Catania\", \"56.4412578701582\"]", "", ""},
                {"GEOSEARCHSTORE e none FROMMEMBER x BYRADIUS 200 km", ":0", "keymiss none; del e",
                 "GEOSEARCHSTORE e none FROMMEMBER x BYRADIUS 200 km"},
                {"GEOSEARCHSTORE d Sicily FROMLONLAT 100 0 BYRADIUS 200 km", ":0", "del d",
                 "GEOSEARCHSTORE d Sicily FROMLONLAT 100 0 BYRADIUS 200 km"},
                {"GEOSEARCHSTORE d Sicily FROMLONLAT 15 37 BYRADIUS 200 km WITHDIST",
                 "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options", "", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 2u + 1 + 1 + 2 + 1 + 1 + 1);
}

TEST_P(Geo, Georadius) {
  harness.play({{"GEORADIUS Sicily 15 37 200 km ASC", "[\"Catania\", \"Palermo\"]", "", ""},
                {"GEORADIUS_RO Sicily 15 37 100 km WITHDIST", "[[\"Catania\", \"56.4413\"]]", "", ""},
                {"GEORADIUSBYMEMBER Sicily Palermo 200 KM", "[\"Palermo\", \"Catania\"]", "", ""},
                {"GEORADIUSBYMEMBER_RO Sicily x 200 km", no_member, "", ""},
                {"GEORADIUSBYMEMBER none x -5 what", "[]", "keymiss none", ""},
                {"GEORADIUSBYMEMBER none x -5 what COUNT 0", "-ERR COUNT must be > 0", "keymiss none", ""},
                {"GEORADIUS none 15 370 200 km", "-ERR invalid longitude,latitude pair 15.000000,370.000000",
                 "keymiss none", ""},
                {"GEORADIUS Sicily 15 37 200 km STORE d", ":2", "new d; georadiusstore d",
                 "GEORADIUS Sicily 15 37 200 km STORE d"},
                {"GEORADIUS Sicily 15 37 200 km STOREDIST e STORE d COUNT 1", ":1", "georadiusstore d",
                 "GEORADIUS Sicily 15 37 200 km STOREDIST e STORE d COUNT 1"},
                {"GEORADIUS_RO Sicily 15 37 200 km STORE d", syntax, "", ""},
                {"GEORADIUS Sicily 15 37 200 km STORE d WITHDIST",
                 "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options", "",
                 ""},
                {"GEORADIUS Sicily 15 37 200 km FROMMEMBER x", syntax, "", ""},
                {"GEORADIUS none 15 37 200 km STORE d", ":0", "keymiss none; del d",
                 "GEORADIUS none 15 37 200 km STORE d"}});
}

// Longitude 180 is a cell of its own at each size; what lies there is found or not as redis-server finds it.
TEST_P(Geo, TheEdgeOfTheWorld) {
  harness.run("GEOADD g 180 0 east -180 0 west 179.9999 0 inner");
  harness.play({{"GEOSEARCH g FROMLONLAT 180 0 BYRADIUS 1 km", "[\"east\", \"inner\"]", "", ""},
                {"GEOSEARCH g FROMLONLAT 179.9999 0 BYRADIUS 1 km ASC", "[\"inner\", \"west\"]", "", ""}});
}

}  // namespace
}  // namespace torc::cmd
