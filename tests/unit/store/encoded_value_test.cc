// Tests of src/store/encoded_value: what its header promises, at the edges and on random input.
#include "store/encoded_value.h"

#include <string>

#include <gtest/gtest.h>

namespace torc::store {
namespace {

Encoding encoding_of(std::string_view bytes) { return EncodedValue::string({bytes}).encoding(); }

TEST(EncodedValue, FollowsRedissThresholds) {
  EXPECT_EQ(encoding_of("0"), Encoding::integer);
  EXPECT_EQ(encoding_of("-9223372036854775808"), Encoding::integer);
  EXPECT_EQ(encoding_of("9223372036854775808"), Encoding::embstr);
  EXPECT_EQ(encoding_of("+1"), Encoding::embstr);
  EXPECT_EQ(encoding_of("01"), Encoding::embstr);
  EXPECT_EQ(encoding_of("-0"), Encoding::embstr);
  EXPECT_EQ(encoding_of(""), Encoding::embstr);
  EXPECT_EQ(encoding_of(std::string(44, 'x')), Encoding::embstr);
  EXPECT_EQ(encoding_of(std::string(45, 'x')), Encoding::raw);
}

TEST(EncodedValue, KeepsTheTextWhenTold) {
  EncodedValue value = EncodedValue::string({.bytes = "10", .keep_text = true});
  EXPECT_EQ(value.encoding(), Encoding::embstr);
  EXPECT_EQ(value.stored(), "10");
}

TEST(EncodedValue, IsInTheEntryUpTo1023Bytes) {
  std::string longest(inline_value_bytes_max, 'x');
  EncodedValue in_entry = EncodedValue::string({longest});
  EXPECT_FALSE(in_entry.is_blob());
  EXPECT_EQ(in_entry.stored(), longest);
  std::string longer = longest + "x";
  EncodedValue in_blob = EncodedValue::string({longer});
  EXPECT_TRUE(in_blob.is_blob());
  EXPECT_EQ(in_blob.stored().size(), sizeof(void*));
}

TEST(EncodedValue, TakesOverTheBlobThatHoldsTheBytes) {
  base::BlobRef blob = base::BlobRef::copy_of(std::string(5000, 'b'));
  const char* bytes = blob.view().data();
  base::BlobRef kept = blob;
  EncodedValue value = EncodedValue::string({blob.view(), &blob});
  EXPECT_FALSE(blob);
  EXPECT_EQ(kept.view().data(), bytes);
  EXPECT_FALSE(kept.unique());   // the value holds the same one
}

TEST(EncodedValue, CopiesWhenTheBlobHoldsMore) {
  base::BlobRef blob = base::BlobRef::copy_of(std::string(5000, 'b'));
  EncodedValue value = EncodedValue::string({blob.view().substr(0, 4000), &blob});
  EXPECT_TRUE(blob);
  EXPECT_TRUE(blob.unique());
}

TEST(EncodedValue, LeavesTheBytesOfABlobWithMuchRoomWhereTheyAre) {
  base::BlobRef blob = base::BlobRef::make(200'000);
  std::memset(blob.mutable_bytes(), 'x', 2000);
  blob.set_size(2000);
  const std::string_view view = blob.view();
  EncodedValue value = EncodedValue::string({view, &blob});
  EXPECT_FALSE(blob);
  base::BlobHeader* header;
  std::memcpy(&header, value.stored().data(), sizeof header);
  EXPECT_EQ(reinterpret_cast<const char*>(header + 1), view.data());
  EXPECT_EQ(view, std::string(2000, 'x'));
}

}  // namespace
}  // namespace torc::store
