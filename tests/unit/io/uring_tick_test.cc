// Waiting, waking, overflow: the tick of the real ring.
#include <sys/wait.h>

#include <csignal>
#include <thread>

#include "base/clock.h"
#include "io/process.h"
#include "ring_fixture.h"

namespace torc::io {
namespace {

class UringTickTest : public UringTest {};

class UringSmallQueueTest : public UringTest {
 protected:
  void adapt(UringOptions& options) override {
    options.submission_entries = 64;
    options.completion_entries = 128;
  }
};

TEST_P(UringTickTest, DoesNotWaitWhenToldNotTo) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  EXPECT_EQ(ring().enter({}), 0U);
  EXPECT_EQ(ring().enter({.wait_count = 1, .timeout_us = 0}), 0U);
  EXPECT_EQ(ring().stats().waits, 0U);
  end(receive);
}

TEST_P(UringTickTest, AWaitEndsWithItsTime) {
  const base::SystemClock clock;
  const int64_t start = clock.monotonic_us();
  EXPECT_EQ(ring().enter({.wait_count = 1, .timeout_us = 3000}), 0U);
  EXPECT_GE(clock.monotonic_us() - start, 3000);
  EXPECT_EQ(ring().enter({.wait_count = 10, .timeout_us = 3000, .min_wait_us = 200}), 0U);
  EXPECT_GE(clock.monotonic_us() - start, 6000);
}

TEST_P(UringTickTest, BatchWaitEndsWithOneCompletionAfterItsPatience) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  ring().enter({});
  ASSERT_EQ(::send(pair.ends[1], "x", 1, 0), 1);
  // Without the patience running out this would wait for ever.
  EXPECT_EQ(ring().enter({.wait_count = 5, .timeout_us = WaitPolicy::no_timeout, .min_wait_us = 500}), 1U);
  EXPECT_EQ(receive.bytes, "x");
  EXPECT_EQ(ring().stats().min_waits, 1U);
  if (receive.in_flight()) end(receive);
}

TEST_P(UringTickTest, BatchWaitSleepsUntilSomethingComes) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  std::thread peer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    static_cast<void>(!::send(pair.ends[1], "late", 4, 0));
  });
  while (receive.bytes.empty()) {
    ring().enter({.wait_count = 5, .timeout_us = WaitPolicy::no_timeout, .min_wait_us = 100});
  }
  peer.join();
  EXPECT_EQ(receive.bytes, "late");
  EXPECT_LE(ring().stats().enters, 8U);  // it slept instead of polling
  if (receive.in_flight()) end(receive);
}

TEST_P(UringTickTest, WakeEndsAWaitFromAnotherThread) {
  std::thread waker([&] { ring().wake(); });
  ring().enter({.wait_count = 1, .timeout_us = WaitPolicy::no_timeout});
  waker.join();
  EXPECT_TRUE(turn_until([&] { return ring().stats().wakes == 1; }));
  // A wake that comes before the wait counts for it.
  ring().wake();
  ring().wake();
  ring().enter({.wait_count = 1, .timeout_us = WaitPolicy::no_timeout});
  EXPECT_EQ(ring().stats().wakes, 2U);
  EXPECT_EQ(ring().enter({}), 0U);
}

TEST_P(UringTickTest, TimeoutsEndWithTimeAndCanBeCancelled) {
  const base::SystemClock clock;
  const int64_t start = clock.monotonic_us();
  EXPECT_EQ(run([&](Operation& operation) { ring().timeout(operation, 2000, TimeoutKind::relative); }), -ETIME);
  EXPECT_GE(clock.monotonic_us() - start, 2000);
  EXPECT_EQ(
      run([&](Operation& operation) { ring().timeout(operation, clock.monotonic_us() + 1000, TimeoutKind::absolute); }),
      -ETIME);
  EXPECT_EQ(run([&](Operation& operation) { ring().timeout(operation, -5, TimeoutKind::relative); }), -ETIME);
  Recorder far(&ring());
  ring().timeout(far, 3'600'000'000, TimeoutKind::relative);
  ring().enter({});
  end(far);
  EXPECT_EQ(far.last(), -ECANCELED);
}

TEST_P(UringTickTest, CancelAllEndsEverything) {
  SocketPair pair;
  std::array<Recorder, 3> operations{Recorder(&ring()), Recorder(&ring()), Recorder(&ring())};
  ring().recv_multishot(operations[0], pair.ends[0]);
  ring().poll(operations[1], pair.ends[1], 1);
  ring().timeout(operations[2], 3'600'000'000, TimeoutKind::relative);
  EXPECT_EQ(ring().in_flight(), 3U);
  ring().enter({});
  ring().cancel_all();
  EXPECT_TRUE(turn_until([&] { return ring().in_flight() == 0; }));
  for (const Recorder& operation : operations) EXPECT_EQ(operation.last(), -ECANCELED);
  ring().wake();  // the ring's own operation has survived
  EXPECT_TRUE(turn_until([&] { return ring().stats().wakes == 1; }));
}

TEST_P(UringTickTest, AnOperationMayDieInItsLastCompletion) {
  SocketPair pair;
  struct Suicidal final : Operation {
    explicit Suicidal(bool* flag) noexcept : gone(flag) {}
    void on_complete(const Completion&) noexcept override {
      *gone = true;
      delete this;
    }
    bool* gone;
  };
  bool gone = false;
  auto* operation = new Suicidal(&gone);
  ring().timeout(*operation, 0, TimeoutKind::relative);
  EXPECT_TRUE(turn_until([&] { return gone; }));
}

TEST_P(UringTickTest, AChildAbandonsTheRingAndTheParentGoesOn) {
  SocketPair pair;
  Recorder receive(&ring());
  ring().recv_multishot(receive, pair.ends[0]);
  ring().enter({});
  const pid_t child = ::fork();
  if (child == 0) {
    ring().abandon_in_child();
    ::_exit(7);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  ASSERT_EQ(::send(pair.ends[1], "still here", 10, 0), 10);
  EXPECT_TRUE(turn_until([&] { return receive.bytes == "still here"; }));
  if (receive.in_flight()) end(receive);
}

TEST_P(UringTickTest, DescribesItself) {
  EXPECT_TRUE(ring().describe().starts_with("io_uring: "));
  EXPECT_EQ(intersection(features(), parse_features(GetParam()).value()), features());
}

TEST_P(UringSmallQueueTest, AFullSubmissionQueueIsSubmittedEarly) {
  std::vector<std::unique_ptr<Recorder>> operations;
  for (int i = 0; i < 1000; ++i) {
    operations.push_back(std::make_unique<Recorder>(&ring()));
    ring().timeout(*operations.back(), 0, TimeoutKind::relative);
  }
  EXPECT_GT(ring().stats().submission_flushes, 0U);
  for (const auto& operation : operations) EXPECT_TRUE(operation->completions.empty());
  // More than the completion queue holds: nothing is lost.
  EXPECT_TRUE(turn_until([&] { return ring().in_flight() == 0; }));
  for (const auto& operation : operations) EXPECT_EQ(operation->completions.size(), 1U);
}

TEST_P(UringSmallQueueTest, CompletionOverflowLosesNothing) {
  SocketPair pair;
  std::vector<std::unique_ptr<Recorder>> operations;
  const std::string byte = "b";
  const iovec part = part_of(byte);
  // Sends complete at once, inside the submission.
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) {
    operations.push_back(std::make_unique<Recorder>(&ring()));
    ring().send(*operations.back(), pair.ends[0], {&part, 1});
  }
  EXPECT_TRUE(turn_until([&] { return ring().in_flight() == 0; }));
  EXPECT_GT(ring().stats().completion_overflows, 0U);
  for (const auto& operation : operations) EXPECT_EQ(operation->last(), 1);
  std::string received(1000, '\0');
  EXPECT_EQ(::recv(pair.ends[1], received.data(), received.size(), 0), count);
}

TEST_P(UringSmallQueueTest, QueueingInsideACompletionWorks) {
  int rounds = 0;
  Recorder chain(&ring());
  chain.then = [&](const Completion&) {
    if (++rounds < 300) ring().timeout(chain, 0, TimeoutKind::relative);
  };
  ring().timeout(chain, 0, TimeoutKind::relative);
  EXPECT_TRUE(turn_until([&] { return rounds == 300; }));
}

TORC_EVERY_KERNEL(UringTickTest);
TORC_EVERY_KERNEL(UringSmallQueueTest);

}  // namespace
}  // namespace torc::io
