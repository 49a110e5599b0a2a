// Receive buffers that the kernel picks from (a ring of provided buffers), and the account of who holds what.
//
// With incremental buffers a receive takes only its bytes out of the current buffer, so that many small requests share
// one page that stays in the cache; the kernel says when it is done with a buffer. Without, each receive takes a
// whole buffer. Either way a buffer goes back when the kernel is done with it and its last slice was given back.
//
// The ring of addresses has room for the most buffers that there may ever be; memory is added as shortage shows.
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "base/assert.h"
#include "io/memory_map.h"
#include "io/operation.h"
#include "io/uring_abi.h"

namespace torc::io::uring {

class BufferRing {
 public:
  struct Plan {
    uint32_t buffer_bytes;
    uint32_t buffers;      // at first
    uint32_t buffers_max;  // ≤ 32768
    bool incremental;
  };
  // Registers group 0 with the ring; -errno when the kernel refuses.
  static std::expected<BufferRing, int> create(int ring_fd, const Plan& plan);
  BufferRing(BufferRing&&) noexcept = default;

  // The slice that a completion reports. kernel_goes_on: the completion said that more will come out of this buffer.
  [[nodiscard]] BufferSlice take(uint32_t id, int32_t received, bool kernel_goes_on) noexcept {
    TORC_ASSERT(id < buffers_.size());
    if (received <= 0) [[unlikely]]
      return take_nothing(id);
    Buffer& buffer = buffers_[id];
    const BufferSlice slice{buffer.start + buffer.taken, static_cast<uint32_t>(received), id};
    buffer.taken += slice.size;
    TORC_ASSERT(buffer.taken <= buffer_bytes_);
    ++buffer.holders;
    if (!kernel_goes_on) {
      buffer.holders |= finished_bit;
      --available_;
    }
    return slice;
  }

  void give_back(uint32_t id) noexcept {
    TORC_ASSERT(id < buffers_.size());
    Buffer& buffer = buffers_[id];
    TORC_ASSERT((buffer.holders & ~finished_bit) > 0);
    if (--buffer.holders == finished_bit) provide(id);
  }

  // Buffers that the kernel can still fill (the one begun included).
  [[nodiscard]] uint32_t available() const noexcept { return available_; }
  [[nodiscard]] uint32_t buffers() const noexcept { return static_cast<uint32_t>(buffers_.size()); }
  [[nodiscard]] uint64_t memory_bytes() const noexcept;
  // Adds as many buffers as there are, within the limit; false when nothing could be added.
  bool grow();

 private:
  static constexpr uint32_t finished_bit = 1U << 31;  // in holders: the kernel is done with it

  struct Buffer {
    char* start;
    uint32_t taken;    // bytes handed out since it was provided
    uint32_t holders;  // slices not given back, and finished_bit
  };

  explicit BufferRing(const Plan& plan) noexcept
      : buffer_bytes_(plan.buffer_bytes), buffers_max_(plan.buffers_max), incremental_(plan.incremental) {}
  [[nodiscard]] bool add(uint32_t count);
  // Hands the buffer to the kernel (again).
  void provide(uint32_t id) noexcept {
    Buffer& buffer = buffers_[id];
    buffer.taken = 0;
    buffer.holders = 0;
    // Not `reserved`: in the first entry that is the tail.
    BufferEntry& entry = entries_[tail_ & mask_];
    entry.address = reinterpret_cast<uint64_t>(buffer.start);
    entry.length = buffer_bytes_;
    entry.id = static_cast<uint16_t>(id);
    __atomic_store_n(&entries_[0].reserved, ++tail_, __ATOMIC_RELEASE);
    ++available_;
  }
  [[nodiscard]] BufferSlice take_nothing(uint32_t id) noexcept;

  std::vector<Buffer> buffers_;
  BufferEntry* entries_ = nullptr;
  uint32_t available_ = 0;
  uint32_t buffer_bytes_;
  uint32_t buffers_max_;
  uint16_t mask_ = 0;
  uint16_t tail_ = 0;
  bool incremental_;
  MemoryMap entry_memory_;
  std::vector<MemoryMap> memory_;
};

}  // namespace torc::io::uring
