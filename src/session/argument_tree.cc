// The texts are our own rows, so the parser descends recursively and asserts where it cannot go on.
#include "session/argument_tree.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace torc::session {

namespace {

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool word_character(char c) { return upper(c) || lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (upper(c)) c = static_cast<char>(c + 32);
  return result;
}

Argument pure_token(std::string_view token) {
  Argument argument;
  argument.name = lower_case(token);
  argument.type = "pure-token";
  argument.display = argument.name;
  argument.token = token;
  return argument;
}

bool takes_token(const Argument& argument) {
  return argument.token.empty() && !argument.optional && argument.type != "block";
}

bool is_plain_token(const Argument& argument) {
  const bool is_token = argument.type == "pure-token" && !argument.named;
  return is_token && !argument.optional && !argument.multiple && argument.since.empty();
}

void give_token(Argument& argument, const Argument& token) { argument.token = token.token; }

// At the top level a token belongs to the one item behind it.
std::vector<Argument> bind_tokens(std::vector<Argument> items) {
  std::vector<Argument> bound;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i + 1 < items.size() && is_plain_token(items[i]) && takes_token(items[i + 1])) {
      give_token(items[i + 1], items[i]);
      continue;
    }
    bound.push_back(std::move(items[i]));
  }
  return bound;
}

// What stands in a group together becomes one argument.
Argument fold(std::vector<Argument> items) {
  TORC_ASSERT(!items.empty());
  if (items.size() == 1) return std::move(items[0]);
  const bool has_token = is_plain_token(items[0]);
  if (has_token && items.size() == 2 && takes_token(items[1])) {
    give_token(items[1], items[0]);
    return std::move(items[1]);
  }
  Argument block;
  block.type = "block";
  if (has_token) {
    block.name = items[0].name;
    block.token = items[0].token;
    items.erase(items.begin());
  }
  block.arguments = bind_tokens(std::move(items));
  return block;
}

// A token is displayed by its name, whatever that is.
void rename(Argument& argument, std::string name) {
  argument.name = std::move(name);
  argument.named = true;
  if (argument.type == "pure-token") argument.display = argument.name;
}

// A group without a name is called after its parts.
void name_after_parts(Argument& argument) {
  for (const Argument& part : argument.arguments) {
    if (!argument.name.empty()) argument.name += '-';
    argument.name += part.name;
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<Argument> whole() {
    std::vector<Argument> items = bind_tokens(sequence());
    TORC_ASSERT(position_ == text_.size());
    return items;
  }

 private:
  [[nodiscard]] bool at(std::string_view what) const { return text_.substr(position_).starts_with(what); }
  bool accept(std::string_view what) {
    if (!at(what)) return false;
    position_ += what.size();
    return true;
  }
  void expect(std::string_view what) { TORC_ASSERT(accept(what)); }
  std::string_view characters(bool (*belongs)(char)) {
    const size_t begin = position_;
    while (position_ < text_.size() && belongs(text_[position_])) ++position_;
    TORC_ASSERT(position_ > begin);
    return text_.substr(begin, position_ - begin);
  }

  std::vector<Argument> sequence() {
    std::vector<Argument> items;
    do {
      while (accept(" ")) {
      }
      if (position_ == text_.size()) break;
      items.push_back(item());
    } while (at(" "));
    return items;
  }

  Argument item() {
    std::string name = optional_name();
    Argument argument = at("[") || at("(") ? group() : word();
    if (!name.empty()) rename(argument, std::move(name));
    if (argument.name.empty()) name_after_parts(argument);
    suffixes(argument);
    return argument;
  }

  std::string optional_name() {
    size_t end = position_;
    while (end < text_.size() && word_character(text_[end])) ++end;
    if (end == position_ || end == text_.size() || text_[end] != '=') return {};
    std::string name(text_.substr(position_, end - position_));
    position_ = end + 1;
    return name;
  }

  Argument group() {
    if (accept("[")) {
      Argument argument = fold(sequence());
      argument.optional = true;
      expect("]");
      return argument;
    }
    expect("(");
    std::vector<Argument> alternatives;
    do {
      alternatives.push_back(fold(sequence()));
      if (alternatives.back().name.empty()) name_after_parts(alternatives.back());
    } while (accept("|"));
    expect(")");
    if (alternatives.size() == 1) return std::move(alternatives[0]);
    Argument argument;
    argument.type = "oneof";
    argument.arguments = std::move(alternatives);
    return argument;
  }

  Argument word() {
    if (accept("\"")) {
      Argument token = pure_token(characters([](char c) { return c != '"'; }));
      expect("\"");
      return token;
    }
    const std::string_view text = characters(word_character);
    if (!std::ranges::any_of(text, lower)) return pure_token(text);
    Argument argument;
    argument.name = text;
    argument.type = accept(":") ? std::string(type()) : "string";
    if (accept("#")) argument.key_spec = characters([](char c) { return c >= '0' && c <= '9'; })[0] - '0';
    argument.display = accept("/") ? characters([](char c) { return word_character(c) || c == ':'; }) : text;
    return argument;
  }

  std::string_view type() {
    static constexpr std::array<std::string_view, 6> types{"string", "integer", "double",
                                                           "key",    "pattern", "unix-time"};
    const std::string_view name = characters(word_character);
    TORC_ASSERT(std::ranges::find(types, name) != types.end());
    return name;
  }

  void suffixes(Argument& argument) {
    if (accept("+...")) {
      argument.multiple = argument.multiple_token = true;
    } else if (accept("...") || accept(" ...")) {
      argument.multiple = true;
    }
    if (accept("@")) argument.since = version();
    if (accept("~")) argument.deprecated_since = version();
  }

  std::string_view version() {
    return characters([](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  }

  std::string_view text_;
  size_t position_ = 0;
};

// Keys that do not name a specification belong to them in order; the last one finds all that remain.
void number_keys(std::vector<Argument>& arguments, size_t key_specs, int& next) {
  for (Argument& argument : arguments) {
    if (argument.type == "key" && argument.key_spec < 0 && key_specs > 0) {
      argument.key_spec = std::min(next++, static_cast<int>(key_specs) - 1);
    }
    number_keys(argument.arguments, key_specs, next);
  }
}

}  // namespace

std::vector<Argument> parse_argument_tree(std::string_view text, size_t key_specs) {
  if (text.empty()) return {};
  std::vector<Argument> arguments = Parser(text).whole();
  int next = 0;
  number_keys(arguments, key_specs, next);
  return arguments;
}

}  // namespace torc::session
