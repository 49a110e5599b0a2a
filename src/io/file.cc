// Plain system calls with retries on EINTR; nothing here runs beside clients.
#include "io/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "io/owned_descriptor.h"

namespace torc::io {

namespace {

std::expected<std::string, int> read_all(int fd, size_t bytes_max) {
  std::string content;
  char piece[16384];
  while (true) {
    const ssize_t count = ::read(fd, piece, sizeof piece);
    if (count == 0) return content;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno);
    if (content.size() + static_cast<size_t>(count) > bytes_max) return std::unexpected(EFBIG);
    content.append(piece, static_cast<size_t>(count));
  }
}

std::expected<void, int> write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::expected<void, int> write_and_sync(const OwnedDescriptor& fd, std::string_view content, mode_t mode) noexcept {
  if (auto written = write_all(fd.get(), content); !written) return written;
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) return std::unexpected(errno);
  return {};
}

}  // namespace

std::string error_text(int error) {
  char buffer[128];
  return ::strerror_r(error, buffer, sizeof buffer);  // the GNU form, which returns the text
}

std::expected<std::string, int> read_file(const std::string& path, size_t bytes_max) {
  const OwnedDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::unexpected(errno);
  return read_all(fd.get(), bytes_max);
}

std::expected<std::string, int> read_standard_input(size_t bytes_max) { return read_all(STDIN_FILENO, bytes_max); }

std::expected<void, int> write_file(const std::string& path, std::string_view content, mode_t mode) {
  const OwnedDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd) return std::unexpected(errno);
  return write_all(fd.get(), content);
}

std::expected<void, int> replace_file(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  OwnedDescriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return std::unexpected(errno);
  auto written = write_and_sync(fd, content, mode);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = std::unexpected(errno);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  const auto directory = open_directory(directory_of(path));
  if (!directory) return std::unexpected(directory.error());
  const OwnedDescriptor owned(*directory);
  if (::fsync(owned.get()) != 0) return std::unexpected(errno);
  return {};
}

std::expected<mode_t, int> file_mode(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::unexpected(errno);
  return status.st_mode & 07777;
}

std::vector<std::string> matching_paths(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

std::expected<void, int> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return std::unexpected(errno);
  return {};
}

std::string path_in(const std::string& directory, const std::string& path) {
  return path.empty() || path.front() == '/' || directory.empty() ? path : directory + '/' + path;
}

std::expected<int, int> open_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno);
  return fd;
}

std::expected<std::vector<std::string>, int> list_directory(int directory) {
  OwnedDescriptor fd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return std::unexpected(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()), ::closedir);
  if (!stream) return std::unexpected(errno);
  static_cast<void>(fd.release());
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return std::unexpected(errno);
  std::sort(names.begin(), names.end());
  return names;
}

std::expected<std::string, int> absolute_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
  if (!resolved) return std::unexpected(errno);
  return std::string(resolved.get());
}

std::expected<std::string, int> absolute_directory(const std::string& path) {
  auto resolved = absolute_path(path);
  struct stat status {};
  if (!resolved) return resolved;
  if (::stat(resolved->c_str(), &status) != 0) return std::unexpected(errno);
  if (!S_ISDIR(status.st_mode)) return std::unexpected(ENOTDIR);
  if (::access(resolved->c_str(), X_OK) != 0) return std::unexpected(errno);
  return resolved;
}

std::expected<std::string, int> descriptor_path(int fd) {
  char path[PATH_MAX];
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  if (size < 0) return std::unexpected(errno);
  return std::string(path, static_cast<size_t>(size));
}

LogFile::~LogFile() {
  if (!path_.empty()) ::close(fd_);
}

std::expected<void, int> LogFile::open(const std::string& path) {
  int fd = STDOUT_FILENO;
  struct stat status {};
  if (!path.empty()) {
    fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return std::unexpected(errno);
    ::fstat(fd, &status);
  }
  if (!path_.empty()) ::close(fd_);
  path_ = path;
  fd_ = fd;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  return {};
}

void LogFile::append(std::string_view line) noexcept {
  reopen_if_moved();
  static_cast<void>(write_all(fd_, line));
}

void LogFile::append_in_handler(std::string_view line) noexcept { static_cast<void>(write_all(fd_, line)); }

void LogFile::reopen_if_moved() noexcept {
  if (path_.empty()) return;
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) return;
  // A copy: open() assigns path_. When opening fails, the moved file is still better than nothing.
  static_cast<void>(open(std::string(path_)));
}

void print_out(std::string_view text) noexcept { static_cast<void>(write_all(STDOUT_FILENO, text)); }

void print_error(std::string_view text) noexcept { static_cast<void>(write_all(STDERR_FILENO, text)); }

}  // namespace torc::io
