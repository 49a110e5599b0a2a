// Integers are read and written through memcpy: a block in an entry is aligned to nothing.
#include "ds/intset.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"

namespace torc::ds {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they stand");

uint32_t load_header(const char* at) noexcept {
  uint32_t number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

void store_header(char* at, size_t number) noexcept {
  const auto stored = static_cast<uint32_t>(number);
  std::memcpy(at, &stored, sizeof stored);
}

template <class Number>
int64_t load(const char* at) noexcept {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

int64_t load_integer(const char* integers, size_t width, size_t index) noexcept {
  const char* const at = integers + index * width;
  return width == 2 ? load<int16_t>(at) : width == 4 ? load<int32_t>(at) : load<int64_t>(at);
}

void store_integer(char* integers, size_t width, size_t index, int64_t value) noexcept {
  std::memcpy(integers + index * width, &value, width);
}

size_t width_of(int64_t value) noexcept {
  if (value >= INT16_MIN && value <= INT16_MAX) return 2;
  return value >= INT32_MIN && value <= INT32_MAX ? 4 : 8;
}

}  // namespace

void Intset::make_empty(char* block) noexcept {
  store_header(block, 2);
  store_header(block + 4, 0);
}

size_t Intset::size() const noexcept { return load_header(block_ + 4); }
size_t Intset::width() const noexcept { return load_header(block_); }

int64_t Intset::at(size_t index) const noexcept {
  TORC_ASSERT(index < size());
  return load_integer(block_ + header_bytes, width(), index);
}

// The first index whose integer is not below the value.
size_t Intset::lower_bound(int64_t value) const noexcept {
  const char* const integers = block_ + header_bytes;
  const size_t bytes = width();
  size_t begin = 0, end = size();
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (load_integer(integers, bytes, middle) < value) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

std::optional<size_t> Intset::find(int64_t value) const noexcept {
  if (width_of(value) > width()) return std::nullopt;
  const size_t index = lower_bound(value);
  if (index == size() || at(index) != value) return std::nullopt;
  return index;
}

size_t Intset::bytes_with(int64_t value) const noexcept {
  return header_bytes + (size() + 1) * std::max(width(), width_of(value));
}

bool Intset::insert(char* block, int64_t value) noexcept {
  const Intset old(block);
  if (old.contains(value)) return false;
  const size_t size = old.size(), before = old.width(), after = std::max(before, width_of(value));
  TORC_ASSERT(size < size_max);
  const size_t index = old.lower_bound(value);
  char* const integers = block + header_bytes;
  if (before == after) {
    std::memmove(integers + (index + 1) * after, integers + index * after, (size - index) * after);
  } else {
    // From behind, so that nothing is written over before it was read.
    for (size_t i = size; i > 0; --i) {
      store_integer(integers, after, i - 1 + (i - 1 >= index ? 1 : 0), load_integer(integers, before, i - 1));
    }
  }
  store_integer(integers, after, index, value);
  store_header(block, after);
  store_header(block + 4, size + 1);
  return true;
}

bool Intset::erase(char* block, int64_t value) noexcept {
  const Intset old(block);
  const std::optional<size_t> index = old.find(value);
  if (!index) return false;
  const size_t width = old.width(), size = old.size();
  char* const gap = block + header_bytes + *index * width;
  std::memmove(gap, gap + width, (size - *index - 1) * width);
  store_header(block + 4, size - 1);
  return true;
}

bool Intset::valid(std::string_view block) noexcept {
  if (block.size() < header_bytes) return false;
  const size_t width = load_header(block.data()), size = load_header(block.data() + 4);
  if (width != 2 && width != 4 && width != 8) return false;
  if (size == 0 || size > size_max || block.size() != header_bytes + size * width) return false;
  const char* const integers = block.data() + header_bytes;
  for (size_t i = 1; i < size; ++i) {
    if (load_integer(integers, width, i - 1) >= load_integer(integers, width, i)) return false;
  }
  return true;
}

}  // namespace torc::ds
