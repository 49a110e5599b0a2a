// Tests of src/ds/bits and its kernels: every variant against a naive model, at every length and alignment.
#include "ds/bits.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "base/random.h"
#include "ds/bit_kernels.h"

namespace torc::ds {
namespace {

constexpr size_t sizes_max = 300;

std::string random_bytes(base::Random& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

bool bit_of(std::string_view bytes, uint64_t bit) {
  return bit / 8 < bytes.size() && (static_cast<uint8_t>(bytes[bit / 8]) >> (7 - bit % 8) & 1);
}

uint64_t naive_count(std::string_view bytes) {
  uint64_t sum = 0;
  for (const char byte : bytes) sum += static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(byte)));
  return sum;
}

TEST(BitKernelsTest, ThePortableOnesAreAlwaysThere) {
  ASSERT_FALSE(usable_bit_kernels().empty());
  EXPECT_EQ(usable_bit_kernels().back()->name, "portable");
  EXPECT_EQ(&best_bit_kernels(), usable_bit_kernels().front());
}

TEST(BitKernelsTest, AllCountTheSameAtEveryLengthAndAlignment) {
  base::Random random(1);
  const std::string bytes = random_bytes(random, sizes_max + 64);
  for (const BitKernels* kernels : usable_bit_kernels()) {
    for (size_t size = 0; size <= sizes_max; ++size) {
      for (size_t offset = 0; offset < 64; offset += size < 70 ? 1 : 7) {
        const std::string_view view = std::string_view(bytes).substr(offset, size);
        ASSERT_EQ(kernels->count(view.data(), size), naive_count(view))
            << kernels->name << " " << size << " " << offset;
      }
    }
  }
}

TEST(BitKernelsTest, CountsOfOnesDoNotOverflow) {
  for (const BitKernels* kernels : usable_bit_kernels()) {
    for (const size_t size : {255u, 256u, 4096u, 100'003u}) {
      const std::string ones(size, '\xff');
      EXPECT_EQ(kernels->count(ones.data(), size), size * 8) << kernels->name;
    }
  }
}

using NaiveOperation = char (*)(char, char);
struct NamedOperation {
  BitKernels::Binary BitKernels::*kernel;
  NaiveOperation naive;
};
constexpr std::array<NamedOperation, 4> operations = {
    {{&BitKernels::and_, [](char a, char b) { return static_cast<char>(a & b); }},
     {&BitKernels::or_, [](char a, char b) { return static_cast<char>(a | b); }},
     {&BitKernels::xor_, [](char a, char b) { return static_cast<char>(a ^ b); }},
     {&BitKernels::and_not, [](char a, char b) { return static_cast<char>(a & ~b); }}}};

TEST(BitKernelsTest, AllCombineTheSameAtEveryLengthAndAlignment) {
  base::Random random(2);
  const std::string a = random_bytes(random, sizes_max + 64), b = random_bytes(random, sizes_max + 64);
  for (const BitKernels* kernels : usable_bit_kernels()) {
    for (const NamedOperation& operation : operations) {
      for (size_t size = 0; size <= sizes_max; ++size) {
        const size_t at_a = random.below(64), at_b = random.below(64), at_out = random.below(64);
        std::string out(sizes_max + 64 + 1, '#');
        (kernels->*operation.kernel)(out.data() + at_out, a.data() + at_a, b.data() + at_b, size);
        for (size_t i = 0; i < size; ++i) {
          ASSERT_EQ(out[at_out + i], operation.naive(a[at_a + i], b[at_b + i])) << kernels->name << " " << size;
        }
        ASSERT_EQ(out[at_out + size], '#');
        ASSERT_EQ(std::string_view(out).substr(0, at_out), std::string(at_out, '#'));
      }
    }
  }
}

TEST(BitKernelsTest, AllNoteTheSame) {
  base::Random random(9);
  for (const BitKernels* kernels : usable_bit_kernels()) {
    for (size_t size = 0; size <= sizes_max; ++size) {
      const std::string seen = random_bytes(random, size), again = random_bytes(random, size);
      const std::string next = random_bytes(random, size + 7);
      std::string seen_after = seen, again_after = again;
      kernels->note(seen_after.data(), again_after.data(), next.data() + 7, size);
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(again_after[i], static_cast<char>(again[i] | (seen[i] & next[i + 7]))) << kernels->name;
        ASSERT_EQ(seen_after[i], static_cast<char>(seen[i] | next[i + 7])) << kernels->name;
      }
    }
  }
}

TEST(BitKernelsTest, OutMayBeASource) {
  base::Random random(3);
  for (const BitKernels* kernels : usable_bit_kernels()) {
    std::string a = random_bytes(random, 777), b = random_bytes(random, 777), expected(777, '\0');
    for (size_t i = 0; i < a.size(); ++i) expected[i] = static_cast<char>(a[i] & ~b[i]);
    std::string left = a, right = b;
    kernels->and_not(left.data(), left.data(), b.data(), a.size());
    kernels->and_not(right.data(), a.data(), right.data(), a.size());
    EXPECT_EQ(left, expected);
    EXPECT_EQ(right, expected);
  }
}

TEST(Bits, CountsInARange) {
  base::Random random(4);
  const std::string bytes = random_bytes(random, 40);
  for (uint64_t first = 0; first < 320; ++first) {
    uint64_t count = 0;
    for (uint64_t last = first; last < 320; ++last) {
      count += bit_of(bytes, last);
      ASSERT_EQ(count_bits(bytes, {first, last}), count) << first << " " << last;
    }
  }
  EXPECT_EQ(count_bits(""), 0u);
}

TEST(Bits, FindsTheFirstBitInARange) {
  base::Random random(5);
  for (int round = 0; round < 3000; ++round) {
    const bool value = random.below(2);
    std::string bytes(1 + random.below(200), value ? '\0' : '\xff');
    const uint64_t bits = bytes.size() * 8;
    for (uint64_t changes = random.below(4); changes > 0; --changes) {
      bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
    }
    const uint64_t first = random.below(bits), last = first + random.below(bits - first);
    std::optional<uint64_t> expected;
    for (uint64_t bit = first; bit <= last && !expected; ++bit) {
      if (bit_of(bytes, bit) == value) expected = bit;
    }
    ASSERT_EQ(find_bit(bytes, {first, last}, value), expected) << first << " " << last << " of " << bytes.size();
  }
}

bool naive_combination(BitOperation operation, const std::vector<std::string_view>& sources, uint64_t bit) {
  size_t set = 0;
  for (const std::string_view source : sources) set += bit_of(source, bit);
  const bool first = bit_of(sources[0], bit);
  const size_t others = set - first;
  switch (operation) {
    case BitOperation::and_: return set == sources.size();
    case BitOperation::or_: return set > 0;
    case BitOperation::xor_: return set % 2;
    case BitOperation::not_: return !first;
    case BitOperation::diff: return first && others == 0;
    case BitOperation::diff1: return !first && others > 0;
    case BitOperation::andor: return first && others > 0;
    case BitOperation::one: return set == 1;
  }
  return false;
}

TEST(Bits, CombinesSourcesOfAnySize) {
  base::Random random(6);
  for (int round = 0; round < 240; ++round) {
    const auto operation = static_cast<BitOperation>(round % 8);
    const bool pair = operation >= BitOperation::diff && operation <= BitOperation::andor;
    const size_t count = operation == BitOperation::not_ ? 1 : random.below(4) + (pair ? 2 : 1);
    const size_t size_limit = round % 40 < 8 ? 9000 : 300;
    std::vector<std::string> stored;
    for (size_t i = 0; i < count; ++i) stored.push_back(random_bytes(random, random.below(size_limit)));
    const std::vector<std::string_view> sources(stored.begin(), stored.end());
    size_t size = 0;
    for (const std::string_view source : sources) size = std::max(size, source.size());
    std::string out(size, '#');
    combine_bits(operation, sources, out);
    for (uint64_t bit = 0; bit < size * 8; ++bit) {
      ASSERT_EQ(bit_of(out, bit), naive_combination(operation, sources, bit)) << round << " " << bit;
    }
  }
}

TEST(Bits, TheResultMayTakeThePlaceOfASource) {
  base::Random random(7);
  for (int operation = 0; operation < 8; ++operation) {
    if (static_cast<BitOperation>(operation) == BitOperation::not_) continue;
    for (size_t replaced = 0; replaced < 3; ++replaced) {
      std::array<std::string, 3> stored;
      for (std::string& source : stored) source = random_bytes(random, 9000);
      const std::vector<std::string_view> sources(stored.begin(), stored.end());
      std::string expected(9000, '\0');
      combine_bits(static_cast<BitOperation>(operation), sources, expected);
      combine_bits(static_cast<BitOperation>(operation), sources, stored[replaced]);
      ASSERT_EQ(stored[replaced], expected) << operation << " " << replaced;
    }
  }
}

TEST(Bits, FieldsAtEveryOffsetAndWidth) {
  base::Random random(8);
  for (unsigned width = 1; width <= 64; ++width) {
    for (uint64_t offset = 0; offset < 24; ++offset) {
      std::string bytes = random_bytes(random, 16);
      uint64_t expected = 0;
      for (unsigned i = 0; i < width; ++i) expected = expected << 1 | bit_of(bytes, offset + i);
      ASSERT_EQ(read_bits(bytes, offset, width), expected);
      const std::string before = bytes;
      const uint64_t value = random.next();
      write_bits(bytes, offset, width, value);
      ASSERT_EQ(read_bits(bytes, offset, width), width == 64 ? value : value & ((uint64_t{1} << width) - 1));
      for (uint64_t bit = 0; bit < 128; ++bit) {
        const bool outside = bit < offset || bit >= offset + width;
        ASSERT_TRUE(!outside || bit_of(bytes, bit) == bit_of(before, bit));
      }
    }
  }
}

TEST(Bits, BeyondTheEndAreZeros) {
  EXPECT_EQ(read_bits("\xff", 4, 8), 0xf0u);
  EXPECT_EQ(read_bits("\xff", 8, 64), 0u);
  EXPECT_EQ(read_bits("", UINT64_MAX - 64, 64), 0u);
}

TEST(Bits, SignedAndUnsignedNumbers) {
  EXPECT_EQ((BitFieldType{true, 8}.number(0xff)), -1);
  EXPECT_EQ((BitFieldType{false, 8}.number(0xff)), 255);
  EXPECT_EQ((BitFieldType{true, 1}.number(1)), -1);
  EXPECT_EQ((BitFieldType{true, 64}.number(uint64_t{1} << 63)), INT64_MIN);
}

struct SumCase {
  BitFieldType type;
  int64_t value, increment, wrapped, saturated;
};

TEST(Bits, SumsOverflowInThreeWays) {
  const std::array<SumCase, 9> cases = {{{{true, 8}, 127, 1, -128, 127},
                                         {{true, 8}, -128, -1, 127, -128},
                                         {{false, 8}, 255, 1, 0, 255},
                                         {{false, 8}, 0, -1, 255, 0},
                                         {{true, 64}, INT64_MAX, 1, INT64_MIN, INT64_MAX},
                                         {{true, 64}, INT64_MIN, -1, INT64_MAX, INT64_MIN},
                                         {{false, 63}, INT64_MAX, INT64_MAX, INT64_MAX - 1, INT64_MAX},
                                         {{false, 1}, 1, INT64_MIN, 1, 0},
                                         {{true, 1}, 0, 1, -1, 0}}};
  for (const SumCase& one : cases) {
    EXPECT_EQ(one.type.sum(one.value, one.increment, BitOverflow::wrap), one.wrapped);
    EXPECT_EQ(one.type.sum(one.value, one.increment, BitOverflow::saturate), one.saturated);
    EXPECT_EQ(one.type.sum(one.value, one.increment, BitOverflow::fail), std::nullopt);
    EXPECT_EQ(one.type.sum(one.value, 0, BitOverflow::fail), one.value);
  }
}

TEST(Bits, ValuesToBeSetAreFitted) {
  EXPECT_EQ((BitFieldType{false, 8}.fitted(-1, BitOverflow::wrap)), 255);
  EXPECT_EQ((BitFieldType{false, 8}.fitted(-1, BitOverflow::saturate)), 255);
  EXPECT_EQ((BitFieldType{false, 8}.fitted(-1, BitOverflow::fail)), std::nullopt);
  EXPECT_EQ((BitFieldType{true, 8}.fitted(-129, BitOverflow::saturate)), -128);
  EXPECT_EQ((BitFieldType{true, 8}.fitted(300, BitOverflow::wrap)), 44);
}

}  // namespace
}  // namespace torc::ds
