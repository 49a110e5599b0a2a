// What C sees of texts: compare_c_texts() against strcmp().
#include "base/c_text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "base/random.h"

namespace torc::base {
namespace {

int sign(int order) { return (order > 0) - (order < 0); }

TEST(CText, ends_at_a_nul) {
  using std::literals::operator""sv;
  EXPECT_EQ(c_text("abc"), "abc");
  EXPECT_EQ(c_text("a\0c"sv), "a");
  EXPECT_EQ(c_text("\0"sv), "");
  EXPECT_EQ(c_text(""), "");
}

TEST(CText, compares_as_strcmp) {
  Random random(5);
  const auto text = [&random] {
    std::string made;
    for (uint64_t i = random.below(6); i > 0; --i) made += "\0a\xff"[random.below(3)];
    return made;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string first = text(), second = text();
    ASSERT_EQ(sign(compare_c_texts(first, second)), sign(std::strcmp(first.c_str(), second.c_str())));
  }
  EXPECT_EQ(compare_c_texts({}, {}), 0);
}

}  // namespace
}  // namespace torc::base
