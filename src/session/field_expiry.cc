// Fields of hashes that expire. A read does not see an overdue field; a write that names one, and otherwise the
// background, removes it and tells the world: one HDEL for those that go together, the event "hexpired", and "del" when
// the hash went with its last field.
//
// The database's index has one deadline for each such hash. It may be too early, when the field that it was made for is
// gone, never too late; so whoever follows it to a hash without overdue fields only puts it right.
#include <string>
#include <vector>

#include "session/session.h"
#include "store/hash_object.h"

namespace torc::session {

namespace {

constexpr size_t fields_at_once = 16;  // between two looks at the clock

}  // namespace

store::Entry* Session::expire_fields(size_t database, const store::KeyRef& key, store::Entry* entry,
                                     std::span<const std::string_view> fields) {
  store::Database& keys = parts_.keyspace->database(database);
  auto& hash = *static_cast<store::HashObject*>(entry->object());
  begin_unit();
  std::vector<std::string_view> command = {"HDEL", key.bytes};
  for (const std::string_view field : fields)
    if (hash.remove(field)) command.push_back(field);
  const size_t removed = command.size() - 2;
  statistics_.expired_fields += removed;
  const bool gone = hash.size() == 0;
  if (gone) {
    keys.erase(key, entry);
  } else {
    keys.index_fields(key, entry);
  }
  if (removed != 0) {
    if (!watches_.empty()) watches_.touched(database, key.bytes, !gone);
    effects_.notify(event_hash, "hexpired", key.bytes, database);
    if (gone) effects_.notify(event_generic, "del", key.bytes, database);
    effects_.propagate(database, command);
  }
  end_unit();
  return gone ? nullptr : entry;
}

// True when the budget was used up before the fields.
bool Session::expire_some_fields(int64_t budget_us) {
  const base::TimeLimit limit(*parts_.clock, budget_us);
  const size_t databases = parts_.keyspace->databases();
  for (size_t round = 0; round < databases; ++round) {
    const size_t index = (expire_fields_next_ + round) % databases;
    store::Database& database = parts_.keyspace->database(index);
    if (database.hashes_with_deadlines() == 0) continue;
    while (store::Entry* entry = database.first_with_overdue_fields(now_ms_)) {
      const std::string key(entry->key());
      const store::FieldDeadlines* deadlines = static_cast<store::HashObject*>(entry->object())->deadlines();
      std::vector<std::string> names;
      if (deadlines) names = deadlines->overdue_fields(now_ms_, fields_at_once);
      const std::vector<std::string_view> fields(names.begin(), names.end());
      expire_fields(index, parts_.keyspace->key(key), entry, fields);
      if (limit.over()) {
        expire_fields_next_ = index;
        ++statistics_.expired_time_cap_reached;
        return true;
      }
    }
  }
  expire_fields_next_ = 0;
  return false;
}

}  // namespace torc::session
