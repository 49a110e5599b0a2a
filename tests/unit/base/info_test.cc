// The lines of INFO, and the units that a number of bytes is printed with for humans.
#include "base/info.h"

#include <gtest/gtest.h>

namespace {

using torc::base::human_bytes;

TEST(Info, writes_lines) {
  torc::base::InfoWriter writer;
  writer.text("role", "master");
  writer.integer("lag", -3);
  writer.unsigned_integer("most", UINT64_MAX);
  writer.decimal("ratio", 1.005, 2);
  writer.decimal("whole", 12, 0);
  EXPECT_EQ(writer.lines(), "role:master\r\nlag:-3\r\nmost:18446744073709551615\r\nratio:1.00\r\nwhole:12\r\n");
  EXPECT_EQ(writer.take().substr(0, 5), "role:");
  EXPECT_EQ(writer.lines(), "");
}

TEST(Info, human_bytes_changes_units_at_powers_of_1024) {
  EXPECT_EQ(human_bytes(0), "0B");
  EXPECT_EQ(human_bytes(1023), "1023B");
  EXPECT_EQ(human_bytes(1024), "1.00K");
  EXPECT_EQ(human_bytes(1536), "1.50K");
  EXPECT_EQ(human_bytes((1 << 20) - 1), "1024.00K");
  EXPECT_EQ(human_bytes(1 << 20), "1.00M");
  EXPECT_EQ(human_bytes(uint64_t{5} << 30), "5.00G");
  EXPECT_EQ(human_bytes(uint64_t{3} << 40), "3.00T");
  EXPECT_EQ(human_bytes(uint64_t{1023} << 50), "1023.00P");
  EXPECT_EQ(human_bytes(uint64_t{1} << 60), "1152921504606846976B");
}

}  // namespace
