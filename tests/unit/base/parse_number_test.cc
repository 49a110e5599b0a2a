// What reads as a number and what does not, down to the corners, as redis-server was observed to read it.
#include "base/parse_number.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace {

using namespace std::string_view_literals;
using torc::base::parse_double;
using torc::base::parse_integer;
using torc::base::parse_long_double;
using torc::base::parse_memory;
using torc::base::parse_unsigned;

TEST(ParseNumber, integers_are_canonical) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-1"), -1);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_integer("-9223372036854775808"), INT64_MIN);
  for (std::string_view text :
       {""sv, "-"sv, "+1"sv, " 1"sv, "1 "sv, "01"sv, "-0"sv, "-01"sv, "00"sv, "1a"sv, "a"sv, "1.0"sv, "--1"sv,
        "9223372036854775808"sv, "-9223372036854775809"sv, "18446744073709551616"sv, "99999999999999999999"sv,
        "100000000000000000000"sv, "1\0"sv, "0x1"sv}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseNumber, unsigned_reaches_further) {
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_unsigned("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_unsigned("-1"), std::nullopt);
  EXPECT_EQ(parse_unsigned("00"), std::nullopt);
  EXPECT_EQ(parse_unsigned("0"), 0u);
}

TEST(ParseNumber, integers_come_back) {
  torc::base::Random random(11);
  for (int i = 0; i < 100'000; ++i) {
    auto value = static_cast<int64_t>(random.next() >> random.below(64));
    if (i & 1) value = -value;
    char text[torc::base::integer_digits_max];
    ASSERT_EQ(parse_integer({text, torc::base::format_integer(text, value)}), value);
  }
}

TEST(ParseNumber, doubles_read_as_strtod_does) {
  EXPECT_EQ(parse_double("3.25"), 3.25);
  EXPECT_EQ(parse_double("+3.25"), 3.25);
  EXPECT_EQ(parse_double("-.5e1"), -5);
  EXPECT_EQ(parse_double("5."), 5);
  EXPECT_EQ(parse_double("0x10"), 16);
  EXPECT_EQ(parse_double("0x1.8p1"), 3);
  EXPECT_EQ(parse_double("inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("4.9e-324"), 4.9e-324);
  EXPECT_EQ(parse_double("1e-310"), 1e-310);
  EXPECT_EQ(parse_double("0e-999"), 0);
  EXPECT_EQ(parse_double(std::string(2000, '0') + "7"), 7);
  EXPECT_TRUE(std::signbit(*parse_double("-0")));
}

TEST(ParseNumber, texts_that_are_no_double) {
  for (std::string_view text : {""sv, " 1"sv, "\t1"sv, "1 "sv, "nan"sv, "-nan"sv, "nan(1)"sv, "abc"sv, "1e"sv,
                                "1.2.3"sv, "0x"sv, "1\0"sv, "1\0002"sv, "."sv, "e5"sv, "--1"sv}) {
    EXPECT_EQ(parse_double(text), std::nullopt) << text;
    EXPECT_EQ(parse_long_double(text), std::nullopt) << text;
  }
  for (std::string_view text : {"1e400", "-1e400", "1e-400"}) EXPECT_EQ(parse_double(text), std::nullopt) << text;
}

TEST(ParseNumber, long_doubles) {
  EXPECT_EQ(parse_long_double("0.1"), 0.1L);
  EXPECT_EQ(parse_long_double("1e4000"), 1e4000L);
  EXPECT_EQ(parse_long_double("1e5000"), std::nullopt);
  EXPECT_EQ(parse_long_double("1e-5000"), std::nullopt);
  EXPECT_EQ(parse_long_double("inf"), std::numeric_limits<long double>::infinity());
  EXPECT_EQ(parse_long_double(std::string(5119, '0')), 0);
  EXPECT_EQ(parse_long_double(std::string(5120, '0')), std::nullopt);
}

TEST(ParseNumber, memory_units) {
  EXPECT_EQ(parse_memory("512"), 512u);
  EXPECT_EQ(parse_memory("512b"), 512u);
  EXPECT_EQ(parse_memory("1k"), 1000u);
  EXPECT_EQ(parse_memory("1kb"), 1024u);
  EXPECT_EQ(parse_memory("1M"), 1'000'000u);
  EXPECT_EQ(parse_memory("1Mb"), 1u << 20);
  EXPECT_EQ(parse_memory("2g"), 2'000'000'000u);
  EXPECT_EQ(parse_memory("2GB"), uint64_t{2} << 30);
  for (std::string_view text : {"-1"sv, "1x"sv, "1 kb"sv, "x"sv, "1kbb"sv, "1.5kb"sv, "1\0kb"sv}) {
    EXPECT_EQ(parse_memory(text), std::nullopt) << text;
  }
}

// Observed: CONFIG SET maxmemory of redis-server 7.2.
TEST(ParseNumber, memory_in_its_corners) {
  EXPECT_EQ(parse_memory(""), 0u);
  EXPECT_EQ(parse_memory("kb"), 0u);
  EXPECT_EQ(parse_memory("99999999999999999999"), UINT64_MAX);
  EXPECT_EQ(parse_memory("20000000000gb"), 3028092406290448384u);
  EXPECT_EQ(parse_memory(std::string(127, '0') + "k"), 0u);
  EXPECT_EQ(parse_memory(std::string(128, '0') + "k"), std::nullopt);
}

}  // namespace
