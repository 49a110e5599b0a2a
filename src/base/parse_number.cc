// Reading numbers. Integers are read digit by digit; floating point goes through from_chars, and only texts that it
// does not take as a whole (a plus sign, hexadecimal, denormals) go the slow way through strtod, whose reading is the
// contract.
#include "base/parse_number.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>

namespace torc::base {

namespace {

// Numbers longer than this are not read as long double (Redis's limit, too).
constexpr size_t long_double_text_max = 5 * 1024;

// Nothing but digits without a leading zero, or "0".
std::optional<uint64_t> parse_digits(std::string_view text) noexcept {
  if (text.empty() || text.size() > integer_digits_max) return std::nullopt;
  if (text[0] == '0') return text.size() == 1 ? std::optional<uint64_t>(0) : std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    unsigned digit = static_cast<unsigned char>(c) - '0';
    if (digit > 9) return std::nullopt;
    // 19 digits always fit; the twentieth may not.
    if (__builtin_mul_overflow(value, 10U, &value) || __builtin_add_overflow(value, digit, &value)) return std::nullopt;
  }
  return value;
}

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

template <typename Float>
Float convert(const char* text, char** end) noexcept;
template <>
double convert<double>(const char* text, char** end) noexcept {
  return std::strtod(text, end);
}
template <>
long double convert<long double>(const char* text, char** end) noexcept {
  return std::strtold(text, end);
}

template <typename Float>
std::optional<Float> convert_terminated(const char* text, size_t size) noexcept {
  char* end = nullptr;
  errno = 0;
  Float value = convert<Float>(text, &end);
  if (static_cast<size_t>(end - text) != size || std::isnan(value)) return std::nullopt;
  // A denormal result sets ERANGE as well and is fine.
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

// strtod wants a terminating zero, which a view of a request does not have.
template <typename Float>
std::optional<Float> parse_float(std::string_view text) noexcept {
  if (text.empty() || is_space(text[0])) return std::nullopt;
  char buffer[128];
  if (text.size() >= sizeof buffer) {
    std::string copy(text);
    return convert_terminated<Float>(copy.c_str(), copy.size());
  }
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  return convert_terminated<Float>(buffer, text.size());
}

bool equals_lower(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (c != lower[i]) return false;
  }
  return true;
}

std::optional<uint64_t> memory_unit(std::string_view unit) noexcept {
  struct Unit {
    std::string_view name;
    uint64_t bytes;
  };
  static constexpr Unit units[] = {{"", 1},          {"b", 1},
                                   {"k", 1000},      {"kb", 1024},
                                   {"m", 1000'000},  {"mb", 1024 * 1024},
                                   {"g", 1000'000'000}, {"gb", 1024 * 1024 * 1024}};
  for (const Unit& candidate : units) {
    if (equals_lower(unit, candidate.name)) return candidate.bytes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) noexcept {
  constexpr uint64_t maximum = std::numeric_limits<int64_t>::max();
  bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  std::optional<uint64_t> magnitude = parse_digits(text);
  if (!magnitude || *magnitude > maximum + negative || (negative && *magnitude == 0)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
}

std::optional<uint64_t> parse_unsigned(std::string_view text) noexcept { return parse_digits(text); }

std::optional<double> parse_double(std::string_view text) noexcept {
  double value;
  const char* end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && next == end) return std::isnan(value) ? std::nullopt : std::optional(value);
  return parse_float<double>(text);
}

std::optional<long double> parse_long_double(std::string_view text) noexcept {
  if (text.size() >= long_double_text_max) return std::nullopt;
  return parse_float<long double>(text);
}

// As Redis reads it, down to the corners: no digits at all are 0, more than fit are the greatest number, and the
// product with the unit wraps around; the limits of the setting catch what that makes of nonsense.
std::optional<uint64_t> parse_memory(std::string_view text) noexcept {
  constexpr size_t digits_max = 127;
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  std::optional<uint64_t> unit = memory_unit(text.substr(digits));
  if (!unit || digits > digits_max) return std::nullopt;
  uint64_t value = 0;
  auto [next, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error == std::errc::result_out_of_range) value = std::numeric_limits<uint64_t>::max();
  return value * *unit;
}

}  // namespace torc::base
