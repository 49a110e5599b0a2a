// Numbers as Redis reads and writes them. The strictness is the contract: "+1", " 1", "01" and "-0" are no integers,
// so that a string which reads as an integer can be stored as one and come back byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torc::base {

// Digits of an int64_t with sign, at the most.
inline constexpr size_t integer_digits_max = 20;
// Room that format_double needs.
inline constexpr size_t double_text_max = 48;

// The canonical decimal form of an int64_t only.
[[nodiscard]] std::optional<int64_t> parse_integer(std::string_view text) noexcept;
[[nodiscard]] std::optional<uint64_t> parse_unsigned(std::string_view text) noexcept;
// What strtod reads over the whole text: also inf, infinity, hexadecimal; no leading space, not empty, no NaN, no
// overflow to HUGE_VAL and no underflow to 0 of a non-zero text.
[[nodiscard]] std::optional<double> parse_double(std::string_view text) noexcept;
// The same for long double, as INCRBYFLOAT reads it.
[[nodiscard]] std::optional<long double> parse_long_double(std::string_view text) noexcept;
// "1gb", "512": bytes with the units of redis.conf (k, kb, m, mb, g, gb; b), in any case and without a space between;
// nullopt for anything else.
[[nodiscard]] std::optional<uint64_t> parse_memory(std::string_view text) noexcept;

// Writes the canonical form to out (≥ integer_digits_max bytes), returns its length.
size_t format_integer(char* out, int64_t value) noexcept;
size_t format_unsigned(char* out, uint64_t value) noexcept;
// A text that reads back as the same double and is nearly always the shortest such, byte for byte as Redis 7.2 prints
// it; inf, -inf, nan, -0. Writes to out (≥ double_text_max bytes), returns its length.
size_t format_double(char* out, double value) noexcept;
[[nodiscard]] std::string format_double(double value);
// The same without the rule that whole numbers are written as integers: 1e+20, but also 1e+11.
size_t format_double_digits(char* out, double value) noexcept;
// Human form of INCRBYFLOAT: up to 17 digits after the point, trailing zeros removed, never "-0".
[[nodiscard]] std::string format_long_double(long double value);

}  // namespace torc::base
