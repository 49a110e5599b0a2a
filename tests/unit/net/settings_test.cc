// The configuration rows: names, defaults, ranges and errors as redis.conf and CONFIG SET have them.
#include "net/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/assert.h"

namespace torc::net {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  base::Setting& row(std::string_view name) {
    const auto found = std::ranges::find(rows_, name, &base::Setting::name);
    TORC_ASSERT(found != rows_.end());
    return *found;
  }
  std::string error_of(std::string_view name, std::string_view value) {
    const auto result = row(name).set(value);
    return result ? "" : result.error();
  }

  NetworkOptions options_;
  int listened_ = 0;
  int limits_ = 0;
  std::string log_;
  bool listening_fails_ = false;
  base::Settings rows_ = network_settings(&options_, {.listen_again = [this]() -> std::expected<void, std::string> {
                                                        ++listened_;
                                                        if (listening_fails_) return std::unexpected("no");
                                                        return {};
                                                      },
                                                      .limits_changed = [this] { ++limits_; },
                                                      .log = [this](LogLevel, std::string_view text) { log_ = text; }});
};

TEST_F(SettingsTest, DefaultsAreRedis) {
  const std::map<std::string, std::string> expected = {{"bind", "* -::*"},
                                                       {"port", "6379"},
                                                       {"unixsocket", ""},
                                                       {"unixsocketperm", "0"},
                                                       {"tcp-backlog", "511"},
                                                       {"tcp-keepalive", "300"},
                                                       {"socket-mark-id", "0"},
                                                       {"maxclients", "10000"},
                                                       {"proto-max-bulk-len", "536870912"},
                                                       {"client-query-buffer-limit", "1073741824"},
                                                       {"torc-zero-copy-min-bytes", "32768"}};
  EXPECT_EQ(rows_.size(), expected.size());
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(row(name).get(), value) << name;
    EXPECT_EQ(row(name).default_value, value) << name;
  }
  for (const char* name : {"unixsocket", "unixsocketperm", "tcp-backlog", "socket-mark-id"}) {
    EXPECT_EQ(row(name).kind, base::SettingKind::immutable) << name;
  }
  EXPECT_TRUE(row("bind").multi_argument);
}

TEST_F(SettingsTest, BindIsAListOfAddresses) {
  EXPECT_EQ(error_of("bind", "127.0.0.1  -::1 10.0.0.1"), "");
  EXPECT_EQ(options_.bind, (std::vector<std::string>{"127.0.0.1", "-::1", "10.0.0.1"}));
  EXPECT_EQ(row("bind").get(), "127.0.0.1 -::1 10.0.0.1");
  EXPECT_EQ(error_of("bind", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"), "Too many bind addresses specified.");
  EXPECT_EQ(options_.bind.size(), 3u);
  for (const char* text : {"127.0.0.1 a\tb", "a\"b", "'", "a\\", "\n"}) {
    EXPECT_EQ(error_of("bind", text), "Failed to bind to specified addresses.") << text;
  }
  EXPECT_EQ(options_.bind.size(), 3u);
  EXPECT_EQ(error_of("bind", ""), "");
  EXPECT_TRUE(options_.bind.empty());
}

TEST_F(SettingsTest, AddressAndPortListenAgain) {
  ASSERT_TRUE(row("bind").apply());
  ASSERT_TRUE(row("port").apply());
  EXPECT_EQ(listened_, 2);
  listening_fails_ = true;
  EXPECT_EQ(row("port").apply().error(), "Unable to listen on this port. Check server logs.");
  EXPECT_EQ(log_,
            "Failed applying new configuration. Possibly related to new port setting. Restoring previous settings.");
  EXPECT_EQ(row("bind").apply().error(), "Failed to bind to specified addresses.");
}

TEST_F(SettingsTest, RangesAreChecked) {
  EXPECT_NE(error_of("port", "65536"), "");
  EXPECT_NE(error_of("maxclients", "0"), "");
  EXPECT_NE(error_of("proto-max-bulk-len", "1000"), "");
  EXPECT_EQ(error_of("proto-max-bulk-len", "2mb"), "");
  EXPECT_EQ(options_.bulk_bytes_max, 2u << 20);
  EXPECT_NE(error_of("client-query-buffer-limit", "1000"), "");
  EXPECT_EQ(error_of("unixsocketperm", "700"), "");
  EXPECT_EQ(options_.unix_socket_permissions, 0700);
  EXPECT_NE(error_of("unixsocketperm", "1000"), "");
  ASSERT_TRUE(row("proto-max-bulk-len").apply());
  EXPECT_EQ(limits_, 1);
}

TEST_F(SettingsTest, MoreClientsThanDescriptorsAreRefused) {
  EXPECT_EQ(error_of("maxclients", "100"), "");
  EXPECT_TRUE(row("maxclients").apply());
  EXPECT_EQ(error_of("maxclients", "4294967295"), "");
  const auto result = row("maxclients").apply();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().starts_with(
      "The operating system is not able to handle the specified number of clients, try with "))
      << result.error();
}

TEST_F(SettingsTest, AtStartClientsAreFitted) {
  std::vector<std::string> log;
  const LogFunction write = [&](LogLevel, std::string_view text) { log.emplace_back(text); };
  options_.clients_max = 50;
  ASSERT_TRUE(fit_clients_to_descriptors(&options_, write));
  EXPECT_EQ(options_.clients_max, 50);
  options_.clients_max = UINT32_MAX;
  ASSERT_TRUE(fit_clients_to_descriptors(&options_, write));
  EXPECT_LT(options_.clients_max, UINT32_MAX);
  EXPECT_GT(options_.clients_max, 50);
  ASSERT_FALSE(log.empty());
  EXPECT_TRUE(log.back().starts_with("maxclients has been reduced to ")) << log.back();
}

}  // namespace
}  // namespace torc::net
