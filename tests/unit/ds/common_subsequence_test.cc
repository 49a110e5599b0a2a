// Tests of src/ds/common_subsequence: what its header promises, at the edges and on random input.
#include "ds/common_subsequence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace torc::ds {
namespace {

struct Found {
  size_t size;
  std::vector<CommonSubsequence::Run> runs;
  std::string text;
};

Found find(std::string_view a, std::string_view b) {
  const auto common = CommonSubsequence::of(a, b, CommonSubsequence::with_runs);
  EXPECT_TRUE(common.has_value());
  Found found{common->size(), {}, {}};
  common->for_each_run([&](const CommonSubsequence::Run& run) {
    found.runs.push_back(run);
    found.text = std::string(a.substr(run.a, run.size)) + found.text;
  });
  return found;
}

// The classical table with the way back that Redis takes: up only where the cell above is greater than the one to the
// left.
Found find_slowly(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cell(a.size() + 1, std::vector<size_t>(b.size() + 1, 0));
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      cell[i][j] = a[i - 1] == b[j - 1] ? cell[i - 1][j - 1] + 1 : std::max(cell[i - 1][j], cell[i][j - 1]);
    }
  }
  Found found{cell[a.size()][b.size()], {}, {}};
  bool contiguous = false;
  for (size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      --i, --j;
      if (!contiguous) found.runs.push_back({0, 0, 0});
      auto& run = found.runs.back();
      run = {static_cast<uint32_t>(i), static_cast<uint32_t>(j), run.size + 1};
      found.text.insert(found.text.begin(), a[i]);
      contiguous = true;
    } else {
      contiguous = false;
      (cell[i - 1][j] > cell[i][j - 1] ? i : j) -= 1;
    }
  }
  return found;
}

void expect_same(const std::string& a, const std::string& b) {
  const Found fast = find(a, b), slow = find_slowly(a, b);
  ASSERT_EQ(fast.size, slow.size) << a << " / " << b;
  ASSERT_EQ(fast.text, slow.text) << a << " / " << b;
  ASSERT_EQ(fast.runs.size(), slow.runs.size()) << a << " / " << b;
  for (size_t i = 0; i < fast.runs.size(); ++i) {
    ASSERT_EQ(fast.runs[i].a, slow.runs[i].a);
    ASSERT_EQ(fast.runs[i].b, slow.runs[i].b);
    ASSERT_EQ(fast.runs[i].size, slow.runs[i].size);
  }
  ASSERT_EQ(CommonSubsequence::of(a, b, CommonSubsequence::size_only)->size(), slow.size);
}

TEST(CommonSubsequence, FindsTextAndRuns) {
  const Found found = find("ohmytext", "mynewtext");
  EXPECT_EQ(found.size, 6u);
  EXPECT_EQ(found.text, "mytext");
  ASSERT_EQ(found.runs.size(), 2u);
  EXPECT_EQ(found.runs[0].a, 4u);
  EXPECT_EQ(found.runs[0].b, 5u);
  EXPECT_EQ(found.runs[0].size, 4u);
  EXPECT_EQ(found.runs[1].a, 2u);
}

TEST(CommonSubsequence, EmptyTextsHaveNone) {
  EXPECT_EQ(find("", "").size, 0u);
  EXPECT_EQ(find("abc", "").runs.size(), 0u);
  EXPECT_EQ(find("", "abc").runs.size(), 0u);
  EXPECT_EQ(find("abc", "xyz").runs.size(), 0u);
}

TEST(CommonSubsequence, CarriesAcrossWords) {
  for (size_t size : {63, 64, 65, 127, 128, 129, 200}) {
    expect_same(std::string(size, 'a'), std::string(size, 'a'));
    expect_same(std::string(size, 'a') + "b", "b" + std::string(size + 3, 'a'));
    expect_same("x", std::string(size, 'y') + "x");
    expect_same(std::string(size, 'y') + "x", "x");
  }
}

TEST(CommonSubsequence, AgreesWithTheClassicalTable) {
  base::Random random(7);
  for (int round = 0; round < 400; ++round) {
    const size_t letters = 1 + random.below(round % 5 == 0 ? 200 : 4);
    std::string a(random.below(150), ' '), b(random.below(150), ' ');
    for (std::string* text : {&a, &b}) {
      for (char& c : *text) c = static_cast<char>(100 + random.below(letters));
    }
    expect_same(a, b);
  }
}

}  // namespace
}  // namespace torc::ds
