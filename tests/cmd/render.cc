// The readable form of replies: a small reader of RESP2 and RESP3. It asserts that what it reads is well formed, so
// every reply that a test looks at is checked for its framing too.
#include <fmt/format.h>

#include "base/assert.h"
#include "base/parse_number.h"
#include "harness.h"

namespace torc::cmd {

namespace {

class Renderer {
 public:
  explicit Renderer(std::string_view protocol) : rest_(protocol) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }

  std::string next() {
    const std::string_view line = take_line();
    TORC_ASSERT(!line.empty());
    const std::string_view text = line.substr(1);
    switch (line[0]) {
      case '+':
      case '-':
      case ':':
      case ',':
      case '#':
      case '(':
        return std::string(line);
      case '_':
        TORC_ASSERT(text.empty());
        return "null";
      case '$':
        return count(text) < 0 ? "nil" : '"' + printable(take_bytes(count(text))) + '"';
      case '=':
        return "=" + printable(take_bytes(count(text)));
      default:
        return aggregate(line[0], count(text));
    }
  }

 private:
  std::string_view take_line() {
    const size_t end = rest_.find("\r\n");
    TORC_ASSERT(end != rest_.npos);
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 2);
    return line;
  }

  std::string_view take_bytes(int64_t size) {
    const auto bytes = static_cast<size_t>(size);
    TORC_ASSERT(rest_.size() >= bytes + 2 && rest_.substr(bytes, 2) == "\r\n");
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes + 2);
    return taken;
  }

  static int64_t count(std::string_view text) {
    const auto number = base::parse_integer(text);
    TORC_ASSERT(number && *number >= -1);
    return *number;
  }

  static std::string printable(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
      const bool prints = c >= ' ' && c <= '~';
      prints ? text.push_back(c) : static_cast<void>(text += fmt::format("\\x{:02x}", static_cast<uint8_t>(c)));
    }
    return text;
  }

  std::string aggregate(char type, int64_t size) {
    TORC_ASSERT(type == '*' || type == '~' || type == '>' || type == '%');
    if (size < 0) return "nil*";
    std::string text(type == '%' ? "{" : type == '*' ? "[" : type == '~' ? "~[" : ">[");
    for (int64_t i = 0; i < size; ++i) {
      if (i > 0) text += ", ";
      text += next();
      if (type == '%') text += ": " + next();
    }
    return text + (type == '%' ? "}" : "]");
  }

  std::string_view rest_;
};

}  // namespace

std::vector<std::string> render_replies(std::string_view protocol) {
  Renderer renderer(protocol);
  std::vector<std::string> replies;
  while (!renderer.done()) replies.push_back(renderer.next());
  return replies;
}

std::vector<std::string> rendered_strings(const std::string& reply) {
  std::vector<std::string> found;
  for (size_t begin = 0; (begin = reply.find('"', begin)) != std::string::npos;) {
    const size_t end = reply.find('"', begin + 1);
    found.push_back(reply.substr(begin + 1, end - begin - 1));
    begin = end + 1;
  }
  return found;
}

}  // namespace torc::cmd
