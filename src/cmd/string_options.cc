// An option's name has at most seven letters, so it is folded into one word and found by a switch: SET's options cost
// no chain of comparisons. Or-ing 0x20 makes exactly the two cases of a letter equal, because all that is compared with
// is letters, and a byte that is no letter never becomes one of them.
#include "cmd/string_options.h"

#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "session/command.h"
#include "session/context.h"

namespace torc::cmd {

namespace {

using session::Context;

constexpr size_t option_bytes_max = 7;

constexpr uint64_t folded(std::string_view text) noexcept {
  uint64_t word = 0;
  for (size_t i = 0; i < text.size(); ++i) word |= static_cast<uint64_t>(static_cast<uint8_t>(text[i]) | 0x20) << 8 * i;
  return word;
}

// Options of one kind exclude each other; the same again is allowed.
bool take(Condition condition, Condition* current) noexcept {
  if (*current != Condition::always && *current != condition) return false;
  *current = condition;
  return true;
}

bool take(Expiry expiry, Expiry* current) noexcept {
  if (*current != Expiry::none && *current != expiry) return false;
  *current = expiry;
  return true;
}

class OptionParser {
 public:
  OptionParser(const Context& context, size_t first, OptionUser user, StringOptions* options) noexcept
      : context_(context), at_(first), user_(user), options_(*options) {}

  bool parse() noexcept {
    for (; at_ < context_.size(); ++at_) {
      const std::string_view word = context_[at_];
      if (word.size() > option_bytes_max || !parse_one(folded(word))) return false;
    }
    return true;
  }

 private:
  bool parse_one(uint64_t word) noexcept {
    switch (word) {
      case folded("ex"):
        return timed(Expiry::seconds);
      case folded("px"):
        return timed(Expiry::milliseconds);
      case folded("exat"):
        return timed(Expiry::at_seconds);
      case folded("pxat"):
        return timed(Expiry::at_milliseconds);
      case folded("keepttl"):
        return user_ != OptionUser::getex && take(Expiry::keep, &options_.expiry);
      case folded("persist"):
        return user_ == OptionUser::getex && take(Expiry::remove, &options_.expiry);
      case folded("nx"):
        return user_ != OptionUser::getex && take(Condition::absent, &options_.condition);
      case folded("xx"):
        return user_ != OptionUser::getex && take(Condition::present, &options_.condition);
      case folded("get"):
        return options_.get = user_ == OptionUser::set;
      case folded("ifeq"):
        return matching(Condition::equal);
      case folded("ifne"):
        return matching(Condition::not_equal);
      case folded("ifdeq"):
        return matching(Condition::digest_equal);
      case folded("ifdne"):
        return matching(Condition::digest_not_equal);
      default:
        return false;
    }
  }

  bool timed(Expiry expiry) noexcept {
    options_.expiry_argument = ++at_;
    return at_ < context_.size() && take(expiry, &options_.expiry);
  }

  bool matching(Condition condition) noexcept {
    options_.match_argument = ++at_;
    return user_ == OptionUser::set && at_ < context_.size() && take(condition, &options_.condition);
  }

  const Context& context_;
  size_t at_;
  OptionUser user_;
  StringOptions& options_;
};

}  // namespace

bool parse_string_options(Context& context, size_t first, OptionUser user, StringOptions* options) {
  return OptionParser(context, first, user, options).parse() || context.fail(session::errors::syntax);
}

std::optional<int64_t> parse_deadline(Context& context, size_t i, Expiry expiry) {
  const std::optional<int64_t> given = context.integer(i);
  if (!given) return std::nullopt;
  const bool seconds = expiry == Expiry::seconds || expiry == Expiry::at_seconds;
  const bool relative = expiry == Expiry::seconds || expiry == Expiry::milliseconds;
  int64_t deadline;
  const bool overflow = __builtin_mul_overflow(*given, seconds ? 1000 : 1, &deadline) ||
                        __builtin_add_overflow(deadline, relative ? context.now_ms() : 0, &deadline);
  if (*given > 0 && !overflow) return deadline;
  context.fail(fmt::format("ERR invalid expire time in '{}' command", context.command().full_name));
  return std::nullopt;
}

}  // namespace torc::cmd
