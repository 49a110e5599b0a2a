// What the server does with the process it is: its title, its rank for the kernel's out-of-memory killer, the word to
// systemd or upstart, the processors it runs on, the pid file. The settings of these stand here, too.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/setting.h"
#include "io/supervisor.h"

namespace torc::io {
class ProcessTitle;
}

namespace torc::server {

class Log;

// Bits of shutdown-on-sigint and shutdown-on-sigterm, and of SHUTDOWN's arguments.
enum ShutdownFlag : int { shutdown_save = 1, shutdown_no_save = 2, shutdown_now = 4, shutdown_force = 8 };

struct ProcessOptions {
  static constexpr size_t oom_classes = 3;  // primary, replica, background child
  bool daemonize = false;
  std::string pid_file;
  int supervised = 0;          // a SupervisedMode
  bool set_title = true;       // set-proc-title
  std::string title_template;  // proc-title-template
  int oom_score_adjust = 0;    // an OomScoreMode
  int64_t oom_scores[oom_classes] = {0, 200, 800};
  std::string processors;      // server_cpulist
  bool disable_huge_pages = true;  // disable-thp
  int shutdown_on_sigint = 0;  // ShutdownFlags
  int shutdown_on_sigterm = 0;
};

// What the title's template may refer to.
struct TitleVariables {
  std::string host;  // the first address listened on
  int64_t port = 0;
  std::string unix_socket;
  std::string config_file;
};

class ProcessControl {
 public:
  explicit ProcessControl(Log* log);
  // title: may be null (tests); it must outlive this. variables: asked whenever a title is made.
  void connect(io::ProcessTitle* title, std::function<TitleVariables()> variables);

  [[nodiscard]] const ProcessOptions& options() const noexcept { return options_; }
  [[nodiscard]] base::Settings settings();
  [[nodiscard]] io::Supervisor supervisor() const noexcept { return supervisor_; }

  // Before the log's first lines: finds the supervisor, or leaves for the background. False: that failed.
  [[nodiscard]] bool enter_background();
  // pid_file: where `pidfile` lies; empty: none was named.
  void write_pid_file(const std::string& path);
  void remove_pid_file() const;
  // Once all of the configuration is known: title, processors, rank, huge pages.
  void apply_options();
  // To the supervisor.
  void tell_ready() const;
  void tell_stopping() const;
  void tell_status(std::string_view status) const;

 private:
  base::Setting::Result apply_oom_score();
  void apply_huge_pages() const;
  base::Setting::Result apply_title();
  [[nodiscard]] std::optional<std::string> title_of(std::string_view text) const;
  base::Setting title_setting();
  base::Setting oom_scores_setting();

  Log* log_;
  ProcessOptions options_;
  io::ProcessTitle* title_ = nullptr;
  std::function<TitleVariables()> variables_;
  io::Supervisor supervisor_ = io::Supervisor::none;
  std::optional<int> oom_score_found_;  // before we changed it
  std::string pid_path_;                // what was written
};

// {name} replaced by the variable's value, "{{" by a brace; nullopt where a brace is not closed or nobody knows the
// name.
[[nodiscard]] std::optional<std::string> expand_template(
    std::string_view text, const std::function<std::optional<std::string>(std::string_view name)>& variable);

}  // namespace torc::server
