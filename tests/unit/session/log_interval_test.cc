// One line in a while, and none lost for good when the clock is set back.
#include "session/log_interval.h"

#include <gtest/gtest.h>

namespace torc::session {
namespace {

TEST(LogInterval, once_a_period) {
  LogInterval log(1000);
  EXPECT_TRUE(log.due(10));
  EXPECT_FALSE(log.due(10));
  EXPECT_FALSE(log.due(1009));
  EXPECT_TRUE(log.due(1010));
  EXPECT_FALSE(log.due(1500));
}

TEST(LogInterval, the_clock_is_set_back) {
  LogInterval log(1000);
  EXPECT_TRUE(log.due(1'000'000));
  EXPECT_TRUE(log.due(5000));
  EXPECT_FALSE(log.due(5001));
}

}  // namespace
}  // namespace torc::session
