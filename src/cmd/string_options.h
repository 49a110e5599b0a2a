// The options of SET, GETEX and MSETEX, which are one language: under which condition, and until when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace torc::session {
class Context;
}

namespace torc::cmd {

// NX XX IFEQ IFNE IFDEQ IFDNE: the key is set only if it (or its value, or its value's digest) ...
enum class Condition : uint8_t { always, absent, present, equal, not_equal, digest_equal, digest_not_equal };
// EX PX EXAT PXAT KEEPTTL PERSIST. The order matters: what names a time comes first, relative before absolute.
enum class Expiry : uint8_t { seconds, milliseconds, at_seconds, at_milliseconds, keep, remove, none };

struct StringOptions {
  Condition condition = Condition::always;
  Expiry expiry = Expiry::none;
  bool get = false;
  size_t match_argument = 0;   // what IFEQ and its kin compare with
  size_t expiry_argument = 0;  // the time

  [[nodiscard]] bool has_time() const noexcept { return expiry < Expiry::keep; }
  [[nodiscard]] bool is_absolute() const noexcept {
    return expiry == Expiry::at_seconds || expiry == Expiry::at_milliseconds;
  }
  [[nodiscard]] bool compares() const noexcept { return condition >= Condition::equal; }
  [[nodiscard]] bool compares_digest() const noexcept { return condition >= Condition::digest_equal; }
};

enum class OptionUser : uint8_t { set, getex, msetex };

// Reads the arguments from `first` to the end. False: the error was replied.
bool parse_string_options(session::Context& context, size_t first, OptionUser user, StringOptions* options);
// Argument i as the deadline that it names, milliseconds since 1970 (> 0, perhaps long past). nullopt: the error was
// replied. expiry is one of those with a time.
std::optional<int64_t> parse_deadline(session::Context& context, size_t i, Expiry expiry);

}  // namespace torc::cmd
