// The loop looks at one argument at a time; only one with quotes is copied, the others are views into the line.
#include "base/split_arguments.h"

#include <algorithm>

#include <cstddef>

#include "base/c_text.h"

namespace torc::base {

namespace {

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What ends an argument outside quotes: not \v and \f, although these are skipped between arguments, as in Redis.
bool is_separator(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char control_character(char letter) noexcept {
  switch (letter) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return letter;
  }
}

// Appends what the escape at the front of text stands for; returns how many characters it took. A backslash that is the
// last character stands for itself.
size_t unescape(std::string_view text, std::string& out) {
  if (text.size() < 2) {
    out += text[0];
    return 1;
  }
  if (text.size() >= 4 && text[1] == 'x' && hex_value(text[2]) >= 0 && hex_value(text[3]) >= 0) {
    out += static_cast<char>(hex_value(text[2]) * 16 + hex_value(text[3]));
    return 4;
  }
  out += control_character(text[1]);
  return 2;
}

// Appends what stands between the quote at the front and its partner; returns what follows the partner, or a null view
// when there is no partner or something other than a space behind it.
std::string_view take_quoted(std::string_view text, std::string& out) {
  char quote = text[0];
  text.remove_prefix(1);
  while (!text.empty() && text[0] != quote) {
    if (quote == '"' && text[0] == '\\') {
      text.remove_prefix(unescape(text, out));
    } else if (quote == '\'' && text.starts_with("\\'")) {
      out += '\'';
      text.remove_prefix(2);
    } else {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  if (text.empty()) return {};
  text.remove_prefix(1);
  return text.empty() || is_space(text[0]) ? text : std::string_view{};
}

size_t plain_length(std::string_view text) noexcept {
  size_t length = 0;
  while (length < text.size() && !is_separator(text[length]) && text[length] != '"' && text[length] != '\'') ++length;
  return length;
}

void append_escaped(std::string* text, char c) {
  constexpr std::string_view escaped = "\"\\\n\r\t\a\b", letters = "\"\\nrtab";
  constexpr std::string_view digits = "0123456789abcdef";
  *text += '\\';
  if (const size_t which = escaped.find(c); which != escaped.npos) {
    *text += letters[which];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  *text += {'x', digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

bool split_arguments(std::string_view line, std::vector<std::string_view>& arguments,
                     std::deque<std::string>& unescaped) {
  size_t first = arguments.size();
  line = c_text(line);
  while (true) {
    while (!line.empty() && is_space(line[0])) line.remove_prefix(1);
    if (line.empty()) return true;
    size_t plain = plain_length(line);
    if (plain == line.size() || is_separator(line[plain])) {
      arguments.push_back(line.substr(0, plain));
      line.remove_prefix(plain);
      continue;
    }
    std::string& text = unescaped.emplace_back(line.substr(0, plain));
    line = take_quoted(line.substr(plain), text);
    if (line.data() == nullptr) {
      arguments.resize(first);
      return false;
    }
    arguments.push_back(text);
  }
}

std::optional<std::vector<std::string>> split_arguments(std::string_view line) {
  std::vector<std::string_view> arguments;
  std::deque<std::string> unescaped;
  if (!split_arguments(line, arguments, unescaped)) return std::nullopt;
  return std::vector<std::string>(arguments.begin(), arguments.end());
}

void append_quoted(std::string* text, std::string_view bytes) {
  *text += '"';
  while (!bytes.empty()) {
    const auto special = std::ranges::find_if(bytes, [](char c) { return c < 32 || c > 126 || c == '"' || c == '\\'; });
    const auto plain = static_cast<size_t>(special - bytes.begin());
    text->append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    append_escaped(text, bytes[0]);
    bytes.remove_prefix(1);
  }
  *text += '"';
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
