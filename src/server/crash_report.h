// The report of a crash, in the log: what struck, the stack with names, registers, INFO, the clients, the command under
// way. It runs in the signal's handler, in steps: one that crashes itself is left out, and the next one follows. There
// is no memory test: it would take long, and says little about memory with error correction. But who switches Redis's
// off (crash-memcheck-enabled no) does not want a crash to go over all of the memory: then the core dump leaves the
// data set out, too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/crash.h"
#include "base/info.h"
#include "base/setting.h"
#include "base/symbols.h"

namespace torc::config {
class Configuration;
}
namespace torc::session {
class Session;
}

namespace torc::server {

class Log;

// What the report asks the server for; each may crash.
struct CrashSources {
  std::function<std::string()> info;            // INFO's text
  std::function<std::string()> clients;         // CLIENT LIST's
  std::function<std::string()> current_client;  // the client whose command runs, and its arguments; empty: none
  std::function<std::string()> configuration;   // settings that are not at their default
};

// The texts that this server's parts have for them.
struct CrashParts {
  const base::InfoProviders* info;
  session::Session* session;
  config::Configuration* configuration;
  const bool* hide_user_data;
};
[[nodiscard]] CrashSources crash_sources(CrashParts parts);

class CrashReport {
 public:
  CrashReport(Log* log, CrashSources sources);
  ~CrashReport();
  CrashReport(const CrashReport&) = delete;
  CrashReport& operator=(const CrashReport&) = delete;

  // crash-log-enabled, crash-memcheck-enabled, watchdog-period, use-exit-on-panic.
  [[nodiscard]] base::Settings settings();
  // From here on signals are ours, as the settings say. Once the configuration is read.
  void start();
  // One tick was done: what the watchdog looks for.
  void beat() noexcept { heartbeat_ = heartbeat_ + 1; }

 private:
  void crashed(const base::Crash& crash);
  void report(const base::Crash& crash);
  void report_stall(const void* context);
  void say_what_happened(const base::Crash& crash);
  // Readable names take memory: not while the process is to go on.
  enum class Names : uint8_t { as_compiled, readable };
  void write_stack(const void* context, Names names);
  void write_line(const void* address, bool is_return_address, Names names);
  void write_section(const char* title, const std::function<std::string()>& source);
  void apply();

  Log* log_;
  CrashSources sources_;
  base::Symbols symbols_;
  bool started_ = false;
  bool enabled_ = true;         // crash-log-enabled
  bool memory_check_ = true;    // crash-memcheck-enabled: the core dump has all of the memory
  bool exit_on_panic_ = false;  // use-exit-on-panic
  int64_t watchdog_period_ms_ = 0;
  volatile uint64_t heartbeat_ = 0;
};

}  // namespace torc::server
