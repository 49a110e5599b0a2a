// What C sees of a text. Redis prints names, compares words and searches patterns with the functions of C, which stop
// at a NUL; where that shows, in an error's text, in which words are known or in what SORT looks up, the same part of
// the text counts here.
#pragma once

#include <string_view>

namespace torc::base {

// Up to a NUL.
[[nodiscard]] constexpr std::string_view c_text(std::string_view text) noexcept {
  return text.substr(0, text.find('\0'));
}

}  // namespace torc::base
