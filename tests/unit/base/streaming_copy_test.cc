// A copy past the cache must be one: every size around a line and around the limit, at every alignment, and nothing
// beside it.
#include "base/streaming_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace torc::base {
namespace {

std::string noise(size_t bytes) {
  Random random(5);
  std::string text(bytes, '\0');
  std::ranges::generate(text, [&] { return static_cast<char>(random.below(256)); });
  return text;
}

TEST(StreamingCopy, CopiesJustThat) {
  constexpr size_t room = 70, most = streaming_copy_bytes_min + 200;
  const std::string source = noise(most + room);
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, streaming_copy_bytes_min - 1,
                             streaming_copy_bytes_min, streaming_copy_bytes_min + 1, most - 1, most}) {
    for (size_t to = 0; to < 66; ++to) {
      const size_t from = to * 7 % room;
      std::string copy(most + 2 * room, '#');
      streaming_copy(copy.data() + to, source.data() + from, bytes);
      ASSERT_EQ(copy, std::string(to, '#') + source.substr(from, bytes) + std::string(copy.size() - to - bytes, '#'))
          << bytes << " bytes to " << to;
    }
  }
}

}  // namespace
}  // namespace torc::base
