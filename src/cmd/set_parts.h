// The files of the set family, each with its rows beside its handlers; set.cc joins them and has what they share.
#pragma once

#include <span>
#include <string_view>

#include "cmd/value_rules.h"
#include "session/command.h"
#include "store/set_value.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> set_change_rows();   // SADD SREM SMOVE
[[nodiscard]] std::span<const session::CommandRow> set_read_rows();     // SCARD SISMEMBER SMISMEMBER SMEMBERS SSCAN
[[nodiscard]] std::span<const session::CommandRow> set_random_rows();   // SPOP SRANDMEMBER
[[nodiscard]] std::span<const session::CommandRow> set_algebra_rows();  // SINTER SUNION SDIFF and their kin

// A set's row: what all of them have in common.
[[nodiscard]] constexpr session::CommandRow set_row(std::string_view name, session::Handler handler, int arity,
                                                    std::string_view flags, std::string_view keys,
                                                    std::string_view since, std::string_view complexity,
                                                    std::string_view summary, std::string_view arguments,
                                                    std::string_view tips = {}, std::string_view history = {}) {
  session::CommandRow row = session::family_row("set", name, handler, arity, flags, keys, since, complexity, summary,
                                                arguments, history);
  row.tips = tips;
  row.element_argument = 2;  // the member, of those that take one
  return row;
}

}  // namespace torc::cmd
