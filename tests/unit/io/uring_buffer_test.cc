// Shortage of receive buffers, and who holds which.
#include "ring_fixture.h"

namespace torc::io {
namespace {

constexpr uint32_t small_buffer_bytes = 4096;

class UringBufferTest : public UringTest {
 protected:
  void adapt(UringOptions& options) override {
    options.buffer_bytes = small_buffer_bytes;
    options.buffers = 4;
    options.buffer_bytes_max = 4 * small_buffer_bytes;  // never more
  }
};

class UringGrowingBufferTest : public UringTest {
 protected:
  void adapt(UringOptions& options) override {
    options.buffer_bytes = small_buffer_bytes;
    options.buffers = 4;
    options.buffer_bytes_max = 64 * small_buffer_bytes;
  }
};

TEST_P(UringBufferTest, ShortageEndsReceivesUntilBuffersAreBack) {
  SocketPair pair;
  const std::string sent(6 * small_buffer_bytes, 'b');
  ASSERT_EQ(::send(pair.ends[1], sent.data(), sent.size(), 0), static_cast<ssize_t>(sent.size()));
  Recorder receive(&ring());
  receive.keep = true;
  receive.then = [&](const Completion& completion) {
    if (!completion.more && completion.result > 0) ring().recv_multishot(receive, pair.ends[0]);
  };
  ring().recv_multishot(receive, pair.ends[0]);
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), -ENOBUFS);
  EXPECT_EQ(receive.bytes.size(), 4 * small_buffer_bytes);
  EXPECT_EQ(ring().buffers_available(), 0U);
  EXPECT_EQ(ring().stats().buffer_shortages, 1U);

  for (const BufferSlice& slice : receive.kept) ring().give_back(slice);
  receive.kept.clear();
  EXPECT_EQ(ring().buffers_available(), 4U);
  ring().recv_multishot(receive, pair.ends[0]);
  EXPECT_TRUE(turn_until([&] { return receive.bytes.size() == sent.size(); }));
  for (const BufferSlice& slice : receive.kept) ring().give_back(slice);
  end(receive);
}

TEST_P(UringBufferTest, BufferComesBackOnlyWithItsLastSlice) {
  SocketPair pair;
  Recorder receive(&ring());
  receive.keep = true;
  receive.then = [&](const Completion& completion) {
    if (!completion.more && completion.result > 0) ring().recv_multishot(receive, pair.ends[0]);
  };
  ring().recv_multishot(receive, pair.ends[0]);
  // Three slices that fill a buffer exactly where buffers are incremental; else each takes one of its own.
  const std::array<std::string, 3> pieces = {std::string(1000, '1'), std::string(2000, '2'), std::string(1096, '3')};
  for (const std::string& piece : pieces) {
    const size_t before = receive.kept.size();
    ASSERT_EQ(::send(pair.ends[1], piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
    ASSERT_TRUE(turn_until([&] { return receive.kept.size() > before; }));
  }
  ASSERT_EQ(receive.kept.size(), 3U);
  const bool shared = features().incremental_buffers;
  EXPECT_EQ(ring().buffers_available(), shared ? 3U : 1U);
  EXPECT_EQ(receive.kept[0].buffer_id == receive.kept[2].buffer_id, shared);
  ring().give_back(receive.kept[2]);
  ring().give_back(receive.kept[0]);
  EXPECT_EQ(ring().buffers_available(), 3U);
  EXPECT_EQ(std::string_view(receive.kept[1].data, 2000), pieces[1]);
  ring().give_back(receive.kept[1]);
  EXPECT_EQ(ring().buffers_available(), 4U);
  end(receive);
}

TEST_P(UringBufferTest, ManyRoundsKeepContentsApart) {
  SocketPair first;
  SocketPair second;
  std::array<Recorder, 2> receives{Recorder(&ring()), Recorder(&ring())};
  const std::array<int, 2> fds = {first.ends[0], second.ends[0]};
  const std::array<int, 2> peers = {first.ends[1], second.ends[1]};
  std::array<std::string, 2> sent;
  for (int round = 0; round < 500; ++round) {
    for (size_t i = 0; i < 2; ++i) {
      if (!receives[i].in_flight() && ring().buffers_available() > 0) ring().recv_multishot(receives[i], fds[i]);
      const std::string piece(static_cast<size_t>((round * 37 + 11) % 1500 + 1), static_cast<char>('a' + round % 26));
      ASSERT_EQ(::send(peers[i], piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
      sent[i] += piece;
    }
    ring().enter({});
  }
  EXPECT_TRUE(turn_until([&] {
    for (size_t i = 0; i < 2; ++i) {
      if (!receives[i].in_flight() && ring().buffers_available() > 0) ring().recv_multishot(receives[i], fds[i]);
    }
    return receives[0].bytes.size() == sent[0].size() && receives[1].bytes.size() == sent[1].size();
  }));
  EXPECT_TRUE(receives[0].bytes == sent[0]);
  EXPECT_TRUE(receives[1].bytes == sent[1]);
  EXPECT_EQ(ring().buffers_available(), 4U);
  for (Recorder& receive : receives) end(receive);
}

TEST_P(UringGrowingBufferTest, ShortageAddsBuffersWithinTheLimit) {
  SocketPair pair;
  const std::string sent(40 * small_buffer_bytes, 'g');
  ASSERT_EQ(::send(pair.ends[1], sent.data(), sent.size(), 0), static_cast<ssize_t>(sent.size()));
  Recorder receive(&ring());
  receive.keep = true;
  EXPECT_TRUE(turn_until([&] {
    if (!receive.in_flight() && ring().buffers_available() > 0) ring().recv_multishot(receive, pair.ends[0]);
    return receive.bytes.size() == sent.size();
  }));
  EXPECT_GE(ring().stats().buffers, 40U);
  EXPECT_LE(ring().stats().buffers, 64U);
  EXPECT_TRUE(receive.bytes == sent);
  for (const BufferSlice& slice : receive.kept) ring().give_back(slice);
  EXPECT_EQ(ring().buffers_available(), ring().stats().buffers);
  end(receive);
}

TORC_EVERY_KERNEL(UringBufferTest);
TORC_EVERY_KERNEL(UringGrowingBufferTest);

}  // namespace
}  // namespace torc::io
