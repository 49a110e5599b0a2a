// SpscQueue: messages from one thread to one other, in a ring of fixed size without locks. Each side keeps a copy of
// the other's position and looks at the shared one only when the copy says that there is nothing to do, so that the
// cache line seldom travels. Pushes become visible by publish(), once for a batch.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "base/assert.h"

namespace torc::net {

template <class T>
class SpscQueue {
 public:
  // capacity is a power of two.
  explicit SpscQueue(size_t capacity) : slots_(std::make_unique<T[]>(capacity)), mask_(capacity - 1) {
    TORC_ASSERT(capacity > 0 && (capacity & mask_) == 0);
  }

  // --- producer

  // False, and the message untouched, when the queue is full.
  [[nodiscard]] bool push(T&& message) {
    if (pushed_ - consumed_seen_ > mask_) {
      consumed_seen_ = consumed_.load(std::memory_order_acquire);
      if (pushed_ - consumed_seen_ > mask_) return false;
    }
    slots_[pushed_++ & mask_] = std::move(message);
    return true;
  }
  // True when there was something new.
  bool publish() {
    if (published_.load(std::memory_order_relaxed) == pushed_) return false;
    published_.store(pushed_, std::memory_order_release);
    return true;
  }
  // Whether the consumer has taken all that was pushed.
  [[nodiscard]] bool drained() const { return consumed_.load(std::memory_order_acquire) == pushed_; }

  // --- consumer

  [[nodiscard]] bool pop(T& message) {
    if (popped_ == published_seen_ && !look()) return false;
    message = std::move(slots_[popped_++ & mask_]);
    consumed_.store(popped_, std::memory_order_release);
    return true;
  }
  // Looks at the shared position.
  [[nodiscard]] bool look() {
    published_seen_ = published_.load(std::memory_order_acquire);
    return popped_ != published_seen_;
  }

 private:
  static constexpr size_t line_bytes = 64;
  const std::unique_ptr<T[]> slots_;
  const size_t mask_;
  alignas(line_bytes) size_t pushed_ = 0;  // the producer's line
  size_t consumed_seen_ = 0;
  alignas(line_bytes) std::atomic<size_t> published_ = 0;
  alignas(line_bytes) size_t popped_ = 0;  // the consumer's line
  size_t published_seen_ = 0;
  alignas(line_bytes) std::atomic<size_t> consumed_ = 0;
};

}  // namespace torc::net
