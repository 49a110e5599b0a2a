// The process as the operating system sees it: identity, limits, consumption. All cheap reads, none cached.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace torc::io {

[[nodiscard]] pid_t process_id() noexcept;
// Ends the process without any clean-up.
[[noreturn]] void exit_now(int status) noexcept;
// Path of the executable; empty when /proc is missing.
[[nodiscard]] std::string executable_path();
[[nodiscard]] std::string working_directory();
// "Linux 6.1.0-13-amd64 x86_64", as INFO's os.
[[nodiscard]] std::string system_name();
[[nodiscard]] uint64_t system_memory_bytes() noexcept;
// Resident memory, from /proc/self/statm (0 when it cannot be read).
[[nodiscard]] uint64_t resident_bytes() noexcept;
// errno of the first failure, or 0. The parent exits, the child is in a new session with its standard streams on
// /dev/null.
[[nodiscard]] int daemonize() noexcept;

struct ProcessorTime {
  int64_t user_us = 0;
  int64_t system_us = 0;
};
enum class ProcessorTimeOf : uint8_t { process, children, this_thread };
[[nodiscard]] ProcessorTime processor_time(ProcessorTimeOf whom) noexcept;

// Descriptors that the process may open.
struct DescriptorLimit {
  uint64_t before = 0;  // the soft limit found
  uint64_t now = 0;     // the soft limit after trying
  int error = 0;        // errno when `now` is less than asked for
};
// Raises the soft limit to wanted; where that is refused, in steps of 16 down to what is allowed (the hard limit too,
// if permitted).
[[nodiscard]] DescriptorLimit raise_descriptor_limit(uint64_t wanted) noexcept;
[[nodiscard]] uint64_t locked_memory_limit_bytes() noexcept;

// "0-2,5" (taskset's form). False when the list is malformed or names no processor of this machine.
bool pin_thread(std::string_view processors) noexcept;
[[nodiscard]] std::vector<int> allowed_processors();
// The name in top -H, at most 15 bytes.
void name_thread(const char* name) noexcept;
// Whether standard output is a terminal.
[[nodiscard]] bool output_is_terminal() noexcept;
// Writes /proc/self/oom_score_adj; errno or 0.
[[nodiscard]] int set_oom_score_adjust(int value) noexcept;
[[nodiscard]] std::expected<int, int> oom_score_adjust() noexcept;
// Whether the kernel gives transparent huge pages also to those who did not ask for them.
[[nodiscard]] bool huge_pages_for_everybody() noexcept;
// This process gets none from now on; errno or 0.
[[nodiscard]] int disable_huge_pages() noexcept;

}  // namespace torc::io
