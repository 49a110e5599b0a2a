// A quicklist against std::deque, with all limits and depths, and what its nodes look like.
#include "ds/quicklist.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "base/late_release.h"
#include "base/random.h"

namespace torc::ds {
namespace {

constexpr uint64_t never_plain = UINT64_MAX;

std::string text_of(const Listpack::Element& element) {
  char scratch[24];
  return std::string(element.string(scratch));
}

std::vector<std::string> texts(const Quicklist& list, bool forward = true) {
  std::vector<std::string> found;
  if (list.size() == 0) return found;
  Quicklist::Walker walker(list, forward ? 0 : list.size() - 1, forward);
  for (; walker.get(); walker.step()) found.push_back(text_of(*walker.get()));
  return found;
}

// What must hold of every quicklist, also of what was cut out of one.
void check_chain(const Quicklist& list) {
  uint64_t nodes = 0, elements = 0, bytes = 0;
  const QuicklistNode* last = nullptr;
  for (const QuicklistNode* node = list.first_node(); node; last = node, node = node->next) {
    ASSERT_EQ(node->previous, last);
    ASSERT_GT(node->count(), 0u);
    if (node->plain()) {
      ASSERT_EQ(node->count(), 1u);
    } else {
      std::string block(node->bytes(), '\0');
      if (node->compressed()) {
        node->decompress_to(block.data());
      } else {
        block = node->contents();
      }
      ASSERT_TRUE(Listpack::valid(block));
      ASSERT_EQ(Listpack(block.data()).size(), node->count());
    }
    ++nodes;
    elements += node->count();
    bytes += node->allocated_bytes();
  }
  ASSERT_EQ(nodes, list.nodes());
  ASSERT_EQ(elements, list.size());
  ASSERT_EQ(bytes, list.allocated_bytes());
  ASSERT_EQ(last, list.last_node());
}

void check(const Quicklist& list, uint64_t depth) {
  ASSERT_NO_FATAL_FAILURE(check_chain(list));
  const uint64_t nodes = list.nodes();
  uint64_t place = 0;
  for (const QuicklistNode* node = list.first_node(); node; node = node->next, ++place) {
    const uint64_t from_end = std::min(place, nodes - 1 - place);
    if (depth == 0 || from_end < depth) {
      ASSERT_FALSE(node->compressed()) << place << " of " << nodes;
    }
  }
}

class Model {
 public:
  Model(uint64_t seed, int64_t limit, uint64_t depth, uint64_t plain)
      : random_(seed), list_(limit, static_cast<int64_t>(depth)), depth_(depth), plain_(plain) {}

  void step() {
    switch (random_.below(elements_.size() > 3000 ? 12 : 9)) {
      case 0:
      case 1:
      case 2:
        return push();
      case 3:
        return pop();
      case 4:
      case 5:
        return insert();
      case 6:
        return replace();
      case 7:
        return remove();
      default:
        return random_.below(elements_.size() > 3000 ? 1 : 20) == 0 ? erase() : push();
    }
  }
  void compare() {
    ASSERT_NO_FATAL_FAILURE(check(list_, depth_));
    ASSERT_EQ(texts(list_), std::vector<std::string>(elements_.begin(), elements_.end()));
    ASSERT_EQ(texts(list_, false), std::vector<std::string>(elements_.rbegin(), elements_.rend()));
    if (elements_.empty()) return;
    ASSERT_EQ(text_of(list_.front()), elements_.front());
    ASSERT_EQ(text_of(list_.back()), elements_.back());
    const uint64_t index = random_.below(elements_.size());
    ASSERT_EQ(text_of(*Quicklist::Walker(list_, index, true).get()), elements_[index]);
  }
  void compare_copy() {
    const Quicklist copy = list_.copy();
    ASSERT_NO_FATAL_FAILURE(check(copy, depth_));
    ASSERT_EQ(texts(copy), texts(list_));
  }

 private:
  std::string text() {
    const uint64_t kind = random_.below(10);
    if (kind < 3) return std::to_string(static_cast<int64_t>(random_.next()) >> random_.below(64));
    if (kind == 3) return std::string(random_.below(300), static_cast<char>('a' + random_.below(4)));
    return std::to_string(random_.below(20)) + "x";
  }
  void push() {
    const bool at_front = random_.below(2);
    const std::string added = text();
    list_.push(added, at_front, plain_);
    at_front ? elements_.push_front(added) : elements_.push_back(added);
  }
  void pop() {
    if (elements_.empty()) return;
    const bool at_front = random_.below(2);
    list_.pop(at_front);
    at_front ? elements_.pop_front() : elements_.pop_back();
  }
  void insert() {
    if (elements_.empty()) return;
    const uint64_t index = random_.below(elements_.size());
    const bool after = random_.below(2);
    const std::string added = text();
    list_.insert(Quicklist::Walker(list_, index, true), added, after, plain_);
    elements_.insert(elements_.begin() + static_cast<int64_t>(index + after), added);
  }
  void replace() {
    if (elements_.empty()) return;
    const uint64_t index = random_.below(elements_.size());
    elements_[index] = text();
    list_.replace(index, elements_[index], plain_);
  }
  void remove() {
    if (elements_.empty()) return;
    const std::string victim = elements_[random_.below(elements_.size())];
    const uint64_t most = random_.below(3);
    const bool from_back = random_.below(2);
    uint64_t removed = 0;
    const auto matches = [&](const std::string& element) {
      return element == victim && (most == 0 || removed < most) && ++removed;
    };
    if (from_back) std::ranges::reverse(elements_);
    std::erase_if(elements_, matches);
    if (from_back) std::ranges::reverse(elements_);
    ASSERT_EQ(list_.remove(ListpackItem(victim), most, from_back), removed);
  }
  void erase() {
    if (elements_.empty()) return;
    const uint64_t begin = random_.below(elements_.size());
    const uint64_t count = random_.below(elements_.size() - begin + 1);
    const Quicklist gone = list_.erase(begin, count);
    ASSERT_NO_FATAL_FAILURE(check_chain(gone));
    ASSERT_LE(gone.size(), count);
    const auto first = elements_.begin() + static_cast<int64_t>(begin);
    elements_.erase(first, first + static_cast<int64_t>(count));
  }

  base::Random random_;
  Quicklist list_;
  std::deque<std::string> elements_;
  uint64_t depth_, plain_;
};

TEST(Quicklist, BehavesLikeADeque) {
  uint64_t seed = 1;
  for (const int64_t limit : {-5, -2, -1, 0, 1, 2, 7, 100}) {
    for (const uint64_t depth : {0, 1, 3}) {
      for (const uint64_t plain : {never_plain, uint64_t{100}}) {
        Model model(seed++, limit, depth, plain);
        for (int i = 0; i < 1500; ++i) {
          ASSERT_NO_FATAL_FAILURE(model.step());
          if (i % 30 != 0) continue;
          ASSERT_NO_FATAL_FAILURE(model.compare()) << limit << " " << depth << " " << plain;
        }
        ASSERT_NO_FATAL_FAILURE(model.compare_copy());
      }
    }
  }
}

// Wherever it lies, and whichever end is nearer to its own two.
TEST(Quicklist, ARangeThatGoesIsCountedRight) {
  constexpr uint64_t size = 3000;
  for (const uint64_t begin : {0, 1, 700, 1499, 1500, 1501, 2300, 2999}) {
    for (const uint64_t end : {1, 2, 701, 1500, 1501, 1502, 2301, 3000}) {
      if (end < begin) continue;
      Quicklist list(7, 0);
      for (uint64_t i = 0; i < size; ++i) list.push(std::to_string(i), false, i % 10 == 0 ? 1 : never_plain);
      const Quicklist gone = list.erase(begin, end - begin);
      ASSERT_NO_FATAL_FAILURE(check(list, 0)) << begin << " " << end;
      ASSERT_NO_FATAL_FAILURE(check_chain(gone)) << begin << " " << end;
      ASSERT_EQ(list.size(), size - (end - begin));
    }
  }
}

TEST(Quicklist, LongRangesGoAsWholeNodes) {
  Quicklist list(-1, 0);
  for (int i = 0; i < 100'000; ++i) list.push(std::to_string(i), false, never_plain);
  const uint64_t nodes = list.nodes(), allocated = list.allocated_bytes();
  Quicklist gone = list.erase(100, list.size() - 200);
  ASSERT_NO_FATAL_FAILURE(check(list, 0));
  EXPECT_EQ(list.size(), 200u);
  EXPECT_EQ(text_of(*Quicklist::Walker(list, 99, true).get()), "99");
  EXPECT_EQ(text_of(*Quicklist::Walker(list, 100, true).get()), "99900");
  EXPECT_EQ(list.nodes() + gone.nodes(), nodes);
  EXPECT_LE(list.allocated_bytes() + gone.allocated_bytes(), allocated);
  ASSERT_NO_FATAL_FAILURE(check_chain(gone));
  EXPECT_FALSE(gone.release_some(gone.nodes() - 1));
  EXPECT_TRUE(gone.release_some(2));
  EXPECT_EQ(gone.allocated_bytes(), 0u);
}

TEST(Quicklist, HugeElementsWaitToBeFreedInPieces) {
  constexpr size_t huge = 10 << 20;
  Quicklist list(-2, 0);
  for (int i = 0; i < 4; ++i) list.push(std::string(huge, 'h'), false, 1 << 20);
  list.push("small", false, 1 << 20);
  list.pop(true);
  EXPECT_EQ(base::late_blocks(), 1u);
  static_cast<void>(list.erase(0, 1));
  list.replace(0, "small", 1 << 20);
  EXPECT_EQ(base::late_blocks(), 3u);
  EXPECT_TRUE(list.release_some(10));
  EXPECT_EQ(list.allocated_bytes(), 0u);
  EXPECT_EQ(base::late_blocks(), 4u);
  EXPECT_GE(base::late_bytes(), 4 * huge);
  while (base::release_late_piece(SIZE_MAX).bytes != 0) {
  }
}

// 32 bytes take 34 in a listpack.
TEST(Quicklist, ElementsTakeLittleMore) {
  for (const bool at_front : {false, true}) {
    Quicklist list(-2, 0);
    for (int i = 0; i < 100'000; ++i) list.push(std::string(32, 'x'), at_front, never_plain);
    EXPECT_LE(list.allocated_bytes(), 100'000 * 35.5) << at_front;
  }
}

TEST(Quicklist, WhatDoesNotCompressStays) {
  base::Random random(5);
  Quicklist noise(-1, 1), same(-1, 1);
  for (int i = 0; i < 1000; ++i) {
    std::string bytes(50, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    noise.push(bytes, false, never_plain);
    same.push(std::string(50, 'x'), false, never_plain);
  }
  ASSERT_GT(noise.nodes(), 5u);
  EXPECT_FALSE(noise.first_node()->next->compressed());
  EXPECT_TRUE(same.first_node()->next->compressed());
  EXPECT_LT(same.allocated_bytes() * 3, noise.allocated_bytes());
}

TEST(ListpackLimit, AsTheSettingSays) {
  EXPECT_FALSE(ListpackLimit(-2).exceeded(8192, 100'000));
  EXPECT_TRUE(ListpackLimit(-2).exceeded(8193, 1));
  EXPECT_FALSE(ListpackLimit(-100).exceeded(65536, 1));
  EXPECT_TRUE(ListpackLimit(-100).exceeded(65537, 1));
  EXPECT_FALSE(ListpackLimit(3).exceeded(8192, 3));
  EXPECT_TRUE(ListpackLimit(3).exceeded(10, 4));
  EXPECT_TRUE(ListpackLimit(3).exceeded(8193, 1));
  EXPECT_FALSE(ListpackLimit(0).exceeded(10, 1));
  EXPECT_TRUE(ListpackLimit(0).exceeded(10, 2));
  EXPECT_TRUE(ListpackLimit(-1).holds(2048, 100, 2));
  EXPECT_FALSE(ListpackLimit(-1).holds(2049, 100, 2));
  EXPECT_TRUE(ListpackLimit(5).holds(1'000'000, 2, 2));
  EXPECT_FALSE(ListpackLimit(5).holds(10, 3, 2));
  EXPECT_TRUE(ListpackLimit(5).holds(1'000'000, 5));
  EXPECT_FALSE(ListpackLimit(-1).holds(4097, 5));
}

}  // namespace
}  // namespace torc::ds
