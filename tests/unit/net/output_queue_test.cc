// OutputQueue: the parts of its sends, one after the other, are the bytes that were appended; memory goes back to where
// it came from.
#include "net/output_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "io/ring.h"

namespace torc::net {
namespace {

class OutputQueueTest : public ::testing::Test {
 protected:
  ~OutputQueueTest() override {
    hand_back();
    queue_.clear_waiting();
  }
  void append(std::string_view bytes) {
    resp::Output output(&session_chunks_);
    output.append(bytes);
    append(output);
  }
  void append(resp::Output& output) {
    const bool taken = queue_.append(output, own_chunks_);
    EXPECT_EQ(taken, output.empty());
  }
  // Sends what next_parts() says, but at most `accepted` bytes of it.
  std::string send(size_t bytes_max, size_t accepted = SIZE_MAX) {
    std::string sent;
    for (const iovec& part : queue_.next_parts(bytes_max, parts_)) {
      sent.append(static_cast<const char*>(part.iov_base), part.iov_len);
      EXPECT_GT(part.iov_len, 0u);
    }
    sent.resize(std::min(sent.size(), accepted));
    if (queue_.advance(sent.size(), parts_)) hand_back();
    return sent;
  }
  void hand_back() {
    for (OutputQueue::Item& item : queue_.under_way()) handed_back_ += item.own ? 0 : 1;
    queue_.clear_under_way(parts_);
  }

  resp::ChunkPool session_chunks_;
  resp::ChunkPool own_chunks_;
  PartsPool parts_;
  OutputQueue queue_;
  size_t handed_back_ = 0;
};

TEST_F(OutputQueueTest, OneReplyIsOnePart) {
  EXPECT_TRUE(queue_.empty());
  append("+OK\r\n");
  EXPECT_FALSE(queue_.empty());
  EXPECT_EQ(queue_.next_parts(1000, parts_).size(), 1u);
  EXPECT_EQ(queue_.remaining_bytes(), 5u);
  ASSERT_TRUE(queue_.advance(5, parts_));
  hand_back();
  EXPECT_EQ(handed_back_, 1u);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(OutputQueueTest, AShortSendGoesOnWhereItStopped) {
  append("0123456789");
  EXPECT_EQ(send(1000, 3), "012");
  append("abc");
  EXPECT_EQ(send(1000, 0), "");
  EXPECT_EQ(send(1000), "3456789");
  EXPECT_EQ(send(1000), "abc");
  EXPECT_EQ(handed_back_, 2u);
}

TEST_F(OutputQueueTest, SmallRepliesBehindOthersShareAChunk) {
  append("first");
  for (int i = 0; i < 1000; ++i) {
    resp::Output output(&session_chunks_);
    output.append(" message " + std::to_string(i));
    EXPECT_FALSE(queue_.append(output, own_chunks_));
    EXPECT_FALSE(output.empty());
  }
  EXPECT_EQ(queue_.waiting().size(), 2u);
  std::string sent = send(1 << 20);
  EXPECT_TRUE(sent.starts_with("first message 0 message 1 "));
  EXPECT_TRUE(sent.ends_with(" message 999"));
  EXPECT_EQ(handed_back_, 1u);
}

TEST_F(OutputQueueTest, ValuesAreSentFromWhereTheyLie) {
  const base::BlobRef blob = base::BlobRef::copy_of(std::string(100'000, 'v'));
  resp::Output output(&session_chunks_);
  output.append("$100000\r\n");
  output.append(blob, blob.view());
  output.append("\r\n");
  append(output);
  const auto parts = queue_.next_parts(1 << 20, parts_);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1].iov_base, blob.view().data());
  EXPECT_EQ(queue_.pinned_bytes(), 100'000u);
  EXPECT_TRUE(queue_.advance(100'011, parts_));
  EXPECT_EQ(queue_.pinned_bytes(), 100'000u);
  hand_back();
  EXPECT_EQ(queue_.pinned_bytes(), 0u);
}

TEST_F(OutputQueueTest, ASendIsBoundedButDoesNotLeaveALittleBehind) {
  append(std::string(1100, 'a'));
  EXPECT_EQ(send(1000).size(), 1100u);
  append(std::string(2600, 'b'));
  EXPECT_EQ(send(1000).size(), 1000u);
  EXPECT_EQ(send(1000).size(), 1000u);
  EXPECT_EQ(send(1000).size(), 600u);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(OutputQueueTest, MorePartsThanOneSendTakes) {
  const base::BlobRef blob = base::BlobRef::copy_of(std::string(1024, 'v'));
  resp::Output output(&session_chunks_);
  for (int i = 0; i < 3000; ++i) output.append(blob, blob.view());
  append(output);
  size_t bytes = 0;
  int sends = 0;
  while (!queue_.empty()) {
    const auto parts = queue_.next_parts(1 << 30, parts_);
    EXPECT_LE(parts.size(), io::Ring::parts_max);
    size_t size = 0;
    for (const iovec& part : parts) size += part.iov_len;
    if (queue_.advance(size, parts_)) hand_back();
    bytes += size;
    ++sends;
  }
  EXPECT_EQ(bytes, 3000u * 1024);
  EXPECT_EQ(sends, 3);
  EXPECT_TRUE(blob.unique());
}

class RandomOutputTest : public OutputQueueTest, public ::testing::WithParamInterface<uint64_t> {};

TEST_P(RandomOutputTest, BytesLeaveInOrder) {
  base::Random random(GetParam());
  std::string expected;
  std::string sent;
  for (int step = 0; step < 400; ++step) {
    if (random.below(2) == 0) {
      resp::Output output(&session_chunks_);
      for (uint64_t pieces = 1 + random.below(6); pieces > 0; --pieces) {
        const std::string bytes(1 + random.below(random.below(3) == 0 ? 20'000 : 60),
                                static_cast<char>('a' + step % 26));
        const base::BlobRef blob = base::BlobRef::copy_of(bytes);
        if (random.below(2) == 0) {
          output.append(bytes);
        } else {
          output.append(blob, blob.view());
        }
        expected += bytes;
      }
      append(output);
    } else if (!queue_.empty()) {
      sent += send(1 + random.below(30'000), random.below(40'000));
    }
    ASSERT_TRUE(expected.starts_with(sent));
  }
  while (!queue_.empty()) sent += send(10'000);
  EXPECT_EQ(sent, expected);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOutputTest, ::testing::Range<uint64_t>(1, 31));

}  // namespace
}  // namespace torc::net
