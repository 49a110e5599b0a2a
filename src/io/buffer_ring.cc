// Buffers are handed to the kernel through memory that both sides see; the tail is published once per tick.
#include "io/buffer_ring.h"

#include <algorithm>
#include <bit>
#include <cerrno>

namespace torc::io::uring {

namespace {
// Between two buffers: small requests touch the first lines only, and starts at a power of two would all fall into
// the same few sets of the cache.
constexpr size_t stagger_bytes = 3 * 64;
constexpr uint32_t entries_max = 32768;  // the kernel's limit
}  // namespace

std::expected<BufferRing, int> BufferRing::create(int ring_fd, const Plan& plan) {
  TORC_ASSERT(plan.buffers > 0 && plan.buffers <= plan.buffers_max && plan.buffers_max <= entries_max);
  BufferRing ring(plan);
  const uint32_t entries = std::bit_ceil(plan.buffers_max);
  ring.entry_memory_ = MemoryMap::anonymous(entries * sizeof(BufferEntry));
  if (!ring.entry_memory_) return std::unexpected(-ENOMEM);
  ring.entries_ = reinterpret_cast<BufferEntry*>(ring.entry_memory_.data());
  ring.mask_ = static_cast<uint16_t>(entries - 1);
  BufferRingRegistration registration{};
  registration.ring_address = reinterpret_cast<uint64_t>(ring.entries_);
  registration.ring_entries = entries;
  registration.flags = plan.incremental ? buffer_ring_incremental : 0;
  if (const int error = register_with(ring_fd, register_pbuf_ring, &registration, 1); error < 0) {
    return std::unexpected(error);
  }
  if (!ring.add(plan.buffers)) return std::unexpected(-ENOMEM);
  return ring;
}

bool BufferRing::add(uint32_t count) {
  const size_t stride = buffer_bytes_ + stagger_bytes;
  MemoryMap memory = MemoryMap::anonymous(count * stride);
  if (!memory) return false;
  const uint32_t first = buffers();
  for (uint32_t i = 0; i < count; ++i) {
    buffers_.push_back({memory.data() + i * stride, 0, 0});
    provide(first + i);
  }
  memory_.push_back(std::move(memory));
  return true;
}

bool BufferRing::grow() {
  const uint32_t count = std::min(buffers(), buffers_max_ - buffers());
  return count > 0 && add(count);
}

uint64_t BufferRing::memory_bytes() const noexcept {
  uint64_t bytes = 0;
  for (const MemoryMap& memory : memory_) bytes += memory.size();
  return bytes;
}

BufferSlice BufferRing::take_nothing(uint32_t id) noexcept {
  // A buffer was picked, but nothing came. An incremental one stays where it is; a whole one is used up.
  if (!incremental_) {
    --available_;
    provide(id);
  }
  return {};
}

}  // namespace torc::io::uring
