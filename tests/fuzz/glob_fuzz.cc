// Glob patterns against a second opinion: the pattern is cut into elements, and a table says which prefix of them
// matches which prefix of the text.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "ds/glob.h"

namespace {

using torc::ds::GlobCase;

struct Element {
  bool star = false;
  bool matches[256] = {};
};

int lowered(int byte) { return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte; }

// In ranges a byte counts as signed; without case all but 255 of the upper half as unsigned again.
int ordered(int byte, bool insensitive) {
  const int value = static_cast<signed char>(byte);
  if (!insensitive) return value;
  return value < -1 ? value + 256 : lowered(value);
}

void add_byte(Element& element, int byte, bool insensitive) {
  for (int c = 0; c < 256; ++c) {
    if (c == byte || (insensitive && lowered(c) == lowered(byte))) element.matches[c] = true;
  }
}

void add_range(Element& element, int first, int last, bool insensitive) {
  if (static_cast<signed char>(first) > static_cast<signed char>(last)) std::swap(first, last);
  for (int c = 0; c < 256; ++c) {
    const int value = ordered(c, insensitive);
    if (value >= ordered(first, insensitive) && value <= ordered(last, insensitive)) element.matches[c] = true;
  }
}

// Reads the set whose '[' is at `at`; returns where the pattern goes on.
size_t read_set(std::string_view pattern, size_t at, bool insensitive, Element& element) {
  auto byte = [&](size_t i) { return static_cast<int>(static_cast<unsigned char>(pattern[i])); };
  ++at;
  const bool inverted = at < pattern.size() && pattern[at] == '^';
  if (inverted) ++at;
  while (at < pattern.size() && pattern[at] != ']') {
    const size_t left = pattern.size() - at;
    if (pattern[at] == '\\' && left >= 2) {
      element.matches[byte(at + 1)] = true;
      at += 2;
    } else if (left >= 3 && pattern[at + 1] == '-') {
      add_range(element, byte(at), byte(at + 2), insensitive);
      at += 3;
    } else {
      add_byte(element, byte(at), insensitive);
      ++at;
    }
  }
  if (inverted) {
    for (bool& matches : element.matches) matches = !matches;
  }
  return at + 1;
}

std::vector<Element> parse(std::string_view pattern, bool insensitive) {
  std::vector<Element> elements;
  for (size_t at = 0; at < pattern.size();) {
    Element element;
    if (pattern[at] == '*') {
      element.star = true;
      ++at;
    } else if (pattern[at] == '?') {
      for (bool& matches : element.matches) matches = true;
      ++at;
    } else if (pattern[at] == '[') {
      at = read_set(pattern, at, insensitive, element);
    } else {
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      add_byte(element, static_cast<unsigned char>(pattern[at]), insensitive);
      ++at;
    }
    if (!element.star || elements.empty() || !elements.back().star) elements.push_back(element);
  }
  return elements;
}

bool expected(std::string_view pattern, std::string_view text, bool insensitive) {
  if (text.empty()) return pattern.empty();
  const std::vector<Element> elements = parse(pattern, insensitive);
  // reached[i]: the elements so far can match the first i bytes of the text.
  std::vector<bool> reached(text.size() + 1);
  reached[0] = true;
  for (const Element& element : elements) {
    std::vector<bool> next(text.size() + 1);
    if (element.star) next[0] = reached[0];
    for (size_t i = 0; i < text.size(); ++i) {
      next[i + 1] =
          element.star ? next[i] || reached[i + 1] : reached[i] && element.matches[static_cast<unsigned char>(text[i])];
    }
    reached = next;
  }
  return reached[text.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 300) return 0;
  const bool insensitive = (data[0] & 1) != 0;
  const size_t pattern_bytes = data[1] % (size - 1);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string_view pattern = bytes.substr(0, pattern_bytes);
  const std::string_view text = bytes.substr(pattern_bytes < bytes.size() ? pattern_bytes : bytes.size());
  const bool matched = torc::ds::glob_match(pattern, text, insensitive ? GlobCase::insensitive : GlobCase::sensitive);
  TORC_ASSERT(matched == expected(pattern, text, insensitive));
  if (torc::ds::glob_is_literal(pattern) && !insensitive) TORC_ASSERT(matched == (pattern == text));
  return 0;
}
