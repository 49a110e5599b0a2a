// The rows of the string commands; their handlers stand in string_*.cc, by what they do to a value.
#include "cmd/string.h"

#include <vector>

#include "base/parse_number.h"
#include "cmd/string_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

using session::Context;

std::span<const session::CommandRow> string_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {string_read_rows(), string_take_rows(), string_set_rows(), string_many_rows(),
                      string_change_rows(), string_counter_rows(), string_lcs_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

void reply_string(Context& context, const store::Entry& entry) {
  if (entry.is_blob()) return context.reply().bulk(entry.blob());
  store::IntegerScratch scratch;
  context.reply().bulk(entry.string(scratch));
}

void reply_string_or_null(Context& context, const store::Entry* entry) {
  if (entry) return reply_string(context, *entry);
  context.reply().null();
}

void put_string(Context& context, const store::KeyRef& key, store::Entry* old, store::StringInput value,
                int64_t deadline_ms) {
  context.database().set_string(key, old, value, deadline_ms);
  if (!old) context.added(key.bytes);
  context.changed(key.bytes, session::event_string, "set");
}

void remove_string(Context& context, const store::KeyRef& key, store::Entry* entry, std::string_view command) {
  context.database().erase(key, entry);
  context.propagate_as({command, key.bytes});
  context.changed(key.bytes, session::event_generic, "del");
}

void propagate_set_until(Context& context, std::string_view key, std::string_view value, int64_t deadline_ms) {
  if (!context.session().effects().propagating()) return;
  char digits[base::integer_digits_max];
  const size_t size = base::format_integer(digits, deadline_ms);
  context.propagate_as({"SET", key, value, "PXAT", {digits, size}});
}

}  // namespace torc::cmd
