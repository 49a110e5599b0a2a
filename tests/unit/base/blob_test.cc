// References are counted, bytes stay where they are while shared, and the last reference frees the block.
#include "base/blob.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "base/memory.h"

namespace {

using torc::base::BlobRef;

TEST(Blob, starts_empty_with_room) {
  BlobRef blob = BlobRef::make(100);
  EXPECT_EQ(blob.size(), 0u);
  EXPECT_GE(blob.capacity(), 100u);
  EXPECT_TRUE(blob.unique());
}

TEST(Blob, copies_and_shares) {
  BlobRef blob = BlobRef::copy_of("hello");
  {
    BlobRef second = blob;
    EXPECT_FALSE(blob.unique());
    EXPECT_EQ(second.view(), "hello");
    EXPECT_EQ(second.view().data(), blob.view().data());
  }
  EXPECT_TRUE(blob.unique());
  EXPECT_EQ(BlobRef::copy_of("").view(), "");
}

TEST(Blob, moves_without_counting) {
  BlobRef blob = BlobRef::copy_of("x");
  BlobRef moved = std::move(blob);
  EXPECT_FALSE(static_cast<bool>(blob));  // NOLINT: the moved-from state is the contract
  EXPECT_TRUE(moved.unique());
  BlobRef& same = moved;
  moved = same;
  EXPECT_EQ(moved.view(), "x");
  EXPECT_TRUE(moved.unique());
}

TEST(Blob, grows_and_shrinks_keeping_its_bytes) {
  BlobRef blob = BlobRef::make(10);
  std::memcpy(blob.mutable_bytes(), "0123456789", 10);
  blob.set_size(10);
  blob.reserve(100'000);
  EXPECT_GE(blob.capacity(), 100'000u);
  EXPECT_EQ(blob.view(), "0123456789");
  blob.reserve(10);
  EXPECT_LT(blob.capacity(), 1000u);
  EXPECT_EQ(blob.view(), "0123456789");
}

TEST(Blob, detach_and_adopt_keep_the_count) {
  BlobRef blob = BlobRef::copy_of("packed");
  auto* header = blob.detach();
  EXPECT_FALSE(static_cast<bool>(blob));
  EXPECT_EQ(header->references, 1u);
  EXPECT_EQ(BlobRef::adopt(header).view(), "packed");
}

TEST(Blob, frees_its_block_with_the_last_reference) {
  size_t before = torc::base::used_bytes();
  {
    BlobRef blob = BlobRef::make(1 << 20);
    BlobRef second = blob;
    EXPECT_GE(torc::base::used_bytes(), before + (1 << 20));
  }
  EXPECT_EQ(torc::base::used_bytes(), before);
}

TEST(BlobDeathTest, shared_bytes_are_not_written) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  BlobRef blob = BlobRef::copy_of("shared");
  BlobRef second = blob;
  EXPECT_DEATH(static_cast<void>(blob.mutable_bytes()), "unique");
  EXPECT_DEATH(blob.reserve(100), "unique");
}

}  // namespace
