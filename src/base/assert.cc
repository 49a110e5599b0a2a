// The message is put together in a buffer on the stack and written with one call: at this point the heap may be what
// is broken.
#include "base/assert.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "base/crash.h"

namespace torc::base {

namespace {

char* append(char* out, const char* end, const char* text) {
  size_t room = static_cast<size_t>(end - out);
  size_t length = strnlen(text, room);
  std::memcpy(out, text, length);
  return out + length;
}

[[noreturn]] void end_process(const char* kind, const char* what, const char* file, int line, bool is_panic) noexcept {
  char message[1024] = {};
  char* const end = message + sizeof message - 1;
  char* out = append(message, end, file);
  out = append(out, end, ":");
  if (auto [next, error] = std::to_chars(out, end, line); error == std::errc{}) out = next;
  out = append(out, end, kind);
  out = append(out, end, what);
  *out++ = '\n';
  // Nothing is left to do about a failure to say it.
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, message, static_cast<size_t>(out - message));
  note_assertion(what, file, line, is_panic);
  std::abort();
}

}  // namespace

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  end_process(": assertion failed: ", expression, file, line, false);
}

void panic(const char* message, const char* file, int line) noexcept {
  end_process(": panic: ", message, file, line, true);
}

}  // namespace torc::base
