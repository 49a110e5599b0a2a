// The gates. What they do is the same for every command, so that no handler can forget it.
#include "session/context.h"

#include <algorithm>
#include <utility>

#include "base/parse_number.h"
#include "session/session.h"

namespace torc::session {

namespace {

void touch_access(store::Entry* entry, const Eviction& eviction, int64_t now_ms) noexcept {
  const uint32_t access = eviction.accessed(entry->access(), now_ms);
  // Reading first keeps the line clean when the second has not changed.
  if (entry->access() != access) entry->set_access(access);
}

}  // namespace

store::StringInput Context::value(size_t i) noexcept {
  const auto found = std::ranges::lower_bound(blobs_, i, {}, &resp::ArgumentBlob::argument);
  const bool has_blob = found != blobs_.end() && found->argument == i && found->blob;
  // A value that this very command overwrites again (MSET k a k b) is still to be propagated.
  if (has_blob && blobs_.size() > 1) kept_blobs_.push_back(found->blob);
  return {arguments_[i], has_blob ? &found->blob : nullptr};
}

store::KeyRef Context::make_key(std::string_view bytes) const noexcept { return session_->keyspace().key(bytes); }

std::optional<int64_t> Context::integer(size_t i, std::string_view error) const {
  const std::optional<int64_t> value = base::parse_integer(arguments_[i]);
  if (!value) reply().error(error);
  return value;
}

int64_t Context::now_ms() const noexcept { return session_->now_ms(); }

store::Database& Context::database() const noexcept { return session_->keyspace().database(client_->database); }

void* Context::module_pointer() const noexcept { return command_->module; }

const store::Entry* Context::read(const store::KeyRef& key, bool touch, bool statistics) {
  store::Entry* entry = database().find(key);
  if (entry && entry->overdue(now_ms())) [[unlikely]] {
    session_->expire_on_read(client_->database, key, entry);
    entry = nullptr;
  }
  if (!entry) {
    if (statistics) {
      ++session_->statistics_.misses;
      notify(event_keymiss, "keymiss", key.bytes);
    }
    return nullptr;
  }
  if (statistics) ++session_->statistics_.hits;
  if (touch && !client_->no_touch) touch_access(entry, session_->eviction_, now_ms());
  return entry;
}

store::Entry* Context::write_in(size_t database, const store::KeyRef& key) {
  store::Entry* entry = session_->keyspace().database(database).find(key);
  if (!entry) return nullptr;
  if (entry->overdue(now_ms())) [[unlikely]] {
    session_->expire(database, key, entry);
    return nullptr;
  }
  if (!client_->no_touch) touch_access(entry, session_->eviction_, now_ms());
  return entry;
}

bool Context::require_type(const store::Entry* entry, store::Type type) const {
  if (!entry || entry->type() == type) return true;
  return fail(errors::wrong_type);
}

void Context::touched_in(size_t database, std::string_view key) {
  session_->changed(database, key);
}

void Context::added_in(size_t database, std::string_view key) {
  if (!session_->blocking_.empty()) [[unlikely]] session_->note_ready(database, key);
  session_->effects_.notify(event_new, "new", key, database);
}

void Context::ready(std::string_view key) {
  if (!session_->blocking_.empty()) [[unlikely]] session_->note_ready(client_->database, key);
}

void Context::notify_in(size_t database, uint32_t event_class, std::string_view event, std::string_view key) {
  session_->effects_.notify(event_class, event, key, database);
}

void Context::add_dirty(int64_t changes) noexcept { session_->statistics_.dirty += static_cast<uint64_t>(changes); }

void Context::propagate_in(size_t database, std::span<const std::string_view> arguments) {
  propagation_ = Propagation::replaced;
  session_->effects_.propagate(database, arguments);
}

void Context::propagate_as(std::span<const std::string_view> arguments) { propagate_in(client_->database, arguments); }

void Context::propagate_as(std::initializer_list<std::string_view> arguments) {
  propagate_in(client_->database, std::span(arguments.begin(), arguments.size()));
}

}  // namespace torc::session
