// Intsets: bytes as Redis writes them, widening, random operations against std::set, and blocks that lie.
#include "ds/intset.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace torc::ds {
namespace {

class Block {
 public:
  Block() { Intset::make_empty(bytes_.data()); }
  bool insert(int64_t value) {
    const size_t before = bytes_.size();
    bytes_.resize(std::max(before, view().bytes_with(value)));
    const bool inserted = Intset::insert(bytes_.data(), value);
    bytes_.resize(view().bytes());
    return inserted;
  }
  bool erase(int64_t value) {
    const bool erased = Intset::erase(bytes_.data(), value);
    bytes_.resize(view().bytes());
    return erased;
  }
  [[nodiscard]] Intset view() const { return Intset(bytes_.data()); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = std::string(Intset::header_bytes, '\0');
};

TEST(Intset, HasRedissBytes) {
  Block block;
  for (const int64_t value : {3, -2, 7}) EXPECT_TRUE(block.insert(value));
  EXPECT_EQ(block.bytes(), std::string("\x02\0\0\0\x03\0\0\0\xfe\xff\x03\0\x07\0", 14));
  EXPECT_TRUE(block.insert(70000));
  EXPECT_EQ(block.bytes(), std::string("\x04\0\0\0\x04\0\0\0\xfe\xff\xff\xff\x03\0\0\0\x07\0\0\0\x70\x11\x01\0", 24));
}

TEST(Intset, WidensAtEitherEnd) {
  for (const int64_t wide : {INT64_MIN, INT64_C(-40000), INT64_C(40000), INT64_MAX, INT64_C(-3000000000)}) {
    Block block;
    for (int64_t i = -5; i <= 5; ++i) block.insert(i);
    EXPECT_FALSE(block.view().contains(wide));
    EXPECT_TRUE(block.insert(wide));
    EXPECT_FALSE(block.insert(wide));
    EXPECT_EQ(block.view().size(), 12u);
    EXPECT_EQ(block.view().find(wide), wide < 0 ? 0u : 11u);
    for (int64_t i = -5; i <= 5; ++i) EXPECT_TRUE(block.view().contains(i)) << wide << " " << i;
    EXPECT_TRUE(Intset::valid(block.bytes()));
  }
}

TEST(Intset, RandomOperationsMatchASet) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    base::Random random(seed);
    Block block;
    std::set<int64_t> model;
    for (int step = 0; step < 1000; ++step) {
      const uint64_t bits = step < 300 ? 6 : step < 600 ? 18 : 64;
      const auto value =
          static_cast<int64_t>(random.next() >> (64 - bits)) - (bits < 64 ? INT64_C(1) << (bits - 1) : 0);
      if (random.below(3) != 0) {
        ASSERT_EQ(block.insert(value), model.insert(value).second);
      } else {
        const int64_t gone = model.empty() || random.below(2) == 0 ? value : *model.lower_bound(*model.begin());
        ASSERT_EQ(block.erase(gone), model.erase(gone) == 1);
      }
      ASSERT_EQ(block.view().size(), model.size());
    }
    size_t index = 0;
    for (const int64_t value : model) ASSERT_EQ(block.view().at(index++), value);
    ASSERT_TRUE(Intset::valid(block.bytes()));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(model.contains(block.view().random(random)));
  }
}

TEST(Intset, BlocksThatLieAreNotValid) {
  Block block;
  for (const int64_t value : {1, 2, 3}) block.insert(value);
  const std::string good = block.bytes();
  ASSERT_TRUE(Intset::valid(good));
  for (size_t cut = 0; cut < good.size(); ++cut) EXPECT_FALSE(Intset::valid(good.substr(0, cut)));
  EXPECT_FALSE(Intset::valid(good + "x"));
  EXPECT_FALSE(Intset::valid(std::string("\x02\0\0\0\0\0\0\0", 8))) << "empty sets do not exist";
  for (const auto& [at, byte] : {std::pair<size_t, char>{0, 3}, {0, 4}, {4, 2}, {7, '\x7f'}, {8, 2}, {12, 1}}) {
    std::string bad = good;
    bad[at] = byte;
    EXPECT_FALSE(Intset::valid(bad)) << at;
  }
}

}  // namespace
}  // namespace torc::ds
