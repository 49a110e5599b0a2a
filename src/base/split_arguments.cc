// One pass over the line with a cursor; each kind of word has its own loop.
#include "base/split_arguments.h"

namespace torc::base {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char control_character(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return c;
  }
}

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line.substr(0, line.find('\0'))) {}

  // False when the line is malformed; *found is false at its end.
  bool next(std::string* word, bool* found) {
    while (at_ < line_.size() && is_space(line_[at_])) ++at_;
    *found = at_ < line_.size();
    word->clear();
    while (at_ < line_.size() && !is_space(line_[at_])) {
      const char c = line_[at_];
      if (c == '"' || c == '\'') {
        if (!quoted(c, word)) return false;
        return at_ == line_.size() || is_space(line_[at_]);
      }
      word->push_back(c);
      ++at_;
    }
    return true;
  }

 private:
  bool quoted(char quote, std::string* word) {
    for (++at_; at_ < line_.size(); ++at_) {
      if (line_[at_] == quote) {
        ++at_;
        return true;
      }
      if (line_[at_] == '\\' && at_ + 1 < line_.size()) {
        escaped(quote, word);
      } else {
        word->push_back(line_[at_]);
      }
    }
    return false;
  }

  // at_ stands on the backslash and is left on the last character of the escape.
  void escaped(char quote, std::string* word) {
    const char next = line_[at_ + 1];
    if (quote == '\'') {
      if (next == '\'') ++at_;
      word->push_back(next == '\'' ? '\'' : '\\');
      return;
    }
    if (next == 'x' && at_ + 3 < line_.size() && hex_digit(line_[at_ + 2]) >= 0 && hex_digit(line_[at_ + 3]) >= 0) {
      word->push_back(static_cast<char>(hex_digit(line_[at_ + 2]) * 16 + hex_digit(line_[at_ + 3])));
      at_ += 3;
      return;
    }
    word->push_back(control_character(next));
    ++at_;
  }

  std::string_view line_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> split_arguments(std::string_view line) {
  Splitter splitter(line);
  std::vector<std::string> words;
  std::string word;
  for (bool found = true;;) {
    if (!splitter.next(&word, &found)) return std::nullopt;
    if (!found) return words;
    words.push_back(word);
  }
}

std::string quote_argument(std::string_view word) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 32 || byte > 126) {
      quoted += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace torc::base
