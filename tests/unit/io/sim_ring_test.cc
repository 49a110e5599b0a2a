// Tests of src/io/sim_ring: what its header promises, at the edges and on random input.
#include "io/sim_ring.h"

#include <fcntl.h>
#include <poll.h>

#include "ring_fixture.h"

namespace torc::io {
namespace {

constexpr uint16_t port = 6379;

// A machine, its disk, and the network that it is on.
struct Machine {
  Machine(SimWorld& world, SimNetwork& network, const std::string& host)
      : disk(world), ring(world, network, disk, host) {}
  SimDisk disk;
  SimRing ring;
};

class SimRingTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  template <class Queue>
  int run(SimRing& ring, Queue queue) {
    Recorder operation(&ring);
    queue(operation);
    EXPECT_TRUE(turn_until(ring, [&] { return operation.done(); }));
    return operation.last();
  }
  int open(const char* path, int flags) {
    return run(ring_, [&](Operation& operation) { ring_.openat(operation, AT_FDCWD, path, flags, 0644); });
  }
  int listen() { return ring_.sockets().listen_tcp("*", port, 16).value(); }
  std::shared_ptr<SimPeer> client() { return network_.connect_peer("10.9.9.9", {"10.0.0.1", port, {}}); }
  int accept_one(int listener) {
    Recorder accept(&ring_);
    ring_.accept_multishot(accept, listener);
    EXPECT_TRUE(turn_until(ring_, [&] { return !accept.completions.empty(); }));
    ring_.cancel(accept);
    EXPECT_TRUE(turn_until(ring_, [&] { return !accept.in_flight(); }));
    return accept.completions[0].result;
  }

  base::ManualClock clock_;
  SimWorld world_{GetParam(), &clock_};
  SimNetwork network_{world_};
  Machine machine_{world_, network_, "10.0.0.1"};
  SimRing& ring_ = machine_.ring;
};

TEST_P(SimRingTest, ServesAClient) {
  const int listener = listen();
  const auto peer = client();
  peer->send("hello");
  const int fd = accept_one(listener);
  EXPECT_EQ(ring_.sockets().peer_address(fd), "10.9.9.9:40000");
  EXPECT_EQ(ring_.sockets().local_address(fd), "10.0.0.1:6379");
  EXPECT_FALSE(ring_.sockets().peer_is_local(fd));
  Recorder receive(&ring_);
  ring_.recv_multishot(receive, fd);
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.bytes == "hello"; }));
  const std::array parts = {part_of("wor"), part_of("ld")};
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.send(operation, fd, parts); }), 5);
  peer->end_sending();
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), 0);
  world_.pass(1'000'000);
  EXPECT_EQ(peer->take(), "world");
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.close(operation, fd); }), 0);
  world_.pass(1'000'000);
  EXPECT_TRUE(peer->ended());
  EXPECT_EQ(peer->error(), 0);
}

TEST_P(SimRingTest, ManyBytesInARoughWorldArriveInOrder) {
  world_.options() = SimOptions::rough();
  world_.options().reset_permille = 0;
  world_.options().buffer_shortage_permille = 300;
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  std::string question;
  for (int i = 0; i < 3000; ++i) question += std::to_string(i) + ' ';
  peer->send(question);
  Recorder receive(&ring_);
  EXPECT_TRUE(turn_until(ring_, [&] {
    if (!receive.in_flight() && ring_.buffers_available() > 0) ring_.recv_multishot(receive, fd);
    return receive.bytes.size() == question.size();
  }));
  EXPECT_TRUE(receive.bytes == question);
  EXPECT_GT(ring_.stats().buffer_shortages, 0U);
  ring_.cancel(receive);
  EXPECT_TRUE(turn_until(ring_, [&] { return !receive.in_flight(); }));

  size_t sent = 0;
  while (sent < question.size()) {
    const iovec part = part_of(std::string_view(question).substr(sent));
    const int result = run(ring_, [&](Operation& operation) { ring_.send(operation, fd, {&part, 1}); });
    ASSERT_GT(result, 0);
    sent += static_cast<size_t>(result);
  }
  world_.pass(10'000'000);
  EXPECT_TRUE(peer->received() == question);
}

TEST_P(SimRingTest, AClientThatDoesNotReadHoldsASendUp) {
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  peer->read_nothing(true);
  const std::string large(200'000, 'L');
  const iovec part = part_of(large);
  Recorder send(&ring_);
  ring_.send(send, fd, {&part, 1});
  ring_.enter({.wait_count = 1, .timeout_us = 60'000'000});
  EXPECT_TRUE(send.in_flight());
  peer->read_nothing(false);
  EXPECT_TRUE(turn_until(ring_, [&] { return send.done(); }));
  EXPECT_EQ(send.last(), static_cast<int>(large.size()));
  world_.pass(1'000'000);
  EXPECT_TRUE(peer->received() == large);
}

TEST_P(SimRingTest, ZeroCopyPinsMemoryUntilThePeerHasRead) {
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  peer->read_nothing(true);
  const std::string data(1000, 'z');
  const iovec part = part_of(data);
  Recorder send(&ring_);
  ring_.send_zero_copy(send, fd, {&part, 1});
  EXPECT_TRUE(turn_until(ring_, [&] { return !send.completions.empty(); }));
  EXPECT_TRUE(send.completions[0].more);
  EXPECT_EQ(send.completions[0].result, 1000);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.close(operation, fd); }), 0);
  ring_.enter({.wait_count = 1, .timeout_us = 1'000'000});
  EXPECT_TRUE(send.in_flight());
  peer->read_nothing(false);
  EXPECT_TRUE(turn_until(ring_, [&] { return send.done(); }));
  EXPECT_TRUE(send.completions[1].notification);
  EXPECT_EQ(peer->received().size(), 1000U);
}

TEST_P(SimRingTest, ResetsAndClosesShowAsOnTcp) {
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  peer->reset();
  Recorder receive(&ring_);
  ring_.recv_multishot(receive, fd);
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), -ECONNRESET);
  const iovec part = part_of("x");
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.send(operation, fd, {&part, 1}); }), -EPIPE);

  // Sending to a peer that has closed: the first send is taken, a later one finds the reset.
  const auto other = client();
  const int second = accept_one(listener);
  other->close();
  world_.pass(1'000'000);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.send(operation, second, {&part, 1}); }), 1);
  world_.pass(1'000'000);
  EXPECT_LT(run(ring_, [&](Operation& operation) { ring_.send(operation, second, {&part, 1}); }), 0);
}

TEST_P(SimRingTest, ThePeerSeesNoEndWhileAReceiveIsArmed) {
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  Recorder receive(&ring_);
  ring_.recv_multishot(receive, fd);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.close(operation, fd); }), 0);
  ring_.enter({.wait_count = 1, .timeout_us = 1'000'000});
  EXPECT_FALSE(peer->ended());
  ring_.cancel(receive);
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.done(); }));
  world_.pass(1'000'000);
  EXPECT_TRUE(peer->ended());
}

TEST_P(SimRingTest, PartitionsHoldBackAndHeal) {
  Machine other(world_, network_, "10.0.0.2");
  const int listener = listen();
  const int fd = other.ring.sockets().open_stream(AF_INET).value();
  const SocketAddress address = numeric_address("10.0.0.1", port).value();
  EXPECT_EQ(
      run(other.ring, [&](Operation& operation) { other.ring.connect(operation, fd, address.get(), address.size); }),
      0);
  const int accepted = accept_one(listener);
  network_.partition("10.0.0.1", "10.0.0.2");
  const iovec part = part_of("across");
  EXPECT_EQ(run(other.ring, [&](Operation& operation) { other.ring.send(operation, fd, {&part, 1}); }), 6);
  Recorder receive(&ring_);
  ring_.recv_multishot(receive, accepted);
  ring_.enter({.wait_count = 1, .timeout_us = 10'000'000});
  EXPECT_TRUE(receive.completions.empty());
  network_.heal("10.0.0.2", "10.0.0.1");
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.bytes == "across"; }));
  other.ring.die(SimRing::Death::kill);
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.done(); }));
  EXPECT_EQ(receive.last(), 0);
}

TEST_P(SimRingTest, ConnectsFailAsTheyShould) {
  const SocketAddress address = numeric_address("10.0.0.2", port).value();
  const int fd = ring_.sockets().open_stream(AF_INET).value();
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.connect(operation, fd, address.get(), address.size); }),
            -ECONNREFUSED);
  network_.partition("10.0.0.1", "10.0.0.2");
  const int64_t start_us = world_.now_us();
  Recorder connect(&ring_);
  ring_.connect(connect, fd, address.get(), address.size);
  ring_.enter({.wait_count = 1, .timeout_us = 200'000'000});
  EXPECT_EQ(connect.last(), -ETIMEDOUT);
  EXPECT_GE(world_.now_us() - start_us, 127'000'000);
  EXPECT_EQ(ring_.sockets().listen_tcp("10.0.0.2", 1, 1).error().code, EADDRNOTAVAIL);
  listen();
  EXPECT_EQ(ring_.sockets().listen_tcp("*", port, 1).error().code, EADDRINUSE);
}

TEST_P(SimRingTest, TimePassesOnlyAsFarAsItIsWaitedFor) {
  Recorder timeout(&ring_);
  ring_.timeout(timeout, 5'000'000, TimeoutKind::relative);
  EXPECT_EQ(ring_.enter({}), 0U);
  EXPECT_EQ(world_.now_us(), 0);
  EXPECT_EQ(ring_.enter({.wait_count = 1, .timeout_us = 1'000'000}), 0U);
  EXPECT_EQ(world_.now_us(), 1'000'000);
  EXPECT_EQ(ring_.enter({.wait_count = 1}), 1U);
  EXPECT_EQ(world_.now_us(), 5'000'000);
  EXPECT_EQ(timeout.last(), -ETIME);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.timeout(operation, 1, TimeoutKind::absolute); }), -ETIME);
  ring_.wake();
  Recorder far(&ring_);
  ring_.timeout(far, 5'000'000, TimeoutKind::relative);
  EXPECT_EQ(ring_.enter({.wait_count = 1}), 0U);
  ring_.cancel_all();
  EXPECT_TRUE(turn_until(ring_, [&] { return far.done(); }));
  EXPECT_EQ(far.last(), -ECANCELED);
}

TEST_P(SimRingTest, FilesWorkAsOnTheRealRing) {
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.mkdir(operation, AT_FDCWD, "/data", 0755); }), 0);
  const int directory = open("/data", O_RDONLY | O_DIRECTORY);
  const int fd = run(ring_, [&](Operation& operation) {
    ring_.openat(operation, directory, "log", O_RDWR | O_CREAT | O_APPEND, 0644);
  });
  const std::array parts = {part_of("one "), part_of("two")};
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.write(operation, fd, parts, 0, 0); }), 7);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.write(operation, fd, parts, 0, RWF_DSYNC); }), 7);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.fsync(operation, fd, SyncKind::data); }), 0);
  std::string buffer(20, '\0');
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.read(operation, fd, buffer.data(), 20, 0, 0); }), 14);
  EXPECT_EQ(buffer.substr(0, 14), "one twoone two");
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.ftruncate(operation, fd, 3); }), 0);
  struct statx status {};
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.stat(operation, directory, "log", 0, STATX_SIZE, &status); }),
            0);
  EXPECT_EQ(status.stx_size, 3U);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.rename(operation, directory, "log", directory, "old"); }), 0);
  EXPECT_EQ(ring_.list_directory(directory).value(), std::vector<std::string>{"old"});
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.close(operation, fd); }), 0);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.fsync(operation, fd, SyncKind::full); }), -EBADF);
  EXPECT_EQ(open("/none", O_RDONLY), -ENOENT);
}

TEST_P(SimRingTest, OperationsOvertakeEachOther) {
  world_.options().operation_us_max = 1000;
  const int fd = open("/f", O_RDWR | O_CREAT);
  const std::array parts = {part_of("a"), part_of("b")};
  bool overtaken = false;
  for (int i = 0; i < 50; ++i) {
    std::array<Recorder, 2> writes{Recorder(&ring_), Recorder(&ring_)};
    ring_.write(writes[0], fd, std::span(parts).first(1), 0, 0);
    ring_.write(writes[1], fd, std::span(parts).last(1), 0, 0);
    EXPECT_TRUE(turn_until(ring_, [&] { return writes[0].done() && writes[1].done(); }));
    overtaken |= machine_.disk.content("/f").value() == "a";
  }
  EXPECT_TRUE(overtaken);
}

TEST_P(SimRingTest, AFailingDiskSaysSo) {
  const int fd = open("/f", O_RDWR | O_CREAT);
  world_.options().write_error_permille = 1000;
  const iovec part = part_of("data");
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.write(operation, fd, {&part, 1}, 0, 0); }), -EIO);
  world_.options().write_error_permille = 0;
  world_.options().sync_error_permille = 1000;
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.fsync(operation, fd, SyncKind::full); }), -EIO);
  world_.options().would_block_permille = 1000;
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.write(operation, fd, {&part, 1}, 0, RWF_NOWAIT); }), -EAGAIN);
}

TEST_P(SimRingTest, APowerCutLeavesOnlyWhatWasSynced) {
  const int fd = open("/f", O_RDWR | O_CREAT);
  const iovec part = part_of("durable");
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.write(operation, fd, {&part, 1}, 0, 0); }), 7);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.fsync(operation, fd, SyncKind::full); }), 0);
  const int root = open("/", O_RDONLY | O_DIRECTORY);
  EXPECT_EQ(run(ring_, [&](Operation& operation) { ring_.fsync(operation, root, SyncKind::full); }), 0);
  Recorder lost(&ring_);
  const iovec more = part_of(" not");
  ring_.write(lost, fd, {&more, 1}, 7, 0);
  ring_.enter({});
  ring_.die(SimRing::Death::power_cut);
  EXPECT_FALSE(lost.in_flight());
  EXPECT_EQ(ring_.in_flight(), 0U);
  ring_.close(lost, fd);  // a dead ring takes operations and does nothing
  EXPECT_FALSE(lost.in_flight());
  EXPECT_EQ(ring_.enter({}), 0U);
  machine_.disk.power_cut();
  EXPECT_TRUE(machine_.disk.content("/f").value().starts_with("durable"));
  // The machine comes back.
  SimRing again(world_, network_, machine_.disk, "10.0.0.1");
  const int reopened = run(again, [&](Operation& operation) { again.openat(operation, AT_FDCWD, "/f", O_RDONLY, 0); });
  EXPECT_GE(reopened, 0);
}

TEST_P(SimRingTest, TheSameSeedGivesTheSameRun) {
  const auto story = [](uint64_t seed) {
    base::ManualClock clock;
    SimWorld world(seed, &clock, SimOptions::rough());
    SimNetwork network(world);
    Machine machine(world, network, "10.0.0.1");
    const int listener = machine.ring.sockets().listen_tcp("*", port, 16).value();
    const auto peer = network.connect_peer("10.9.9.9", {"10.0.0.1", port, {}});
    peer->send(std::string(5000, 'p'));
    std::string diary;
    Recorder accept(&machine.ring);
    Recorder receive(&machine.ring);
    machine.ring.accept_multishot(accept, listener);
    for (int i = 0; i < 60; ++i) {
      machine.ring.enter({.wait_count = 1, .timeout_us = 5000});
      if (!accept.completions.empty() && !receive.in_flight()) {
        machine.ring.recv_multishot(receive, accept.completions[0].result);
      }
      diary += std::to_string(world.now_us()) + ":" + std::to_string(receive.bytes.size()) + " ";
    }
    machine.ring.die(SimRing::Death::kill);
    return diary;
  };
  EXPECT_EQ(story(GetParam()), story(GetParam()));
  EXPECT_NE(story(GetParam()), story(GetParam() + 1000));
}

using SimRingDeathTest = SimRingTest;

TEST_P(SimRingDeathTest, TouchingABufferTooEarlyStopsTheTest) {
  const int fd = open("/f", O_RDWR | O_CREAT);
  std::string data = "data";
  const iovec part = part_of(data);
  EXPECT_DEATH(
      {
        Recorder write(&ring_);
        ring_.write(write, fd, {&part, 1}, 0, 0);
        data[1] = 'X';
        turn_until(ring_, [&] { return write.done(); });
      },
      "assertion failed");
  EXPECT_DEATH(
      {
        Recorder read(&ring_);
        ring_.read(read, fd, data.data(), data.size(), 0, 0);
        data = "mine";
        turn_until(ring_, [&] { return read.done(); });
      },
      "assertion failed");
}

TEST_P(SimRingDeathTest, TwoSendsOnOneSocketStopTheTest) {
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  const iovec part = part_of("x");
  EXPECT_DEATH(
      {
        Recorder first(&ring_);
        Recorder second(&ring_);
        ring_.send(first, fd, {&part, 1});
        ring_.send(second, fd, {&part, 1});
      },
      "assertion failed");
}

TEST_P(SimRingDeathTest, ASliceGoesBackOnceAndUnchanged) {
  const int listener = listen();
  const auto peer = client();
  const int fd = accept_one(listener);
  peer->send("slice");
  Recorder receive(&ring_);
  receive.keep = true;
  ring_.recv(receive, fd);
  EXPECT_TRUE(turn_until(ring_, [&] { return receive.done(); }));
  EXPECT_EQ(ring_.buffers_available(), world_.options().receive_buffers - 1);
  EXPECT_DEATH(
      {
        const_cast<char*>(receive.kept[0].data)[0] = 'X';
        ring_.give_back(receive.kept[0]);
      },
      "assertion failed");
  ring_.give_back(receive.kept[0]);
  EXPECT_EQ(ring_.buffers_available(), world_.options().receive_buffers);
  EXPECT_DEATH(ring_.give_back(receive.kept[0]), "assertion failed");
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimRingTest, ::testing::Range<uint64_t>(0, 10));
INSTANTIATE_TEST_SUITE_P(Seeds, SimRingDeathTest, ::testing::Range<uint64_t>(0, 1));

}  // namespace
}  // namespace torc::io
