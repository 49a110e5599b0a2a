// Listpacks: bytes as Redis writes them (taken from DUMP of redis-server), every encoding at its limits, random edits
// against a vector of strings, and blocks that lie.
#include "ds/listpack.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace torc::ds {
namespace {

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += digits[static_cast<uint8_t>(byte) >> 4];
    out += digits[static_cast<uint8_t>(byte) & 15];
  }
  return out;
}

std::string text_of(const Listpack& list, Listpack::Position position) {
  char scratch[24];
  return std::string(list.get(position).string(scratch));
}

std::vector<std::string> forwards(const Listpack& list) {
  std::vector<std::string> texts;
  for (auto position = list.first(); position != 0; position = list.next(position)) {
    texts.push_back(text_of(list, position));
  }
  return texts;
}

std::vector<std::string> backwards(const Listpack& list) {
  std::vector<std::string> texts;
  for (auto position = list.last(); position != 0; position = list.previous(position)) {
    texts.insert(texts.begin(), text_of(list, position));
  }
  return texts;
}

std::string block_of(const std::vector<std::string>& texts) {
  ListpackBuilder builder;
  for (const std::string& text : texts) builder.append(text);
  return builder.block();
}

TEST(Listpack, IsEmptyAtFirst) {
  const ListpackBuilder builder;
  const Listpack list(builder.block().data());
  EXPECT_EQ(hex(builder.block()), "070000000000ff");
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.first(), 0u);
  EXPECT_EQ(list.last(), 0u);
  EXPECT_EQ(list.at(0), 0u);
  EXPECT_EQ(list.at(-1), 0u);
  EXPECT_TRUE(Listpack::valid(builder.block()));
}

TEST(Listpack, WritesWhatRedisWrites) {
  EXPECT_EQ(hex(block_of({"0", "127", "128", "-1", "4095", "-4096", "4096"})),
            "1b000000070000017f01c08002dfff02cfff02d00002f1001003ff");
  EXPECT_EQ(hex(block_of({"hello", "", "-8388608", "8388607", "2147483648"})),
            "2400000005008568656c6c6f068001f200008004f2ffff7f04f4000000800000000009ff");
}

TEST(Listpack, EveryEncodingComesBack) {
  std::vector<std::string> texts = {"01", "-0", "+1", " 1", "9223372036854775808", "1.5"};
  for (const int64_t limit : {INT64_C(0), INT64_C(127), INT64_C(4095), INT64_C(-4096), INT64_C(32767), INT64_C(-32768),
                              INT64_C(8388607), INT64_C(-8388608), INT64_C(2147483647), INT64_C(-2147483648)}) {
    for (const int64_t beside : {-1, 0, 1}) texts.push_back(std::to_string(limit + beside));
  }
  texts.push_back(std::to_string(INT64_MAX));
  texts.push_back(std::to_string(INT64_MIN));
  for (const size_t size :
       {0, 1, 62, 63, 64, 65, 126, 127, 128, 4094, 4095, 4096, 16378, 16379, 16380, 70000, 2097150}) {
    texts.push_back(std::string(size, 'x'));
  }
  const std::string block = block_of(texts);
  const Listpack list(block.data());
  EXPECT_TRUE(Listpack::valid(block));
  EXPECT_EQ(list.size(), texts.size());
  EXPECT_EQ(forwards(list), texts);
  EXPECT_EQ(backwards(list), texts);
}

TEST(Listpack, CountsWhatItsHeaderCannot) {
  ListpackBuilder builder;
  for (int i = 0; i < 65534; ++i) builder.append(int64_t{1});
  EXPECT_EQ(Listpack(builder.block().data()).size(), 65534u);
  for (int i = 0; i < 3; ++i) builder.append("last");
  const Listpack list(builder.block().data());
  EXPECT_EQ(list.size(), 65537u);
  EXPECT_EQ(text_of(list, list.at(-1)), "last");
  EXPECT_EQ(text_of(list, list.at(65536)), "last");
  EXPECT_EQ(list.at(65537), 0u);
  EXPECT_TRUE(Listpack::valid(builder.block()));
}

TEST(Listpack, FindsFieldsAmongValues) {
  const std::string block = block_of({"a", "b", "b", "10", "10", "a"});
  const Listpack list(block.data());
  EXPECT_EQ(list.find(list.first(), ListpackItem("b"), 1), list.at(2));
  EXPECT_EQ(list.find(list.first(), ListpackItem("b")), list.at(1));
  EXPECT_EQ(list.find(list.first(), ListpackItem("10"), 1), list.at(4));
  EXPECT_EQ(list.find(list.first(), ListpackItem(int64_t{10})), list.at(3));
  EXPECT_EQ(list.find(list.first(), ListpackItem("010")), 0u);
  EXPECT_EQ(list.find(list.at(2), ListpackItem("a"), 1), 0u);
  EXPECT_EQ(list.find(0, ListpackItem("a")), 0u);
}

TEST(Listpack, SkipsNotBeyondItsEnd) {
  const std::string block = block_of({"a", "b", "c", "d", "e"});
  const Listpack list(block.data());
  for (const uint32_t skipped : {0u, 1u, 2u, 3u, 4u, 5u}) {
    EXPECT_EQ(list.find(list.first(), ListpackItem("missing"), skipped), 0u);
  }
}

TEST(Listpack, FindsTextsOfAnyLengthAmongTheirLike) {
  std::vector<std::string> texts;
  for (size_t size = 0; size < 70; ++size) {
    for (const char last : {'x', 'y'}) texts.push_back(std::string(size, '-') + last);
  }
  texts.insert(texts.begin() + 5, {"", "12", "4000", "-100000", "5000000000"});
  const std::string block = block_of(texts);
  const Listpack list(block.data());
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(list.find(list.first(), ListpackItem(texts[i])), list.at(static_cast<int64_t>(i))) << texts[i];
    EXPECT_EQ(list.find(list.first(), ListpackItem(texts[i] + "z")), 0u);
  }
}

TEST(Listpack, FindsAShortTextInALongerEncoding) {
  // "ab" as a string of up to 4095 bytes, then as one of up to 2^32.
  std::string block("\x16\0\0\0\x02\0\xE0\x02" "ab\x04\xF0\x02\0\0\0" "cd\x07\xFF", 20);
  block[0] = static_cast<char>(block.size());
  ASSERT_TRUE(Listpack::valid(block));
  const Listpack list(block.data());
  EXPECT_EQ(list.find(list.first(), ListpackItem("ab")), list.at(0));
  EXPECT_EQ(list.find(list.first(), ListpackItem("cd")), list.at(1));
  EXPECT_EQ(list.find(list.first(), ListpackItem("ef")), 0u);
}

// A block and the same as a vector.
class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed) { Listpack::make_empty(block_.data()); }

  void step() {
    const size_t index = random_.below(texts_.size() + 1);
    const uint64_t what = random_.below(texts_.size() < 200 ? 10 : 40);
    if (what < 6 || texts_.empty()) return insert(index);
    if (what < 8) return replace(index % texts_.size());
    erase(index % texts_.size(), static_cast<uint32_t>(random_.below(what < 10 ? 3 : 20)));
  }

  void check() const {
    const Listpack list(block_.data());
    ASSERT_TRUE(Listpack::valid(block_));
    ASSERT_EQ(list.size(), texts_.size());
    ASSERT_EQ(forwards(list), texts_);
    ASSERT_EQ(backwards(list), texts_);
    const auto count = static_cast<int64_t>(texts_.size());
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_EQ(list.at(i), list.at(i - count));
      ASSERT_EQ(text_of(list, list.at(i)), texts_[static_cast<size_t>(i)]);
    }
  }

 private:
  std::string make_text() {
    const uint64_t kind = random_.below(4);
    if (kind == 0) return std::to_string(static_cast<int64_t>(random_.next() >> random_.below(64)));
    if (kind == 1) return std::to_string(-static_cast<int64_t>(random_.next() >> (1 + random_.below(62))));
    return std::string(random_.below(kind == 2 ? 20 : 300), static_cast<char>('a' + random_.below(26)));
  }

  char* make_room(const ListpackEdit& edit) {
    const size_t before = block_.size(), after = Listpack(block_.data()).bytes_after(edit);
    block_.resize(std::max(before, after));
    char* const gap = Listpack::splice(block_.data(), edit);
    block_.resize(after);
    return gap;
  }

  void insert(size_t index) {
    const std::string text = make_text();
    const ListpackItem item(text);
    const Listpack list(block_.data());
    const auto position = index == texts_.size() ? 0 : list.at(static_cast<int64_t>(index));
    item.write(make_room(list.insert(position, item.bytes())));
    texts_.insert(texts_.begin() + static_cast<std::ptrdiff_t>(index), text);
  }

  void replace(size_t index) {
    const std::string text = make_text();
    const ListpackItem item(text);
    const Listpack list(block_.data());
    item.write(make_room(list.replace(list.at(static_cast<int64_t>(index)), item.bytes())));
    texts_[index] = text;
  }

  void erase(size_t index, uint32_t count) {
    const Listpack list(block_.data());
    make_room(list.erase(list.at(static_cast<int64_t>(index)), count));
    const auto begin = texts_.begin() + static_cast<std::ptrdiff_t>(index);
    texts_.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min<size_t>(count, texts_.size() - index)));
  }

  base::Random random_;
  std::string block_ = std::string(Listpack::empty_bytes, '\0');
  std::vector<std::string> texts_;
};

TEST(Listpack, RandomEditsMatchAVector) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Model model(seed);
    for (int step = 0; step < 400; ++step) {
      model.step();
      if (step % 8 == 0) model.check();
      if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
    model.check();
  }
}

TEST(Listpack, BlocksThatLieAreNotValid) {
  const std::string good = block_of({"hello", "1000000", std::string(100, 'x'), "-5"});
  ASSERT_TRUE(Listpack::valid(good));
  EXPECT_FALSE(Listpack::valid(""));
  EXPECT_FALSE(Listpack::valid("\x06\0\0\0\0\0"));
  for (size_t cut = 0; cut < good.size(); ++cut) EXPECT_FALSE(Listpack::valid(good.substr(0, cut))) << cut;
  EXPECT_FALSE(Listpack::valid(good + "x"));
  std::string fewer = good;
  fewer[4] = 3;
  EXPECT_FALSE(Listpack::valid(fewer));
  std::string unknown = good;
  unknown[4] = unknown[5] = '\xff';
  EXPECT_TRUE(Listpack::valid(unknown));
  std::string long_string = good;
  long_string[6] = '\xbf';
  EXPECT_FALSE(Listpack::valid(long_string));
  std::string no_encoding = good;
  no_encoding[6] = '\xf7';
  EXPECT_FALSE(Listpack::valid(no_encoding));
}

TEST(Listpack, RandomBytesNeverLeadOutside) {
  base::Random random(7);
  size_t valid = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string block = block_of({"a", "200", "bc"});
    for (uint64_t i = random.below(4); i > 0; --i) block[random.below(block.size())] = static_cast<char>(random.next());
    if (!Listpack::valid(block)) continue;
    ++valid;
    const Listpack list(block.data());
    ASSERT_EQ(forwards(list).size(), list.size());
  }
  EXPECT_GT(valid, 1000u);
}

}  // namespace
}  // namespace torc::ds
