// SORT's ranks and parts against a plain stable sort of everything.
#include "cmd/sort_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "../unit/base/made_locale.h"
#include "base/random.h"

namespace torc::cmd {
namespace {

TEST(SortOrder, ranks_follow_numbers) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> ascending{-infinity, -1e300, -2, -1.5, -5e-324, 0, 5e-324, 1, 1.5, 1e300, infinity};
  for (size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(rank_of_number(ascending[i - 1]), rank_of_number(ascending[i])) << ascending[i];
  }
  EXPECT_EQ(rank_of_number(-0.0), rank_of_number(0.0));
}

// Texts that begin alike beyond a rank's bytes, hold NULs, or are part of each other.
std::string random_text(base::Random& random) {
  static constexpr std::string_view beginnings[] = {"", "a", "common prefix ", std::string_view("a\0b", 3), "\xff\xff"};
  std::string text(beginnings[random.below(std::size(beginnings))]);
  for (size_t i = random.below(4); i > 0; --i) text += static_cast<char>(random.below(3) * 127);
  return text;
}

SortText random_weight(base::Random& random) {
  const std::string text = random_text(random);
  switch (random.below(4)) {
    case 0:
      return {};
    case 1:
      return SortText(base::BlobRef::copy_of(text));
    default:
      return SortText(text);
  }
}

struct Case {
  explicit Case(base::Random& random) {
    for (size_t i = random.below(60); i > 0; --i) {
      texts.push_back(random_text(random));
      elements.append(texts.back());
      weights.push_back(random_weight(random));
      numbers.push_back(static_cast<double>(random.below(20)) - 10);
      all.push_back({rank_of_number(numbers.back()), all.size()});
    }
  }

  [[nodiscard]] int compare_texts(const std::string& first, const std::string& second,
                                  const base::Collation* collation) const {
    return collation ? collation->compare(first.c_str(), second.c_str()) : first.compare(second);
  }
  [[nodiscard]] int compare(size_t first, size_t second, const SortRules& rules) const {
    if (rules.by == SortBy::element_texts) return compare_texts(texts[first], texts[second], rules.collation);
    if (rules.by == SortBy::numbers) {
      if (numbers[first] != numbers[second]) return numbers[first] < numbers[second] ? -1 : 1;
      return texts[first].compare(texts[second]);
    }
    const auto &one = weights[first], &other = weights[second];
    if (!one || !other) return bool(one) - bool(other);
    return compare_texts(std::string(one.view()), std::string(other.view()), rules.collation);
  }
  [[nodiscard]] std::vector<size_t> expected(const SortRules& rules) const {
    std::vector<size_t> places(all.size());
    for (size_t i = 0; i < places.size(); ++i) places[i] = i;
    std::ranges::stable_sort(places, [&](size_t first, size_t second) {
      const int order = compare(first, second, rules);
      return rules.descending ? order > 0 : order < 0;
    });
    return places;
  }

  std::vector<std::string> texts;
  SortTexts elements;
  std::vector<SortText> weights;
  std::vector<double> numbers;
  std::vector<SortRanked> all;
};

TEST(SortOrder, any_part_is_that_of_a_stable_sort) {
  base::Random random(31);
  const base::MadeLocale made;
  const base::Collation bytes;
  base::Collation words;
  ASSERT_TRUE(made.made() && words.choose(base::MadeLocale::name));
  const base::Collation* const collations[] = {nullptr, &bytes, &words};
  for (int round = 0; round < 3000; ++round) {
    const Case sorted(random);
    const SortRules rules{.by = static_cast<SortBy>(random.below(3)),
                          .descending = random.below(2) == 0,
                          .collation = collations[random.below(std::size(collations))]};
    const std::vector<size_t> expected = sorted.expected(rules);
    const size_t end = random.below(expected.size() + 1), begin = random.below(end + 1);
    const auto part = sorted_part(sorted.all, begin, end, sorted.elements, sorted.weights, rules);
    ASSERT_EQ(part.size(), end - begin);
    for (size_t i = 0; i < part.size(); ++i) ASSERT_EQ(part[i].place, expected[begin + i]);
  }
}

}  // namespace
}  // namespace torc::cmd
