// What is asked of a histogram; recording is in the header. Percentiles walk over the counters, a few hundred of them,
// which is rare enough (INFO) to need no sums kept beside them.
#include "ds/histogram.h"

#include <algorithm>
#include <cmath>

namespace torc::ds {

void Histogram::grow(size_t index) { counts_.resize(index + 1); }

void Histogram::merge(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

void Histogram::reset() noexcept {
  std::vector<uint64_t>().swap(counts_);
  count_ = sum_ = max_ = 0;
}

double Histogram::mean() const noexcept {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

uint64_t Histogram::percentile(double percent) const noexcept {
  if (count_ == 0) return 0;
  const auto rank = static_cast<uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_)));
  const uint64_t wanted = std::clamp<uint64_t>(rank, 1, count_);
  uint64_t passed = 0;
  for (size_t index = 0; index < counts_.size(); ++index) {
    passed += counts_[index];
    if (passed >= wanted) return std::min(highest_of(index), max_);
  }
  return max_;
}

uint64_t Histogram::count_up_to(uint64_t value) const noexcept {
  uint64_t records = 0;
  for (size_t index = 0; index < counts_.size() && highest_of(index) <= value; ++index) records += counts_[index];
  return records;
}

}  // namespace torc::ds
