// Mailbox: one direction between two threads, with bells. Posting never blocks, because two threads that wait for room
// with each other would never wake: what does not fit into the queue waits on the poster's side, and the reader rings
// when there is room. A bell is rung only when the other side said that it goes to sleep.
//
// A flag and a position are two memory places, so the side that sets the flag must look at the position again, and both
// touch the flag by exchange: whichever comes second in the flag's order sees what the other did before.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "net/spsc_queue.h"

namespace torc::net {

template <class Message>
class Mailbox {
 public:
  // The bells are rung from the other thread: they wake the reader, or the poster.
  Mailbox(size_t capacity, std::function<void()> wake_reader, std::function<void()> wake_poster)
      : queue_(capacity), wake_reader_(std::move(wake_reader)), wake_poster_(std::move(wake_poster)) {}

  // --- poster

  void post(Message&& message) {
    if (!overflow_.empty() || !queue_.push(std::move(message))) overflow_.push_back(std::move(message));
  }
  // Makes what was posted visible, and wakes the reader if need be.
  void publish() {
    move_overflow();
    if (!overflow_.empty()) {
      // Announced before the last look, so that room which appears now is not missed.
      poster_waits_.exchange(true, std::memory_order_acq_rel);
      move_overflow();
    }
    if (queue_.publish() && reader_sleeps_.exchange(false, std::memory_order_acq_rel)) wake_reader_();
  }
  // Whether the reader has taken all that was posted (it may still be at work with the last message).
  [[nodiscard]] bool drained() const { return overflow_.empty() && queue_.drained(); }

  // --- reader

  // Calls take(message) for what is there; returns how many.
  template <class Take>
  size_t read(Take&& take) {
    size_t count = 0;
    Message message;
    while (queue_.pop(message)) {
      take(std::move(message));
      ++count;
    }
    if (count > 0 && poster_waits_.exchange(false, std::memory_order_acq_rel)) wake_poster_();
    return count;
  }
  // Before sleeping: false when there is something to read. After true a post rings the bell, until awake().
  [[nodiscard]] bool may_sleep() {
    reader_sleeps_.exchange(true, std::memory_order_acq_rel);
    if (!queue_.look()) return true;
    awake();
    return false;
  }
  void awake() { reader_sleeps_.store(false, std::memory_order_relaxed); }

 private:
  void move_overflow() {
    while (!overflow_.empty() && queue_.push(std::move(overflow_.front()))) overflow_.pop_front();
  }

  SpscQueue<Message> queue_;
  std::deque<Message> overflow_;
  const std::function<void()> wake_reader_;
  const std::function<void()> wake_poster_;
  std::atomic<bool> reader_sleeps_ = false;
  std::atomic<bool> poster_waits_ = false;
};

}  // namespace torc::net
