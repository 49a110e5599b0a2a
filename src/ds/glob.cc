// The matcher walks through pattern and text once and remembers one place to come back to: behind the last star, and
// the byte of the text from which that was tried last.
#include "ds/glob.h"

#include <cstddef>
#include <utility>

namespace torc::ds {

namespace {

// Redis gives up below so many stars within stars.
constexpr int stars_max = 1000;

// What tolower() of the C library makes of a signed char in the "C" locale: bytes from 128 on become positive, 255
// (EOF) does not. Only ranges without case can tell.
int lowered(char byte) noexcept {
  const int value = static_cast<signed char>(byte);
  if (value >= 'A' && value <= 'Z') return value + ('a' - 'A');
  return value < -1 ? value + 256 : value;
}

class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view text, GlobCase letters) noexcept
      : pattern_(pattern), text_(text), insensitive_(letters == GlobCase::insensitive) {}

  bool run() noexcept {
    while (at_ < pattern_.size() && text_at_ < text_.size()) {
      if (pattern_[at_] == '*') {
        while (at_ + 1 < pattern_.size() && pattern_[at_ + 1] == '*') ++at_;
        if (++at_ == pattern_.size()) return true;
        if (++stars_ > stars_max) return false;
        star_at_ = at_;
        star_text_at_ = text_at_;
      } else if (step()) {
        if (text_at_ == text_.size()) skip_stars();
        if (ended_early() && !take_more()) return false;
      } else if (!take_more()) {
        return false;
      }
    }
    return at_ == pattern_.size() && text_at_ == text_.size();
  }

 private:
  // Matches one byte of the text with one element of the pattern, and passes both.
  bool step() noexcept {
    const char element = pattern_[at_];
    if (element == '[') return step_set();
    if (element == '?') {
      ++at_;
    } else {
      if (element == '\\' && at_ + 1 < pattern_.size()) ++at_;
      if (!same(pattern_[at_], text_[text_at_])) return false;
      ++at_;
    }
    ++text_at_;
    return true;
  }

  bool step_set() noexcept {
    size_t i = at_ + 1;
    const bool inverted = i < pattern_.size() && pattern_[i] == '^';
    if (inverted) ++i;
    const char byte = text_[text_at_];
    bool in_set = false;
    for (; i < pattern_.size() && pattern_[i] != ']'; ++i) {
      if (pattern_[i] == '\\' && i + 1 < pattern_.size()) {
        ++i;
        in_set |= pattern_[i] == byte;
      } else if (i + 2 < pattern_.size() && pattern_[i + 1] == '-') {
        in_set |= in_range(pattern_[i], pattern_[i + 2], byte);
        i += 2;
      } else {
        in_set |= same(pattern_[i], byte);
      }
    }
    if (in_set == inverted) return false;
    at_ = i < pattern_.size() ? i + 1 : i;
    ++text_at_;
    return true;
  }

  bool same(char left, char right) const noexcept {
    return left == right || (insensitive_ && lowered(left) == lowered(right));
  }

  // The ends change places before they are lowered, as in Redis.
  bool in_range(char first, char last, char byte) const noexcept {
    if (static_cast<signed char>(first) > static_cast<signed char>(last)) std::swap(first, last);
    if (!insensitive_) return signed_of(byte) >= signed_of(first) && signed_of(byte) <= signed_of(last);
    return lowered(byte) >= lowered(first) && lowered(byte) <= lowered(last);
  }
  static int signed_of(char byte) noexcept { return static_cast<signed char>(byte); }

  void skip_stars() noexcept {
    while (at_ < pattern_.size() && pattern_[at_] == '*') ++at_;
  }

  // One of both is at its end, the other is not.
  [[nodiscard]] bool ended_early() const noexcept { return (at_ == pattern_.size()) != (text_at_ == text_.size()); }

  // Lets the last star take one byte more and tries again behind it; false when there is nothing left to take.
  bool take_more() noexcept {
    if (stars_ == 0 || star_text_at_ + 1 >= text_.size()) return false;
    text_at_ = ++star_text_at_;
    at_ = star_at_;
    return true;
  }

  std::string_view pattern_;
  std::string_view text_;
  bool insensitive_;
  size_t at_ = 0;
  size_t text_at_ = 0;
  int stars_ = 0;
  size_t star_at_ = 0;       // behind the last star
  size_t star_text_at_ = 0;  // where the text behind it begins
};

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text, GlobCase letters) noexcept {
  return Matcher(pattern, text, letters).run();
}

bool glob_is_literal(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?[\\") == std::string_view::npos;
}

}  // namespace torc::ds
