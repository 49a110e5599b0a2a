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

char* put(char* out, const char* text, int size) noexcept {
  std::memcpy(out, text, static_cast<size_t>(size));
  return out + size;
}

char* put_zeros(char* out, int count) noexcept {
  std::memset(out, '0', static_cast<size_t>(count));
  return out + count;
}

char* put_exponent(char* out, const Decimal& decimal) noexcept {
  *out++ = decimal.digits[0];
  if (decimal.count > 1) {
    *out++ = '.';
    out = put(out, decimal.digits + 1, decimal.count - 1);
  }
  int exponent = decimal.exponent + decimal.count - 1;
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  return out + format_unsigned(out, static_cast<uint64_t>(std::abs(exponent)));
}

char* put_fraction(char* out, const Decimal& decimal) noexcept {
  int before_point = decimal.count + decimal.exponent;
  if (before_point <= 0) {
    out = put_zeros(put(out, "0.", 2), -before_point);
    return put(out, decimal.digits, decimal.count);
  }
  out = put(out, decimal.digits, before_point);
  *out++ = '.';
  return put(out, decimal.digits + before_point, -decimal.exponent);
}

char* put_decimal(char* out, const Decimal& decimal) noexcept {
  int magnitude = std::abs(decimal.exponent + decimal.count - 1);
  if (decimal.exponent >= 0 && magnitude < decimal.count + 7) {
    return put_zeros(put(out, decimal.digits, decimal.count), decimal.exponent);
  }
  bool as_fraction = decimal.exponent < 0 && (decimal.exponent > -7 || magnitude < 4);
  return as_fraction ? put_fraction(out, decimal) : put_exponent(out, decimal);
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

size_t format_double(char* out, double value) noexcept {
  if (whole(value) && value != 0) return format_integer(out, static_cast<int64_t>(value));
  return format_double_digits(out, value);
}

size_t format_double_digits(char* out, double value) noexcept {
  char* end = out;
  if (std::isnan(value)) return static_cast<size_t>(put(out, "nan", 3) - out);
  if (std::signbit(value)) *end++ = '-';
  if (std::isinf(value)) {
    end = put(end, "inf", 3);
  } else if (value == 0) {
    *end++ = '0';
  } else {
    end = put_decimal(end, shortest_digits(std::fabs(value)));
  }
  return static_cast<size_t>(end - out);
}

std::string format_double(double value) {
  char text[double_text_max];
  return {text, format_double(text, value)};
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
