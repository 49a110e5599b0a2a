// Buffer: contiguous input bytes of the connection's own, with a consumed front and room behind. It exists only while
// it holds something, so that an idle connection owns none.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace torc::net {

class Buffer {
 public:
  Buffer() noexcept = default;
  explicit Buffer(size_t capacity_bytes);
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() { reset(); }

  [[nodiscard]] std::string_view view() const noexcept { return {data_ + begin_, end_ - begin_}; }
  [[nodiscard]] size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  // Bytes that can be appended without moving those that are there.
  [[nodiscard]] size_t room() const noexcept { return capacity_ - end_; }
  [[nodiscard]] size_t capacity() const noexcept { return capacity_; }

  // Grows by doubling, which moves the bytes: only while nobody has views into them.
  void append(std::string_view bytes);
  // Appends what fits without moving anything; returns how much that was.
  size_t append_within_room(std::string_view bytes) noexcept;
  void drop_front(size_t bytes) noexcept;
  void drop_back(size_t bytes) noexcept;
  void reset() noexcept;  // gives the memory back

 private:
  char* data_ = nullptr;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t capacity_ = 0;
};

}  // namespace torc::net
