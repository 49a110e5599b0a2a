// Batch: a session::RequestBatch together with the memory that its views point into: slices of the ring's buffers, and
// buffers of the connection's own. Batches are pooled, so that the capacity of their lists serves whoever is active.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "io/operation.h"
#include "net/buffer.h"
#include "session/channel.h"

namespace torc::net {

struct Batch final : session::RequestBatch {
  static constexpr size_t not_listed = SIZE_MAX;

  std::vector<io::BufferSlice> slices;  // owed to the ring
  std::vector<Buffer> buffers;
  size_t lent_position = not_listed;  // in the network half's list of batches lent in this tick
  size_t held_position = not_listed;  // in the list of those that another thread holds

  // What it takes, with its lists and blobs.
  [[nodiscard]] size_t own_bytes() const noexcept;
  // Copies what lies in slices and moves the list's views there; the slices are appended to `spent`. For a batch that
  // is held beyond its tick. Views that were copied out of the list before die.
  void detach(std::vector<io::BufferSlice>& spent);
};

// A set of batches in which each knows its place, so that leaving costs nothing.
template <size_t Batch::*position>
class BatchList {
 public:
  void add(Batch* batch) {
    TORC_ASSERT(batch->*position == Batch::not_listed);
    batch->*position = batches_.size();
    batches_.push_back(batch);
  }
  void remove(Batch* batch) noexcept {
    const size_t place = std::exchange(batch->*position, Batch::not_listed);
    TORC_ASSERT(place < batches_.size() && batches_[place] == batch);
    Batch* last = batches_.back();
    batches_.pop_back();
    if (last == batch) return;
    batches_[place] = last;
    last->*position = place;
  }
  [[nodiscard]] static bool holds(const Batch* batch) noexcept { return batch->*position != Batch::not_listed; }
  void clear() noexcept {
    for (Batch* batch : batches_) batch->*position = Batch::not_listed;
    batches_.clear();
  }
  [[nodiscard]] const std::vector<Batch*>& all() const noexcept { return batches_; }

 private:
  std::vector<Batch*> batches_;
};

class BatchPool {
 public:
  [[nodiscard]] Batch* take();
  // The batch's slices must have been taken out of it.
  void give_back(Batch* batch) noexcept;
  // What the idle ones keep.
  [[nodiscard]] size_t idle_bytes() const noexcept { return idle_bytes_; }

  static constexpr size_t idle_max = 256;
  // An average one always finds a place.
  static constexpr size_t idle_bytes_average = 4096;
  static constexpr size_t idle_bytes_max = 2 * idle_max * idle_bytes_average;

 private:
  std::vector<std::unique_ptr<Batch>> idle_;
  size_t idle_bytes_ = 0;
};

}  // namespace torc::net
