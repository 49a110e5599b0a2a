// The few file operations that are done synchronously, at start-up, at exit and for the server's log; everything that
// runs beside clients goes through the Ring.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace torc::io {

// Errors are errno; error_text() gives strerror's words.
[[nodiscard]] std::string error_text(int error);

// Fails with EFBIG above bytes_max.
[[nodiscard]] std::expected<std::string, int> read_file(const std::string& path, size_t bytes_max = 64 << 20);
[[nodiscard]] std::expected<std::string, int> read_standard_input(size_t bytes_max = 64 << 20);
// Creates or truncates (the pid file).
[[nodiscard]] std::expected<void, int> write_file(const std::string& path, std::string_view content,
                                                  mode_t mode = 0644);
// All or nothing, also over a power cut: a temporary file beside path, fsync, rename, fsync of the directory.
[[nodiscard]] std::expected<void, int> replace_file(const std::string& path, std::string_view content,
                                                    mode_t mode = 0644);
// Permission bits.
[[nodiscard]] std::expected<mode_t, int> file_mode(const std::string& path);
// Paths that fit a shell pattern, sorted; none when nothing fits.
[[nodiscard]] std::vector<std::string> matching_paths(const std::string& pattern);
[[nodiscard]] std::expected<void, int> remove_file(const std::string& path);
// The descriptor stands for the directory in Ring::openat and its like.
[[nodiscard]] std::expected<int, int> open_directory(const std::string& path);
// Names in a directory, without "." and "..", sorted. The descriptor's position does not move.
[[nodiscard]] std::expected<std::vector<std::string>, int> list_directory(int directory);
// A relative path, not empty, as seen from the directory (empty: the working directory).
[[nodiscard]] std::string path_in(const std::string& directory, const std::string& path);
[[nodiscard]] std::expected<std::string, int> absolute_path(const std::string& path);
// The same; what it names must be a directory that may be entered.
[[nodiscard]] std::expected<std::string, int> absolute_directory(const std::string& path);
[[nodiscard]] std::expected<std::string, int> descriptor_path(int fd);

// Where log lines go: appended to a file, or written to standard output when the path is empty.
class LogFile {
 public:
  LogFile() noexcept = default;
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  // Keeps the old destination on failure.
  [[nodiscard]] std::expected<void, int> open(const std::string& path);
  // One write call, so that lines of several processes do not mix. Opens again when the file was moved away (log
  // rotation).
  void append(std::string_view line) noexcept;
  // In a signal's handler: the same to the file as it was opened, and nothing else.
  void append_in_handler(std::string_view line) noexcept;

 private:
  void reopen_if_moved() noexcept;
  std::string path_;
  int fd_ = 1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Writes to standard output or standard error, for what is said before a log exists.
void print_out(std::string_view text) noexcept;
void print_error(std::string_view text) noexcept;

}  // namespace torc::io
