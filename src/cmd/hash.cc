// The rows of the hash commands; their handlers stand in hash_*.cc.
#include "cmd/hash.h"

#include <vector>

#include "cmd/hash_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

std::span<const session::CommandRow> hash_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {hash_change_rows(), hash_counter_rows(), hash_read_rows(), hash_random_rows(),
                      hash_expire_rows(), hash_with_deadline_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

store::HashView hash_view(const session::Context& context, const store::Entry& entry) {
  return {entry, context.now_ms()};
}

store::Entry* drop_overdue(session::Context& context, const store::KeyRef& key, store::Entry* entry,
                           std::span<const std::string_view> fields, size_t step) {
  if (!entry || !entry->is_object()) return entry;
  const auto* hash = static_cast<const store::HashObject*>(entry->object());
  if (!hash->deadlines()) return entry;
  std::vector<std::string_view> overdue;
  for (size_t i = 0; i < fields.size(); i += step)
    if (hash->overdue(fields[i], context.now_ms())) overdue.push_back(fields[i]);
  if (overdue.empty()) return entry;
  return context.session().expire_fields(context.database_index(), key, entry, overdue);
}

void reply_value(session::Context& context, const store::HashView::Value& value) {
  if (value.is_integer) return context.reply().bulk_integer(value.integer);
  context.reply().bulk(value.text);
}

}  // namespace torc::cmd
