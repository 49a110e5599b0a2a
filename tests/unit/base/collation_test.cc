// Collation: bytes by default and in the locale "C"; a locale that does not exist changes nothing.
#include "base/collation.h"

#include <gtest/gtest.h>

#include "made_locale.h"

namespace torc::base {
namespace {

TEST(Collation, orders_by_bytes_unless_told_otherwise) {
  Collation collation;
  EXPECT_LT(collation.compare("B", "a"), 0);
  EXPECT_EQ(collation.compare("a", "a"), 0);
  EXPECT_GT(collation.compare("b", "a"), 0);
  EXPECT_TRUE(collation.choose("C"));
  EXPECT_TRUE(collation.is_bytes());
  EXPECT_TRUE(collation.choose("POSIX"));
  EXPECT_TRUE(collation.is_bytes());
  EXPECT_LT(collation.compare("B", "a"), 0);
  EXPECT_FALSE(collation.choose("no_WHERE"));
  EXPECT_LT(collation.compare("B", "a"), 0);
  EXPECT_TRUE(collation.choose(""));
  if (collation.choose("C.UTF-8")) {
    EXPECT_TRUE(collation.is_bytes());
  }
}

TEST(Collation, orders_as_a_locale_says) {
  const MadeLocale made;
  ASSERT_TRUE(made.made()) << "the package locales is missing";
  Collation collation;
  ASSERT_TRUE(collation.choose(MadeLocale::name));
  EXPECT_FALSE(collation.is_bytes());
  EXPECT_LT(collation.compare("a", "B"), 0);
  EXPECT_EQ(collation.compare("a", "a"), 0);
  EXPECT_GT(collation.compare("C", "b"), 0);
  EXPECT_TRUE(collation.choose("C"));
  EXPECT_GT(collation.compare("a", "B"), 0);
}

}  // namespace
}  // namespace torc::base
