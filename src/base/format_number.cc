// Writing numbers. The shape of a double (when the exponent appears, "e+20" with its sign) is Redis 7.2's.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/assert.h"
#include "base/parse_number.h"
#include "base/shortest_digits.h"

namespace torc::base {

namespace {

void append_exponent(std::string& out, const Decimal& decimal) {
  out += decimal.digits[0];
  if (decimal.count > 1) out.append(".").append(decimal.digits + 1, static_cast<size_t>(decimal.count - 1));
  int exponent = decimal.exponent + decimal.count - 1;
  out += exponent < 0 ? "e-" : "e+";
  char text[integer_digits_max];
  out.append(text, format_unsigned(text, static_cast<uint64_t>(std::abs(exponent))));
}

void append_decimal(std::string& out, const Decimal& decimal) {
  int magnitude = std::abs(decimal.exponent + decimal.count - 1);
  std::string_view digits(decimal.digits, static_cast<size_t>(decimal.count));
  if (decimal.exponent >= 0 && magnitude < decimal.count + 7) {
    out.append(digits).append(static_cast<size_t>(decimal.exponent), '0');
  } else if (decimal.exponent < 0 && (decimal.exponent > -7 || magnitude < 4)) {
    int before_point = decimal.count + decimal.exponent;
    if (before_point <= 0) {
      out.append("0.").append(static_cast<size_t>(-before_point), '0').append(digits);
    } else {
      auto split = static_cast<size_t>(before_point);
      out.append(digits.substr(0, split)).append(".").append(digits.substr(split));
    }
  } else {
    append_exponent(out, decimal);
  }
}

// Whole numbers up to half of the range of int64_t are written as integers, however many digits they have.
bool whole(double value) {
  constexpr double limit = static_cast<double>(INT64_MAX / 2);
  return value >= -limit && value <= limit && static_cast<double>(static_cast<int64_t>(value)) == value;
}

}  // namespace

size_t format_integer(char* out, int64_t value) noexcept {
  return static_cast<size_t>(std::to_chars(out, out + integer_digits_max, value).ptr - out);
}

size_t format_unsigned(char* out, uint64_t value) noexcept {
  return static_cast<size_t>(std::to_chars(out, out + integer_digits_max, value).ptr - out);
}

std::string format_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  if (whole(value)) {
    char digits[integer_digits_max];
    return std::string(digits, format_integer(digits, static_cast<int64_t>(value)));
  }
  std::string out;
  if (value < 0) out += '-';
  append_decimal(out, shortest_digits(std::fabs(value)));
  return out;
}

std::string format_long_double(long double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // The greatest long double has 4933 digits before its point.
  char text[5 * 1024];
  auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 17);
  TORC_ASSERT(error == std::errc{});
  while (end[-1] == '0') --end;
  if (end[-1] == '.') --end;
  std::string_view trimmed(text, static_cast<size_t>(end - text));
  return std::string(trimmed == "-0" ? "0" : trimmed);
}

}  // namespace torc::base
