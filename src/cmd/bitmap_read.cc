// Looking at bits: GETBIT BITCOUNT BITPOS.
#include <algorithm>

#include "cmd/bitmap_parts.h"
#include "ds/bits.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::Type;

void getbit(Context& context) {
  const auto offset = parse_bit_offset(context, 2);
  if (!offset) return;
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::string)) return;
  store::IntegerScratch scratch;
  const std::string_view bytes = entry ? entry->string(scratch) : std::string_view();
  context.reply().integer(static_cast<int64_t>(ds::read_bits(bytes, *offset, 1)));
}

// [start end [BYTE|BIT]] as two numbers, counted from the end where negative.
struct GivenRange {
  int64_t start = 0, end = -1;
  bool in_bits = false;

  // The bits meant within a string of this size; nullopt: none.
  [[nodiscard]] std::optional<ds::BitRange> within(size_t bytes) const noexcept {
    const int64_t total = static_cast<int64_t>(bytes) * (in_bits ? 8 : 1);
    const auto from_end = [total](int64_t index) { return std::max<int64_t>(index < 0 ? total + index : index, 0); };
    const int64_t first = from_end(start), last = std::min(from_end(end), total - 1);
    if (first > last) return std::nullopt;
    const auto bits = [this](int64_t index) { return static_cast<uint64_t>(index) * (in_bits ? 1 : 8); };
    return ds::BitRange{bits(first), bits(last) + (in_bits ? 0 : 7)};
  }
};

// False: the error was replied.
bool parse_unit(Context& context, size_t i, bool* in_bits) {
  *in_bits = session::equals_lower(context[i], "bit");
  return *in_bits || session::equals_lower(context[i], "byte") || context.fail(session::errors::syntax);
}

// The order of the checks is redis-server's: a missing key is 0 whatever follows, and so is a range that is empty at
// first sight.
void bitcount(Context& context) {
  const Entry* entry = context.read(context.key(1));
  if (!entry) return context.reply().integer(0);
  if (!context.require_type(entry, Type::string)) return;
  GivenRange given;
  if (context.size() == 4 || context.size() == 5) {
    const auto start = context.integer(2);
    if (!start) return;
    const auto end = context.integer(3);
    if (!end) return;
    given = {*start, *end};
    if (*start < 0 && *end < 0 && *start > *end) return context.reply().integer(0);
    if (context.size() == 5 && !parse_unit(context, 4, &given.in_bits)) return;
  } else if (context.size() != 2) {
    context.fail(session::errors::syntax);
    return;
  }
  store::IntegerScratch scratch;
  const std::string_view bytes = entry->string(scratch);
  const auto range = given.within(bytes.size());
  context.reply().integer(range ? static_cast<int64_t>(ds::count_bits(bytes, *range)) : 0);
}

// False: the error was replied.
bool parse_bitpos_range(Context& context, GivenRange* given) {
  if (context.size() == 3) return true;
  if (context.size() > 6) return context.fail(session::errors::syntax);
  const auto start = context.integer(3);
  if (!start) return false;
  given->start = *start;
  if (context.size() == 6 && !parse_unit(context, 5, &given->in_bits)) return false;
  if (context.size() == 4) return true;
  const auto end = context.integer(4);
  if (!end) return false;
  given->end = *end;
  return true;
}

void bitpos(Context& context) {
  const auto bit = context.integer(2);
  if (!bit) return;
  if (*bit != 0 && *bit != 1) return context.reply().error("ERR The bit argument must be 1 or 0.");
  const Entry* entry = context.read(context.key(1));
  if (!entry) return context.reply().integer(*bit ? -1 : 0);
  if (!context.require_type(entry, Type::string)) return;
  GivenRange given;
  if (!parse_bitpos_range(context, &given)) return;
  store::IntegerScratch scratch;
  const std::string_view bytes = entry->string(scratch);
  const auto range = given.within(bytes.size());
  if (!range) return context.reply().integer(-1);
  if (const auto found = ds::find_bit(bytes, *range, *bit == 1)) {
    return context.reply().integer(static_cast<int64_t>(*found));
  }
  // Behind a string without a given end there are zeros.
  const bool beyond = *bit == 0 && context.size() < 5;
  context.reply().integer(beyond ? static_cast<int64_t>(bytes.size() * 8) : -1);
}

constexpr session::CommandRow rows[] = {
    {.name = "getbit",
     .handler = getbit,
     .arity = 3,
     .flags = "readonly fast",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "bitmap",
     .group = "bitmap",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Gives one bit of a string.",
     .arguments = "key:key offset:integer"},
    {.name = "bitcount",
     .handler = bitcount,
     .arity = -2,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "bitmap",
     .group = "bitmap",
     .since = "2.6.0",
     .complexity = "O(N)",
     .summary = "Counts the bits of a string, or of a part of it, that are set.",
     .arguments = "key:key range=[start:integer end:integer unit=[(BYTE|BIT)]@7.0.0]",
     .history = "7.0.0=Added the `BYTE|BIT` option."},
    {.name = "bitpos",
     .handler = bitpos,
     .arity = -3,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 0 1 0",
     .acl = "bitmap",
     .group = "bitmap",
     .since = "2.8.7",
     .complexity = "O(N)",
     .summary = "Finds the first bit of a string, or of a part of it, that is set or clear.",
     .arguments = "key:key bit:integer range=[start:integer end-unit-block=[end:integer unit=[(BYTE|BIT)]@7.0.0]]",
     .history = "7.0.0=Added the `BYTE|BIT` option."},
};

}  // namespace

std::span<const session::CommandRow> bitmap_read_rows() { return rows; }

}  // namespace torc::cmd
