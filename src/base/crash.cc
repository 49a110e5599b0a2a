// One crash is reported once: when the reporter crashes outside guarded(), or hangs, the process ends without more ado.
// Texts are put together with to_chars and memcpy in the caller's buffer; only demangling allocates, so whoever asks
// for it in a crash does so in guarded().
#include "base/crash.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <setjmp.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>

namespace torc::base {

namespace {

constexpr int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr size_t crash_stack_bytes = 512 * 1024;
constexpr unsigned report_seconds_max = 20;

// All that belongs to the process.
struct State {
  CrashReporter reporter = nullptr;
  void* owner = nullptr;
  Crash assertion;
  std::atomic<bool> reporting{false};
  volatile sig_atomic_t guarding = 0;
  sigjmp_buf escape;

  StallReporter stall_reporter = nullptr;
  void* stall_owner = nullptr;
  const volatile uint64_t* heartbeat = nullptr;
  uint64_t last_heartbeat = 0;
};
State state;
alignas(64) char crash_stack[crash_stack_bytes];

void set_handler(int signal, void (*handler)(int, siginfo_t*, void*)) noexcept {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  if (handler == nullptr) {
    action.sa_handler = SIG_DFL;
  } else {
    action.sa_sigaction = handler;
    // Nodefer: a crash within the report arrives, too.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  }
  sigaction(signal, &action, nullptr);
}

Crash describe(int signal, const siginfo_t& info, void* context) noexcept {
  Crash crash = signal == SIGABRT ? state.assertion : Crash{};
  crash.signal = signal;
  crash.code = info.si_code;
  crash.context = context;
  if (info.si_code <= 0) {
    crash.sender_pid = info.si_pid;
    crash.sender_uid = static_cast<int>(info.si_uid);
  } else {
    crash.address = info.si_addr;
  }
  return crash;
}

void on_fatal_signal(int signal, siginfo_t* info, void* context) {
  if (state.guarding) siglongjmp(state.escape, 1);
  if (!state.reporting.exchange(true)) {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(report_seconds_max);
    state.reporter(state.owner, describe(signal, *info, context));
  }
  set_handler(signal, nullptr);
  ::raise(signal);
  // A fault would strike again by itself, but a signal that somebody sent would not.
}

void on_alarm(int, siginfo_t*, void* context) {
  const uint64_t beats = *state.heartbeat;
  const bool stalled = beats == state.last_heartbeat;
  state.last_heartbeat = beats;
  if (!stalled) return;
  const int error = errno;  // of the call that was interrupted
  state.stall_reporter(state.stall_owner, context);
  errno = error;
}

// Appends what fits and keeps room for a NUL.
class Text {
 public:
  explicit Text(std::span<char> out) noexcept : begin_(out.data()), end_(out.data()), limit_(begin_ + out.size() - 1) {}
  Text& add(std::string_view text) noexcept {
    const size_t size = std::min(text.size(), static_cast<size_t>(limit_ - end_));
    std::memcpy(end_, text.data(), size);
    end_ += size;
    return *this;
  }
  Text& add_hex(uint64_t value, int digits = 0) noexcept {
    char text[16];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value, 16);
    for (auto left = digits - static_cast<int>(end - text); left > 0; --left) add("0");
    return add({text, end});
  }
  size_t finish() noexcept {
    *end_ = '\0';
    return static_cast<size_t>(end_ - begin_);
  }

 private:
  char* begin_;
  char* end_;
  char* limit_;
};

// What the first backtrace() loads, and takes memory for.
void load_unwinder() noexcept {
  void* first[1];
  static_cast<void>(stack_addresses(first));
}

}  // namespace

void set_crash_reporter(CrashReporter reporter, void* owner) noexcept {
  load_unwinder();
  state.reporter = reporter;
  state.owner = owner;
  stack_t stack{};
  stack.ss_sp = crash_stack;
  stack.ss_size = sizeof crash_stack;
  sigaltstack(&stack, nullptr);
  for (const int signal : fatal_signals) set_handler(signal, on_fatal_signal);
}

void remove_crash_reporter() noexcept {
  for (const int signal : fatal_signals) set_handler(signal, nullptr);
}

bool guarded(void (*step)(void*), void* argument) noexcept {
  if (sigsetjmp(state.escape, 1) != 0) {
    state.guarding = 0;
    return false;
  }
  state.guarding = 1;
  step(argument);
  state.guarding = 0;
  return true;
}

void note_assertion(const char* expression, const char* file, int line, bool panic) noexcept {
  state.assertion.assertion = expression;
  state.assertion.file = file;
  state.assertion.line = line;
  state.assertion.panic = panic;
}

size_t stack_addresses(std::span<void*> out) noexcept {
  return static_cast<size_t>(std::max(0, ::backtrace(out.data(), static_cast<int>(out.size()))));
}

const void* instruction_address(const void* context) noexcept {
  if (context == nullptr) return nullptr;
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return reinterpret_cast<const void*>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void*>(machine.pc);
#else
  return nullptr;
#endif
}

const void* stack_pointer(const void* context) noexcept {
  if (context == nullptr) return nullptr;
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return reinterpret_cast<const void*>(machine.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void*>(machine.sp);
#else
  static_cast<void>(machine);
  return nullptr;
#endif
}

size_t describe_address(const Symbols& symbols, const void* address, bool is_return_address, bool demangle,
                        std::span<char> out) noexcept {
  Text text(out);
  Dl_info object{};
  const bool known = ::dladdr(address, &object) != 0;
  const uint64_t back = is_return_address ? 1 : 0;
  Symbol symbol = symbols.find(static_cast<const char*>(address) - back);
  symbol.offset += back;
  const auto value = reinterpret_cast<uintptr_t>(address);
  if (symbol.name == nullptr && known && object.dli_sname != nullptr) {
    symbol = {object.dli_sname, value - reinterpret_cast<uintptr_t>(object.dli_saddr)};
  }
  if (symbol.name == nullptr && known) symbol.offset = value - reinterpret_cast<uintptr_t>(object.dli_fbase);
  text.add(known && object.dli_fname ? object.dli_fname : "?").add("(");
  int status = 0;
  char* const readable =
      demangle && symbol.name ? abi::__cxa_demangle(symbol.name, nullptr, nullptr, &status) : nullptr;
  text.add(readable      ? readable
           : symbol.name ? symbol.name
                         : "")
      .add("+0x")
      .add_hex(symbol.offset)
      .add(")[0x")
      .add_hex(value)
      .add("]");
  std::free(readable);
  return text.finish();
}

size_t describe_registers(const void* context, std::span<char> out) noexcept {
  Text text(out);
  if (context == nullptr) return text.finish();
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  struct Register {
    std::string_view name;
    int index;
  };
  constexpr Register registers[] = {
      {"RAX", REG_RAX}, {"RBX", REG_RBX}, {"RCX", REG_RCX}, {"RDX", REG_RDX}, {"RDI", REG_RDI}, {"RSI", REG_RSI},
      {"RBP", REG_RBP}, {"RSP", REG_RSP}, {"R8 ", REG_R8},  {"R9 ", REG_R9},  {"R10", REG_R10}, {"R11", REG_R11},
      {"R12", REG_R12}, {"R13", REG_R13}, {"R14", REG_R14}, {"R15", REG_R15}, {"RIP", REG_RIP}, {"EFL", REG_EFL}};
  for (const Register& one : registers) {
    text.add(one.name).add(":").add_hex(static_cast<uint64_t>(machine.gregs[one.index]), 16);
    text.add((&one - registers) % 2 == 0 ? " " : "\n");
  }
#elif defined(__aarch64__)
  for (int i = 0; i < 31; ++i) {
    text.add("X").add_hex(static_cast<uint64_t>(i), 2).add(":").add_hex(machine.regs[i], 16);
    text.add(i % 2 == 0 ? " " : "\n");
  }
  text.add("\nSP :").add_hex(machine.sp, 16).add(" PC :").add_hex(machine.pc, 16).add("\n");
#else
  static_cast<void>(machine);
#endif
  return text.finish();
}

#if defined(__x86_64__)
void clear_vector_registers(void* context) noexcept {
  if (context == nullptr) return;
  // An area as the instruction XSAVE writes it: 512 bytes with the oldest registers, at whose end the kernel notes what
  // follows; 64 bytes about the area; the newer registers.
  constexpr size_t oldest_begin = 32, oldest_end = 416, note_offset = 464, newer_begin = 576;
  constexpr uint32_t magic_of_newer = 0x46505853;
  char* const area = reinterpret_cast<char*>(static_cast<ucontext_t*>(context)->uc_mcontext.fpregs);
  if (area == nullptr) return;
  std::memset(area + oldest_begin, 0, oldest_end - oldest_begin);
  struct {
    uint32_t magic, bytes_with_mark, features[2], bytes;
  } note;
  std::memcpy(&note, area + note_offset, sizeof note);
  if (note.magic != magic_of_newer || note.bytes < newer_begin) return;
  std::memset(area + newer_begin, 0, note.bytes - newer_begin);
}
#elif defined(__aarch64__)
void clear_vector_registers(void* context) noexcept {
  if (context == nullptr) return;
  // Records, each with a head, up to one without a magic number.
  std::span<uint8_t> rest = static_cast<ucontext_t*>(context)->uc_mcontext.__reserved;
  for (_aarch64_ctx head; rest.size() >= sizeof head; rest = rest.subspan(head.size)) {
    std::memcpy(&head, rest.data(), sizeof head);
    if (head.magic == 0 || head.size < sizeof head || head.size > rest.size()) return;
    if (head.magic != FPSIMD_MAGIC && head.magic != SVE_MAGIC) continue;
    std::memset(rest.data() + sizeof head, 0, head.size - sizeof head);
  }
}
#else
void clear_vector_registers(void*) noexcept {}
#endif

// A sanitizer would take it for a mistake and end the process in its own way.
[[gnu::no_sanitize("undefined", "address")]] void crash_on_purpose() noexcept {
  volatile char* volatile nowhere = nullptr;
  *nowhere = 'x';
}

void watch_heartbeat(int64_t period_ms, const volatile uint64_t* heartbeat, StallReporter reporter,
                     void* owner) noexcept {
  state.heartbeat = heartbeat;
  state.stall_reporter = reporter;
  state.stall_owner = owner;
  if (period_ms > 0) {
    load_unwinder();
    state.last_heartbeat = *heartbeat;
    set_handler(SIGALRM, on_alarm);
  } else {
    ::signal(SIGALRM, SIG_IGN);
  }
  itimerval timer{};
  timer.it_value = {period_ms / 1000, period_ms % 1000 * 1000};
  timer.it_interval = timer.it_value;
  setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace torc::base
