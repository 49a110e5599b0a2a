// Assertions that stay on. A violated invariant in a data server is a corrupted answer waiting to be sent, so the
// process stops at once and says where; the check is one predictable branch, which costs less than the doubt.
#pragma once

namespace torc::base {

// Writes "file:line: what" to standard error and aborts (SIGABRT, so that a crash handler may add a report).
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

// The same for a state that should not be, in words.
[[noreturn]] void panic(const char* message, const char* file, int line) noexcept;

}  // namespace torc::base

#define TORC_ASSERT(expression)                                                             \
  (__builtin_expect(static_cast<bool>(expression), 1)                                       \
       ? static_cast<void>(0)                                                               \
       : ::torc::base::assertion_failed(#expression, __FILE__, __LINE__))
#define TORC_PANIC(message) ::torc::base::panic(message, __FILE__, __LINE__)
