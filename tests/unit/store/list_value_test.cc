// Lists as values, whatever their form, against std::deque.
#include "store/list_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "base/random.h"
#include "store/keyspace.h"

namespace torc::store {
namespace {

std::string text_of(const ListElement& element) {
  char digits[24];
  return std::string(element.string(digits));
}

struct Lists : testing::Test {
  ListKey at() { return {&keyspace.database(0), keyspace.key("list"), &limits, UINT64_MAX}; }
  Entry* entry() { return keyspace.database(0).find(keyspace.key("list")); }
  std::vector<std::string> texts(bool forward = true) {
    std::vector<std::string> found;
    const uint64_t size = list_size(*entry());
    if (size == 0) return found;
    for (ListWalker walker(*entry(), forward ? 0 : size - 1, forward); walker.get(); walker.step()) {
      found.push_back(text_of(*walker.get()));
    }
    return found;
  }
  void push(const std::string& text, bool at_front) {
    const std::string_view view = text;
    list_push(at(), list_prepare(at(), entry(), text.size(), 1), std::span(&view, 1), at_front);
  }

  Keyspace keyspace{1, {1, 2}};
  EncodingLimits limits;
  base::Random random{7};
};

TEST_F(Lists, BehaveLikeADequeInBothForms) {
  for (const int64_t limit : {-2, 4, 50}) {
    limits.list_listpack_size = limit;
    list_make(at());
    std::deque<std::string> model;
    size_t packed = 0, long_ones = 0;
    for (int step = 0; step < 4000; ++step) {
      const std::string text = random.below(2) ? std::to_string(random.below(50)) : std::string(random.below(200), 'x');
      if (step % 1000 == 999 && model.size() > 1) {
        list_shrink(at(), list_erase(at(), entry(), 1, model.size() - 1));
        model.resize(1);
      }
      const uint64_t size = model.size(), index = size == 0 ? 0 : random.below(size);
      const auto place = model.begin() + static_cast<int64_t>(index);
      switch (random.below(step % 1000 < 500 ? 5 : 8)) {
        case 0:
        case 1:
          push(text, true);
          model.push_front(text);
          break;
        case 2:
          if (size == 0) break;
          list_set(at(), list_prepare(at(), entry(), text.size(), 1), index, text);
          *place = text;
          break;
        case 3: {
          if (size == 0) break;
          Entry* prepared = list_prepare(at(), entry(), text.size(), 1);
          list_insert(at(), prepared, ListWalker(*prepared, index, true), text, true);
          model.insert(place + 1, text);
          break;
        }
        case 4:
          push(text, false);
          model.push_back(text);
          break;
        case 5: {
          const auto removed = list_remove(at(), entry(), ds::ListpackItem(text), 0, false);
          ASSERT_EQ(removed.count, std::erase(model, text));
          break;
        }
        default: {
          if (size == 0) break;
          const uint64_t count = random.below(std::min<uint64_t>(size - index, 9) + 1);
          list_shrink(at(), list_erase(at(), entry(), index, count));
          model.erase(place, place + static_cast<int64_t>(count));
        }
      }
      ++(entry()->is_object() ? long_ones : packed);
      ASSERT_EQ(list_size(*entry()), model.size());
      if (step % 20 != 0) continue;
      ASSERT_EQ(texts(), std::vector<std::string>(model.begin(), model.end()));
      ASSERT_EQ(texts(false), std::vector<std::string>(model.rbegin(), model.rend()));
    }
    EXPECT_GT(packed, 5u);
    EXPECT_GT(long_ones, 5u);
    keyspace.database(0).erase(at().key, entry());
  }
}

TEST_F(Lists, BuiltAtOnce) {
  for (const int size : {1, 3, 10'000}) {
    ListBuilder builder(&limits, UINT64_MAX);
    for (int i = 0; i < size; ++i) builder.append(std::to_string(i));
    Entry* old = entry();
    Entry* built = builder.store(keyspace.database(0), at().key, old);
    EXPECT_EQ(built, entry());
    EXPECT_EQ(built->encoding(), size < 100 ? Encoding::listpack : Encoding::quicklist);
    ASSERT_EQ(list_size(*built), static_cast<uint64_t>(size));
    EXPECT_EQ(texts().back(), std::to_string(size - 1));
  }
}

TEST_F(Lists, WhatIsTrimmedIsFreedInSlices) {
  list_make(at());
  for (int i = 0; i < 200'000; ++i) push(std::string(32, 'x'), false);
  const size_t before = entry()->memory_bytes();
  list_erase(at(), entry(), 10, 199'000);
  EXPECT_LT(entry()->memory_bytes(), before / 50);
  EXPECT_EQ(list_size(*entry()), 1000u);
  EXPECT_EQ(keyspace.reclaim_pending(), 1u);
  while (keyspace.reclaim_some(1000)) {
  }
  EXPECT_EQ(keyspace.reclaim_pending(), 0u);
}

}  // namespace
}  // namespace torc::store
