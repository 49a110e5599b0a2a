// torc-server: command line, configuration, ring, and then the tick until it ends.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "base/signals.h"
#include "io/file.h"
#include "io/process.h"
#include "io/uring_ring.h"
#include "server/server.h"

namespace torc::server {

namespace {

constexpr std::string_view usage =
    "Usage: torc-server [/path/to/redis.conf|-] [--option value ...]\n"
    "       torc-server -v | --version\n"
    "       torc-server -h | --help\n"
    "\n"
    "Options are the directives of redis.conf, for example:\n"
    "       torc-server --port 7777\n"
    "       torc-server /etc/redis/redis.conf --loglevel verbose\n"
    "       torc-server - < redis.conf\n";

int fail(std::string_view text) {
  io::print_error(fmt::format("{}\n", text));
  return EXIT_FAILURE;
}

int fail(const config::LoadError& error) {
  std::string text = fmt::format("\n*** FATAL CONFIG FILE ERROR (torc {}) ***\n", TORC_VERSION);
  if (error.line > 0) {
    text += fmt::format("Reading the configuration{}{}, at line {}\n>>> '{}'\n", error.file.empty() ? "" : " file ",
                        error.file, error.line, error.text);
  }
  return fail(text + error.reason);
}

std::expected<void, config::LoadError> load(Server& server, const CommandLine& line) {
  config::Configuration& configuration = server.configuration();
  if (line.config_file == "-") {
    const auto text = io::read_standard_input();
    if (!text) return std::unexpected(config::LoadError{"", 0, "", io::error_text(text.error())});
    if (auto loaded = configuration.load_text(*text, ""); !loaded) return loaded;
  } else if (!line.config_file.empty()) {
    if (auto loaded = configuration.load_file(line.config_file); !loaded) return loaded;
    server.set_config_file(io::absolute_path(line.config_file).value_or(line.config_file));
  }
  return configuration.load_text(line.config_text, "");
}

// Log, directory and process are in place before anything is opened. False: the reason was printed.
bool prepare_process(Server& server) {
  const ServerOptions& options = server.options();
  if (!options.directory.empty()) {
    const auto directory = io::absolute_path(options.directory);
    if (!directory) {
      fail(fmt::format("Can't chdir to '{}': {}", options.directory, io::error_text(directory.error())));
      return false;
    }
  }
  if (const auto opened = server.log().open(options.in_directory(options.log_file)); !opened) {
    fail(fmt::format("Can't open the log file: {}", io::error_text(opened.error())));
    return false;
  }
  server.log().set_level(static_cast<LogLevel>(options.log_level));
  if (options.daemonize && io::daemonize() != 0) {
    fail("Can't become a daemon");
    return false;
  }
  return true;
}

void say_hello(Server& server, const CommandLine& line) {
  Log& log = server.log();
  log.write(LogLevel::notice, "oO0OoO0OoO0Oo torc is starting oO0OoO0OoO0Oo");
  log.write(LogLevel::notice, fmt::format("torc version={}, Redis version=7.2.4, bits={}, pid={}, just started",
                                          TORC_VERSION, sizeof(void*) * 8, io::process_id()));
  if (line.config_file.empty() && line.config_text == "\n") {
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

int serve(Server& server, const io::UringOptions& ring_options) {
  Log& log = server.log();
  auto ring = io::make_uring_ring(ring_options);
  if (!ring) {
    log.write(LogLevel::warning, ring.error());
    return fail(ring.error());
  }
  if (const auto started = server.start(ring->get()); !started) {
    log.write(LogLevel::warning, started.error());
    return EXIT_FAILURE;
  }
  const ServerOptions& options = server.options();
  const std::string pid_file =
      options.pid_file.empty() && options.daemonize ? "/var/run/redis.pid" : options.in_directory(options.pid_file);
  if (!pid_file.empty() && !io::write_file(pid_file, fmt::format("{}\n", io::process_id()))) {
    log.write(LogLevel::warning, fmt::format("Failed to write PID file {}", pid_file));
  }
  log.raw(fmt::format("torc {} standalone on io_uring, PID: {}\n", TORC_VERSION, io::process_id()));
  log.write(LogLevel::notice, "Server initialized");
  log.write(LogLevel::notice, "Ready to accept connections tcp");
  server.run();
  if (!pid_file.empty()) (void)io::remove_file(pid_file);
  log.write(LogLevel::warning, "torc is now ready to exit, bye bye...");
  return EXIT_SUCCESS;
}

int run(std::span<const std::string_view> arguments) {
  const auto line = parse_command_line(arguments);
  if (!line) return fail(line.error());
  if (line->help) return io::print_out(usage), EXIT_SUCCESS;
  if (line->version) {
    io::print_out(fmt::format("torc server v={} (Redis 7.2.4) bits={}\n", TORC_VERSION, sizeof(void*) * 8));
    return EXIT_SUCCESS;
  }
  base::SystemClock clock;
  uint64_t secrets[3];
  base::system_entropy(std::as_writable_bytes(std::span(secrets)));
  Server server(&clock, secrets[0], {secrets[1], secrets[2]});
  if (const auto loaded = load(server, *line); !loaded) return fail(loaded.error());
  const auto features =
      io::parse_features(server.options().ring_features.empty() ? "all" : server.options().ring_features);
  if (!features) return fail(features.error());
  if (!prepare_process(server)) return EXIT_FAILURE;
  base::watch_termination_signals();
  say_hello(server, *line);
  io::UringOptions ring_options;
  ring_options.allowed = *features;
  return serve(server, ring_options);
}

}  // namespace

}  // namespace torc::server

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return torc::server::run(arguments);
}
