// SSCAN, HSCAN and ZSCAN: what they have in common with each other and, as to cursors, with SCAN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "session/context.h"
#include "store/entry.h"

namespace torc::cmd {

// What C's strtoul makes of it: an optional sign, digits, nothing else; nothing at all is 0.
[[nodiscard]] std::optional<uint64_t> parse_scan_cursor(std::string_view text);

struct CollectionScan {
  uint64_t cursor = 0;
  size_t count = 10;
  std::optional<std::string_view> pattern;  // not set: everything
  bool no_values = false;                   // HSCAN's NOVALUES

  [[nodiscard]] bool wants(std::string_view text) const;
};

// Reads `<command> key cursor [option ...]` up to the value, in Redis's order of checks. Null: a reply was given, an
// error or that there is nothing.
const store::Entry* begin_collection_scan(session::Context& context, store::Type type, CollectionScan* scan,
                                          bool may_omit_values = false);

// The reply [cursor, [elements]]; the cursor stands in front but is known at last.
class ScanReply {
 public:
  explicit ScanReply(session::Context& context) : reply_(context.reply()), mark_(reply_.defer()) {}
  void add(std::string_view element) {
    reply_.bulk(element);
    ++elements_;
  }
  void finish(uint64_t cursor);

 private:
  resp::Reply& reply_;
  resp::Output::Mark mark_;
  size_t elements_ = 0;
};

// Goes through a table (anything with scan(cursor, visit)) until about scan.count elements were seen. Returns the next
// cursor.
template <class Table, class Visit>
uint64_t scan_table(const Table& table, const CollectionScan& scan, Visit&& visit) {
  uint64_t cursor = scan.cursor;
  size_t seen = 0, steps = 0;
  do {
    cursor = table.scan(cursor, [&](const auto& item) {
      ++seen;
      visit(item);
    });
    // As in Redis: no further through a table that is nearly empty.
  } while (cursor != 0 && seen < scan.count && ++steps / 10 < scan.count);
  return cursor;
}

}  // namespace torc::cmd
