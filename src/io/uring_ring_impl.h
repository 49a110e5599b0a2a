// The Ring made of the queues, the receive buffers and what was found out about the kernel. Set-up is in
// uring_setup.cc, one function per operation in uring_operations.cc, the tick in uring_ring.cc.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/buffer_ring.h"
#include "io/low_water.h"
#include "io/ring.h"
#include "io/sockets.h"
#include "io/uring_abi.h"
#include "io/uring_features.h"
#include "io/uring_queue.h"
#include "io/uring_ring.h"

namespace torc::io {

namespace uring {
// Why there is no ring, and what to change. error is -errno; disabled is the content of the sysctl
// kernel.io_uring_disabled.
[[nodiscard]] std::string explain_refusal(int error, std::string_view disabled);
}  // namespace uring

class UringRing final : public Ring {
 public:
  UringRing(uring::Queue queue, uring::BufferRing buffers, const Features& features, int wake_fd);
  ~UringRing() override;

  void accept_multishot(Operation& operation, int fd) override;
  void recv_multishot(Operation& operation, int fd) override;
  void recv(Operation& operation, int fd) override;
  void recv_into(Operation& operation, int fd, void* data, size_t size, bool wait_all) override;
  void send(Operation& operation, int fd, std::span<const iovec> parts) override;
  void send_zero_copy(Operation& operation, int fd, std::span<const iovec> parts) override;
  void connect(Operation& operation, int fd, const sockaddr* address, socklen_t size) override;
  void shutdown(Operation& operation, int fd, int how) override;
  void poll(Operation& operation, int fd, uint32_t events) override;

  void read(Operation& operation, int fd, void* data, size_t size, uint64_t offset, int flags) override;
  void write(Operation& operation, int fd, std::span<const iovec> parts, uint64_t offset, int flags) override;
  void fsync(Operation& operation, int fd, SyncKind kind) override;
  void ftruncate(Operation& operation, int fd, uint64_t size) override;
  void fallocate(Operation& operation, int fd, int mode, uint64_t offset, uint64_t size) override;
  void openat(Operation& operation, int directory, const char* path, int flags, mode_t mode) override;
  void close(Operation& operation, int fd) override;
  void rename(Operation& operation, int from_directory, const char* from, int to_directory, const char* to) override;
  void unlink(Operation& operation, int directory, const char* path, UnlinkKind kind) override;
  void mkdir(Operation& operation, int directory, const char* path, mode_t mode) override;
  void stat(Operation& operation, int directory, const char* path, int flags, unsigned mask,
            struct statx* out) override;

  void timeout(Operation& operation, int64_t time_us, TimeoutKind kind) override;
  void cancel(Operation& operation) override;
  void cancel_all() override;

  void give_back(const BufferSlice& slice) noexcept override { buffers_.give_back(slice.buffer_id); }
  [[nodiscard]] uint32_t buffers_available() const noexcept override { return buffers_.available(); }

  uint32_t enter(const WaitPolicy& policy) override;
  void wake() noexcept override;
  void abandon_in_child() noexcept override;

  [[nodiscard]] Sockets& sockets() noexcept override { return sockets_; }
  [[nodiscard]] std::expected<std::vector<std::string>, int> list_directory(int directory) override;
  [[nodiscard]] const RingStats& stats() const noexcept override { return stats_; }
  [[nodiscard]] std::string describe() const override;

  [[nodiscard]] const Features& features() const noexcept { return features_; }
  // For tests: flags that the set-up ended with.
  [[nodiscard]] const uring::Queue& queue() const noexcept { return queue_; }

 private:
  // What the kernel reads while it takes a submission; one per slot of the submission queue.
  union Argument {
    msghdr message;
    uring::Timespec time;
  };
  // user_data of submissions without an Operation.
  static constexpr uint64_t tag_ignored = 0;
  static constexpr uint64_t tag_wake = 1;

  uring::Sqe& next_sqe() {
    uring::Sqe* sqe = queue_.next_sqe();
    return sqe != nullptr ? *sqe : flush_and_next();
  }
  // A cleared entry for the operation, which is in flight from now on.
  uring::Sqe& prepare(Operation& operation, uring::Opcode opcode, int fd) {
    mark_queued(operation);
    return prepare_tagged(reinterpret_cast<uint64_t>(&operation), opcode, fd);
  }
  uring::Sqe& prepare_tagged(uint64_t user_data, uring::Opcode opcode, int fd) {
    uring::Sqe& sqe = next_sqe();
    sqe = uring::Sqe{};
    sqe.opcode = opcode;
    sqe.fd = fd;
    sqe.user_data = user_data;
    return sqe;
  }
  Argument& argument_of(const uring::Sqe& sqe) noexcept { return arguments_[queue_.slot_of(&sqe)]; }
  void set_message(uring::Sqe& sqe, std::span<const iovec> parts) noexcept;
  void complete_later(Operation& operation, int result);
  uring::Sqe& flush_and_next();

  void wait_in_kernel(uint32_t wait_count, const WaitPolicy& policy);
  [[nodiscard]] int wait_for_batch(uint32_t wait_count, const WaitPolicy& policy);
  [[nodiscard]] int enter_kernel(uint32_t wait_count, int64_t timeout_us, uint32_t min_wait_us);
  uint32_t reap();
  bool dispatch(const uring::Cqe& cqe);
  void arm_wake();
  void on_wake(int32_t result);
  uint32_t deliver_system_calls();
  void add_buffers_if_short();
  void cancel_synchronously() noexcept;

  uring::Queue queue_;
  uring::BufferRing buffers_;
  std::vector<Argument> arguments_;
  RingStats stats_;
  Features features_;
  uint32_t enter_flags_;
  bool inside_ = false;
  bool short_of_buffers_ = false;
  int wake_fd_;
  uint64_t wake_count_ = 0;  // where the kernel reads the eventfd into
  std::atomic<bool> wake_pending_{false};
  std::vector<std::pair<Operation*, int>> system_calls_;     // done, to be delivered
  std::vector<std::pair<Operation*, int>> being_delivered_;  // kept for its memory
  LowWaterMarks marks_;
  SystemSockets sockets_;
};

}  // namespace torc::io
