// torc-server: command line, configuration, ring, and then the tick until it ends.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "base/signals.h"
#include "config/loader.h"
#include "io/file.h"
#include "io/process.h"
#include "io/process_title.h"
#include "io/uring_ring.h"
#include "server/help.h"
#include "server/server.h"

namespace torc::server {

namespace {

// version, port, process id
constexpr const char* logo =
    "\n"
    "        __\n"
    "       / /_ ____  ____ ____     torc {}\n"
    "      / __// __ \\/ ___// __/     standalone, on io_uring\n"
    "     / /_ / /_/ / /   / /__      Port: {}\n"
    "     \\__/ \\____/_/    \\___/      PID: {}\n"
    "\n";

int fail(std::string_view text) {
  io::print_error(fmt::format("{}\n", text));
  return EXIT_FAILURE;
}

int fail(const config::LoadError& error) {
  std::string text = fmt::format("\n*** FATAL CONFIG FILE ERROR (torc {}) ***\n", TORC_VERSION);
  if (error.line > 0) {
    text += fmt::format("Reading the configuration file{}{}, at line {}\n>>> '{}'\n", error.file.empty() ? "" : " ",
                        error.file, error.line, error.text);
  }
  return fail(text + error.reason);
}

std::expected<void, config::LoadError> load(Server& server, const CommandLine& line) {
  config::Loader loader(&server.configuration());
  if (!line.config_file.empty()) {
    if (auto loaded = loader.load_file(line.config_file); !loaded) return loaded;
    server.configuration().set_file(io::absolute_path(line.config_file).value_or(line.config_file));
  }
  if (line.standard_input) {
    const auto text = io::read_standard_input();
    if (!text) return std::unexpected(config::LoadError{{}, io::error_text(text.error())});
    if (auto loaded = loader.load_text(*text, ""); !loaded) return loaded;
  }
  if (auto loaded = loader.load_text(line.config_text, ""); !loaded) return loaded;
  return loader.finish();
}

// Log and process are in place before anything is opened. False: the reason was printed.
bool prepare_process(Server& server) {
  const ServerOptions& options = server.options();
  Log& log = server.log();
  if (const auto opened = log.open(options.in_directory(options.log_file)); !opened) {
    fail(fmt::format("Can't open the log file: {}", io::error_text(opened.error())));
    return false;
  }
  log.set_level(static_cast<LogLevel>(options.log_level));
  if (options.syslog_enabled) log.open_system_log(options.syslog_name, options.syslog_facility);
  if (server.process().enter_background()) return true;
  fail("Can't become a daemon");
  return false;
}

void say_hello(Server& server, const CommandLine& line) {
  Log& log = server.log();
  log.write(LogLevel::notice, "oO0OoO0OoO0Oo torc is starting oO0OoO0OoO0Oo");
  log.write(LogLevel::notice, fmt::format("torc version={}, Redis version=7.2.4, bits={}, pid={}, just started",
                                          TORC_VERSION, sizeof(void*) * 8, io::process_id()));
  if (line.config_file.empty() && !line.standard_input && line.config_text.empty()) {
    log.write(LogLevel::warning, "Warning: no config file specified, using the default config.");
  } else {
    log.write(LogLevel::notice, "Configuration loaded");
  }
  const std::vector<std::string> ignored = server.configuration().without_effect();
  if (!ignored.empty()) {
    log.write(LogLevel::warning,
              fmt::format("These directives have no effect in this version: {}", fmt::join(ignored, ", ")));
  }
}

// A terminal gets to see whom it is talking to; a log one line.
void say_who(Server& server) {
  const ServerOptions& options = server.options();
  const int64_t port = server.title_variables().port;
  const bool watched = !options.syslog_enabled && options.log_file.empty() && io::output_is_terminal();
  if (watched || options.always_show_logo) {
    server.log().raw(fmt::format(logo, TORC_VERSION, port, io::process_id()));
  } else {
    server.log().raw(fmt::format("torc {} standalone on io_uring, PID: {}\n", TORC_VERSION, io::process_id()));
    server.log().write(LogLevel::notice, fmt::format("Running mode=standalone, port={}.", port));
  }
}

void say_ready(Server& server) {
  Log& log = server.log();
  const TitleVariables where = server.title_variables();
  log.write(LogLevel::notice, "Server initialized");
  if (where.port != 0) log.write(LogLevel::notice, "Ready to accept connections tcp");
  if (!where.unix_socket.empty()) log.write(LogLevel::notice, "Ready to accept connections unix");
  server.process().tell_ready();
}

int serve(Server& server, const io::UringOptions& ring_options) {
  Log& log = server.log();
  auto ring = io::make_uring_ring(ring_options);
  if (!ring) {
    log.write(LogLevel::warning, ring.error());
    return fail(ring.error());
  }
  const ServerOptions& options = server.options();
  ProcessControl& process = server.process();
  process.write_pid_file(options.in_directory(process.options().pid_file));
  process.apply_options();
  say_who(server);
  if (const auto started = server.start(ring->get()); !started) {
    log.write(LogLevel::warning, started.error());
    server.leave_ring();
    process.remove_pid_file();
    return EXIT_FAILURE;
  }
  say_ready(server);
  server.run();
  server.leave_ring();
  process.remove_pid_file();
  log.write(LogLevel::warning, "torc is now ready to exit, bye bye...");
  return EXIT_SUCCESS;
}

int run(std::span<const std::string_view> arguments, io::ProcessTitle* title) {
  const auto line = parse_command_line(arguments);
  if (line.version) {
    io::print_out(fmt::format("torc server v={} (Redis 7.2.4) bits={}\n", TORC_VERSION, sizeof(void*) * 8));
    return EXIT_SUCCESS;
  }
  base::SystemClock clock;
  uint64_t secrets[3];
  base::system_entropy(std::as_writable_bytes(std::span(secrets)));
  Server server(&clock, secrets[0], {secrets[1], secrets[2]});
  if (line.help) return io::print_out(help_text(server.configuration())), EXIT_SUCCESS;
  server.process().connect(title, [&server] { return server.title_variables(); });
  if (const auto loaded = load(server, line); !loaded) return fail(loaded.error());
  const auto features =
      io::parse_features(server.options().ring_features.empty() ? "all" : server.options().ring_features);
  if (!features) return fail(features.error());
  if (!prepare_process(server)) return EXIT_FAILURE;
  base::watch_termination_signals();
  server.crash_report().start();
  say_hello(server, line);
  io::UringOptions ring_options;
  ring_options.allowed = *features;
  return serve(server, ring_options);
}

}  // namespace

}  // namespace torc::server

int main(int argc, char** argv) {
  // Copies: the title is written over what argv points to.
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  torc::io::ProcessTitle title(argc, argv);
  return torc::server::run(std::vector<std::string_view>(words.begin(), words.end()), &title);
}
