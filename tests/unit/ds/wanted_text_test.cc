// A text is found where it stands, and not where one byte differs, whatever its length.
#include "ds/wanted_text.h"

#include <gtest/gtest.h>

#include <string>

namespace torc::ds {
namespace {

TEST(WantedText, is_told_from_texts_that_differ_in_one_byte) {
  for (size_t size = 0; size < 40; ++size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i);
    const WantedText wanted(text);
    EXPECT_EQ(wanted.size(), size);
    std::string other = text;
    EXPECT_TRUE(wanted.is_at(other.data()));
    for (char& byte : other) {
      byte ^= 1;
      EXPECT_FALSE(wanted.is_at(other.data())) << size;
      byte ^= 1;
    }
  }
}

}  // namespace
}  // namespace torc::ds
