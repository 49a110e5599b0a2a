// The rows of the bitmap commands, and what several of them need.
#include "cmd/bitmap.h"

#include <vector>

#include "base/parse_number.h"
#include "cmd/bitmap_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

using session::Context;

std::span<const session::CommandRow> bitmap_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {bitmap_read_rows(), bitmap_change_rows(), bitmap_field_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

std::optional<uint64_t> parse_bit_offset(Context& context, size_t i, unsigned field_width) {
  std::string_view text = context[i];
  const bool in_fields = field_width != 0 && text.starts_with('#');
  const auto number = base::parse_integer(text.substr(in_fields ? 1 : 0));
  int64_t offset = 0;
  const bool fits = number && !__builtin_mul_overflow(*number, in_fields ? field_width : 1, &offset);
  if (!fits || offset < 0 || offset / 8 >= context.session().options().proto_max_bulk_bytes) {
    context.fail("ERR bit offset is not an integer or out of range");
    return std::nullopt;
  }
  return static_cast<uint64_t>(offset);
}

std::optional<WritableBits> make_room(Context& context, const store::KeyRef& key, uint64_t last_bit) {
  store::Entry* const entry = context.write(key);
  if (!context.require_type(entry, store::Type::string)) return std::nullopt;
  const size_t size = entry ? entry->string_size() : 0, needed = last_bit / 8 + 1;
  if (size < needed) {
    WritableBits grown{context.database().set_range(key, entry, needed - 1, std::string_view("\0", 1)), true};
    if (!entry) context.added(key.bytes);
    return grown;
  }
  const bool raw = entry->encoding() == store::Encoding::raw;
  return WritableBits{raw ? entry : context.database().append(key, entry, ""), false};
}

}  // namespace torc::cmd
