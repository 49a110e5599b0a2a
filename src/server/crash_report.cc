// What does not allocate comes first: it is there even when the heap is what broke.
#include "server/crash_report.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/core_dump.h"
#include "io/process.h"
#include "server/log.h"

namespace torc::server {

namespace {

constexpr size_t line_bytes = 1024;
constexpr size_t frames_max = 100;
// More often than the tick wakes up by itself, a standstill could not be told from sleep.
constexpr int64_t watchdog_period_ms_min = 200;

// A function object as a step for base::guarded().
template <typename Step>
bool run_guarded(Step&& step) {
  return base::guarded([](void* argument) { (*static_cast<std::remove_reference_t<Step>*>(argument))(); }, &step);
}

}  // namespace

CrashReport::CrashReport(Log* log, CrashSources sources) : log_(log), sources_(std::move(sources)) {}

CrashReport::~CrashReport() {
  if (!started_) return;
  base::remove_crash_reporter();
  base::watch_heartbeat(0, &heartbeat_, nullptr, nullptr);
}

base::Settings CrashReport::settings() {
  const auto changed = [this]() -> base::Setting::Result {
    apply();
    return {};
  };
  base::Settings rows;
  rows.push_back(base::boolean_setting("crash-log-enabled", &enabled_, true).when_changed(changed));
  rows.push_back(base::boolean_setting("crash-memcheck-enabled", &memory_check_, true).when_changed(changed));
  rows.push_back(base::boolean_setting("use-exit-on-panic", &exit_on_panic_, false).unlist());
  rows.push_back(
      base::integer_setting("watchdog-period", &watchdog_period_ms_, 0, INT32_MAX, 0).unlist().when_changed(changed));
  return rows;
}

void CrashReport::start() {
  started_ = true;
  if (!enabled_ && memory_check_ && watchdog_period_ms_ == 0) return;
  apply();
}

void CrashReport::apply() {
  if (!started_) return;
  if (enabled_ || !memory_check_) {
    base::set_crash_reporter(
        [](void* self, const base::Crash& crash) { static_cast<CrashReport*>(self)->crashed(crash); }, this);
  } else {
    base::remove_crash_reporter();
  }
  const int64_t period_ms = watchdog_period_ms_ == 0 ? 0 : std::max(watchdog_period_ms_, watchdog_period_ms_min);
  base::watch_heartbeat(
      period_ms, &heartbeat_,
      [](void* self, const void* context) { static_cast<CrashReport*>(self)->report_stall(context); }, this);
}

void CrashReport::write_line(const void* address, bool is_return_address, Names names) {
  std::array<char, line_bytes> line;
  size_t size = 0;
  auto describe = [&] {
    size = base::describe_address(symbols_, address, is_return_address, names == Names::readable, line);
  };
  if (names == Names::as_compiled) {
    describe();
  } else if (!run_guarded(describe)) {
    return write_line(address, is_return_address, Names::as_compiled);
  }
  line[size] = '\n';
  log_->raw({line.data(), size + 1});
}

void CrashReport::write_stack(const void* context, Names names) {
  log_->raw("\n------ STACK TRACE ------\n");
  if (const void* const address = base::instruction_address(context)) {
    log_->raw("EIP:\n");
    write_line(address, false, names);
  }
  log_->raw("\nBacktrace:\n");
  std::array<void*, frames_max> frames;
  const std::span stack(frames.data(), base::stack_addresses(frames));
  // What lies above the instruction that was struck is this report itself.
  const auto struck = std::ranges::find(stack, base::instruction_address(context));
  const size_t first = struck == stack.end() ? 0 : static_cast<size_t>(struck - stack.begin());
  for (size_t i = first; i < stack.size(); ++i) write_line(stack[i], i > first, names);
}

void CrashReport::write_section(const char* title, const std::function<std::string()>& source) {
  log_->raw("\n------ ");
  log_->raw(title);
  log_->raw(" ------\n");
  const bool done = run_guarded([&] {
    if (source) log_->raw(source());
  });
  if (!done) log_->raw("(crashed)\n");
}

void CrashReport::say_what_happened(const base::Crash& crash) {
  if (crash.assertion != nullptr) {
    log_->write(LogLevel::warning, crash.panic ? "=== PANIC: Guru Meditation ===" : "=== ASSERTION FAILED ===");
    log_->write(LogLevel::warning, fmt::format("==> {}:{} '{}'{}", crash.file, crash.line, crash.assertion,
                                               crash.panic ? "" : " is not true"));
    return;
  }
  log_->write(LogLevel::warning,
              fmt::format("torc {} crashed by signal: {}, si_code: {}", TORC_VERSION, crash.signal, crash.code));
  if (crash.code <= 0) {
    log_->write(LogLevel::warning, fmt::format("Killed by PID: {}, UID: {}", crash.sender_pid, crash.sender_uid));
  } else {
    log_->write(LogLevel::warning, fmt::format("Accessing address: {}", crash.address));
  }
}

void CrashReport::crashed(const base::Crash& crash) {
  if (enabled_) report(crash);
  if (!memory_check_) {
    base::clear_vector_registers(crash.context);
    base::leave_heaps_out_of_core(base::stack_pointer(crash.context));
  }
  if (crash.panic && exit_on_panic_) io::exit_now(1);
}

void CrashReport::report(const base::Crash& crash) {
  log_->raw("\n\n=== TORC BUG REPORT START: Cut & paste starting from here ===\n");
  if (!run_guarded([&] { say_what_happened(crash); })) log_->raw("(the heap is broken)\n");
  write_stack(crash.context, Names::readable);
  std::array<char, line_bytes * 2> registers;
  log_->raw("\n------ REGISTERS ------\n");
  log_->raw({registers.data(), base::describe_registers(crash.context, registers)});
  write_section("INFO OUTPUT", sources_.info);
  write_section("CLIENT LIST OUTPUT", sources_.clients);
  write_section("CURRENT CLIENT INFO", sources_.current_client);
  write_section("CONFIG OUTPUT", sources_.configuration);
  log_->raw(
      "\n=== TORC BUG REPORT END. ===\n\n"
      "       Please report it with all that stands above, and with the core file and the executable at hand.\n"
      "       To find out whether the memory is at fault, run memtest86.\n\n");
}

// The command that was struck goes on afterwards, and it may have been struck in the allocator.
void CrashReport::report_stall(const void* context) {
  log_->raw("\n--- WATCHDOG TIMER EXPIRED ---\n");
  write_stack(context, Names::as_compiled);
  log_->raw("--------\n");
}

}  // namespace torc::server
