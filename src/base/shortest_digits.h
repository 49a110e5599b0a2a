// The digits of a double; private to format_number.cc.
#pragma once

namespace torc::base {

// The value is digits × 10^exponent.
struct Decimal {
  char digits[20];
  int count;
  int exponent;
};

// Digits that read back as the same double. magnitude: finite and > 0.
[[nodiscard]] Decimal shortest_digits(double magnitude) noexcept;

}  // namespace torc::base
