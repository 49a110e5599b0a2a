// The Ring of the simulated world: operations take effect at times that the seed draws, and so in another order than
// they were queued in; what the world's options allow goes wrong.
//
// It is stricter than the kernel. Memory that an operation may read is checked against a checksum when it completes,
// and memory that it may write is filled with junk first, so a buffer that is touched too early stops the test. Two
// sends on one socket, a slice given back twice and a slice written to stop it as well.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/ring.h"
#include "io/sim_disk.h"
#include "io/sim_network.h"
#include "io/sim_sockets.h"
#include "io/sim_world.h"

namespace torc::io {

class SimRing final : public Ring {
  struct Pending;

 public:
  // What a descriptor stands for; one of the three is set.
  struct Descriptor {
    std::shared_ptr<SimSocket> socket;
    std::shared_ptr<SimListener> listener;
    SimDisk::NodeRef node;
    SimEndpoint source;  // of a socket that is not connected yet
    int flags = 0;       // of open
    uint64_t position = 0;
    bool closed = false;  // its number is gone; it lives until its operations end
    std::vector<std::shared_ptr<Pending>> operations;
  };
  using DescriptorRef = std::shared_ptr<Descriptor>;

  // host is the address of this machine on the network.
  SimRing(SimWorld& world, SimNetwork& network, SimDisk& disk, std::string host);
  ~SimRing() override;

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

  void give_back(const BufferSlice& slice) noexcept override;
  [[nodiscard]] uint32_t buffers_available() const noexcept override;

  uint32_t enter(const WaitPolicy& policy) override;
  void wake() noexcept override { woken_ = true; }
  void abandon_in_child() noexcept override { TORC_ASSERT(!"there is no fork in a simulation"); }

  [[nodiscard]] Sockets& sockets() noexcept override { return sockets_; }
  [[nodiscard]] std::expected<std::vector<std::string>, int> list_directory(int directory) override;
  [[nodiscard]] const RingStats& stats() const noexcept override { return stats_; }
  [[nodiscard]] std::string describe() const override { return "simulation: " + host_; }

  // The process dies: operations end without a completion, their objects may be destroyed, and from now on the ring
  // takes operations without doing anything. After a kill the peers see closed connections; after a power cut nothing,
  // until they send. Cut the disk's power separately.
  enum class Death : uint8_t { kill, power_cut };
  void die(Death how);
  // Completions that enter() would deliver now.
  [[nodiscard]] size_t ready() const noexcept { return ready_.size(); }

 private:
  friend class SimSockets;

  // Memory that must not change.
  struct Guard {
    const void* data;
    size_t size;
    uint64_t checksum;
  };
  enum class Step : uint8_t { blocked, shot, done };  // shot: a completion that is not the last
  struct Outcome {
    Step step = Step::blocked;
    int result = 0;
    std::string data;  // for the destination, or for a slice
    bool slice = false;
    bool notification = false;
  };
  using PendingRef = std::shared_ptr<Pending>;
  using Attempt = std::function<Outcome(Pending&)>;
  struct Pending {
    uint64_t id = 0;
    Operation* operation = nullptr;
    DescriptorRef target;
    Attempt attempt;
    std::function<void(const PendingRef&)> begin;  // runs when the operation is submitted, if set
    std::vector<Guard> guards;
    void* destination = nullptr;  // filled at delivery
    int64_t delay_us_max = 0;
    bool is_file = false;  // cannot be relied on to be cancelled
    bool is_send = false;
    bool started = false;  // its first attempt has been made
    bool finished = false;
    bool reported = false;              // a zero-copy send whose notification is owed
    size_t progress = 0;                // of a send
    std::string collected;              // of a receive that waits for all
    SimDisk::Moment moment = 0;         // of a sync
    int64_t due_us = 0;                 // of a timeout
    std::shared_ptr<SimSocket> socket;  // of a zero-copy send whose notification is owed
    std::optional<int> answer;          // of a connect
  };
  struct Ready {
    PendingRef pending;
    Outcome outcome;
  };
  struct Slice {
    std::unique_ptr<char[]> memory;
    Guard guard;
  };

  // Queues the operation. From its time on the attempt runs, again whenever the descriptor changes, until it is done.
  // A null target needs no descriptor.
  Pending& add(Operation& operation, DescriptorRef target, Attempt attempt);
  // The same for an operation on a descriptor, which fails with -EBADF when there is none, or with -ENOTSOCK, -EINVAL.
  Pending& add_socket(Operation& operation, int fd, Attempt attempt);
  Pending& add_file(Operation& operation, int fd, Attempt attempt);
  // And for one on a path: the attempt runs only if the directory is one.
  Pending& add_path(Operation& operation, int directory, const char* path,
                    std::function<int(const SimDisk::NodeRef&)> attempt);
  static void guard(Pending& pending, const void* data, size_t size);
  static void guard_parts(Pending& pending, std::span<const iovec> parts);
  static void guard_path(Pending& pending, const char* path);
  void guard_destination(Pending& pending, void* data, size_t size);
  void receive(Operation& operation, int fd, bool multishot);
  [[nodiscard]] Outcome receive_some(SimSocket& socket, bool multishot);
  [[nodiscard]] static Outcome collect(Pending& pending, SimSocket& socket, size_t size, bool wait_all);
  void send_parts(Operation& operation, int fd, std::span<const iovec> parts, bool zero_copy);
  [[nodiscard]] Outcome continue_send(Pending& pending, const std::vector<iovec>& parts);
  [[nodiscard]] Outcome report_zero_copy(Pending& pending, Outcome outcome);
  [[nodiscard]] Outcome read_file(Descriptor& file, size_t size, uint64_t offset, int flags);
  [[nodiscard]] Outcome write_file(Descriptor& file, const std::vector<iovec>& parts, uint64_t offset, int flags);
  [[nodiscard]] SimDisk::NodeRef directory_of(int fd) const;
  [[nodiscard]] static Outcome done(int result) { return {Step::done, result, {}, false, false}; }

  void submit();
  void try_now(const PendingRef& pending);
  void post(const PendingRef& pending, Outcome outcome);
  void stop(const PendingRef& pending);
  void cancel_now(const PendingRef& pending);
  void wait(const WaitPolicy& policy);
  uint32_t deliver_ready();
  void deliver_one(Ready& ready);
  [[nodiscard]] BufferSlice make_slice(const std::string& data);
  void watch(const DescriptorRef& descriptor);
  // An event that is void once this ring is dead or gone.
  void after(int64_t delay_us, std::function<void()> event);

  int number_of(DescriptorRef descriptor);
  [[nodiscard]] DescriptorRef descriptor(int fd) const;
  void drop(int fd);
  void end_descriptor(Descriptor& descriptor);
  // An address as this machine sees it: its loopback is itself.
  [[nodiscard]] SimEndpoint endpoint_of(const sockaddr* address, socklen_t size) const;
  [[nodiscard]] std::string own_address(const std::string& host) const;

  SimWorld& world_;
  SimNetwork& network_;
  SimDisk& disk_;
  std::string host_;
  SimSockets sockets_;
  std::map<int, DescriptorRef> descriptors_;
  std::vector<PendingRef> queued_;               // not yet submitted
  std::map<Operation*, PendingRef> operations_;  // until the last delivery
  std::vector<Ready> ready_;
  std::map<uint32_t, Slice> slices_;
  uint32_t slices_made_ = 0;
  uint32_t buffers_used_ = 0;
  PendingRef discarded_;
  std::shared_ptr<bool> alive_;
  bool woken_ = false;
  bool inside_ = false;
  RingStats stats_;
};

}  // namespace torc::io
