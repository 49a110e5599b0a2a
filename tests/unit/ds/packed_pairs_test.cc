// Packed pairs against a model, at the limits of their lengths and of their count; blocks from outside.
#include "ds/packed_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace torc::ds {
namespace {

using Model = std::vector<std::pair<std::string, std::string>>;

std::string empty_block() { return std::string(1, '\0'); }

void carry_out(std::string& block, const PackedPairs::Edit& edit, std::string_view field, std::string_view value) {
  const size_t before = block.size(), after = PackedPairs(block).bytes_after(edit);
  block.resize(std::max(before, after));
  char* const out = PackedPairs::carry_out(block.data(), before, edit);
  if (edit.inserted != 0) PackedPairs::write(out, field, value);
  block.resize(after);
}

Model contents(const std::string& block) {
  Model all;
  PackedPairs(block).for_each([&all](std::string_view field, std::string_view value) {
    all.emplace_back(field, value);
  });
  return all;
}

TEST(PackedPairs, five_short_fields_take_56_bytes) {
  std::string block = empty_block();
  for (int i = 0; i < 5; ++i) {
    const std::string field = "f" + std::to_string(i);
    carry_out(block, PackedPairs(block).append(field, "12345678"), field, "12345678");
  }
  EXPECT_EQ(block.size(), 56u);
}

TEST(PackedPairs, lengths_of_all_sizes) {
  for (const size_t bytes : {0u, 1u, 14u, 15u, 16u, 142u, 143u, 16397u, 16398u, 16399u, 300000u}) {
    std::string block = empty_block();
    const std::string text(bytes, 'x');
    carry_out(block, PackedPairs(block).append(text, "v"), text, "v");
    carry_out(block, PackedPairs(block).append("field", text), "field", text);
    EXPECT_EQ(contents(block), (Model{{text, "v"}, {"field", text}}));
    EXPECT_TRUE(PackedPairs::valid(block));
    EXPECT_FALSE(PackedPairs::valid(block.substr(0, block.size() - 1)));
  }
}

TEST(PackedPairs, agrees_with_a_model) {
  base::Random random(17);
  for (int round = 0; round < 20; ++round) {
    std::string block = empty_block();
    Model model;
    for (int step = 0; step < 1500; ++step) {
      const std::string field = "field" + std::to_string(random.below(400)) + std::string(random.below(2) * 20, '.');
      const std::string value(random.below(random.below(10) == 0 ? 300 : 20), static_cast<char>('a' + random.below(9)));
      const auto known = std::ranges::find(model, field, &std::pair<std::string, std::string>::first);
      const auto position = PackedPairs(block).find(field);
      ASSERT_EQ(position != 0, known != model.end());
      if (position == 0) {
        carry_out(block, PackedPairs(block).append(field, value), field, value);
        model.emplace_back(field, value);
      } else if (random.below(3) == 0) {
        carry_out(block, PackedPairs(block).erase(position), {}, {});
        model.erase(known);
      } else {
        ASSERT_EQ(PackedPairs(block).at(position).value, known->second);
        carry_out(block, PackedPairs(block).set_value(position, value), field, value);
        known->second = value;
      }
      ASSERT_EQ(PackedPairs(block).size(), model.size());
    }
    ASSERT_EQ(contents(block), model);
    ASSERT_TRUE(PackedPairs::valid(block));
  }
}

// More than 254 are not counted in the block; the count comes back when they are few enough.
TEST(PackedPairs, counts_across_what_the_block_can_tell) {
  std::string block = empty_block();
  for (size_t size = 1; size <= 260; ++size) {
    carry_out(block, PackedPairs(block).append(std::to_string(size), "v"), std::to_string(size), "v");
    carry_out(block, PackedPairs(block).set_value(1, "w"), "1", "w");
    ASSERT_EQ(PackedPairs(block).size(), size);
    ASSERT_TRUE(PackedPairs::valid(block));
  }
  for (size_t size = 260; size-- > 0;) {
    carry_out(block, PackedPairs(block).erase(1), {}, {});
    ASSERT_EQ(PackedPairs(block).size(), size);
    ASSERT_TRUE(PackedPairs::valid(block));
  }
}

TEST(PackedPairs, blocks_from_outside_are_checked) {
  EXPECT_FALSE(PackedPairs::valid(""));
  EXPECT_TRUE(PackedPairs::valid(empty_block()));
  EXPECT_FALSE(PackedPairs::valid("\x01"));
  EXPECT_FALSE(PackedPairs::valid(std::string("\x00\x00", 2)));
  EXPECT_TRUE(PackedPairs::valid(std::string("\x01\x00", 2)));
  EXPECT_FALSE(PackedPairs::valid("\x01\xff"));
  EXPECT_FALSE(PackedPairs::valid("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
  EXPECT_FALSE(PackedPairs::valid("\x01\x0f\xff\xff\xff\x7f"));
  base::Random random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string block(random.below(30), '\0');
    for (char& byte : block) byte = static_cast<char>(random.next());
    if (!block.empty()) block[0] = static_cast<char>(random.below(4));
    if (PackedPairs::valid(block)) {
      EXPECT_EQ(contents(block).size(), PackedPairs(block).size());
    }
  }
}

}  // namespace
}  // namespace torc::ds
