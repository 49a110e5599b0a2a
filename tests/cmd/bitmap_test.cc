// Tests of src/cmd/bitmap*: BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS GETBIT SETBIT. Replies as redis-server 7.2.6
// gives them.
#include <gtest/gtest.h>

#include "harness.h"

namespace torc::cmd {
namespace {

constexpr std::string_view wrong_type = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr std::string_view bad_offset = "-ERR bit offset is not an integer or out of range";
constexpr std::string_view not_integer = "-ERR value is not an integer or out of range";

TEST(Bitmap, SetbitCreatesGrowsAndChanges) {
  Harness harness;
  harness.play({{"SETBIT k 1 1", ":0", "new k; setbit k", "SETBIT k 1 1"},
                {"GET k", "\"@\"", "", ""},
                {"SETBIT k 1 1", ":1", "", ""},
                {"SETBIT k 1 0", ":1", "setbit k", "SETBIT k 1 0"},
                {"SETBIT k 20 0", ":0", "setbit k", "SETBIT k 20 0"},
                {"STRLEN k", ":3", "", ""},
                {"GETBIT k 20", ":0", "", ""},
                {"GETBIT k 4000000000", ":0", "", ""},
                {"GETBIT missing 7", ":0", "keymiss missing", ""}});
  EXPECT_EQ(harness.session().statistics().dirty, 3u);
}

TEST(Bitmap, SetbitMakesRawOfAnyString) {
  Harness harness;
  harness.run("SET int 12345");
  harness.play({{"SETBIT int 7 1", ":1", "", ""},
                {"OBJECT ENCODING int", "\"raw\"", "", ""},
                {"SETBIT int 0 1", ":0", "setbit int", "SETBIT int 0 1"},
                {"GET int", "\"\\xb12345\"", "", ""},
                {"GETBIT int 0", ":1", "", ""}});
  harness.run("SET int 12345");
  EXPECT_EQ(harness.run("GETBIT int 2"), ":1");
  EXPECT_EQ(harness.run("OBJECT ENCODING int"), "\"int\"");
}

TEST(Bitmap, OffsetsAndBitsAreChecked) {
  Harness harness;
  harness.run("SET list x");
  harness.make_list("list");
  harness.play({{"SETBIT k -1 1", bad_offset, "", ""},
                {"SETBIT k 4294967296 1", bad_offset, "", ""},
                {"SETBIT k 9223372036854775808 1", bad_offset, "", ""},
                {"SETBIT k #1 1", bad_offset, "", ""},
                {"SETBIT k x 1", bad_offset, "", ""},
                {"SETBIT k 0 2", "-ERR bit is not an integer or out of range", "", ""},
                {"SETBIT k 0 -1", "-ERR bit is not an integer or out of range", "", ""},
                {"SETBIT k 0 x", "-ERR bit is not an integer or out of range", "", ""},
                {"SETBIT list 0 1", wrong_type, "", ""},
                {"GETBIT list 0", wrong_type, "", ""},
                {"GETBIT k -1", bad_offset, "", ""},
                {"GETBIT k 4294967296", bad_offset, "", ""},
                {"EXISTS k", ":0", "keymiss k", ""}});
  harness.options().proto_max_bulk_bytes = 10;
  EXPECT_EQ(harness.run("SETBIT k 79 1"), ":0");
  EXPECT_EQ(harness.run("SETBIT k 80 1"), bad_offset);
}

// What is overdue stays during a pause, and is not there all the same.
TEST(Bitmap, BitopDoesNotSeeWhatIsOverdueDuringAPause) {
  Harness harness;
  harness.run("RPUSH list a");
  harness.run("SET text overdue");
  harness.run("SET b 1");
  harness.run("PEXPIRE list 5");
  harness.run("PEXPIRE text 5");
  harness.advance_ms(20);
  const auto replies = harness.pipeline({"MULTI", "CLIENT PAUSE 100 WRITE", "BITOP NOT d list", "BITOP OR e text b",
                                         "GET e", "EXISTS d", "EXEC"});
  EXPECT_EQ(replies.back(), R"([+OK, :0, :1, "1", :0])");
}

TEST(Bitmap, GrowingBitByBitIsLinear) {
  Harness harness;
  for (int bit = 0; bit < 200'000; bit += 8) ASSERT_EQ(harness.run("SETBIT k " + std::to_string(bit) + " 1"), ":0");
  EXPECT_EQ(harness.run("BITCOUNT k"), ":25000");
  EXPECT_EQ(harness.run("STRLEN k"), ":25000");
}

TEST(Bitmap, Bitcount) {
  Harness harness;
  harness.run("SET k foobar");
  harness.run("SET int 1234");
  harness.run("SET list x");
  harness.make_list("list");
  harness.play({{"BITCOUNT k", ":26", "", ""},
                {"BITCOUNT k 0 0", ":4", "", ""},
                {"BITCOUNT k 1 1 BYTE", ":6", "", ""},
                {"BITCOUNT k 5 30 bit", ":17", "", ""},
                {"BITCOUNT k -10 -1 BIT", ":5", "", ""},
                {"BITCOUNT k 0 -1", ":26", "", ""},
                {"BITCOUNT k -2 -3", ":0", "", ""},
                {"BITCOUNT k -2 -3 WHAT", ":0", "", ""},
                {"BITCOUNT k 4 3", ":0", "", ""},
                {"BITCOUNT k -1000 1000", ":26", "", ""},
                {"BITCOUNT k -9223372036854775808 9223372036854775807 BIT", ":26", "", ""},
                {"BITCOUNT int", ":13", "", ""},
                {"BITCOUNT missing 0", ":0", "keymiss missing", ""},
                {"BITCOUNT k 0", "-ERR syntax error", "", ""},
                {"BITCOUNT k 0 1 HELLO", "-ERR syntax error", "", ""},
                {"BITCOUNT k 0 1 BIT 2", "-ERR syntax error", "", ""},
                {"BITCOUNT k a 1", not_integer, "", ""},
                {"BITCOUNT k 0 b", not_integer, "", ""},
                {"BITCOUNT list", wrong_type, "", ""}});
  EXPECT_EQ(harness.run({"SET", "k", ""}), "+OK");
  EXPECT_EQ(harness.run("BITCOUNT k 0 -1"), ":0");
}

TEST(Bitmap, Bitpos) {
  Harness harness;
  harness.run("SET k \"\\xff\\xf0\\x00\"");
  harness.run("SET zeros \"\\x00\\x00\"");
  harness.run("SET ones \"\\xff\\xff\\xff\"");
  harness.run("SET list x");
  harness.make_list("list");
  harness.play({{"BITPOS k 0", ":12", "", ""},
                {"BITPOS k 1 1", ":8", "", ""},
                {"BITPOS k 1 2", ":-1", "", ""},
                {"BITPOS k 0 0 0", ":-1", "", ""},
                {"BITPOS k 1 3 10 BIT", ":3", "", ""},
                {"BITPOS k 0 3 13 BIT", ":12", "", ""},
                {"BITPOS k 0 3 11 BIT", ":-1", "", ""},
                {"BITPOS k 1 -12 -1 BIT", ":-1", "", ""},
                {"BITPOS zeros 1", ":-1", "", ""},
                {"BITPOS ones 0", ":24", "", ""},
                {"BITPOS ones 0 1", ":24", "", ""},
                {"BITPOS ones 0 -1", ":24", "", ""},
                {"BITPOS ones 0 0 -1", ":-1", "", ""},
                {"BITPOS ones 0 0 100", ":-1", "", ""},
                {"BITPOS ones 0 7", ":-1", "", ""},
                {"BITPOS missing 0", ":0", "keymiss missing", ""},
                {"BITPOS missing 1 a b c d", ":-1", "keymiss missing", ""},
                {"BITPOS k 2", "-ERR The bit argument must be 1 or 0.", "", ""},
                {"BITPOS k x", not_integer, "", ""},
                {"BITPOS k 1 x", not_integer, "", ""},
                {"BITPOS k 1 0 x", not_integer, "", ""},
                {"BITPOS k 1 0 1 WORD", "-ERR syntax error", "", ""},
                {"BITPOS k 1 0 1 BIT x", "-ERR syntax error", "", ""},
                {"BITPOS list 1", wrong_type, "", ""}});
}

TEST(Bitmap, BitopOfTwo) {
  Harness harness;
  harness.run("MSET a \"\\xf0\\xff\" b \"\\x3c\" int 12");
  harness.play({{"BITOP AND d a b", ":2", "new d; set d", "BITOP AND d a b"},
                {"GET d", "\"0\\x00\"", "", ""},
                {"OBJECT ENCODING d", "\"raw\"", "", ""},
                {"BITOP or d a b", ":2", "set d", "BITOP or d a b"},
                {"GET d", "\"\\xfc\\xff\"", "", ""},
                {"BITOP XOR d a b", ":2", "set d", "BITOP XOR d a b"},
                {"GET d", "\"\\xcc\\xff\"", "", ""},
                {"BITOP NOT d b", ":1", "set d", "BITOP NOT d b"},
                {"GET d", "\"\\xc3\"", "", ""},
                {"BITOP OR d int", ":2", "set d", "BITOP OR d int"},
                {"GET d", "\"12\"", "", ""},
                {"OBJECT ENCODING d", "\"raw\"", "", ""},
                {"BITOP NOT a a", ":2", "set a", "BITOP NOT a a"},
                {"GET a", "\"\\x0f\\x00\"", "", ""}});
}

TEST(Bitmap, BitopOfRedis82) {
  Harness harness;
  harness.run("MSET x \"\\xf0\" y1 \"\\x3c\" y2 \"\\xaa\\x01\"");
  harness.play({{"BITOP DIFF d x y1 y2", ":2", "new d; set d", "BITOP DIFF d x y1 y2"},
                {"GET d", "\"@\\x00\"", "", ""},
                {"BITOP DIFF1 d x y1 y2", ":2", "set d", "BITOP DIFF1 d x y1 y2"},
                {"GET d", "\"\\x0e\\x01\"", "", ""},
                {"BITOP ANDOR d x y1 y2", ":2", "set d", "BITOP ANDOR d x y1 y2"},
                {"GET d", "\"\\xb0\\x00\"", "", ""},
                {"BITOP ONE d x y1 y2", ":2", "set d", "BITOP ONE d x y1 y2"},
                {"GET d", "\"F\\x01\"", "", ""},
                {"BITOP ONE d x", ":1", "set d", "BITOP ONE d x"},
                {"BITOP DIFF d missing x", ":1", "keymiss missing; set d", "BITOP DIFF d missing x"},
                {"GET d", "\"\\x00\"", "", ""},
                {"BITOP diff d x", "-ERR BITOP DIFF must be called with at least two source keys.", "", ""},
                {"BITOP DIFF1 d x", "-ERR BITOP DIFF1 must be called with at least two source keys.", "", ""},
                {"BITOP andor d x", "-ERR BITOP ANDOR must be called with at least two source keys.", "", ""}});
}

TEST(Bitmap, BitopOfNothingDeletes) {
  Harness harness;
  harness.run("MSET a x d y");
  harness.run({"SET", "empty", ""});
  harness.run("SET list x");
  harness.make_list("list");
  harness.play({{"BITOP AND d none", ":0", "keymiss none; del d", "BITOP AND d none"},
                {"BITOP AND d none", ":0", "keymiss none", ""},
                {"BITOP OR e empty none", ":0", "keymiss none", ""},
                {"BITOP AND d a list", wrong_type, "", ""},
                {"BITOP NOT d a a", "-ERR BITOP NOT must be called with a single source key.", "", ""},
                {"BITOP NAND d a a", "-ERR syntax error", "", ""}});
}

TEST(Bitmap, BitopTakesTheDeadlineAndLargeStrings) {
  Harness harness;
  const std::string large(5000, '\x0f');
  harness.run({"SET", "large", large});
  harness.run("SET d x EX 100");
  EXPECT_EQ(harness.run("BITOP NOT d large"), ":5000");
  EXPECT_EQ(harness.run("TTL d"), ":-1");
  EXPECT_EQ(harness.run("BITCOUNT d"), ":20000");
  EXPECT_EQ(harness.run("BITOP XOR large large d"), ":5000");
  EXPECT_EQ(harness.run("BITCOUNT large"), ":40000");
}

TEST(Bitmap, BitfieldGetSetIncrement) {
  Harness harness;
  harness.play({{"BITFIELD k SET u8 0 65 GET u8 0", "[:0, :65]", "new k; setbit k", "BITFIELD k SET u8 0 65 GET u8 0"},
                {"GET k", "\"A\"", "", ""},
                {"BITFIELD k INCRBY i5 100 1 GET u4 0", "[:1, :4]", "setbit k", "BITFIELD k INCRBY i5 100 1 GET u4 0"},
                {"STRLEN k", ":14", "", ""},
                {"BITFIELD k SET i64 #1 -1", "[:8388608]", "setbit k", "BITFIELD k SET i64 #1 -1"},
                {"BITFIELD k GET i64 64 GET i64 65 GET i64 1000", "[:-1, :-2, :0]", "", ""},
                {"BITFIELD k SET u8 0 65", "[:65]", "", ""},
                {"BITFIELD missing GET u8 0", "[:0]", "keymiss missing", ""},
                {"BITFIELD k", "[]", "", ""},
                {"BITFIELD_RO k GET u8 0 GET i2 #3", "[:65, :1]", "", ""}});
}

TEST(Bitmap, BitfieldOverflows) {
  Harness harness;
  harness.play({{"BITFIELD k SET u8 0 255 INCRBY u8 0 1", "[:0, :0]", "new k; setbit k",
                 "BITFIELD k SET u8 0 255 INCRBY u8 0 1"},
                {"BITFIELD k OVERFLOW SAT INCRBY u8 0 300", "[:255]", "setbit k",
                 "BITFIELD k OVERFLOW SAT INCRBY u8 0 300"},
                {"BITFIELD k OVERFLOW FAIL INCRBY u8 0 1", "[nil]", "", ""},
                {"BITFIELD k overflow fail SET u8 0 256 overflow wrap SET u8 0 257", "[nil, :255]", "setbit k",
                 "BITFIELD k overflow fail SET u8 0 256 overflow wrap SET u8 0 257"},
                {"BITFIELD k SET i64 0 9223372036854775807 INCRBY i64 0 1",
                 "[:72057594037927936, :-9223372036854775808]",
                 "setbit k", "BITFIELD k SET i64 0 9223372036854775807 INCRBY i64 0 1"},
                {"BITFIELD k OVERFLOW SAT INCRBY i64 0 -1", "[:-9223372036854775808]", "", ""},
                {"BITFIELD new OVERFLOW FAIL SET u1 100 2", "[nil]", "new new", ""},
                {"STRLEN new", ":13", "", ""}});
}

TEST(Bitmap, BitfieldErrors) {
  Harness harness;
  harness.run("SET list x");
  harness.make_list("list");
  constexpr std::string_view bad_type =
      "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";
  harness.play({{"BITFIELD k GET u64 0", bad_type, "", ""},
                {"BITFIELD k GET i65 0", bad_type, "", ""},
                {"BITFIELD k GET i0 0", bad_type, "", ""},
                {"BITFIELD k GET x8 0", bad_type, "", ""},
                {"BITFIELD k GET u 0", bad_type, "", ""},
                {"BITFIELD k GET u8 -1", bad_offset, "", ""},
                {"BITFIELD k SET u8 #9223372036854775807 1", bad_offset, "", ""},
                {"BITFIELD k SET i64 #144115188075855872 1", bad_offset, "", ""},
                {"BITFIELD k SET u8 4294967296 1", bad_offset, "", ""},
                {"BITFIELD k SET u8 0 x", not_integer, "", ""},
                {"BITFIELD k GET u8", "-ERR syntax error", "", ""},
                {"BITFIELD k SET u8 0", "-ERR syntax error", "", ""},
                {"BITFIELD k OVERFLOW", "-ERR syntax error", "", ""},
                {"BITFIELD k OVERFLOW BIG", "-ERR Invalid OVERFLOW type specified", "", ""},
                {"BITFIELD k FROB", "-ERR syntax error", "", ""},
                {"BITFIELD list GET u8 0", wrong_type, "", ""},
                {"BITFIELD list SET u8 0 1", wrong_type, "", ""},
                {"BITFIELD_RO k SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand", "", ""},
                {"EXISTS k", ":0", "keymiss k", ""}});
}

TEST(Bitmap, BitfieldFailsWithNullInResp3) {
  Harness harness;
  harness.set_protocol(3);
  EXPECT_EQ(harness.run("BITFIELD k OVERFLOW FAIL SET u1 0 2"), "[null]");
}

TEST(Bitmap, BitfieldKeysAreReadOnlyWhenOnlyRead) {
  Harness harness;
  EXPECT_EQ(harness.run("COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0"), "[[\"k\", [+RO, +access]]]");
  EXPECT_EQ(harness.run("COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 SET u8 0 1"),
            "[[\"k\", [+RW, +access, +update]]]");
}

}  // namespace
}  // namespace torc::cmd
