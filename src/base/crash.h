// Fatal signals and failed assertions: who is told before the process ends, and what that reporter may use.
// Process-wide, like the signals themselves. The reporter runs in the handler, on a stack of its own; what it does that
// may itself fail goes through guarded(). Afterwards the signal takes its usual course, so that a core is written.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/symbols.h"

namespace torc::base {

struct Crash {
  int signal = 0;
  int code = 0;                   // siginfo's si_code; 0 or below: sent by a process
  const void* address = nullptr;  // SIGSEGV, SIGBUS: what was touched
  int sender_pid = 0, sender_uid = 0;
  void* context = nullptr;        // the ucontext_t
  // Of a failed assertion or panic; null for other signals.
  const char* assertion = nullptr;
  const char* file = nullptr;
  int line = 0;
  bool panic = false;
};

using CrashReporter = void (*)(void* owner, const Crash& crash);

// SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT from now on. One reporter in a process: the last one set.
void set_crash_reporter(CrashReporter reporter, void* owner) noexcept;
// The signals take their usual course again.
void remove_crash_reporter() noexcept;
// Within the reporter: runs the step; false when it crashed itself.
bool guarded(void (*step)(void* argument), void* argument) noexcept;

// Remembers what the abort() to come is about (assert.cc).
void note_assertion(const char* expression, const char* file, int line, bool panic) noexcept;

// The return addresses of the calling thread's stack, innermost first; the number of them. No allocation after the
// first call, which set_crash_reporter() and watch_heartbeat() make.
[[nodiscard]] size_t stack_addresses(std::span<void*> out) noexcept;
// Where the signal struck; null when it is not known.
[[nodiscard]] const void* instruction_address(const void* context) noexcept;
// Where the stack was then; null when it is not known.
[[nodiscard]] const void* stack_pointer(const void* context) noexcept;
// One line without newline: "object(function+0x12)[0x55..]"; NUL-terminated. Its length. A return address may lie
// behind the end of the function that called. Demangling allocates: only within guarded(), and only in a process that
// is about to end.
size_t describe_address(const Symbols& symbols, const void* address, bool is_return_address, bool demangle,
                        std::span<char> out) noexcept;
// The processor's registers, in lines; NUL-terminated. Its length.
size_t describe_registers(const void* context, std::span<char> out) noexcept;
// What is copied passes through vector registers, up to 2 KiB of it at a time. Zeroes those that the kernel saved when
// the signal struck, on the handler's stack; the others are left as they are.
void clear_vector_registers(void* context) noexcept;
// Writes a character where nothing may be written.
void crash_on_purpose() noexcept;

// --- The watchdog: SIGALRM every period; when the heartbeat stands still in between, the reporter is told, in the
// handler, which interrupts whatever runs: it must not allocate. 0 stops it. The heartbeat outlives it.
using StallReporter = void (*)(void* owner, const void* context);
void watch_heartbeat(int64_t period_ms, const volatile uint64_t* heartbeat, StallReporter reporter,
                     void* owner) noexcept;

}  // namespace torc::base
