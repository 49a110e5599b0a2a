// Names, ranges, defaults and errors are those of redis.conf and CONFIG SET; torc- marks what Redis does not have.
#include "net/settings.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "io/file.h"
#include "io/process.h"

namespace torc::net {

namespace {

using base::Setting;

// Descriptors that are not clients: listeners, files, the ring; as many as redis-server sets aside.
constexpr uint64_t descriptors_reserved = 32;
constexpr size_t bind_addresses_max = 16;
constexpr std::string_view bind_error = "Failed to bind to specified addresses.";

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

// What no address holds, and what a line of the configuration file could not hold unquoted.
bool may_be_address(std::string_view word) {
  return std::ranges::none_of(word, [](unsigned char c) { return c < ' ' || c == '"' || c == '\'' || c == '\\'; });
}

Setting bind_setting(NetworkOptions* options) {
  options->bind = {"*", "-::*"};
  Setting row;
  row.name = "bind";
  row.multi_argument = true;
  row.get = [options] { return join(options->bind); };
  row.set = [options](std::string_view text) -> Setting::Result {
    const std::vector<std::string_view> addresses = base::setting_words(text);
    if (addresses.size() > bind_addresses_max) return std::unexpected("Too many bind addresses specified.");
    if (!std::ranges::all_of(addresses, may_be_address)) return std::unexpected(std::string(bind_error));
    options->bind.assign(addresses.begin(), addresses.end());
    return {};
  };
  row.default_value = row.get();
  return row;
}

Setting::Result apply_clients_max(NetworkOptions* options) {
  const uint64_t wanted = static_cast<uint64_t>(options->clients_max) + descriptors_reserved;
  const io::DescriptorLimit limit = io::raise_descriptor_limit(wanted);
  if (limit.now >= wanted) return {};
  const uint64_t clients = limit.now - std::min(limit.now, descriptors_reserved);
  return std::unexpected("The operating system is not able to handle the specified number of clients, try with " +
                         std::to_string(clients));
}

// What failed is in the log; name: of the setting.
std::function<Setting::Result()> listen_hook(const SettingHooks& hooks, std::string_view name, std::string_view error) {
  if (!hooks.listen_again) return {};
  return [hooks, name, error]() -> Setting::Result {
    if (hooks.listen_again()) return {};
    if (hooks.log) {
      hooks.log(LogLevel::warning, "Failed applying new configuration. Possibly related to new " + std::string(name) +
                                       " setting. Restoring previous settings.");
    }
    return std::unexpected(std::string(error));
  };
}

std::function<Setting::Result()> limits_hook(const std::function<void()>& limits_changed) {
  if (!limits_changed) return {};
  return [limits_changed]() -> Setting::Result {
    limits_changed();
    return {};
  };
}

}  // namespace

base::Settings network_settings(NetworkOptions* options, SettingHooks hooks) {
  base::Settings rows;
  rows.push_back(
      bind_setting(options).when_changed(listen_hook(hooks, "bind", bind_error)));
  rows.push_back(base::integer_setting("port", &options->port, 0, 65535, 6379)
                     .when_changed(listen_hook(hooks, "port", "Unable to listen on this port. Check server logs.")));
  rows.push_back(base::text_setting("unixsocket", &options->unix_socket, "").immutable());
  rows.push_back(base::octal_setting("unixsocketperm", &options->unix_socket_permissions, 0777, 0).immutable());
  rows.push_back(base::integer_setting("tcp-backlog", &options->backlog, 0, INT32_MAX, 511).immutable());
  rows.push_back(base::integer_setting("tcp-keepalive", &options->keepalive_s, 0, INT32_MAX, 300));
  rows.push_back(base::integer_setting("socket-mark-id", &options->socket_mark, 0, UINT32_MAX, 0).immutable());
  rows.push_back(
      base::integer_setting("maxclients", &options->clients_max, 1, UINT32_MAX, 10000).when_changed([options] {
        return apply_clients_max(options);
      }));
  constexpr uint64_t megabyte = 1 << 20;
  rows.push_back(
      base::memory_setting("proto-max-bulk-len", &options->bulk_bytes_max, megabyte, INT64_MAX, 512 * megabyte)
          .when_changed(limits_hook(hooks.limits_changed)));
  rows.push_back(base::memory_setting("client-query-buffer-limit", &options->query_buffer_bytes_max, megabyte,
                                      INT64_MAX, 1024 * megabyte)
                     .when_changed(limits_hook(hooks.limits_changed)));
  rows.push_back(
      base::memory_setting("torc-zero-copy-min-bytes", &options->zero_copy_bytes_min, 0, INT64_MAX, 32 * 1024));
  return rows;
}

std::expected<void, std::string> fit_clients_to_descriptors(NetworkOptions* options, const LogFunction& log) {
  const uint64_t wanted = static_cast<uint64_t>(options->clients_max) + descriptors_reserved;
  const io::DescriptorLimit limit = io::raise_descriptor_limit(wanted);
  if (limit.now >= wanted) {
    if (log && limit.now > limit.before) {
      log(LogLevel::notice, "Increased maximum number of open files to " + std::to_string(limit.now) +
                                " (it was originally set to " + std::to_string(limit.before) + ").");
    }
    return {};
  }
  const std::string found = "the limit of open files is " + std::to_string(limit.now) + ", and raising it to " +
                            std::to_string(wanted) + " failed: " + io::error_text(limit.error);
  if (limit.now <= descriptors_reserved) return std::unexpected("No client would fit: " + found);
  options->clients_max = static_cast<int64_t>(limit.now - descriptors_reserved);
  if (log) {
    log(LogLevel::warning, "maxclients has been reduced to " + std::to_string(options->clients_max) + ": " + found +
                               ". For more, raise it ('ulimit -n').");
  }
  return {};
}

}  // namespace torc::net
