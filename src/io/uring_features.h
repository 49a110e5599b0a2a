// What the kernel's io_uring can do, found out by trying and not by version. Each feature can be masked, so that the
// tests run as on an old kernel.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace torc::io {

struct Features {
  bool single_issuer = false;        // 6.0
  bool defer_taskrun = false;        // 6.1
  bool no_sqarray = false;           // 6.6
  bool min_wait = false;             // 6.12: waiting for a batch with a bounded delay in one call
  bool no_iowait = false;            // 6.15: an idle ring does not look like a busy disk
  bool incremental_buffers = false;  // 6.12: a receive takes only the bytes it needs of a buffer
  bool multishot_accept = false;     // 5.19
  bool multishot_recv = false;       // 6.0
  bool send_zero_copy = false;       // 6.0
  bool sendmsg_zero_copy = false;    // 6.1
  bool zero_copy_usage = false;      // 6.2: notifications say whether the kernel copied
  bool ftruncate = false;            // 6.9

  static Features all() noexcept;
  friend bool operator==(const Features&, const Features&) noexcept = default;
};

[[nodiscard]] Features intersection(const Features& left, const Features& right) noexcept;

// "all", "none", a kernel ("6.1", "6.6", "6.12": what that kernel had), or a list of changes to "all":
// "-min_wait,-ftruncate".
[[nodiscard]] std::expected<Features, std::string> parse_features(std::string_view text);
// Names of the features that are on, separated by spaces.
[[nodiscard]] std::string describe(const Features& features);

}  // namespace torc::io
