// A request list forgets what it held and keeps no more memory than a deep pipeline needs.
#include "resp/request.h"

#include <gtest/gtest.h>

namespace {

using torc::base::BlobRef;
using torc::resp::RequestList;

TEST(RequestList, clear_drops_blobs_and_keeps_bounded_capacity) {
  RequestList list;
  BlobRef blob = BlobRef::copy_of("x");
  list.arguments.resize(100);
  list.requests.push_back({0, 100, 0});
  list.blobs.push_back({0, blob});
  list.unescaped.emplace_back("y");
  EXPECT_FALSE(list.empty());
  EXPECT_EQ(list.arguments_of(list.requests[0]).size(), 100u);
  list.clear();
  EXPECT_TRUE(list.empty());
  EXPECT_TRUE(list.arguments.empty());
  EXPECT_TRUE(list.unescaped.empty());
  EXPECT_TRUE(blob.unique());
  EXPECT_GE(list.arguments.capacity(), 100u);
  EXPECT_GE(list.kept_bytes(), 100 * sizeof(list.arguments[0]));
  list.arguments.resize(1'000'000);
  list.requests.resize(100'000);
  EXPECT_EQ(list.list_bytes(), 1'000'000 * sizeof(list.arguments[0]) + 100'000 * sizeof(list.requests[0]));
  list.clear();
  EXPECT_LT(list.kept_bytes(), 100'000u);
}

}  // namespace
