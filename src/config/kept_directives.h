// The directives of Redis 7.2's configuration whose parts torc does not have (yet): name, default, shape and limits, so
// that values are checked as Redis checks them. They are kept and shown, so that an existing redis.conf starts the
// server; but where ignoring one would cost the user something that was counted on, the row says what (`at_stake`), and
// the server refuses. A row without a use is harmless: the part that owns a directive takes its name over.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"

namespace torc::config {

struct KeptDirective {
  enum class Shape : uint8_t {
    boolean,
    integer,
    memory,
    choice,
    text,
    bytes,  // a text that may contain NULs
    save_points,
    primary
  };
  // Why the value cannot be, or null.
  using Check = const char* (*)(std::string_view);

  std::string_view name;
  Shape shape = Shape::text;
  std::string_view default_value;
  int64_t minimum = 0;
  uint64_t maximum = 0;
  std::string_view choices;  // separated by spaces
  std::string_view alias;
  bool immutable = false, unlisted = false, restricted = false, sensitive = false;
  std::string_view at_stake;  // "durability"; empty: may be ignored
  Check check = nullptr;

  // For the table.
  constexpr KeptDirective also(std::string_view second_name) const { return with(&KeptDirective::alias, second_name); }
  constexpr KeptDirective fixed() const { return with(&KeptDirective::immutable, true); }
  constexpr KeptDirective hidden() const { return with(&KeptDirective::unlisted, true); }
  constexpr KeptDirective protect() const { return with(&KeptDirective::restricted, true); }
  constexpr KeptDirective secret() const { return with(&KeptDirective::sensitive, true); }
  constexpr KeptDirective essential(std::string_view to) const { return with(&KeptDirective::at_stake, to); }
  constexpr KeptDirective checked(Check by) const { return with(&KeptDirective::check, by); }

 private:
  template <typename Value>
  constexpr KeptDirective with(Value KeptDirective::*member, Value value) const {
    KeptDirective copy = *this;
    copy.*member = value;
    return copy;
  }
};

[[nodiscard]] std::span<const KeptDirective> kept_directives();

// The value of a kept directive in one server.
struct KeptValue {
  const KeptDirective* directive = nullptr;
  bool yes = false;
  int64_t number = 0;
  uint64_t bytes = 0;
  int choice = 0;
  std::string text;
  bool was_set = false;
};

// The row; it refers to the value.
[[nodiscard]] base::Setting kept_setting(const KeptDirective& directive, KeptValue* value);
// Whether this value of the directive can be ignored without harm.
[[nodiscard]] bool may_ignore(const KeptDirective& directive, std::string_view value);

}  // namespace torc::config
