// Digits read back exactly, are nearly always shortest, and are Grisu2's where these differ.
#include "base/shortest_digits.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace {

using torc::base::Decimal;
using torc::base::shortest_digits;

std::string text_of(double magnitude) {
  Decimal decimal = shortest_digits(magnitude);
  return std::string(decimal.digits, static_cast<size_t>(decimal.count)) + "e" + std::to_string(decimal.exponent);
}

double read_back(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

TEST(ShortestDigits, simple_values) {
  EXPECT_EQ(text_of(1), "1e0");
  EXPECT_EQ(text_of(0.1), "1e-1");
  EXPECT_EQ(text_of(1e22), "1e22");
  EXPECT_EQ(text_of(1234.5), "12345e-1");
  EXPECT_EQ(text_of(std::numeric_limits<double>::max()), "17976931348623157e292");
  EXPECT_EQ(text_of(std::numeric_limits<double>::min()), "22250738585072014e-324");
  EXPECT_EQ(text_of(std::numeric_limits<double>::denorm_min()), "5e-324");
}

// Observed of redis-server 7.2; std::to_chars has one digit less or another last digit.
TEST(ShortestDigits, is_grisu2_where_that_is_not_shortest) {
  EXPECT_EQ(text_of(0.4206129589417337), "42061295894173367e-17");
  EXPECT_EQ(text_of(475113.0830920187), "47511308309201873e-11");
  EXPECT_EQ(text_of(2.743869407338282e-202), "27438694073382818e-218");
  EXPECT_EQ(text_of(1.9959186750038206e-110), "19959186750038207e-126");
}

TEST(ShortestDigits, reads_back_and_is_nearly_always_shortest) {
  torc::base::Random random(12);
  constexpr int rounds = 300'000;
  int longer = 0;
  for (int i = 0; i < rounds; ++i) {
    double value = std::bit_cast<double>(random.next() >> 1);
    if (!std::isfinite(value) || value == 0) continue;
    std::string text = text_of(value);
    ASSERT_EQ(read_back(text), value) << text;
    char shortest[40];
    auto end = std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific).ptr;
    std::string_view digits(shortest, std::string_view(shortest, end).find('e'));
    size_t count = digits.size() - (digits.find('.') != digits.npos);
    longer += shortest_digits(value).count > static_cast<int>(count);
  }
  EXPECT_LT(longer, rounds / 500);
}

TEST(ShortestDigits, every_binary_exponent) {
  for (uint64_t biased = 0; biased < 2047; ++biased) {
    for (uint64_t fraction : {uint64_t{1}, uint64_t{0}, (uint64_t{1} << 52) - 1, uint64_t{1} << 51}) {
      auto value = std::bit_cast<double>(biased << 52 | fraction);
      if (value == 0) continue;
      ASSERT_EQ(read_back(text_of(value)), value) << biased << " " << fraction;
    }
  }
}

}  // namespace
