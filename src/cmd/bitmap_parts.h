// The files of the bitmap family, each with its rows beside its handlers; bitmap.cc joins them and has what they share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "session/command.h"
#include "store/database.h"

namespace torc::session {
class Context;
}

namespace torc::cmd {

[[nodiscard]] std::span<const session::CommandRow> bitmap_read_rows();    // GETBIT BITCOUNT BITPOS
[[nodiscard]] std::span<const session::CommandRow> bitmap_change_rows();  // SETBIT BITOP
[[nodiscard]] std::span<const session::CommandRow> bitmap_field_rows();   // BITFIELD BITFIELD_RO

// Argument i as the number of a bit that a string may have; "#n" as n times field_width unless that is 0. nullopt: the
// error was replied.
[[nodiscard]] std::optional<uint64_t> parse_bit_offset(session::Context& context, size_t i, unsigned field_width = 0);

// A string that is about to be changed.
struct WritableBits {
  store::Entry* entry = nullptr;
  bool grown = false;  // it is new or became longer
};
// Lets the string under key be raw and reach up to this bit; a missing one comes into being. nullopt: it is none, and
// the error was replied.
[[nodiscard]] std::optional<WritableBits> make_room(session::Context& context, const store::KeyRef& key,
                                                    uint64_t last_bit);

}  // namespace torc::cmd
