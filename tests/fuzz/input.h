// What the fuzz targets that play operations have in common: the bytes of an input taken one after the other as
// choices, and a condition whose failure is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/late_release.h"

namespace torc::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Zeros once the input is used up, so that every input is a whole run.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), end_(data + size) {}
  [[nodiscard]] bool empty() const { return data_ == end_; }
  uint8_t byte() { return empty() ? 0 : *data_++; }
  size_t below(size_t bound) {
    const size_t high = byte();
    return (high << 8 | byte()) % bound;
  }
  // Integers and texts of all sizes; few different ones, so that some are found again.
  std::string text() {
    const uint8_t kind = byte();
    if (kind < 100) return std::to_string(static_cast<int64_t>(kind) << kind % 64);
    return std::string(kind < 200 ? kind % 8 : kind * 3, static_cast<char>(kind));
  }

 private:
  const uint8_t *data_, *end_;
};

// One input: Run is made with its Input, plays step by step as long as there are bytes, and compares at the end. There
// is no reclaimer for what it released late.
template <class Run>
int play(const uint8_t* data, size_t size) {
  {
    Input input(data, size);
    Run run(input);
    while (!input.empty()) run.step();
    run.compare();
  }
  while (base::late_blocks() != 0) base::release_late_piece(SIZE_MAX);
  return 0;
}

}  // namespace torc::fuzz
