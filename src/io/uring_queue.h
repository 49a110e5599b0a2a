// The two queues that io_uring shares with us, and the descriptor that they belong to. Knows how to set them up with
// the best flags that the kernel takes; knows nothing of operations.
//
// Indices run freely and are masked on use. Ours are kept in plain members (the submission tail, the completion head);
// the kernel's are read with acquire, ours written with release.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>

#include "io/memory_map.h"
#include "io/uring_abi.h"
#include "io/uring_features.h"

namespace torc::io::uring {

// What to ask for; `allowed` limits the set-up flags.
struct QueueOptions {
  uint32_t submission_entries;
  uint32_t completion_entries;
  Features allowed;
};

class Queue {
 public:
  // -errno when the kernel refuses every combination of flags.
  static std::expected<Queue, int> create(const QueueOptions& options);
  Queue(Queue&& other) noexcept;
  Queue& operator=(Queue&&) = delete;
  ~Queue() { close(); }
  // Closes the descriptor; the memory goes with the object.
  void close() noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] uint32_t setup_flags() const noexcept { return setup_flags_; }
  [[nodiscard]] uint32_t kernel_features() const noexcept { return kernel_features_; }
  [[nodiscard]] uint32_t submission_entries() const noexcept { return sq_mask_ + 1; }

  // The next free entry, or null when the queue is full. Its contents are old; fill all of it.
  [[nodiscard]] Sqe* next_sqe() noexcept {
    if (sq_tail_ - load(sq_kernel_head_) > sq_mask_) [[unlikely]]
      return nullptr;
    return &sqes_[sq_tail_++ & sq_mask_];
  }
  [[nodiscard]] uint32_t slot_of(const Sqe* sqe) const noexcept { return static_cast<uint32_t>(sqe - sqes_); }
  // Entries that the kernel has not taken yet.
  [[nodiscard]] uint32_t queued() const noexcept { return sq_tail_ - load(sq_kernel_head_); }
  // Lets the kernel see them; before each enter.
  void publish() noexcept { store(sq_kernel_tail_, sq_tail_); }
  [[nodiscard]] bool overflowed() const noexcept { return (load(sq_kernel_flags_) & sq_cq_overflow) != 0; }

  // Completions that are there.
  [[nodiscard]] uint32_t ready() const noexcept { return load(cq_kernel_tail_) - cq_head_; }
  // The n-th of them, from 0; also beyond ready(), where it means nothing but may be prefetched.
  [[nodiscard]] const Cqe& peek(uint32_t n) const noexcept { return cqes_[(cq_head_ + n) & cq_mask_]; }
  void pop() noexcept { store(cq_kernel_head_, ++cq_head_); }

 private:
  Queue() noexcept = default;
  [[nodiscard]] int set_up(uint32_t submission_entries, uint32_t completion_entries, uint32_t flags, Params* params);
  [[nodiscard]] bool map(const Params& params);
  [[nodiscard]] static uint32_t load(const uint32_t* shared) noexcept {
    return __atomic_load_n(shared, __ATOMIC_ACQUIRE);
  }
  static void store(uint32_t* shared, uint32_t value) noexcept { __atomic_store_n(shared, value, __ATOMIC_RELEASE); }

  Sqe* sqes_ = nullptr;
  uint32_t sq_tail_ = 0;
  uint32_t sq_mask_ = 0;
  const uint32_t* sq_kernel_head_ = nullptr;
  uint32_t* sq_kernel_tail_ = nullptr;
  const uint32_t* sq_kernel_flags_ = nullptr;
  const Cqe* cqes_ = nullptr;
  uint32_t cq_head_ = 0;
  uint32_t cq_mask_ = 0;
  uint32_t* cq_kernel_head_ = nullptr;
  const uint32_t* cq_kernel_tail_ = nullptr;
  int fd_ = -1;
  uint32_t setup_flags_ = 0;
  uint32_t kernel_features_ = 0;
  MemoryMap rings_;
  MemoryMap completion_ring_;  // only where the kernel maps both queues apart
  MemoryMap entries_;
};

}  // namespace torc::io::uring
