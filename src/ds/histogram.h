// A histogram of durations: 32 linear steps in each power of two, so that any value is known to 3% over the whole range
// of uint64_t, and recording is a shift and an addition. The counters are allocated up to the largest value seen: a
// command that takes microseconds (in nanoseconds) needs some 3 KiB, an unused histogram nothing.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace torc::ds {

class Histogram {
 public:
  void record(uint64_t value) { record(value, 1); }
  void record(uint64_t value, uint64_t times) {
    const size_t index = index_of(value);
    if (index >= counts_.size()) [[unlikely]]
      grow(index);
    counts_[index] += times;
    count_ += times;
    sum_ += value * times;
    if (value > max_) max_ = value;
  }
  void merge(const Histogram& other);
  void reset() noexcept;

  [[nodiscard]] uint64_t count() const noexcept { return count_; }
  [[nodiscard]] uint64_t max() const noexcept { return max_; }
  [[nodiscard]] uint64_t sum() const noexcept { return sum_; }
  [[nodiscard]] double mean() const noexcept;
  // The smallest value v of the histogram's resolution such that at least percent of the records are ≤ v: the upper end
  // of its step, never above max(). 0 when nothing was recorded. 0 ≤ percent ≤ 100.
  [[nodiscard]] uint64_t percentile(double percent) const noexcept;
  // Records in steps that end at or below value: exact when value + 1 is a power of two.
  [[nodiscard]] uint64_t count_up_to(uint64_t value) const noexcept;
  // Calls visit(lowest, highest, count) for each step that is not empty, ascending.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (size_t index = 0; index < counts_.size(); ++index) {
      if (counts_[index] != 0) visit(lowest_of(index), highest_of(index), counts_[index]);
    }
  }
  [[nodiscard]] size_t memory_bytes() const noexcept { return counts_.capacity() * sizeof(uint64_t); }

 private:
  static constexpr uint32_t step_bits = 5;
  static constexpr uint64_t steps = 1u << step_bits;

  // Values below 64 have a step of their own; from there on 32 steps per power of two.
  [[nodiscard]] static size_t index_of(uint64_t value) noexcept {
    if (value < 2 * steps) return static_cast<size_t>(value);
    const uint32_t shift = static_cast<uint32_t>(std::bit_width(value)) - step_bits - 1;
    return static_cast<size_t>(shift * steps + (value >> shift));
  }
  [[nodiscard]] static uint64_t lowest_of(size_t index) noexcept {
    if (index < 2 * steps) return index;
    const uint64_t shift = index / steps - 1;
    return (index % steps + steps) << shift;
  }
  [[nodiscard]] static uint64_t highest_of(size_t index) noexcept {
    const uint64_t width = index < 2 * steps ? 1 : uint64_t{1} << (index / steps - 1);
    return lowest_of(index) + (width - 1);
  }
  void grow(size_t index);

  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace torc::ds
