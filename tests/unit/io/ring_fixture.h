// What the tests of the ring share: a ring per mask of features, an operation that writes down what happens to it, and
// a loop that turns until something is so.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/uring_ring_impl.h"

namespace torc::io {

// Writes completions down; bytes from the ring's buffers are copied and given back at once, unless keep is set.
class Recorder final : public Operation {
 public:
  explicit Recorder(Ring* ring = nullptr) noexcept : ring_(ring) {}
  void on_complete(const Completion& completion) noexcept override {
    completions.push_back(completion);
    if (completion.buffer.has_buffer()) take(completion.buffer);
    if (then) then(completion);
  }
  [[nodiscard]] bool done() const noexcept { return !completions.empty() && !in_flight(); }
  [[nodiscard]] int last() const noexcept { return completions.empty() ? INT32_MIN : completions.back().result; }

  std::vector<Completion> completions;
  std::string bytes;
  std::vector<BufferSlice> kept;
  bool keep = false;
  std::function<void(const Completion&)> then;

 private:
  void take(const BufferSlice& slice) {
    bytes.append(slice.data, slice.size);
    if (keep) {
      kept.push_back(slice);
    } else {
      ring_->give_back(slice);
    }
  }
  Ring* ring_;
};

// Turns the ring until it is so; false after a generous time.
inline bool turn_until(Ring& ring, const std::function<bool()>& is_so) {
  for (int turns = 0; turns < 20000; ++turns) {
    if (is_so()) return true;
    ring.enter({.wait_count = 1, .timeout_us = 1000, .min_wait_us = 0});
  }
  return is_so();
}

inline iovec part_of(std::string_view bytes) noexcept { return {const_cast<char*>(bytes.data()), bytes.size()}; }

// Both ends of a connection, closed at the end.
struct SocketEnds {
  SocketEnds() = default;
  SocketEnds(const SocketEnds&) = delete;
  SocketEnds& operator=(const SocketEnds&) = delete;
  ~SocketEnds() {
    close_end(0);
    close_end(1);
  }
  void close_end(size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

// A connected pair of local stream sockets.
struct SocketPair : SocketEnds {
  SocketPair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0); }
};

inline std::unique_ptr<Ring> make_ring(const UringOptions& options) {
  auto ring = make_uring_ring(options);
  if (!ring) {
    ADD_FAILURE() << ring.error();
    return nullptr;
  }
  return std::move(*ring);
}

// Every test runs as on each of these kernels.
class UringTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    UringOptions options;
    options.allowed = parse_features(GetParam()).value();
    adapt(options);
    ring_ = make_ring(options);
    ASSERT_NE(ring_, nullptr);
  }
  void TearDown() override { EXPECT_TRUE(ring_ == nullptr || ring_->in_flight() == 0); }
  virtual void adapt(UringOptions&) {}
  [[nodiscard]] Ring& ring() noexcept { return *ring_; }
  [[nodiscard]] const Features& features() { return dynamic_cast<UringRing&>(*ring_).features(); }
  [[nodiscard]] bool turn_until(const std::function<bool()>& is_so) { return io::turn_until(*ring_, is_so); }
  // Runs one operation to its end and returns the result.
  template <class Queue>
  int run(Queue queue) {
    Recorder operation(ring_.get());
    queue(operation);
    EXPECT_TRUE(turn_until([&] { return operation.done(); }));
    return operation.last();
  }
  void end(Operation& operation) {
    ring().cancel(operation);
    EXPECT_TRUE(turn_until([&] { return !operation.in_flight(); }));
  }

 private:
  std::unique_ptr<Ring> ring_;
};

#define TORC_EVERY_KERNEL(suite)                                                                   \
  INSTANTIATE_TEST_SUITE_P(Kernels, suite, ::testing::Values("all", "6.12", "6.6", "6.1", "none"), \
                           [](const auto& tested) {                                                \
                             std::string name = tested.param;                                      \
                             for (char& letter : name) letter = letter == '.' ? '_' : letter;      \
                             return name;                                                          \
                           })

}  // namespace torc::io
