// An assertion must be silent when it holds, evaluate once, and say where when it fails.
#include "base/assert.h"

#include <gtest/gtest.h>

namespace {

TEST(Assert, passes_silently_when_true) {
  int evaluations = 0;
  TORC_ASSERT(++evaluations == 1);
  EXPECT_EQ(evaluations, 1);
}

TEST(AssertDeathTest, names_the_expression_and_the_place) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(TORC_ASSERT(1 + 1 == 3), "assert_test.cc:[0-9]+: assertion failed: 1 \\+ 1 == 3");
}

}  // namespace
