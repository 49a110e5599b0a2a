// Lines are appended to one string as they come; numbers go through to_chars, which knows no locale.
#include "base/info.h"

#include <charconv>

#include "base/assert.h"
#include "base/parse_number.h"

namespace torc::base {

namespace {

void append_fixed(std::string& out, double value, int digits) {
  // 309 digits before the point at the most.
  char text[400];
  TORC_ASSERT(digits >= 0 && digits < 64);
  auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  TORC_ASSERT(error == std::errc{});
  out.append(text, end);
}

}  // namespace

void InfoWriter::text(std::string_view name, std::string_view value) {
  lines_.append(name).append(":").append(value).append("\r\n");
}

void InfoWriter::integer(std::string_view name, int64_t value) {
  char digits[integer_digits_max];
  text(name, {digits, format_integer(digits, value)});
}

void InfoWriter::unsigned_integer(std::string_view name, uint64_t value) {
  char digits[integer_digits_max];
  text(name, {digits, format_unsigned(digits, value)});
}

void InfoWriter::decimal(std::string_view name, double value, int digits) {
  lines_.append(name).append(":");
  append_fixed(lines_, value, digits);
  lines_.append("\r\n");
}

std::string human_bytes(uint64_t bytes) {
  std::string out;
  static constexpr std::string_view units = "KMGTP";
  int shift = 10;
  for (char unit : units) {
    bool fits = bytes >> shift >= 1 && bytes >> shift < 1024;
    if (fits) {
      append_fixed(out, static_cast<double>(bytes) / static_cast<double>(uint64_t{1} << shift), 2);
      return out += unit;
    }
    shift += 10;
  }
  // Less than a kilobyte, or more than the units reach.
  return std::to_string(bytes) + "B";
}

}  // namespace torc::base
