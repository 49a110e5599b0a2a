// Grisu2 (Florian Loitsch: Printing Floating-Point Numbers Quickly and Accurately with Integers, 2010).
//
// std::to_chars gives the shortest digits always; Grisu2 gives them in 99.9% of cases and digits that are one longer in
// the others. Redis 7.2 prints with Grisu2, and a reply should not differ from Redis's once in a thousand scores, so
// this is Grisu2 with its choices pinned down: powers of ten in steps of 8 from 10^-348, the smallest suitable one
// taken, products rounded at the lowest bit, boundaries drawn in by one unit.
//
// The idea: the numbers that read back as v lie between two boundaries. Scale v and the boundaries by a power of ten
// so that the binary exponent is between -60 and -32; the upper boundary's digits then fall out of an integer and a
// fraction, and they may stop as soon as what is left is smaller than the distance to the lower boundary.
#include "base/shortest_digits.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace torc::base {

namespace {

using Wide = unsigned __int128;

// mantissa × 2^exponent; the mantissa's top bit is set.
struct Scaled {
  uint64_t mantissa;
  int exponent;
};

constexpr int power_first = -348;
constexpr int power_step = 8;
constexpr size_t power_count = 87;
constexpr int exponent_min = -60;   // of the scaled numbers

// An unsigned integer of a fixed number of limbs, least significant first; enough for the table below.
struct Long {
  static constexpr int bits = 1920;
  std::array<uint64_t, bits / 64> limbs{};

  constexpr void multiply(uint64_t factor) {
    Wide carry = 0;
    for (uint64_t& limb : limbs) {
      carry += Wide{limb} * factor;
      limb = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
  }
  constexpr void divide(uint64_t divisor) {
    Wide rest = 0;
    for (size_t i = limbs.size(); i-- > 0;) {
      rest = rest << 64 | limbs[i];
      limbs[i] = static_cast<uint64_t>(rest / divisor);
      rest %= divisor;
    }
  }
  [[nodiscard]] constexpr bool bit(int index) const {
    return index >= 0 && (limbs[static_cast<size_t>(index) / 64] >> (index % 64) & 1) != 0;
  }
  // The top 64 bits, rounded to nearest; the exponent is relative to this integer.
  [[nodiscard]] constexpr Scaled rounded() const {
    int top = bits - 1;
    while (!bit(top)) --top;
    uint64_t mantissa = 0;
    for (int i = 0; i < 64; ++i) mantissa = mantissa << 1 | static_cast<uint64_t>(bit(top - i));
    return {mantissa + static_cast<uint64_t>(bit(top - 64)), top - 63};
  }
};

constexpr uint64_t five_to_the(int power) {
  uint64_t result = 1;
  while (power-- > 0) result *= 5;
  return result;
}

constexpr std::array<Scaled, power_count> make_powers() {
  std::array<Scaled, power_count> powers{};
  constexpr size_t first_positive = (-power_first + power_step - 1) / power_step;
  // 10^k = 5^k × 2^k; below 1, 5^k is a quotient of 2^(bits - 1).
  Long quotient;
  quotient.limbs.back() = uint64_t{1} << 63;
  quotient.divide(five_to_the(power_step / 2));
  for (size_t i = first_positive; i-- > 0; quotient.divide(five_to_the(power_step))) {
    powers[i] = quotient.rounded();
    powers[i].exponent += power_first + static_cast<int>(i) * power_step - (Long::bits - 1);
  }
  Long product;
  product.limbs[0] = five_to_the(power_step / 2);
  for (size_t i = first_positive; i < power_count; ++i, product.multiply(five_to_the(power_step))) {
    powers[i] = product.rounded();
    powers[i].exponent += power_first + static_cast<int>(i) * power_step;
  }
  return powers;
}

constexpr std::array<Scaled, power_count> powers = make_powers();
static_assert(power_first % power_step == -power_step / 2, "the table's powers lie half a step from 10^0");

// The index of the smallest power that lifts a number with this exponent to exponent_min or above.
size_t suitable_power(int exponent) noexcept {
  // A step is 26.575 bits; the estimate is at most one too low.
  int bits_wanted = exponent_min - 64 - exponent - powers[0].exponent;
  auto index = static_cast<size_t>(bits_wanted > 0 ? bits_wanted * 10 / 266 : 0);
  while (exponent + powers[index].exponent + 64 < exponent_min) ++index;
  return index;
}

uint64_t multiply_high(uint64_t a, uint64_t b) noexcept {
  return static_cast<uint64_t>((Wide{a} * b + (Wide{1} << 63)) >> 64);
}

// Everything in units of 2^exponent, after scaling.
struct Interval {
  uint64_t upper;      // the upper boundary
  uint64_t width;      // from the lower boundary to the upper
  uint64_t distance;   // from the number itself to the upper boundary
  int fraction_bits;   // -exponent
  int decimal_exponent;
};

Interval scaled_interval(double magnitude) noexcept {
  constexpr uint64_t hidden_bit = uint64_t{1} << 52;
  constexpr int bias = 1075;
  auto bits = std::bit_cast<uint64_t>(magnitude);
  int biased = static_cast<int>(bits >> 52);
  uint64_t fraction = (bits & (hidden_bit - 1)) + (biased ? hidden_bit : 0);
  int shift = std::countl_zero(fraction);
  int exponent = (biased ? biased : 1) - bias - shift;
  // The boundaries lie half way to the neighbours, and below a power of two the neighbours are twice as dense.
  uint64_t upper = (fraction * 2 + 1) << (shift - 1);
  uint64_t lower = fraction == hidden_bit ? (fraction * 4 - 1) << (shift - 2) : (fraction * 2 - 1) << (shift - 1);
  size_t index = suitable_power(exponent);
  const Scaled& power = powers[index];
  upper = multiply_high(upper, power.mantissa) - 1;
  lower = multiply_high(lower, power.mantissa) + 1;
  uint64_t value = multiply_high(fraction << shift, power.mantissa);
  return {upper, upper - lower, upper - value, -(exponent + power.exponent + 64),
          -(power_first + static_cast<int>(index) * power_step)};
}

// Lowers the last digit while that brings the digits nearer to the number and keeps them inside the interval.
void approach(Decimal& decimal, uint64_t rest, uint64_t width, uint64_t unit, uint64_t distance) noexcept {
  while (rest < distance && width - rest >= unit &&
         (rest + unit < distance || distance - rest > rest + unit - distance)) {
    --decimal.digits[decimal.count - 1];
    rest += unit;
  }
}

void append_digit(Decimal& decimal, uint64_t digit) noexcept {
  if (digit != 0 || decimal.count != 0) decimal.digits[decimal.count++] = static_cast<char>('0' + digit);
}

// The number of decimal digits but one; 0 for 0.
int magnitude_of(uint32_t number) noexcept {
  int magnitude = 0;
  for (uint64_t power = 10; number >= power; power *= 10) ++magnitude;
  return magnitude;
}

// The digits before the point; whether they were enough.
bool generate_integer(Decimal& decimal, const Interval& interval) noexcept {
  static constexpr uint32_t tens[] = {1,       10,        100,        1'000,       10'000,
                                      100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  uint64_t fraction = interval.upper & ((uint64_t{1} << interval.fraction_bits) - 1);
  // At most 32 bits are before the point.
  auto integer = static_cast<uint32_t>(interval.upper >> interval.fraction_bits);
  for (int left = magnitude_of(integer); left >= 0; --left) {
    append_digit(decimal, integer / tens[left]);
    integer %= tens[left];
    uint64_t rest = (uint64_t{integer} << interval.fraction_bits) + fraction;
    if (rest > interval.width) continue;
    decimal.exponent = interval.decimal_exponent + left;
    approach(decimal, rest, interval.width, uint64_t{tens[left]} << interval.fraction_bits, interval.distance);
    return true;
  }
  return false;
}

// The digits behind the point: rest, width and distance grow by ten with each, the unit stays.
void generate_fraction(Decimal& decimal, const Interval& interval) noexcept {
  uint64_t one = uint64_t{1} << interval.fraction_bits;
  uint64_t rest = interval.upper & (one - 1);
  uint64_t width = interval.width;
  uint64_t distance = interval.distance;
  int digits = 0;
  do {
    rest *= 10;
    width *= 10;
    distance *= 10;
    ++digits;
    append_digit(decimal, rest >> interval.fraction_bits);
    rest &= one - 1;
  } while (rest >= width);
  decimal.exponent = interval.decimal_exponent - digits;
  approach(decimal, rest, width, one, distance);
}

}  // namespace

Decimal shortest_digits(double magnitude) noexcept {
  Decimal decimal;
  decimal.count = 0;
  Interval interval = scaled_interval(magnitude);
  if (!generate_integer(decimal, interval)) generate_fraction(decimal, interval);
  return decimal;
}

}  // namespace torc::base
