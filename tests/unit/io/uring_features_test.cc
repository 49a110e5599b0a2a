// Tests of src/io/uring_features: what its header promises, at the edges and on random input.
#include "io/uring_features.h"

#include <gtest/gtest.h>

namespace torc::io {
namespace {

TEST(FeaturesTest, PresetsGrowWithTheKernel) {
  const Features old = parse_features("6.1").value();
  const Features middle = parse_features("6.6").value();
  const Features recent = parse_features("6.12").value();
  EXPECT_EQ(intersection(old, middle), old);
  EXPECT_EQ(intersection(middle, recent), middle);
  EXPECT_EQ(intersection(recent, Features::all()), recent);
  EXPECT_TRUE(old.defer_taskrun && old.multishot_recv);
  EXPECT_FALSE(old.min_wait || old.incremental_buffers || old.no_sqarray || old.ftruncate);
  EXPECT_TRUE(middle.no_sqarray && middle.zero_copy_usage);
  EXPECT_FALSE(middle.min_wait || middle.ftruncate);
  EXPECT_TRUE(recent.min_wait && recent.incremental_buffers);
  EXPECT_FALSE(recent.no_iowait);
  EXPECT_EQ(parse_features("none").value(), Features{});
}

TEST(FeaturesTest, ListsTakeFeaturesAway) {
  const Features features = parse_features("-min_wait,-ftruncate").value();
  EXPECT_FALSE(features.min_wait || features.ftruncate);
  EXPECT_TRUE(features.incremental_buffers);
  EXPECT_EQ(describe(parse_features("6.1").value()),
            "single_issuer defer_taskrun multishot_accept multishot_recv send_zero_copy sendmsg_zero_copy");
}

TEST(FeaturesTest, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "6.2", "min_wait", "-minwait", "-min_wait,", ",", "-min_wait -ftruncate", "+all"}) {
    EXPECT_FALSE(parse_features(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace torc::io
