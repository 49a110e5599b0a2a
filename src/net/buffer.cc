// The allocator's real block size is the capacity, so that growing by appending uses what its size classes round up to.
#include "net/buffer.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/memory.h"

namespace torc::net {

namespace {

constexpr size_t capacity_bytes_min = 256;

}  // namespace

Buffer::Buffer(size_t capacity_bytes)
    : data_(static_cast<char*>(base::allocate(capacity_bytes))), capacity_(base::usable_size(data_)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (room() < bytes.size()) {
    size_t wanted = std::max({end_ + bytes.size(), capacity_ * 2, capacity_bytes_min});
    data_ = static_cast<char*>(base::reallocate(data_, wanted));
    capacity_ = base::usable_size(data_);
  }
  std::memcpy(data_ + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

size_t Buffer::append_within_room(std::string_view bytes) noexcept {
  size_t taken = std::min(bytes.size(), room());
  if (taken == 0) return 0;
  std::memcpy(data_ + end_, bytes.data(), taken);
  end_ += taken;
  return taken;
}

void Buffer::drop_front(size_t bytes) noexcept {
  TORC_ASSERT(bytes <= size());
  begin_ += bytes;
}

void Buffer::drop_back(size_t bytes) noexcept {
  TORC_ASSERT(bytes <= size());
  end_ -= bytes;
}

void Buffer::reset() noexcept {
  base::release(data_);
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

}  // namespace torc::net
