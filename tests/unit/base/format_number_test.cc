// Numbers come out as Redis writes them and read back as what they were.
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "base/parse_number.h"
#include "base/random.h"

namespace {

using torc::base::format_double;
using torc::base::format_long_double;

std::string integer_text(int64_t value) {
  char text[torc::base::integer_digits_max];
  return {text, torc::base::format_integer(text, value)};
}

TEST(FormatNumber, integers) {
  EXPECT_EQ(integer_text(0), "0");
  EXPECT_EQ(integer_text(-7), "-7");
  EXPECT_EQ(integer_text(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(integer_text(INT64_MAX), "9223372036854775807");
  char text[torc::base::integer_digits_max];
  EXPECT_EQ(std::string(text, torc::base::format_unsigned(text, UINT64_MAX)), "18446744073709551615");
}

// Observed: ZSCORE of redis-server 7.2.
TEST(FormatNumber, doubles_have_the_shape_of_redis) {
  EXPECT_EQ(format_double(0), "0");
  EXPECT_EQ(format_double(-0.0), "-0");
  EXPECT_EQ(format_double(3), "3");
  EXPECT_EQ(format_double(3.5), "3.5");
  EXPECT_EQ(format_double(-0.1), "-0.1");
  EXPECT_EQ(format_double(0.000001), "0.000001");
  EXPECT_EQ(format_double(0.0000001), "1e-7");
  EXPECT_EQ(format_double(1e18), "1000000000000000000");
  EXPECT_EQ(format_double(1e20), "1e+20");
  EXPECT_EQ(format_double(1.5e300), "1.5e+300");
  EXPECT_EQ(format_double(-1.5e-300), "-1.5e-300");
  EXPECT_EQ(format_double(123456789012345680000.0), "123456789012345680000");
  EXPECT_EQ(format_double(17179869184.125), "17179869184.125");
  EXPECT_EQ(format_double(0.3 - 0.1 * 3), "-5.551115123125783e-17");
  EXPECT_EQ(format_double(INFINITY), "inf");
  EXPECT_EQ(format_double(-INFINITY), "-inf");
  EXPECT_EQ(format_double(NAN), "nan");
}

TEST(FormatNumber, digits_without_the_rule_for_whole_numbers) {
  const auto digits = [](double value) {
    char text[torc::base::double_text_max];
    return std::string(text, torc::base::format_double_digits(text, value));
  };
  EXPECT_EQ(digits(0), "0");
  EXPECT_EQ(digits(-0.0), "-0");
  EXPECT_EQ(digits(1234), "1234");
  EXPECT_EQ(digits(1e8), "1e+8");
  EXPECT_EQ(digits(1e7), "10000000");
  EXPECT_EQ(digits(0.25), "0.25");
  EXPECT_EQ(digits(-INFINITY), "-inf");
}

TEST(FormatNumber, doubles_come_back) {
  torc::base::Random random(5);
  for (int i = 0; i < 200'000; ++i) {
    auto value = std::bit_cast<double>(random.next());
    if (std::isnan(value)) continue;
    ASSERT_EQ(torc::base::parse_double(format_double(value)), value) << format_double(value);
  }
}

TEST(FormatNumber, long_doubles_for_humans) {
  EXPECT_EQ(format_long_double(0), "0");
  EXPECT_EQ(format_long_double(-0.0L), "0");
  EXPECT_EQ(format_long_double(3.0L), "3");
  EXPECT_EQ(format_long_double(10.6L), "10.6");
  EXPECT_EQ(format_long_double(0.1L + 0.2L), "0.3");
  EXPECT_EQ(format_long_double(-1e-20L), "0");
  EXPECT_EQ(format_long_double(5e3L), "5000");
  EXPECT_EQ(format_long_double(1e-17L), "0.00000000000000001");
  EXPECT_EQ(format_long_double(100), "100");
  EXPECT_EQ(format_long_double(INFINITY), "inf");
  EXPECT_EQ(format_long_double(std::numeric_limits<long double>::max()).size(), 4933u);
}

}  // namespace
