// Options, cursors and replies of the commands that walk over one value.
#include "cmd/collection_scan.h"

#include <limits>

#include <fmt/format.h>

#include "base/c_text.h"
#include "cmd/numbers.h"
#include "ds/glob.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;

bool parse_options(Context& context, CollectionScan* scan, bool may_omit_values) {
  for (size_t i = 3; i < context.size(); ++i) {
    const bool has_value = i + 1 < context.size();
    if (has_value && equals_lower(context[i], "count")) {
      const auto count = context.integer(++i);
      if (!count) return false;
      if (*count < 1) return context.fail(session::errors::syntax);
      scan->count = static_cast<size_t>(*count);
    } else if (has_value && equals_lower(context[i], "match")) {
      scan->pattern.reset();
      if (context[++i] != "*") scan->pattern = context[i];
    } else if (may_omit_values && equals_lower(context[i], "novalues")) {
      scan->no_values = true;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

}  // namespace

std::optional<uint64_t> parse_scan_cursor(std::string_view text) {
  text = base::c_text(text);
  if (text.empty()) return 0;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (value > (std::numeric_limits<uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

bool CollectionScan::wants(std::string_view text) const { return !pattern || ds::glob_match(*pattern, text); }

const store::Entry* begin_collection_scan(Context& context, store::Type type, CollectionScan* scan,
                                          bool may_omit_values) {
  const auto cursor = parse_scan_cursor(context[2]);
  if (!cursor) {
    context.fail("ERR invalid cursor");
    return nullptr;
  }
  scan->cursor = *cursor;
  const store::Entry* entry = context.read(context.key(1));
  if (!entry) {
    ScanReply(context).finish(0);
    return nullptr;
  }
  const bool begun = context.require_type(entry, type) && parse_options(context, scan, may_omit_values);
  return begun ? entry : nullptr;
}

void ScanReply::finish(uint64_t cursor) {
  const std::string digits = fmt::format("{}", cursor);
  reply_.output().insert_at(mark_, fmt::format("*2\r\n${}\r\n{}\r\n*{}\r\n", digits.size(), digits, elements_));
}

}  // namespace torc::cmd
