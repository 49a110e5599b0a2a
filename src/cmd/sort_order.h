// What SORT puts in order. The texts stand one behind the other in one buffer; what moves while they are sorted is only
// a place and a rank of 64 bits, which is made so that it decides nearly every comparison: a number itself, the first
// bytes of a text. Only what ranks the same is looked at further.
//
// A weight that is a large string is held where it is: twenty keys may name the same one, of half a gigabyte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/blob.h"
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

// What a pattern means for an element: nothing, or a text.
class SortText {
 public:
  SortText() noexcept = default;
  explicit SortText(std::string text) noexcept : text_(std::move(text)) {}
  explicit SortText(base::BlobRef blob) noexcept : text_(std::move(blob)) {}
  // Of an element, a NUL behind it; it must outlive this.
  explicit SortText(std::string_view element) noexcept : text_(element) {}
  [[nodiscard]] explicit operator bool() const noexcept { return text_.index() != 0; }
  // Empty if there is none.
  [[nodiscard]] std::string_view view() const noexcept;
  // Null unless it is one.
  [[nodiscard]] const base::BlobRef* blob() const noexcept { return std::get_if<base::BlobRef>(&text_); }

 private:
  std::variant<std::monostate, std::string, base::BlobRef, std::string_view> text_;
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
                                                  const std::vector<SortText>& weights, const SortRules& rules);

}  // namespace torc::cmd
