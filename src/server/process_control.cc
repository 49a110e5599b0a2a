// Names, values and errors of the settings are Redis's. What fails at start is logged and the server goes on; what
// fails for CONFIG SET is its error.
#include "server/process_control.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "io/file.h"
#include "io/process.h"
#include "io/process_title.h"
#include "server/log.h"

namespace torc::server {

namespace {

using base::Setting;

constexpr std::string_view default_title = "{title} {listen-addr} {server-mode}";
constexpr const char* default_pid_file = "/var/run/redis.pid";
constexpr int oom_score_most = 1000;

enum SupervisedMode : int { supervised_no, supervised_upstart, supervised_systemd, supervised_auto };
enum OomScoreMode : int { oom_score_no, oom_score_relative, oom_score_absolute };

Setting shutdown_setting(std::string_view name, int* storage) {
  Setting row = base::flags_setting(name, storage,
                                    {{"default", 0},
                                     {"save", shutdown_save},
                                     {"nosave", shutdown_no_save},
                                     {"now", shutdown_now},
                                     {"force", shutdown_force}},
                                    0);
  row.set = [storage, parse = row.set](std::string_view text) -> Setting::Result {
    const int before = *storage;
    auto result = parse(text);
    if (result && (*storage & shutdown_save) && (*storage & shutdown_no_save)) {
      *storage = before;
      return std::unexpected("shutdown options SAVE and NOSAVE can't be used simultaneously");
    }
    return result;
  };
  return row;
}

bool parse_oom_scores(std::string_view text, int64_t* scores) {
  size_t index = 0;
  for (const std::string_view word : base::setting_words(text)) {
    const auto score = base::parse_integer(word);
    if (!score || *score < -2000 || *score > 2000) return false;
    scores[index++] = *score;
  }
  return true;
}

}  // namespace

std::optional<std::string> expand_template(
    std::string_view text, const std::function<std::optional<std::string>(std::string_view)>& variable) {
  std::string expanded;
  while (true) {
    const size_t brace = std::min(text.find('{'), text.size());
    expanded += text.substr(0, brace);
    text.remove_prefix(brace);
    if (text.empty()) return expanded;
    if (text.starts_with("{{")) {
      expanded += '{';
      text.remove_prefix(2);
      continue;
    }
    const size_t end = text.find('}');
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = variable(text.substr(1, end - 1));
    if (!value) return std::nullopt;
    expanded += *value;
    text.remove_prefix(end + 1);
  }
}

ProcessControl::ProcessControl(Log* log) : log_(log) {}

void ProcessControl::connect(io::ProcessTitle* title, std::function<TitleVariables()> variables) {
  title_ = title;
  variables_ = std::move(variables);
}

std::optional<std::string> ProcessControl::title_of(std::string_view text) const {
  const TitleVariables known = variables_ ? variables_() : TitleVariables{};
  auto title = expand_template(text, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "title") return title_ ? title_->program() : "";
    if (name == "listen-addr") {
      if (known.port == 0) return known.unix_socket;
      return fmt::format("{}:{}", known.host.empty() ? "*" : known.host, known.port);
    }
    if (name == "server-mode") return "";
    if (name == "port") return std::to_string(known.port);
    if (name == "tls-port") return "0";
    if (name == "unixsocket") return known.unix_socket;
    if (name == "config-file") return known.config_file;
    return std::nullopt;
  });
  if (!title) return title;
  const size_t first = title->find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return title->substr(first, title->find_last_not_of(' ') - first + 1);
}

Setting ProcessControl::title_setting() {
  Setting row = base::text_setting("proc-title-template", &options_.title_template, default_title);
  row.set = [this](std::string_view given) -> Setting::Result {
    const std::string_view text = base::c_text(given);
    const auto title = title_of(text);
    // A title that is empty only because a variable is would be fine with other variables, but Redis refuses it, too.
    if (!title || (title->empty() && text.find("{title}") == std::string_view::npos)) {
      return std::unexpected("template format is invalid or contains unknown variables");
    }
    options_.title_template = text;
    return {};
  };
  row.apply = [this] { return apply_title(); };
  return row;
}

Setting ProcessControl::oom_scores_setting() {
  Setting row;
  row.name = "oom-score-adj-values";
  row.multi_argument = true;
  row.get = [this] {
    return fmt::format("{} {} {}", options_.oom_scores[0], options_.oom_scores[1], options_.oom_scores[2]);
  };
  row.set = [this](std::string_view text) -> Setting::Result {
    int64_t scores[ProcessOptions::oom_classes];
    if (base::setting_words(text).size() != std::size(scores)) return std::unexpected("wrong number of arguments");
    if (!parse_oom_scores(text, scores)) {
      return std::unexpected("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    if (scores[1] < scores[0] || scores[2] < scores[1]) {
      log_->write(LogLevel::warning,
                  "oom-score-adj-values do not rise, which needs privileges when the process changes its rank.");
    }
    std::ranges::copy(scores, options_.oom_scores);
    return {};
  };
  row.apply = [this] { return apply_oom_score(); };
  row.default_value = row.get();
  return row;
}

base::Settings ProcessControl::settings() {
  base::Settings rows;
  rows.push_back(base::boolean_setting("daemonize", &options_.daemonize, false).immutable());
  rows.push_back(base::text_setting("pidfile", &options_.pid_file, "").immutable());
  rows.push_back(base::enum_setting("supervised", &options_.supervised,
                                    {{"upstart", supervised_upstart},
                                     {"systemd", supervised_systemd},
                                     {"auto", supervised_auto},
                                     {"no", supervised_no}},
                                    supervised_no)
                     .immutable());
  rows.push_back(base::boolean_setting("set-proc-title", &options_.set_title, true).immutable());
  rows.push_back(title_setting());
  rows.push_back(base::enum_setting("oom-score-adj", &options_.oom_score_adjust,
                                    {{"no", oom_score_no},
                                     {"yes", oom_score_relative},
                                     {"relative", oom_score_relative},
                                     {"absolute", oom_score_absolute}},
                                    oom_score_no)
                     .when_changed([this] { return apply_oom_score(); }));
  rows.push_back(oom_scores_setting());
  rows.push_back(base::text_setting("server_cpulist", &options_.processors, "").immutable());
  rows.push_back(base::boolean_setting("disable-thp", &options_.disable_huge_pages, true).immutable());
  rows.push_back(shutdown_setting("shutdown-on-sigint", &options_.shutdown_on_sigint));
  rows.push_back(shutdown_setting("shutdown-on-sigterm", &options_.shutdown_on_sigterm));
  return rows;
}

Setting::Result ProcessControl::apply_oom_score() {
  const auto failed = [this](int error) -> Setting::Result {
    oom_score_found_.reset();
    log_->write(LogLevel::warning, "Unable to write oom_score_adj: " + io::error_text(error));
    return std::unexpected("Failed to set current oom_score_adj. Check server logs.");
  };
  if (options_.oom_score_adjust == oom_score_no) {
    if (!oom_score_found_) return {};
    const int error = io::set_oom_score_adjust(*oom_score_found_);
    oom_score_found_.reset();
    return error == 0 ? Setting::Result{} : failed(error);
  }
  if (!oom_score_found_) {
    const auto found = io::oom_score_adjust();
    if (!found) return failed(found.error());
    oom_score_found_ = *found;
  }
  const auto score = static_cast<int>(options_.oom_scores[0]) +
                     (options_.oom_score_adjust == oom_score_relative ? *oom_score_found_ : 0);
  const int error = io::set_oom_score_adjust(std::clamp(score, -oom_score_most, oom_score_most));
  return error == 0 ? Setting::Result{} : failed(error);
}

Setting::Result ProcessControl::apply_title() {
  const auto title = title_of(options_.title_template);
  if (!title) return std::unexpected("failed to set process title");
  if (title_ && options_.set_title) title_->set(*title);
  return {};
}

bool ProcessControl::enter_background() {
  const int mode = options_.supervised;
  if (mode == supervised_auto) supervisor_ = io::find_supervisor();
  if (mode == supervised_systemd) supervisor_ = io::Supervisor::systemd;
  if (mode == supervised_upstart) supervisor_ = io::Supervisor::upstart;
  if (supervisor_ != io::Supervisor::none && !io::supervisor_present(supervisor_)) {
    log_->write(LogLevel::warning, supervisor_ == io::Supervisor::systemd
                                       ? "systemd supervision requested, but NOTIFY_SOCKET not found!"
                                       : "upstart supervision requested, but UPSTART_JOB not found!");
    supervisor_ = io::Supervisor::none;
  }
  if (supervisor_ == io::Supervisor::systemd) tell_status("torc is loading...");
  if (supervisor_ == io::Supervisor::upstart) {
    log_->write(LogLevel::notice, "supervised by upstart, will stop to signal readiness.");
    io::notify_upstart();
  }
  if (supervisor_ != io::Supervisor::none || !options_.daemonize) return true;
  return io::daemonize() == 0;
}

void ProcessControl::write_pid_file(const std::string& path) {
  const bool background = options_.daemonize && supervisor_ == io::Supervisor::none;
  if (path.empty() && !background) return;
  pid_path_ = path.empty() ? default_pid_file : path;
  if (const auto written = io::write_file(pid_path_, fmt::format("{}\n", io::process_id())); !written) {
    log_->write(LogLevel::warning, "Failed to write PID file: " + io::error_text(written.error()));
    pid_path_.clear();
  }
}

void ProcessControl::remove_pid_file() const {
  if (!pid_path_.empty() && io::remove_file(pid_path_)) log_->write(LogLevel::notice, "Removing the pid file.");
}

void ProcessControl::apply_options() {
  (void)apply_title();
  (void)apply_oom_score();
  if (!options_.processors.empty() && !io::pin_thread(options_.processors)) {
    log_->write(LogLevel::warning, fmt::format("server_cpulist '{}' names no processors.", options_.processors));
  }
  apply_huge_pages();
}

// As Redis does: only where everybody gets them. Whoever asks for one (the allocator, with its own setting) has its
// reasons.
void ProcessControl::apply_huge_pages() const {
  if (!options_.disable_huge_pages || !io::huge_pages_for_everybody()) return;
  const int error = io::disable_huge_pages();
  if (error == 0) return;
  log_->write(LogLevel::warning,
              "Transparent huge pages cannot be disabled for this process (" + io::error_text(error) +
                  "): with them a background save takes more memory, and its beginning longer.");
}

void ProcessControl::tell_ready() const {
  if (supervisor_ != io::Supervisor::systemd) return;
  tell_status("Ready to accept connections");
  io::notify_systemd("READY=1\n");
}

void ProcessControl::tell_stopping() const {
  if (supervisor_ == io::Supervisor::systemd) io::notify_systemd("STOPPING=1\n");
}

void ProcessControl::tell_status(std::string_view status) const {
  if (supervisor_ != io::Supervisor::systemd) return;
  if (!io::notify_systemd(fmt::format("STATUS={}\n", status))) {
    log_->write(LogLevel::warning, "systemd took no notice: its socket could not be reached.");
  }
}

}  // namespace torc::server
