// Ranks, what decides between equal ones, and sorting no more than what is asked for.
#include "cmd/sort_order.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/c_text.h"

namespace torc::cmd {

namespace {

using Weights = std::vector<SortText>;

// A NUL behind it, which a blob has not.
class TerminatedText {
 public:
  explicit TerminatedText(const SortText& text) : text_(text.view().data()) {
    if (!text.blob()) return;
    copy_ = base::c_text(text.view());
    text_ = copy_.c_str();
  }
  [[nodiscard]] const char* get() const noexcept { return text_; }

 private:
  std::string copy_;
  const char* text_;
};

// Two texts in the order of their ranks, unless those are equal.
uint64_t rank_of_bytes(std::string_view text) noexcept {
  uint64_t rank = 0;
  if (!text.empty()) std::memcpy(&rank, text.data(), std::min(text.size(), sizeof rank));
  static_assert(std::endian::native == std::endian::little);
  return __builtin_bswap64(rank);
}

class Order {
 public:
  Order(const SortTexts& elements, const Weights& weights, const SortRules& rules) noexcept
      : elements_(elements), weights_(weights), rules_(rules) {}

  bool operator()(const SortRanked& first, const SortRanked& second) const noexcept {
    return first.rank != second.rank ? first.rank < second.rank : is_before(first.place, second.place);
  }
  // Of texts.
  [[nodiscard]] uint64_t rank_of(size_t place) const noexcept {
    if (rules_.by == SortBy::element_texts) return rank_of_text(elements_[place]);
    return rank_of_text(weights_[place].view());
  }

 private:
  [[nodiscard]] uint64_t rank_of_text(std::string_view text) const noexcept {
    if (!rules_.collation) return rank_of_bytes(text);
    return rules_.collation->is_bytes() ? rank_of_bytes(text.substr(0, text.find('\0'))) : 0;
  }
  [[nodiscard]] bool is_before(size_t first, size_t second) const noexcept {
    const int order = compare(first, second);
    if (order == 0) return first < second;
    return rules_.descending ? order > 0 : order < 0;
  }
  [[nodiscard]] int compare(size_t first, size_t second) const noexcept {
    switch (rules_.by) {
      case SortBy::numbers:
        return elements_[first].compare(elements_[second]);
      case SortBy::element_texts:
        return compare_elements(elements_[first], elements_[second]);
      default:
        return compare_weights(weights_[first], weights_[second]);
    }
  }
  [[nodiscard]] int compare_elements(std::string_view first, std::string_view second) const noexcept {
    return rules_.collation ? rules_.collation->compare(first.data(), second.data()) : first.compare(second);
  }
  [[nodiscard]] int compare_weights(const SortText& first, const SortText& second) const noexcept {
    if (!first || !second) return bool(first) - bool(second);
    if (first.blob() && first.view().data() == second.view().data()) return 0;  // keys that name one string
    if (!rules_.collation) return first.view().compare(second.view());
    if (rules_.collation->is_bytes()) return base::compare_c_texts(first.view(), second.view());
    return rules_.collation->compare(TerminatedText(first).get(), TerminatedText(second).get());
  }

  const SortTexts& elements_;
  const Weights& weights_;
  const SortRules& rules_;
};

}  // namespace

std::string_view SortText::view() const noexcept {
  if (const auto* text = std::get_if<std::string>(&text_)) return *text;
  if (const base::BlobRef* held = blob()) return held->view();
  const auto* element = std::get_if<std::string_view>(&text_);
  return element ? *element : std::string_view();
}

uint64_t rank_of_number(double number) noexcept {
  constexpr uint64_t sign = uint64_t{1} << 63;
  const auto bits = std::bit_cast<uint64_t>(number + 0.0);
  return bits & sign ? ~bits : bits | sign;
}

std::vector<SortRanked> sorted_part(std::vector<SortRanked> all, size_t begin, size_t end, const SortTexts& elements,
                                    const Weights& weights, const SortRules& rules) {
  const Order order(elements, weights, rules);
  for (SortRanked& one : all) {
    if (rules.by != SortBy::numbers) one.rank = order.rank_of(one.place);
    if (rules.descending) one.rank = ~one.rank;
  }
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(end);
  if (last != all.end()) std::nth_element(all.begin(), last, all.end(), order);
  if (first != all.begin()) std::nth_element(all.begin(), first, last, order);
  std::sort(first, last, order);
  all.erase(last, all.end());
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(begin));
  return all;
}

}  // namespace torc::cmd
