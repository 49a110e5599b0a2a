// What C sees of a text. Redis prints names, compares words and searches patterns with the functions of C, which stop
// at a NUL; where that shows, in an error's text, in which words are known or in what SORT looks up, the same part of
// the text counts here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace torc::base {

// Up to a NUL.
[[nodiscard]] constexpr std::string_view c_text(std::string_view text) noexcept {
  return text.substr(0, text.find('\0'));
}

// As atoi(): what is no number is 0.
[[nodiscard]] inline int c_integer(std::string_view text) { return std::atoi(std::string(c_text(text)).c_str()); }

// As strcmp() of the two, behind which there need not be a NUL.
[[nodiscard]] inline int compare_c_texts(std::string_view first, std::string_view second) noexcept {
  const size_t common = std::min(first.size(), second.size());
  if (common != 0) {
    const int order = std::strncmp(first.data(), second.data(), common);
    if (order != 0 || std::memchr(first.data(), '\0', common)) return order;
  }
  const bool first_goes_on = first.size() > common && first[common] != '\0';
  const bool second_goes_on = second.size() > common && second[common] != '\0';
  return first_goes_on - second_goes_on;
}

}  // namespace torc::base
