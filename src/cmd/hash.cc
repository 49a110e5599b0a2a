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

namespace {

// Null unless fields of the hash (null: none) may expire.
const store::HashObject* with_deadlines(const store::Entry* entry) {
  if (!entry || !entry->is_object()) return nullptr;
  const auto* hash = static_cast<const store::HashObject*>(entry->object());
  return hash->deadlines() ? hash : nullptr;
}

}  // namespace

store::Entry* drop_overdue(session::Context& context, const store::KeyRef& key, store::Entry* entry,
                           std::span<const std::string_view> fields, size_t step) {
  const store::HashObject* hash = with_deadlines(entry);
  if (!hash) return entry;
  std::vector<std::string_view> overdue;
  for (size_t i = 0; i < fields.size(); i += step)
    if (hash->overdue(fields[i], context.now_ms())) overdue.push_back(fields[i]);
  if (overdue.empty()) return entry;
  return context.session().expire_fields(context.database_index(), key, entry, overdue);
}

const store::Entry* drop_overdue_on_read(session::Context& context, const store::KeyRef& key,
                                         const store::Entry* entry, std::span<const std::string_view> fields) {
  if (!with_deadlines(entry) || context.session().paused().active()) return entry;
  return drop_overdue(context, key, context.database().find(key), fields);
}

const store::Entry* drop_any_overdue_on_read(session::Context& context, const store::KeyRef& key,
                                             const store::Entry* entry) {
  constexpr size_t at_once = 64;
  const store::HashObject* hash = with_deadlines(entry);
  if (!hash || context.session().paused().active()) return entry;
  const std::vector<std::string> names = hash->deadlines()->overdue_fields(context.now_ms(), at_once);
  if (names.empty()) return entry;
  const std::vector<std::string_view> overdue(names.begin(), names.end());
  return context.session().expire_fields(context.database_index(), key, context.database().find(key), overdue);
}

void reply_value(session::Context& context, const store::HashView::Value& value) {
  if (value.is_integer) return context.reply().bulk_integer(value.integer);
  context.reply().bulk(value.text);
}

}  // namespace torc::cmd
