// What the process asks of the operating system about itself, mostly by way of /proc.
#include "io/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <optional>

#include "base/parse_number.h"
#include "io/file.h"

namespace torc::io {

namespace {

constexpr const char* oom_score_path = "/proc/self/oom_score_adj";
constexpr const char* huge_pages_path = "/sys/kernel/mm/transparent_hugepage/enabled";

int64_t microseconds(const timeval& time) noexcept { return time.tv_sec * 1'000'000LL + time.tv_usec; }

// One part of a processor list, "3" or "0-2".
bool add_processors(std::string_view part, cpu_set_t* set) noexcept {
  const size_t dash = part.find('-');
  const auto first = base::parse_unsigned(part.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : base::parse_unsigned(part.substr(dash + 1));
  if (!first || !last || *first > *last || *last >= CPU_SETSIZE) return false;
  for (uint64_t processor = *first; processor <= *last; ++processor) CPU_SET(processor, set);
  return true;
}

}  // namespace

pid_t process_id() noexcept { return ::getpid(); }

void exit_now(int status) noexcept { ::_exit(status); }

std::string executable_path() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size < 0 ? std::string() : std::string(path, static_cast<size_t>(size));
}

std::string working_directory() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof path) == nullptr ? std::string() : std::string(path);
}

std::string system_name() {
  utsname name{};
  if (::uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

uint64_t system_memory_bytes() noexcept {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes) : 0;
}

uint64_t resident_bytes() noexcept {
  const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[256];
  const ssize_t size = ::read(fd, text, sizeof text);
  ::close(fd);
  // The second number counts resident pages.
  const char* const end = text + std::max<ssize_t>(size, 0);
  const char* const space = std::find(static_cast<const char*>(text), end, ' ');
  uint64_t pages = 0;
  if (space != end) std::from_chars(space + 1, end, pages);
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

int daemonize() noexcept {
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child > 0) ::_exit(0);
  ::setsid();
  const int fd = ::open("/dev/null", O_RDWR);
  if (fd < 0) return errno;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(fd, stream);
  if (fd > STDERR_FILENO) ::close(fd);
  return 0;
}

ProcessorTime processor_time(ProcessorTimeOf whom) noexcept {
  const int who = whom == ProcessorTimeOf::process    ? RUSAGE_SELF
                  : whom == ProcessorTimeOf::children ? RUSAGE_CHILDREN
                                                      : RUSAGE_THREAD;
  rusage usage{};
  ::getrusage(who, &usage);
  return {microseconds(usage.ru_utime), microseconds(usage.ru_stime)};
}

DescriptorLimit raise_descriptor_limit(uint64_t wanted) noexcept {
  DescriptorLimit result;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    result.error = errno;
    return result;
  }
  result.before = result.now = limit.rlim_cur;
  if (limit.rlim_cur >= wanted) return result;
  // First beyond the hard limit, which root may; then as far as it goes.
  const rlimit best = {wanted, std::max<rlim_t>(wanted, limit.rlim_max)};
  const rlimit allowed = {std::min<rlim_t>(wanted, limit.rlim_max), limit.rlim_max};
  for (const rlimit& attempt : {best, allowed}) {
    if (::setrlimit(RLIMIT_NOFILE, &attempt) == 0) {
      result.now = attempt.rlim_cur;
      break;
    }
    result.error = errno;
  }
  if (result.now >= wanted) result.error = 0;
  return result;
}

uint64_t locked_memory_limit_bytes() noexcept {
  rlimit limit{};
  return ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? limit.rlim_cur : 0;
}

bool pin_thread(std::string_view processors) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  while (true) {
    const size_t comma = processors.find(',');
    if (!add_processors(processors.substr(0, comma), &set)) return false;
    if (comma == std::string_view::npos) break;
    processors.remove_prefix(comma + 1);
  }
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return processors;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &set)) processors.push_back(processor);
  }
  return processors;
}

void name_thread(const char* name) noexcept { ::pthread_setname_np(::pthread_self(), name); }

bool output_is_terminal() noexcept { return ::isatty(STDOUT_FILENO) != 0; }

int set_oom_score_adjust(int value) noexcept {
  const auto written = write_file(oom_score_path, std::to_string(value));
  return written ? 0 : written.error();
}

bool huge_pages_for_everybody() noexcept {
  const auto content = read_file(huge_pages_path, 64);
  return content && content->find("[always]") != std::string::npos;
}

int disable_huge_pages() noexcept { return ::prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0 ? 0 : errno; }

std::expected<int, int> oom_score_adjust() noexcept {
  const auto content = read_file(oom_score_path, 64);
  if (!content) return std::unexpected(content.error());
  int value = 0;
  std::from_chars(content->data(), content->data() + content->size(), value);
  return value;
}

}  // namespace torc::io
