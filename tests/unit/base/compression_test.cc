// Tests of src/base/compression: what comes out is what liblzf expands again, and nothing comes out that does not pay.
#include "base/compression.h"

#include <gtest/gtest.h>
#include <lzf.h>

#include <string>

#include "base/random.h"

namespace torc::base {
namespace {

std::string expanded(const std::string& compressed, size_t size) {
  std::string out(size, '?');
  const unsigned got = ::lzf_decompress(compressed.data(), static_cast<unsigned>(compressed.size()), out.data(),
                                        static_cast<unsigned>(size));
  EXPECT_EQ(got, size);
  return out;
}

TEST(Lzf, ExpandsToWhatItWas) {
  for (const size_t size : {21, 100, 1000, 100'000}) {
    std::string text;
    while (text.size() < size) text += "some words " + std::to_string(text.size() % 7);
    const std::string compressed = lzf_compress(text);
    EXPECT_FALSE(compressed.empty());
    EXPECT_LE(compressed.size() + 4, text.size());
    EXPECT_EQ(expanded(compressed, text.size()), text);
  }
}

TEST(Lzf, LeavesAloneWhatDoesNotShrink) {
  Random random(1);
  std::string noise(1000, '\0');
  for (char& c : noise) c = static_cast<char>(random.next());
  EXPECT_EQ(lzf_compress(noise), "");
  EXPECT_EQ(lzf_compress(""), "");
  EXPECT_EQ(lzf_compress("aaaa"), "");
}

}  // namespace
}  // namespace torc::base
