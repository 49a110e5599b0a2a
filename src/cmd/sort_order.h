// What SORT puts in order. The texts stand one behind the other in one buffer; what moves while they are sorted is only
// a place and a rank of 64 bits, which is made so that it decides nearly every comparison: a number itself, the first
// bytes of a text. Only what ranks the same is looked at further.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/collation.h"

namespace torc::cmd {

// Texts by their number, each followed by a NUL.
class SortTexts {
 public:
  void reserve(size_t texts) { begins_.reserve(texts + 1); }
  void append(std::string_view text) {
    bytes_ += text;
    bytes_ += '\0';
    begins_.push_back(bytes_.size());
  }
  [[nodiscard]] size_t size() const noexcept { return begins_.size() - 1; }
  // Good until the next append(). A NUL follows it.
  [[nodiscard]] std::string_view operator[](size_t i) const noexcept {
    return {bytes_.data() + begins_[i], begins_[i + 1] - begins_[i] - 1};
  }

 private:
  std::string bytes_;
  std::vector<size_t> begins_{0};
};

struct SortRanked {
  uint64_t rank;
  size_t place;  // among the elements
};

enum class SortBy : uint8_t {
  numbers,        // ranks made by rank_of_number(), then the elements' bytes
  element_texts,  // the elements
  weight_texts,   // their weights; elements without one come first
};

struct SortRules {
  SortBy by = SortBy::numbers;
  bool descending = false;
  // Null: texts are ordered by their bytes; otherwise up to a NUL, as its locale says.
  const base::Collation* collation = nullptr;
};

// In the order of the numbers; -0 is 0. Not for NaN.
[[nodiscard]] uint64_t rank_of_number(double number) noexcept;

// Elements [begin, end) of what would be all in order; what is equal keeps its order. The ranks of `all` need be given
// for numbers only; `weights` are those of weight_texts.
[[nodiscard]] std::vector<SortRanked> sorted_part(std::vector<SortRanked> all, size_t begin, size_t end,
                                                  const SortTexts& elements,
                                                  const std::vector<std::optional<std::string>>& weights,
                                                  const SortRules& rules);

}  // namespace torc::cmd
