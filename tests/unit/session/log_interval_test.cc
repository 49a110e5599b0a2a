// One line in a while, and none lost for good when the clock is set back.
#include "session/log_interval.h"

#include <gtest/gtest.h>

namespace torc::session {
namespace {

class LogIntervalTest : public testing::Test {
 protected:
  // Not a local: g++ 12 with sanitizers takes the optional in it for uninitialised.
  LogInterval log{1000};
};

TEST_F(LogIntervalTest, once_a_period) {
  EXPECT_TRUE(log.due(10));
  EXPECT_FALSE(log.due(10));
  EXPECT_FALSE(log.due(1009));
  EXPECT_TRUE(log.due(1010));
  EXPECT_FALSE(log.due(1500));
}

TEST_F(LogIntervalTest, the_clock_is_set_back) {
  EXPECT_TRUE(log.due(1'000'000));
  EXPECT_TRUE(log.due(5000));
  EXPECT_FALSE(log.due(5001));
}

}  // namespace
}  // namespace torc::session
