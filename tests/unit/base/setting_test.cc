// Every kind of setting takes what CONFIG SET of Redis takes and refuses the rest with Redis's words.
#include "base/setting.h"

#include <gtest/gtest.h>

namespace {

using namespace torc::base;

std::string failure(Setting& row, std::string_view text) {
  auto result = row.set(text);
  return result ? "OK" : result.error();
}

TEST(Setting, boolean) {
  bool value = false;
  Setting row = boolean_setting("lazyfree-lazy-expire", &value, true);
  EXPECT_TRUE(value);
  EXPECT_EQ(row.default_value, "yes");
  EXPECT_EQ(failure(row, "NO"), "OK");
  EXPECT_FALSE(value);
  EXPECT_EQ(row.get(), "no");
  EXPECT_EQ(failure(row, "1"), "argument must be 'yes' or 'no'");
  EXPECT_FALSE(value);
}

TEST(Setting, integer) {
  int64_t value = 0;
  Setting row = integer_setting("databases", &value, 1, 100, 16);
  EXPECT_EQ(value, 16);
  EXPECT_EQ(failure(row, "100"), "OK");
  EXPECT_EQ(row.get(), "100");
  EXPECT_EQ(failure(row, "101"), "argument must be between 1 and 100 inclusive");
  EXPECT_EQ(failure(row, "0"), "argument must be between 1 and 100 inclusive");
  EXPECT_EQ(failure(row, "1kb"), "argument couldn't be parsed into an integer");
  EXPECT_EQ(value, 100);
}

TEST(Setting, memory) {
  uint64_t value = 0;
  Setting row = memory_setting("proto-max-bulk-len", &value, 1024 * 1024, INT64_MAX, 512 << 20);
  EXPECT_EQ(row.default_value, "536870912");
  EXPECT_EQ(failure(row, "1mb"), "OK");
  EXPECT_EQ(value, 1u << 20);
  EXPECT_EQ(failure(row, "1"), "argument must be between 1048576 and 9223372036854775807 inclusive");
  EXPECT_EQ(failure(row, "-1"), "argument must be a memory value");
}

TEST(Setting, ANulEndsAValue) {
  using std::literals::operator""sv;
  bool flag = false;
  Setting boolean = boolean_setting("lazyfree-lazy-expire", &flag, false);
  EXPECT_EQ(failure(boolean, "yes\0x"sv), "OK");
  EXPECT_TRUE(flag);
  uint64_t bytes = 1;
  Setting memory = memory_setting("maxmemory", &bytes, 0, INT64_MAX, 1);
  EXPECT_EQ(failure(memory, "2kb\0x"sv), "OK");
  EXPECT_EQ(bytes, 2048u);
  EXPECT_EQ(failure(memory, "\0\xff"sv), "OK");
  EXPECT_EQ(bytes, 0u);
  int64_t share = 0;
  Setting percent = percent_or_memory_setting("maxmemory-clients", &share, -100, INT64_MAX, 0);
  EXPECT_EQ(failure(percent, "5\0%"sv), "OK");
  EXPECT_EQ(share, 5);
  EXPECT_EQ(failure(percent, "5%\0"sv), "argument must be a memory or percent value");
  int choice = 0;
  Setting enumeration = enum_setting("loglevel", &choice, {{"debug", 0}, {"notice", 2}}, 0);
  EXPECT_EQ(failure(enumeration, "NOTICE\0x"sv), "OK");
  EXPECT_EQ(choice, 2);
  Setting flags = flags_setting("shutdown-on-sigterm", &choice, {{"default", 0}, {"nosave", 1}, {"now", 2}}, 0);
  EXPECT_EQ(failure(flags, "nosave\0x now"sv), "OK");
  EXPECT_EQ(choice, 3);
  int64_t permissions = 0;
  Setting octal = octal_setting("unixsocketperm", &permissions, 0777, 0);
  EXPECT_EQ(failure(octal, "700\0x"sv), "OK");
  EXPECT_EQ(permissions, 0700);
  std::string kept;
  Setting text = text_setting("unixsocket", &kept, "");
  EXPECT_EQ(failure(text, "/a\0b"sv), "OK");
  EXPECT_EQ(kept, "/a");
  // Except for passwords, and integers, which are parsed by their length.
  Setting password = bytes_setting("requirepass", &kept, "");
  EXPECT_EQ(failure(password, "a\0b"sv), "OK");
  EXPECT_EQ(kept, "a\0b"sv);
  int64_t number = 0;
  Setting integer = integer_setting("databases", &number, 1, 100, 16);
  EXPECT_EQ(failure(integer, "7\0"sv), "argument couldn't be parsed into an integer");
}

TEST(Setting, percent_or_memory) {
  int64_t value = 0;
  Setting row = percent_or_memory_setting("maxmemory-clients", &value, -100, INT64_MAX, 0);
  EXPECT_EQ(failure(row, "5%"), "OK");
  EXPECT_EQ(value, -5);
  EXPECT_EQ(row.get(), "5%");
  EXPECT_EQ(failure(row, "101%"), "percentage argument must be less or equal to 100");
  EXPECT_EQ(failure(row, "-1%"), "argument must be a memory or percent value");
  EXPECT_EQ(failure(row, "5 %"), "argument must be a memory or percent value");
  EXPECT_EQ(failure(row, "%"), "argument must be a memory or percent value");
  EXPECT_EQ(failure(row, "2k"), "OK");
  EXPECT_EQ(value, 2000);
}

TEST(Setting, enumeration) {
  int value = 0;
  Setting row = enum_setting("appendfsync", &value, {{"everysec", 2}, {"always", 1}, {"no", 0}}, 2);
  EXPECT_EQ(row.default_value, "everysec");
  EXPECT_EQ(failure(row, "Always"), "OK");
  EXPECT_EQ(value, 1);
  EXPECT_EQ(row.get(), "always");
  EXPECT_EQ(failure(row, "x"), "argument(s) must be one of the following: everysec, always, no");
  EXPECT_EQ(value, 1);
}

TEST(Setting, text_and_octal) {
  std::string text;
  Setting row = text_setting("pidfile", &text, "/run/x.pid");
  EXPECT_EQ(row.get(), "/run/x.pid");
  EXPECT_EQ(failure(row, ""), "OK");
  EXPECT_EQ(text, "");
  int64_t mode = 0;
  Setting octal = octal_setting("unixsocketperm", &mode, 0777, 0);
  EXPECT_EQ(octal.default_value, "0");
  EXPECT_EQ(failure(octal, "755"), "OK");
  EXPECT_EQ(mode, 0755);
  EXPECT_EQ(octal.get(), "755");
  EXPECT_EQ(failure(octal, "1000"), "argument must be between 0 and 777 inclusive");
  EXPECT_EQ(failure(octal, "-1"), "argument must be between 0 and 777 inclusive");
  EXPECT_EQ(failure(octal, "78"), "argument couldn't be parsed as an octal number");
  EXPECT_EQ(mode, 0755);
}

TEST(Setting, modifiers) {
  int64_t value = 0;
  int applied = 0;
  Setting row = integer_setting("slave-priority", &value, 0, 10, 1)
                    .immutable()
                    .named_also("replica-priority")
                    .hide_value()
                    .when_changed([&applied]() -> Setting::Result {
                      ++applied;
                      return {};
                    });
  EXPECT_EQ(row.kind, SettingKind::immutable);
  EXPECT_EQ(row.alias, "replica-priority");
  EXPECT_TRUE(row.sensitive);
  EXPECT_TRUE(row.apply().has_value());
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(integer_setting("dir", &value, 0, 1, 0).protect().kind, SettingKind::protected_);
}

}  // namespace
