// Receives that wait for all of a big value on TCP: one wake-up and one completion, and no trace of it in what the
// socket receives afterwards.
#include "io/low_water.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include "ring_fixture.h"

namespace torc::io {
namespace {

constexpr size_t value_bytes = 1 << 20;

// A connected pair over loopback TCP.
struct TcpPair : SocketEnds {
  TcpPair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener, generic, size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    EXPECT_EQ(::getsockname(listener, generic, &size), 0);
    ends[1] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(ends[1], generic, size), 0);
    ends[0] = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    ::close(listener);
  }
};

int mark_of(int fd) {
  int mark = 0;
  socklen_t size = sizeof mark;
  EXPECT_EQ(::getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &mark, &size), 0);
  return mark;
}

size_t unread_bytes(int fd) {
  int bytes = 0;
  EXPECT_EQ(::ioctl(fd, FIONREAD, &bytes), 0);
  return static_cast<size_t>(bytes);
}

class LowWaterTest : public UringTest {
 protected:
  // Sends as much as the connection takes, turning the ring meanwhile.
  void send_all(std::string_view bytes) {
    EXPECT_TRUE(turn_until([&] {
      const ssize_t sent = ::send(pair_.ends[1], bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      return bytes.empty();
    }));
  }
  void receive_all(Recorder& receive) {
    ring().recv_into(receive, pair_.ends[0], memory_.data(), memory_.size(), true);
    ring().enter({});
  }
  std::string value_ = [] {
    std::string value(value_bytes, '\0');
    for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 31 >> 3);
    return value;
  }();
  std::string memory_ = std::string(value_bytes, '\0');
  TcpPair pair_;
};

TEST_P(LowWaterTest, NothingIsTakenBeforeAllIsThere) {
  Recorder receive(&ring());
  receive_all(receive);
  send_all(std::string_view(value_).substr(0, value_bytes / 2));
  EXPECT_TRUE(turn_until([&] { return unread_bytes(pair_.ends[0]) == value_bytes / 2; }));
  EXPECT_TRUE(receive.in_flight());
  send_all(std::string_view(value_).substr(value_bytes / 2));
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(receive.completions.size(), 1U);
  EXPECT_EQ(receive.last(), static_cast<int>(value_bytes));
  EXPECT_TRUE(memory_ == value_);
}

TEST_P(LowWaterTest, WhatFollowsIsReportedByteByByte) {
  Recorder receive(&ring());
  receive_all(receive);
  send_all(value_);
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(mark_of(pair_.ends[0]), static_cast<int>(value_bytes));
  for (const bool multishot : {false, true}) {
    Recorder next(&ring());
    multishot ? ring().recv_multishot(next, pair_.ends[0]) : ring().recv(next, pair_.ends[0]);
    EXPECT_EQ(mark_of(pair_.ends[0]), 1);
    send_all("x");
    EXPECT_TRUE(turn_until([&] { return next.bytes == "x"; }));
    if (next.in_flight()) end(next);
    Recorder raises(&ring());
    receive_all(raises);
    end(raises);
    EXPECT_EQ(mark_of(pair_.ends[0]), static_cast<int>(value_bytes));
  }
  Recorder piece(&ring());
  ring().recv_into(piece, pair_.ends[0], memory_.data(), memory_.size(), false);
  send_all("y");
  EXPECT_TRUE(turn_until([&] { return piece.done(); }));
  EXPECT_EQ(piece.last(), 1);
}

TEST_P(LowWaterTest, TheEndOfTheStreamBringsWhatThereIs) {
  Recorder receive(&ring());
  receive_all(receive);
  send_all("only this");
  pair_.close_end(1);
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), 9);
  EXPECT_EQ(run([&](Operation& next) {
              ring().recv_into(next, pair_.ends[0], memory_.data(), memory_.size(), true);
            }), 0);
}

TEST_P(LowWaterTest, WhatArrivedBeforeACancellationIsStillThere) {
  Recorder receive(&ring());
  receive_all(receive);
  send_all("a part");
  EXPECT_TRUE(turn_until([&] { return unread_bytes(pair_.ends[0]) == 6; }));
  end(receive);
  EXPECT_EQ(receive.last(), -ECANCELED);
  Recorder next(&ring());
  ring().recv(next, pair_.ends[0]);
  EXPECT_TRUE(turn_until([&] { return next.done(); }));
  EXPECT_EQ(next.bytes, "a part");
}

TEST_P(LowWaterTest, ASocketThatMayNotHoldSoMuchReceivesInPieces) {
  const int small = 16384;
  ASSERT_EQ(::setsockopt(pair_.ends[0], SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  Recorder receive(&ring());
  receive_all(receive);
  EXPECT_EQ(mark_of(pair_.ends[0]), 1);
  send_all(value_);
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), static_cast<int>(value_bytes));
  EXPECT_TRUE(memory_ == value_);
}

TEST(LowWaterMarksTest, OnlyTcpSocketsTakeOne) {
  SocketPair local;
  LowWaterMarks marks;
  EXPECT_FALSE(marks.raise(local.ends[0], value_bytes));
  EXPECT_FALSE(marks.raise(-1, value_bytes));
  TcpPair pair;
  EXPECT_FALSE(marks.raise(pair.ends[0], size_t{1} << 40));
  EXPECT_TRUE(marks.raise(pair.ends[0], value_bytes));
  EXPECT_FALSE(marks.raise(pair.ends[0], size_t{1} << 40));
  EXPECT_EQ(mark_of(pair.ends[0]), 1);
  EXPECT_TRUE(marks.raise(pair.ends[0], value_bytes));
  marks.lower(pair.ends[0]);
  EXPECT_EQ(mark_of(pair.ends[0]), 1);
}

TORC_EVERY_KERNEL(LowWaterTest);

}  // namespace
}  // namespace torc::io
