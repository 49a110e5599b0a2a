// The two regimes of waiting for company, and what tells them apart.
#include "server/batch_wait.h"

#include <gtest/gtest.h>

namespace torc::server {
namespace {

constexpr int64_t period_us = BatchWait::sample_period_us;

io::WaitPolicy policy_for(const BatchWait& batch, uint32_t active_clients) {
  io::WaitPolicy policy{.wait_count = 1};
  batch.apply(active_clients, &policy);
  return policy;
}

TEST(BatchWait, FewClientsNeverWaitForOthers) {
  BatchWait batch;
  for (uint32_t clients = 0; clients < 8; ++clients) {
    EXPECT_EQ(policy_for(batch, clients).wait_count, 1u) << clients;
    EXPECT_EQ(policy_for(batch, clients).min_wait_us, 0u) << clients;
  }
}

TEST(BatchWait, WaitsLongerWhenMostlyBusy) {
  BatchWait batch;
  EXPECT_EQ(policy_for(batch, 60).wait_count, 10u);
  EXPECT_EQ(policy_for(batch, 60).min_wait_us, 20u);
  batch.sample(period_us, period_us / 2);
  EXPECT_TRUE(batch.busy());
  EXPECT_EQ(policy_for(batch, 60).wait_count, 15u);
  EXPECT_EQ(policy_for(batch, 60).min_wait_us, 100u);
}

TEST(BatchWait, StaysBusyUntilClearlyIdle) {
  BatchWait batch;
  batch.sample(period_us, period_us * 49 / 100);
  EXPECT_FALSE(batch.busy());
  batch.sample(2 * period_us, period_us);
  EXPECT_TRUE(batch.busy());
  batch.sample(3 * period_us, period_us * 145 / 100);
  EXPECT_TRUE(batch.busy());
  batch.sample(4 * period_us, period_us * 180 / 100);
  EXPECT_FALSE(batch.busy());
}

TEST(BatchWait, IsSampledOncePerPeriod) {
  BatchWait batch;
  batch.sample(period_us, 0);
  EXPECT_FALSE(batch.sample_due(2 * period_us - 1));
  EXPECT_TRUE(batch.sample_due(2 * period_us));
}

}  // namespace
}  // namespace torc::server
