// What a row's texts mean: the names of flags and ACL categories in the order in which COMMAND INFO lists them, and the
// parsers that turn a row's one-line texts into a Command's members.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "session/command.h"

namespace torc::session {

struct FlagName {
  uint32_t flag;
  std::string_view name;
  bool listed = true;  // COMMAND INFO shows it
};

[[nodiscard]] std::span<const FlagName> command_flag_names() noexcept;
// In COMMAND INFO's spelling ("RW", "access"); a row spells all of them in upper case.
[[nodiscard]] std::span<const FlagName> key_flag_names() noexcept;

// The parsers assert: a malformed row is a programming error.
[[nodiscard]] uint32_t parse_command_flags(std::string_view text);
[[nodiscard]] std::vector<KeySpec> parse_key_specs(std::string_view text);
// The categories that the row names and those that its flags imply, in order.
[[nodiscard]] std::vector<std::string> derive_acl_categories(std::string_view text, uint32_t flags);
// Fills first_key, last_key and key_step from key_specs, and sets flag_movablekeys where they cannot say all.
void derive_legacy_key_range(Command* command);

// The parts of text between separators; none for an empty text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace torc::session
