// Tests of src/io/uring_operations: sockets on the real ring, at the edges and on random input.
#include <netinet/in.h>
#include <poll.h>

#include "io/sockets.h"
#include "ring_fixture.h"

namespace torc::io {
namespace {

class UringSocketTest : public UringTest {
 protected:
  // A listener on loopback and its address.
  int listen_somewhere(SocketAddress* address) {
    const auto fd = ring().sockets().listen_tcp("127.0.0.1", 0, 64);
    EXPECT_TRUE(fd.has_value());
    *address = numeric_address("127.0.0.1", ring().sockets().local_port(*fd)).value();
    return *fd;
  }
  void close_fd(int fd) {
    EXPECT_EQ(run([&](Operation& operation) { ring().close(operation, fd); }), 0);
  }
};

TEST_P(UringSocketTest, AcceptsManyAndConnects) {
  SocketAddress address;
  const int listener = listen_somewhere(&address);
  std::vector<int> accepted;
  Recorder accept(&ring());
  accept.then = [&](const Completion& completion) {
    if (completion.result >= 0) accepted.push_back(completion.result);
    if (!completion.more && completion.result >= 0) ring().accept_multishot(accept, listener);
  };
  ring().accept_multishot(accept, listener);
  std::vector<int> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(ring().sockets().open_stream(AF_INET).value());
    EXPECT_EQ(
        run([&](Operation& operation) { ring().connect(operation, clients.back(), address.get(), address.size); }), 0);
  }
  EXPECT_TRUE(turn_until([&] { return accepted.size() == clients.size(); }));
  EXPECT_EQ(accept.completions.back().more, features().multishot_accept);
  EXPECT_EQ(ring().sockets().peer_address(accepted[0]), ring().sockets().local_address(clients[0]));
  EXPECT_TRUE(ring().sockets().peer_is_local(accepted[0]));
  end(accept);
  EXPECT_EQ(accept.last(), -ECANCELED);
  for (const int fd : accepted) close_fd(fd);
  for (const int fd : clients) close_fd(fd);
  close_fd(listener);
}

TEST_P(UringSocketTest, ReceivesAllBytesInOrder) {
  SocketPair pair;
  Recorder receive(&ring());
  receive.then = [&](const Completion& completion) {
    if (!completion.more && completion.result > 0) ring().recv_multishot(receive, pair.ends[0]);
  };
  ring().recv_multishot(receive, pair.ends[0]);
  std::string sent;
  for (int i = 0; i < 2000; ++i) {
    const std::string piece = "piece " + std::to_string(i) + std::string(static_cast<size_t>(i % 700), 'x');
    ASSERT_EQ(::send(pair.ends[1], piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
    sent += piece;
    ring().enter({});
  }
  EXPECT_TRUE(turn_until([&] { return receive.bytes.size() == sent.size(); }));
  EXPECT_TRUE(receive.bytes == sent);
  EXPECT_EQ(receive.in_flight(), true);
  pair.close_end(1);
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), 0);
  EXPECT_FALSE(receive.completions.back().buffer.has_buffer());
}

TEST_P(UringSocketTest, ReceivesOnceAndIntoMemory) {
  SocketPair pair;
  ASSERT_EQ(::send(pair.ends[1], "abc", 3, 0), 3);
  Recorder once(&ring());
  ring().recv(once, pair.ends[0]);
  EXPECT_TRUE(turn_until([&] { return once.done(); }));
  EXPECT_EQ(once.bytes, "abc");

  std::string memory(8, '\0');
  Recorder all(&ring());
  ring().recv_into(all, pair.ends[0], memory.data(), memory.size(), true);
  ASSERT_EQ(::send(pair.ends[1], "1234", 4, 0), 4);
  ring().enter({});
  EXPECT_TRUE(all.in_flight());
  ASSERT_EQ(::send(pair.ends[1], "5678", 4, 0), 4);
  EXPECT_TRUE(turn_until([&] { return all.done(); }));
  EXPECT_EQ(all.last(), 8);
  EXPECT_EQ(memory, "12345678");
}

TEST_P(UringSocketTest, SendsOnePartAndMany) {
  SocketPair pair;
  const std::string one = "one part";
  const iovec single = part_of(one);
  EXPECT_EQ(run([&](Operation& operation) { ring().send(operation, pair.ends[0], {&single, 1}); }), 8);
  const std::array parts = {part_of("three"), part_of(" small"), part_of(" parts")};
  EXPECT_EQ(run([&](Operation& operation) { ring().send(operation, pair.ends[0], parts); }), 17);
  char buffer[64];
  ASSERT_EQ(::recv(pair.ends[1], buffer, sizeof buffer, 0), 25);
  EXPECT_EQ(std::string_view(buffer, 25), "one partthree small parts");
}

TEST_P(UringSocketTest, ContinuesASendThatTheSocketCannotTakeAtOnce) {
  SocketPair pair;
  const std::string large(3 << 20, 'z');
  Recorder send(&ring());
  const iovec part = part_of(large);
  ring().send(send, pair.ends[0], {&part, 1});
  std::string received;
  std::vector<char> buffer(65536);
  while (received.size() < large.size()) {
    ring().enter({});
    const ssize_t count = ::recv(pair.ends[1], buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) received.append(buffer.data(), static_cast<size_t>(count));
  }
  EXPECT_TRUE(turn_until([&] { return send.done(); }));
  EXPECT_EQ(send.last(), static_cast<int>(large.size()));
  EXPECT_TRUE(received == large);
}

TEST_P(UringSocketTest, SendToAClosedPeerFailsWithoutASignal) {
  SocketPair pair;
  pair.close_end(1);
  const iovec part = part_of("x");
  EXPECT_EQ(run([&](Operation& operation) { ring().send(operation, pair.ends[0], {&part, 1}); }), -EPIPE);
}

TEST_P(UringSocketTest, ZeroCopyOwesANotificationOnTcp) {
  SocketAddress address;
  const int listener = listen_somewhere(&address);
  const int client = ring().sockets().open_stream(AF_INET).value();
  Recorder accept(&ring());
  ring().accept_multishot(accept, listener);
  EXPECT_EQ(run([&](Operation& operation) { ring().connect(operation, client, address.get(), address.size); }), 0);
  EXPECT_TRUE(turn_until([&] { return !accept.completions.empty(); }));
  const int server = accept.completions[0].result;
  if (accept.in_flight()) end(accept);

  const std::string large(200'000, 'q');
  for (const size_t count : {1U, 2U}) {
    Recorder send(&ring());
    const std::array parts = {part_of(large), part_of(large)};
    ring().send_zero_copy(send, server, std::span(parts).first(count));
    std::string received(large.size() * count, '\0');
    Recorder receive(&ring());
    ring().recv_into(receive, client, received.data(), received.size(), true);
    EXPECT_TRUE(turn_until([&] { return send.done() && receive.done(); }));
    EXPECT_EQ(send.completions[0].result, static_cast<int>(received.size()));
    const bool supported = count == 1 ? features().send_zero_copy : features().sendmsg_zero_copy;
    EXPECT_EQ(send.completions.size(), supported ? 2U : 1U);
    if (supported) {
      EXPECT_TRUE(send.completions[0].more);
      EXPECT_FALSE(send.completions[0].notification);
      EXPECT_TRUE(send.completions[1].notification);
      EXPECT_EQ(send.completions[1].copied, features().zero_copy_usage);  // loopback always copies
    }
  }
  close_fd(server);
  close_fd(client);
  close_fd(listener);
}

TEST_P(UringSocketTest, CancelledReceiveLetsThePeerSeeTheEnd) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  ring().enter({});
  end(receive);
  EXPECT_EQ(receive.last(), -ECANCELED);
  close_fd(pair.ends[0]);
  pair.ends[0] = -1;
  char byte;
  EXPECT_EQ(::recv(pair.ends[1], &byte, 1, 0), 0);
}

TEST_P(UringSocketTest, CancelledReceiveOfAllSaysWhatItHas) {
  SocketPair pair;
  std::string memory(8, '\0');
  Recorder receive(&ring());
  ring().recv_into(receive, pair.ends[0], memory.data(), memory.size(), true);
  ring().enter({});
  ASSERT_EQ(::send(pair.ends[1], "1234", 4, 0), 4);
  for (int i = 0; i < 10; ++i) ring().enter({});
  ASSERT_TRUE(receive.in_flight());
  end(receive);
  EXPECT_EQ(receive.last(), 4);
  EXPECT_EQ(memory.substr(0, 4), "1234");
}

TEST_P(UringSocketTest, CancelBeforeSubmissionWorksToo) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  end(receive);
  EXPECT_EQ(receive.last(), -ECANCELED);
  ring().cancel(receive);  // not in flight: nothing happens
  ring().enter({});
}

TEST_P(UringSocketTest, ShutdownEndsAReceive) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  ring().enter({});
  EXPECT_EQ(run([&](Operation& operation) { ring().shutdown(operation, pair.ends[0], SHUT_RDWR); }), 0);
  EXPECT_TRUE(turn_until([&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), 0);
}

TEST_P(UringSocketTest, PollTellsReadiness) {
  SocketPair pair;
  Recorder poll(&ring());
  ring().poll(poll, pair.ends[0], POLLIN);
  ring().enter({});
  EXPECT_TRUE(poll.in_flight());
  ASSERT_EQ(::send(pair.ends[1], "x", 1, 0), 1);
  EXPECT_TRUE(turn_until([&] { return poll.done(); }));
  EXPECT_NE(poll.last() & POLLIN, 0);
}

TEST_P(UringSocketTest, ConnectToNobodyIsRefused) {
  SocketAddress address;
  close_fd(listen_somewhere(&address));
  const int client = ring().sockets().open_stream(AF_INET).value();
  EXPECT_EQ(run([&](Operation& operation) { ring().connect(operation, client, address.get(), address.size); }),
            -ECONNREFUSED);
  close_fd(client);
}

TORC_EVERY_KERNEL(UringSocketTest);

}  // namespace
}  // namespace torc::io
